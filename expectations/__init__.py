"""WHAT is true: columns, codes, rules, matching model, outcomes and approval chain, declared once as data.

This room imports nothing of ours. Everything else (loader, DDL, masking, forms, documents, tests) reads it.
"""
