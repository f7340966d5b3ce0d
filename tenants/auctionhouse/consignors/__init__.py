"""Clients as vendors: what they agreed to, what they brought, and whom their money goes to."""
