"""Electronic signatures (PAdES) in the Berita Acara: made by the officials of the ledger, and checked against it."""
