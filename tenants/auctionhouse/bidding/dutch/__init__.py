"""A falling clock: the price falls until somebody takes the lot, or as many of its pieces."""
