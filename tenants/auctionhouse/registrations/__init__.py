"""Who may bid in a sale: conditions accepted, approval, paddle number, limit."""
