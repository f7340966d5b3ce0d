"""A draft's parts and lines, reckoned by the money rules from lots, sale and agreements."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.consignors.models import Agreement
from auctionhouse.money.rounding import Line
from auctionhouse.money.rules import Calculation, calculate
from auctionhouse.money.stored import LotMoney, sold_lot, terms_of_sale
from auctionhouse.money.terms import MoneyTerms
from auctionhouse.money.terms_format import read_vendor
from auctionhouse.settlement.models import Statement, StatementLine, StatementPart
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import currency

STATED = (
    "(l.withdrawn_at IS NULL AND s.outcome IN ('sold', 'unsold') OR l.withdrawn_at IS NOT NULL"
    """ AND g.terms @> '{"fees": [{"when": "withdrawn"}]}')"""
)
"""Which lots stand on a statement: those that ended, and withdrawn ones that cost a fee."""

_LOTS = text(
    "SELECT l.id, l.number::text || l.suffix AS label, l.title, l.agreement_id,"  # noqa: S608 - ours
    " CASE WHEN l.withdrawn_at IS NULL THEN s.outcome ELSE 'withdrawn' END AS outcome,"
    " CASE WHEN l.withdrawn_at IS NULL AND s.outcome = 'sold' THEN"
    " coalesce(h.price, s.price) END AS price, l.vat, l.premium,"
    " CASE WHEN h.price IS NULL THEN s.pieces ELSE 1 END AS pieces,"
    " l.bought_from_artist_on, a.nationality, a.died"
    " FROM lot l JOIN lot_state s ON s.lot_id = l.id JOIN agreement g ON g.id = l.agreement_id"
    " LEFT JOIN artist a ON a.id = l.artist_id LEFT JOIN LATERAL (SELECT"
    " sum(w.price * w.pieces)::bigint AS price FROM award w WHERE w.lot_id = l.id) h ON true"
    " WHERE l.sale_id = :sale AND l.consignor_client_id = :client AND g.entity_id = :entity"
    f" AND {STATED}"
    " AND NOT EXISTS (SELECT FROM statement_part p WHERE p.lot_id = l.id AND p.live"
    " AND p.statement_id <> :statement) ORDER BY l.number, l.suffix"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """A part with its lines, signed as the vendor sees them."""

    lot: Any | None
    agreement_id: int
    hammer: int
    vat: str
    lines: Sequence[Line]

    @property
    def amount(self) -> int:
        """Return what the part comes to for the vendor."""
        return sum(line.amount for line in self.lines)


def reckon_statement(session: Session, statement: Statement) -> None:
    """Write a draft's parts, lines and total afresh; raises ReckoningInvalid, MarginForbidden."""
    sale = session.get_one(Sale, statement.sale_id)
    key = {
        "sale": sale.id,
        "client": statement.client_id,
        "entity": statement.entity_id,
        "statement": statement.id,
    }
    under: dict[int, list[Any]] = {}
    for row in session.execute(_LOTS, key):
        under.setdefault(row.agreement_id, []).append(row)
    parts = [
        part
        for agreement_id, rows in under.items()
        for part in _stated(session, sale, session.get_one(Agreement, agreement_id), rows)
    ]
    _write(session, statement, parts)


def _stated(
    session: Session, sale: Sale, agreement: Agreement, rows: Sequence[Any]
) -> Iterator[Stated]:
    """Yield a part for each lot under an agreement, and one for charges on none."""
    unit = currency(sale.currency)
    terms = _terms(sale, agreement)
    lots = [
        replace(
            sold_lot(str(row.id), row.price or 0, sale.money, _money(row), unit),
            hammer=row.price,
            withdrawn=row.outcome == "withdrawn",
        )
        for row in rows
    ]
    on = (sale.closed_at or sale.ends_at or database_now(session)).date()
    vendor = read_vendor(agreement.terms, unit)
    found = calculate(lots, terms, unit, sale_date=on, vendor=vendor)
    for row, lot in zip(rows, lots, strict=True):
        hammer = (row.price or 0) * row.pieces
        lines = [Line(str(row.id), "hammer", hammer, None, None, "hammer")] if hammer else []
        lines += _vendor_lines(found, terms, str(row.id))
        yield Stated(row, agreement.id, hammer, lot.vat, lines)
    general = _vendor_lines(found, terms, None)
    if general:
        yield Stated(None, agreement.id, 0, "", general)


def _money(row: Any) -> LotMoney:
    return LotMoney(
        vat=row.vat,
        premium=row.premium,
        quantity=row.pieces,
        bought_from_artist_on=row.bought_from_artist_on,
        nationality=row.nationality,
        died=row.died,
    )


def _terms(sale: Sale, agreement: Agreement) -> MoneyTerms:
    """Return the sale's terms, with the royalty borne as the agreement says where it may.

    What the buyers were told they bear stays theirs.
    """
    terms = terms_of_sale(sale.money, sale.premium_percent, currency(sale.currency))
    right = terms.resale_right
    if right is None or right.borne_by == "buyer" or agreement.resale_right == "sale":
        return terms
    borne_by: Any = agreement.resale_right
    return replace(terms, resale_right=replace(right, borne_by=borne_by))


def _vendor_lines(found: Calculation, terms: MoneyTerms, lot: str | None) -> list[Line]:
    """Return a lot's lines as the vendor sees them: charges taken off, the hammer's tax on top."""
    vendor = found.vendor
    if vendor is None:
        return []
    right = terms.resale_right
    royalties = found.royalties if right is not None and right.borne_by == "seller" else []
    taken = [replace(line, amount=-line.amount) for line in [*vendor.lines, *royalties]]
    return [line for line in [*taken, *vendor.on_top] if line.lot == lot]


def _write(session: Session, statement: Statement, parts: Sequence[Stated]) -> None:
    for table in (StatementLine, StatementPart):
        session.execute(delete(table).where(table.statement_id == statement.id))
    position = 0
    for number, part in enumerate(parts, start=1):
        row = part.lot
        session.add(
            StatementPart(
                statement_id=statement.id,
                part=number,
                lot_id=None if row is None else row.id,
                agreement_id=part.agreement_id,
                label="" if row is None else row.label,
                title="" if row is None else row.title,
                outcome="" if row is None else row.outcome,
                vat=part.vat,
                hammer=part.hammer,
                amount=part.amount,
                live=row is not None,
            )
        )
        session.flush()
        for line in part.lines:
            position += 1
            session.add(written_line(statement.id, position, number, line))
    statement.total = sum(part.amount for part in parts)
    session.flush()


def written_line(statement_id: int, position: int, part: int, line: Line) -> StatementLine:
    """Return a line as it is stored."""
    return StatementLine(
        statement_id=statement_id,
        position=position,
        part=part,
        kind=line.kind,
        rule=line.rule,
        amount=line.amount,
        percent=line.percent,
        base=line.base,
    )
