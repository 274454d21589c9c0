"""The production form's door: a login per person in front of Prefect, and what each of them may do."""
