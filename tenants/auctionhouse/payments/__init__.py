"""Paying the house by card: a card on file, winners charged, links to pay, refunds, disputes.

What is paid for is named by a kind and a number of its own, so that this knows no invoices.
"""
