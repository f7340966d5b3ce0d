"""Signed receipts of bids, published heads, and the keys a house signs with."""
