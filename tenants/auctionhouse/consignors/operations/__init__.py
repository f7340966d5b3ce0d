"""Acts on consignors: agreements, receipts, payees and the house's settings."""
