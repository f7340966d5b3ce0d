"""Sales, lots, pictures and notices."""
