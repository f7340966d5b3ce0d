"""Acts that need two people: one asks with a reason, another approves, and it happens once.

A capability registers its act (acts.py) and calls operations.ask instead of doing it.
"""
