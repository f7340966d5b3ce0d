"""Bank statements: read, each line once, matched with invoices; the rest waits with a reason."""
