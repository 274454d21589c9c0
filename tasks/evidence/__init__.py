"""What proves that nothing was approved by nobody: the check of the whole office, and the auditor's own copy.

``verifier`` runs alone, with nothing of ours; ``verify`` compares ledger, anchors, store and Prefect; ``export`` writes
the folder that the verifier reads; ``heads`` is what the Buku Agenda on paper and a signed file keep.
"""
