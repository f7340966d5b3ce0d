"""People of a house: members who sign in, their roles and sessions, and clients who bid."""
