"""Documents on paper: invoices, statements, receipts and orders as PDF, in the house's brand.

`paper` sets any document from plain values; the other modules say what each document holds.
"""
