"""The public pages: sales, catalogues, lots and the reader's own bids."""
