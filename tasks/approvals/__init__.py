"""Who may decide, what was decided, and the one function that says whether a decision counts.

Read in this order: case (what is decided), people (the registry), secrets (codes and keys), docket (what the ledger
says of a batch), decide (the enforcement), enrol (QR), waiting (whose turn it is).
"""
