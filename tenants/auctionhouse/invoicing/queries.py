"""Invoices as pages show them, and what a buyer's account stands at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Select, Text, column, select, text
from sqlalchemy.orm import Session

from auctionhouse.invoicing import postings
from auctionhouse.invoicing.entities import particulars
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.repayments import repayable
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class InvoiceRow:
    """An invoice in a list; due is None for what nobody owes."""

    id: int
    kind: str
    number: str | None
    client_id: int
    buyer: str
    sale: str
    currency: str
    total: int
    due: int | None
    due_on: date | None
    released_at: datetime | None
    credited: bool
    card: str | None
    disputed: bool

    @property
    def state(self) -> str:
        """Return how it stands: a pro-forma, a credit note, credited, disputed, paid or open.

        What is open because of a card says so: declined, or waiting for its holder.
        """
        if self.kind == "credit_note":
            return "credit_note"
        if self.number is None:
            return "proforma"
        if self.credited:
            return "credited"
        if self.disputed:
            return "disputed"
        if not self.due:
            return "paid"
        return {"failed": "declined", "action_required": "action"}.get(self.card or "", "open")


_ROWS = """
    SELECT i.id, i.kind, i.number, i.client_id, coalesce(i.buyer->>'name', '') AS buyer,
           s.title AS sale, i.currency, i.total,
           CASE WHEN i.number IS NOT NULL AND i.kind = 'invoice' THEN
               (SELECT coalesce(sum(e.amount), 0)::bigint FROM posting p
                JOIN posting_entry e ON e.posting_id = p.id
                WHERE p.invoice_id = i.id AND e.account = 'office.due') END AS due,
           i.due_on, i.released_at,
           EXISTS (SELECT FROM invoice n WHERE n.credits_id = i.id) AS credited,
           y.state AS card, coalesce(y.disputed, false) AS disputed, i.sale_id
    FROM invoice i JOIN sale s ON s.id = i.sale_id
    LEFT JOIN payment y ON y.kind = 'invoice' AND y.reference_id = i.id
"""
FOUND = (
    text(_ROWS)
    .columns(
        column("id", BigInteger), column("kind", Text), column("number", Text),
        column("client_id", BigInteger), column("buyer", Text), column("sale", Text),
        column("currency", Text), column("total", BigInteger), column("due", BigInteger),
        column("due_on", Date), column("released_at", DateTime(timezone=True)),
        column("credited", Boolean), column("card", Text), column("disputed", Boolean),
        column("sale_id", BigInteger),
    )
    .subquery("found")
)  # fmt: skip
"""Every invoice with what stands in a list; `as_row` makes an InvoiceRow of one."""

MOST = 500


def select_invoices(sale_id: int = 0) -> Select[Any]:
    """Select the house's invoices, pro-formas first, then newest first; of one sale if named."""
    query = select(FOUND).order_by(FOUND.c.released_at.desc().nulls_first(), FOUND.c.id.desc())
    return query.where(FOUND.c.sale_id == sale_id) if sale_id else query


def as_row(row: Any) -> InvoiceRow:
    """Make of a selected row what lists show."""
    return InvoiceRow(*row[:-1])


def invoices(session: Session, sale_id: int = 0) -> list[InvoiceRow]:
    """Return the latest of the house's invoices, pro-formas first; of one sale if named."""
    return [as_row(row) for row in session.execute(select_invoices(sale_id).limit(MOST))]


def invoices_of(session: Session, client_id: int) -> list[InvoiceRow]:
    """Return a buyer's invoices."""
    query = select_invoices().where(FOUND.c.client_id == client_id).limit(MOST)
    return [as_row(row) for row in session.execute(query)]


@dataclass(frozen=True, slots=True)
class LotLine:
    """A lot on an invoice with its charges; amounts in minor units."""

    lot_id: int | None
    label: str
    title: str
    vat: str
    lines: Sequence[Any]

    @property
    def total(self) -> int:
        """Return what the lot comes to."""
        return sum(line.amount for line in self.lines)


@dataclass(frozen=True, slots=True)
class InvoicePage:
    """Everything an invoice's page and its print show."""

    invoice: Invoice
    sale_title: str
    sale_day: date | None
    paddle: int | None
    lots: Sequence[LotLine]
    payments: Sequence[Any]
    refunds: Sequence[Any]
    repayable: int
    seller: dict[str, Any]
    due: int
    credit: int
    note: Invoice | None
    credits: Invoice | None
    allowances: Sequence[Invoice]

    @property
    def owed(self) -> int | None:
        """Return what is still to be paid; None where nobody owes it any more, or ever did."""
        return None if self.invoice.kind == "credit_note" or self.note else self.due

    @property
    def taken_off(self) -> int:
        """Return what credit notes for a part took off it, tax included; minor units."""
        return -sum(note.total for note in self.allowances)

    @property
    def vat_summary(self) -> list[tuple[Decimal, int, int]]:
        """Return each rate of VAT with what it was charged on and what it came to."""
        back = self.invoice.kind == "credit_note"
        sums: dict[Decimal, list[int]] = {}
        for line in (line for lot in self.lots for line in lot.lines):
            if line.kind == "vat" and line.percent is not None and line.base is not None:
                found = sums.setdefault(line.percent.normalize(), [0, 0])
                less = line.amount < 0 or (back and line.amount == 0)
                found[0] += -line.base if less else line.base
                found[1] += line.amount
        return [(rate, base, tax) for rate, (base, tax) in sorted(sums.items(), reverse=True)]

    @property
    def under_margin(self) -> bool:
        """Tell whether a lot is sold under the margin scheme, which the invoice has to say."""
        return any(lot.vat == "margin" for lot in self.lots)


