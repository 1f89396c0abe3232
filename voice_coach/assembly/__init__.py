"""Puts a session together from its parts: `session.py` is where to begin."""
