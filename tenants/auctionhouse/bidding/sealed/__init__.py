"""Sealed bids: handed in unread, opened all together after the end."""
