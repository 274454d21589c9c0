"""One matcher against its peers on the same files: `python -m bench.linkage` (see docs/linkage.md)."""
