"""The upgrade path: one version number for store and ledger, and what leads from each version to the next."""