_LINES = text(
    "SELECT n.lot_id, l.number::text || l.suffix AS label, l.title, n.kind, n.rule, n.amount,"
    " n.percent, n.base, CASE WHEN i.lot_id IS NULL THEN ''"
    " ELSE coalesce(nullif(i.vat, ''), l.vat, s.money->>'treatment', '') END AS vat"
    " FROM invoice_line n LEFT JOIN lot l ON l.id = n.lot_id LEFT JOIN sale s ON s.id = l.sale_id"
    " LEFT JOIN (SELECT lot_id, min(vat) AS vat FROM invoice_lot WHERE invoice_id = :lots_of"
    " GROUP BY lot_id) i ON i.lot_id = n.lot_id"
    " WHERE n.invoice_id = :invoice ORDER BY l.number NULLS LAST, l.suffix, n.position"
)
_SALE = text(
    "SELECT s.title, coalesce(s.closed_at, s.ends_at) AS closed_at, r.paddle FROM sale s"
    " LEFT JOIN registration r ON r.sale_id = s.id AND r.client_id = :client WHERE s.id = :sale"
)
_PAYMENTS = text(
    "SELECT p.id, p.amount, p.method, p.reference, p.received_on FROM invoice_payment p"
    " WHERE p.invoice_id = :invoice AND NOT EXISTS"
    " (SELECT FROM invoice_payment_reversal r WHERE r.payment_id = p.id) ORDER BY p.id"
)
_REFUNDS = text(
    "SELECT amount, method, paid_on FROM invoice_repayment WHERE invoice_id = :invoice"
    " UNION ALL SELECT r.amount, 'card', (r.created_at AT TIME ZONE :zone)::date"
    " FROM payment_refund r JOIN payment p ON p.id = r.payment_id"
    " WHERE p.kind = 'invoice' AND p.reference_id = :invoice AND r.state = 'done' ORDER BY 3"
)


def invoice_page(session: Session, invoice_id: int) -> InvoicePage:
    """Return an invoice with all its page shows; raises NotFound."""
    invoice = session.get(Invoice, invoice_id)
    if invoice is None:
        raise NotFound(invoice=invoice_id)
    key = {"invoice": invoice.id, "zone": str(house_zone())}
    return _page(
        session,
        invoice,
        payments=session.execute(_PAYMENTS, key).all(),
        refunds=session.execute(_REFUNDS, key).all(),
        repayable=repayable(session, invoice) if invoice.kind == "invoice" else 0,
        due=postings.due(session, invoice.id) if invoice.number else invoice.total,
        credit=postings.credit_of(session, invoice.client_id, invoice.entity_id, invoice.currency),
        note=session.query(Invoice).filter_by(credits_id=invoice.id).one_or_none(),
        allowances=session.query(Invoice).filter_by(allows_id=invoice.id).order_by("id").all(),
    )


def issued_page(session: Session, invoice: Invoice) -> InvoicePage:
    """Return a released invoice as it was issued, without what came after its release."""
    return _page(
        session, invoice, payments=(), refunds=(), repayable=0, due=invoice.total, credit=0,
        note=None, allowances=(),
    )  # fmt: skip


def _page(session: Session, invoice: Invoice, **after: Any) -> InvoicePage:
    credited = invoice.credits_id or invoice.allows_id
    sale = session.execute(_SALE, {"sale": invoice.sale_id, "client": invoice.client_id}).one()
    return InvoicePage(
        invoice=invoice,
        sale_title=sale.title,
        sale_day=None if sale.closed_at is None else _local(sale.closed_at),
        paddle=sale.paddle,
        lots=_lot_lines(session, invoice),
        seller=invoice.seller or particulars(session.get_one(LegalEntity, invoice.entity_id)),
        credits=session.get(Invoice, credited) if credited else None,
        **after,
    )


def _local(moment: datetime) -> date:
    return moment.astimezone(house_zone()).date()


def _lot_lines(session: Session, invoice: Invoice) -> list[LotLine]:
    source = invoice.credits_id or invoice.allows_id or invoice.id
    key = {"invoice": invoice.id, "lots_of": source}
    lots: dict[int | None, list[Any]] = {}
    for row in session.execute(_LINES, key):
        lots.setdefault(row.lot_id, []).append(row)
    return [
        LotLine(lot, rows[0].label or "", rows[0].title or "", rows[0].vat, rows)
        for lot, rows in lots.items()
    ]
