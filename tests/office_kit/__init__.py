"""What the tests share: fictional residents, files in the office's formats, a small office with known outcomes.

Nothing here imitates our own code: everything runs the real modules on small data.
"""
