"""What the sheet of an invoice needs beside the invoice: the words its template calls."""

from typing import Any

from auctionhouse.invoicing.parties import buyer_lines, seller_lines
from auctionhouse.invoicing.queries import InvoicePage
from auctionhouse.invoicing.words import heading, method_words, notes_of
from auctionhouse.money.vat import symbol
from auctionhouse.money.words import line_words


def sheet_of(page: InvoicePage) -> dict[str, Any]:
    """Return what a page with an invoice's sheet is rendered with."""
    return {
        "page": page,
        "heading": heading(page.invoice),
        "sheet_words": {
            "seller": seller_lines(page.seller),
            "buyer": buyer_lines(page.invoice.buyer),
            "notes": notes_of(page),
            "line": line_words,
            "symbol": symbol,
            "method": method_words,
            "heading": heading,
        },
    }
