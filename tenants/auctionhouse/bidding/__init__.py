"""Deciding bids: pure rules, the write path, the ledger and closing."""
