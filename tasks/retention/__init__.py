"""Originals under a key of their batch's own: without that key nothing of them can be read, wherever copies lie."""
