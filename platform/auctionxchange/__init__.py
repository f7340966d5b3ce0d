"""What the exchange runs: knows houses, never what a house does."""
