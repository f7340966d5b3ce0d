"""Handing over what was paid for: release orders, what holds them, collection and parcels."""
