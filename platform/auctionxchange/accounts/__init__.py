"""Accounts of both planes: the shared Flask-Security set-up and the operators."""
