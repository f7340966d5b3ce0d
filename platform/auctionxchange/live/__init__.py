"""Live updates: from the outbox to every open page, by server-sent events."""
