"""A buyer's statement of account and receipts on paper."""

from datetime import date
from pathlib import Path
from typing import Any

from auctionhouse.documents.brand import Brand
from auctionhouse.documents.paper import Amount, Panel, Paper, Table, Totals, set_in_type
from auctionhouse.invoicing.entities import particulars
from auctionhouse.invoicing.models import InvoicePayment
from auctionhouse.invoicing.parties import buyer_lines, foot_of, seller_lines
from auctionhouse.invoicing.queries import InvoicePage
from auctionhouse.invoicing.statements import Statement
from auctionhouse.invoicing.words import act_words, method_words
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import day, money


def statement(
    found: Statement, buyer: dict[str, Any], today: date, brand: Brand, static_root: Path
) -> bytes:
    """Return what a buyer owes a legal entity, act by act, as of today."""
    seller = particulars(found.entity)
    rows = [
        (
            day(line.day),
            act_words(line.kind, line.method),
            line.number,
            money(line.amount, found.currency),
            money(line.balance, found.currency),
        )
        for line in found.lines
    ]
    table = Table(
        heads=(_("Day"), _("What"), _("Document"), _("Change"), _("Balance")),
        rows=rows,
        ends=(3, 4),
        wide=1,
    )
    paper = Paper(
        title=_("Statement of account"),
        made_on=today,
        sender=seller_lines(seller),
        recipient=buyer_lines(buyer),
        facts=[(_("Date"), day(today)), (_("Currency"), found.currency)],
        parts=[table, Totals([_balance(found)])],
        foot=foot_of(seller),
    )
    return set_in_type(paper, brand, static_root)


def _balance(found: Statement) -> Amount:
    if found.balance < 0:
        return Amount(_("To your credit"), money(-found.balance, found.currency), strong=True)
    return Amount(_("To be paid"), money(found.balance, found.currency), strong=True)


def receipt(page: InvoicePage, payment: InvoicePayment, brand: Brand, static_root: Path) -> bytes:
    """Return the receipt of one payment of an invoice."""
    unit = page.invoice.currency
    pairs = [(_("How it was paid"), method_words(payment.method))]
    if payment.reference and not payment.reference.startswith("payment:"):
        pairs.append((_("Reference"), payment.reference))
    paper = Paper(
        title=_("Receipt"),
        made_on=payment.received_on,
        sender=seller_lines(page.seller),
        recipient=buyer_lines(page.invoice.buyer),
        facts=[
            (_("Date"), day(payment.received_on)),
            (_("Invoice"), page.invoice.number or ""),
            (_("Sale"), page.sale_title),
        ],
        parts=[
            Panel(_("Received with thanks"), pairs, large=money(payment.amount, unit)),
            Totals([Amount(_("Total of the invoice"), money(page.invoice.total, unit))]),
        ],
        foot=foot_of(page.seller),
    )
    return set_in_type(paper, brand, static_root)
