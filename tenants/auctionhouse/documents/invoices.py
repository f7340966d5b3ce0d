"""Invoices, pro-formas and credit notes on paper, from what their pages show."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from auctionhouse.documents.brand import Brand
from auctionhouse.documents.paper import (
    Amount,
    LotGroup,
    Pair,
    Panel,
    Paper,
    Part,
    Table,
    Totals,
    Words,
    set_in_type,
)
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.parties import buyer_lines, foot_of, seller_lines
from auctionhouse.invoicing.queries import InvoicePage, LotLine
from auctionhouse.invoicing.words import heading, method_words, notes_of
from auctionhouse.money.vat import symbol
from auctionhouse.money.words import line_words
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import day, house_zone, money, percent


def invoice(page: InvoicePage, today: date, brand: Brand, static_root: Path) -> bytes:
    """Return an invoice, a pro-forma or a credit note; today dates what has no date of its own."""
    return set_in_type(_paper(page, _issued(page) or today), brand, static_root)


def _issued(page: InvoicePage) -> date | None:
    released = page.invoice.released_at
    return None if released is None else released.astimezone(house_zone()).date()


def _paper(page: InvoicePage, made_on: date) -> Paper:
    return Paper(
        title=heading(page.invoice),
        made_on=made_on,
        sender=seller_lines(page.seller),
        recipient=buyer_lines(page.invoice.buyer),
        facts=_facts(page, made_on),
        parts=[*(_lot(page, lot) for lot in page.lots), _totals(page), *_rest(page)],
        foot=foot_of(page.seller),
    )


def _facts(page: InvoicePage, made_on: date) -> list[Pair]:
    found = page.invoice
    facts = [(_("Date"), day(made_on)), (_("Sale"), page.sale_title)]
    if page.sale_day:
        facts.append((_("Date of the sale"), day(page.sale_day)))
    if page.paddle:
        facts.append((_("Paddle"), str(page.paddle)))
    if page.credits:
        facts += [(_("Credits invoice"), page.credits.number or ""), (_("Reason"), found.reason)]
    if found.place:
        facts.append((_("Delivered to"), found.place))
    return facts


def _lot(page: InvoicePage, lot: LotLine) -> LotGroup:
    unit = page.invoice.currency
    return LotGroup(
        label=f"{lot.label} {symbol(lot.vat)}".strip(),
        title=lot.title,
        amounts=[Amount(line_words(line), money(line.amount, unit)) for line in lot.lines],
    )


def _totals(page: InvoicePage) -> Totals:
    unit = page.invoice.currency
    owed = page.owed
    amounts = [Amount(_("Total"), money(page.invoice.total, unit), strong=owed is None)]
    amounts += [Amount(heading(note), money(note.total, unit)) for note in page.allowances]
    for payment in page.payments:
        words = f"{method_words(payment.method)}, {day(payment.received_on)}"
        amounts.append(Amount(words, money(-payment.amount, unit)))
    for refund in page.refunds:
        words = f"{_('Given back')}: {method_words(refund.method)}, {day(refund.paid_on)}"
        amounts.append(Amount(words, money(refund.amount, unit)))
    if owed is not None:
        amounts.append(Amount(_("To be paid"), money(owed, unit), strong=True))
    return Totals(amounts)


def _rest(page: InvoicePage) -> Sequence[Part]:
    parts: list[Part] = []
    if page.vat_summary:
        parts.append(vat_table(page))
    if page.owed and page.invoice.due_on:
        parts.append(_how_to_pay(page))
    if notes := notes_of(page):
        parts.append(Words(notes, small=True))
    return parts


def vat_table(page: InvoicePage) -> Table:
    """Return what each rate of VAT was charged on, and what it came to."""
    unit = page.invoice.currency
    rows = [
        (percent(rate), money(base, unit), money(tax, unit)) for rate, base, tax in page.vat_summary
    ]
    return Table(
        heads=(_("Rate of VAT"), _("Charged on"), _("VAT")),
        rows=rows,
        ends=(1, 2),
        title=_("VAT in this document"),
    )


def _how_to_pay(page: InvoicePage) -> Panel:
    number = page.invoice.number or ""
    pairs = [(_("Reference"), number)]
    if page.seller.get("bank"):
        pairs.insert(0, (_("Bank"), str(page.seller["bank"])))
    return Panel(_("Please pay by %(day)s", day=day(page.invoice.due_on)), pairs)


def file_name(found: Invoice) -> str:
    """Return the name an invoice's file is saved under."""
    return f"{found.number or f'proforma-{found.id}'}.pdf".replace("/", "-")
