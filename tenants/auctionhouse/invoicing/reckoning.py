"""A pro-forma's lines, reckoned by the money rules from what its sale and lots say."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing.models import Invoice, InvoiceLine
from auctionhouse.money.rules import Calculation, calculate
from auctionhouse.money.stored import LotMoney, sold_lot, told_terms
from auctionhouse.money.terms import SoldLot
from auctionhouse.money.terms_format import read_terms
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import Currency, currency

_LOTS = text(
    "SELECT i.invoice_id, l.id, b.price, coalesce(nullif(i.vat, ''), l.vat) AS vat, l.premium,"
    " b.pieces, l.bought_from_artist_on, a.nationality, a.died"
    " FROM invoice_lot i JOIN lot l ON l.id = i.lot_id"
    " JOIN bought b ON b.lot_id = l.id AND b.share_of = i.share_of"
    " LEFT JOIN artist a ON a.id = l.artist_id"
    " WHERE i.invoice_id = ANY(:invoices) ORDER BY l.number, l.suffix, b.share_of, b.place"
)


def reckon_invoice(session: Session, invoice: Invoice) -> None:
    """Write a pro-forma's lines and total afresh; raises ReckoningInvalid."""
    reckon_invoices(session, session.get_one(Sale, invoice.sale_id), [invoice])


def reckon_invoices(session: Session, sale: Sale, invoices: Sequence[Invoice]) -> None:
    """Write the lines and totals of a sale's pro-formas afresh; raises ReckoningInvalid."""
    numbers = [invoice.id for invoice in invoices]
    lots: dict[int, list[Any]] = {}
    for row in session.execute(_LOTS, {"invoices": numbers}):
        lots.setdefault(row.invoice_id, []).append(row)
    on = (sale.closed_at or sale.ends_at or database_now(session)).date()
    session.execute(delete(InvoiceLine).where(InvoiceLine.invoice_id.in_(numbers)))
    for invoice in invoices:
        found = _reckoned(sale, invoice, lots.get(invoice.id, []), on)
        session.add_all(_lines(invoice, found))
        invoice.total = found.total
    session.flush()


def _reckoned(sale: Sale, invoice: Invoice, lots: Sequence[Any], on: date) -> Calculation:
    unit = currency(invoice.currency)
    told = told_terms(sale.money, sale.premium_percent)
    if invoice.place:
        told = {**told, "place": invoice.place}
    if invoice.buyer.get("resale_certificate"):
        told = {**told, "sales_tax": None}
    return calculate(
        [_lot(row, sale, unit) for row in lots], read_terms(told, unit), unit, sale_date=on
    )


def _lot(row: Any, sale: Sale, unit: Currency) -> SoldLot:
    money = LotMoney(
        vat=row.vat,
        premium=row.premium,
        quantity=row.pieces,
        bought_from_artist_on=row.bought_from_artist_on,
        nationality=row.nationality,
        died=row.died,
    )
    return sold_lot(str(row.id), row.price, sale.money, money, unit)


def _lines(invoice: Invoice, found: Calculation) -> Iterator[InvoiceLine]:
    for position, line in enumerate(found.lines, start=1):
        yield InvoiceLine(
            invoice_id=invoice.id,
            position=position,
            lot_id=None if line.lot is None else int(line.lot),
            kind=line.kind,
            rule=line.rule,
            amount=line.amount,
            percent=line.percent,
            base=line.base,
        )
