"""Invoices of a house's legal entities, and the double-entry ledger beneath them."""
