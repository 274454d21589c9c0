"""Is the office fit for work: what an operator looks at before it fails. Says what to do; mends nothing itself."""
