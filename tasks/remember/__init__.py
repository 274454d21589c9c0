"""Decisions outlive their batch: what Staff decided about a person's row is proposed again while its facts stand.

Read in this order: facts (what a decision rests on), keep (at step 6), recall (in the next extract's draft), again
(into the proposal), basis (whose decisions it then rests on).
"""
