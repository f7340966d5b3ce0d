"""Stripe as the exchange uses it: the adapter, connected accounts, and the inbox of webhooks."""
