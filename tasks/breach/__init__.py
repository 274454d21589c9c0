"""Data that got out (UU 27/2022 PDP art. 46): who was in it, what of them, and the notice within 3x24 hours."""
