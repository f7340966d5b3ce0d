"""Pages at the apex host: what the exchange is, sign-up, and whether all parts serve."""
