"""Our own Stripe for the demo and the tests: the parts of its API we use, offline, over HTTP.

It keeps what Stripe keeps apart by the Stripe-Account header apart, signs its webhooks, remembers
idempotency keys, has a clock that can be moved, and fails on demand. It listens on loopback alone
and refuses keys that could move real money.
"""
