"""The back office: where staff build sales, watch the bidding and know their clients."""
