"""Reads for the public pages: plain rows, never ORM objects, nothing of a draft."""
