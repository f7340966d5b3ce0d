"""What of released statements may be paid, lot by lot, and why the rest waits."""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.consignors.operations.settings import vendor_settings
from auctionhouse.settlement.ledger import Settled
from auctionhouse.settlement.rules import LotFacts, Waits, lot_waits
from auctionxchange.i18n.days import house_day
from auctionxchange.i18n.formats import house_zone

_PARTS = text(
    "SELECT t.client_id, t.id AS statement_id, t.number, t.kind, t.sale_id, p.part, p.lot_id,"
    " p.label, p.title, p.hammer, p.amount, coalesce(e.closed_at, e.ends_at) AS sold_at"
    " FROM statement t JOIN statement_part p ON p.statement_id = t.id"
    " LEFT JOIN sale e ON e.id = t.sale_id"
    " WHERE t.number IS NOT NULL AND t.entity_id = :entity AND t.currency = :currency"
    " AND (:client = 0 OR t.client_id = :client)"
    " AND NOT EXISTS (SELECT FROM statement_use u WHERE u.statement_id = p.statement_id"
    " AND u.part = p.part AND u.live AND (:run = 0 OR u.run_id IS DISTINCT FROM :run))"
    " ORDER BY t.client_id, t.id, p.part"
)
_LOTS = text(
    "SELECT l.id,"
    " (SELECT coalesce(-sum(e.amount) FILTER (WHERE e.account = 'client.vendors'), 0)"
    " - coalesce(sum(e.amount) FILTER (WHERE e.account = 'office.covered'), 0)"
    " FROM posting_entry e JOIN posting p ON p.id = e.posting_id WHERE e.lot_id = l.id"
    " AND e.client_id = l.consignor_client_id AND p.entity_id = :entity"
    " AND p.currency = :currency)::bigint AS covered,"
    " (SELECT coalesce(sum(e.amount) FILTER (WHERE e.account = 'office.covered'), 0)"
    " FROM posting_entry e JOIN posting p ON p.id = e.posting_id WHERE e.lot_id = l.id"
    " AND e.client_id = l.consignor_client_id AND p.entity_id = :entity"
    " AND p.currency = :currency)::bigint AS put_in,"
    " v.invoiced, (SELECT coalesce(sum(e.amount), 0) FROM posting_entry e"
    " JOIN posting p ON p.id = e.posting_id WHERE p.invoice_id = ANY(v.ids)"
    " AND e.account = 'office.due')::bigint AS due,"
    " EXISTS (SELECT FROM payment y WHERE y.kind = 'invoice' AND y.reference_id = ANY(v.ids)"
    " AND y.disputed) AS disputed,"
    " (SELECT h.reason FROM vendor_hold h WHERE h.lot_id = l.id AND h.lifted_at IS NULL) AS held"
    " FROM lot l CROSS JOIN LATERAL (SELECT array_agg(v.id) AS ids, count(v.id) >="
    " greatest(1, (SELECT count(DISTINCT w.client_id) FROM award w WHERE w.lot_id = l.id))"
    " AS invoiced FROM invoice_lot i JOIN invoice v ON v.id = i.invoice_id"
    " AND v.number IS NOT NULL WHERE i.lot_id = l.id AND i.live) v WHERE l.id = ANY(:lots)"
)


@dataclass(frozen=True, slots=True)
class Group:
    """The unused parts of one lot, which go together; or one part that belongs to no lot."""

    client_id: int
    parts: Sequence[Any]
    put_in: int
    waits: Sequence[Waits]

    @property
    def lot_id(self) -> int | None:
        """Return the lot, or None."""
        found: int | None = self.parts[0].lot_id
        return found

    @property
    def label(self) -> str:
        """Return the lot's label as stated, or the statement's number."""
        return str(self.parts[0].label or self.parts[0].number)

    @property
    def amount(self) -> int:
        """Return what the parts come to for the vendor, minor units."""
        return sum(part.amount for part in self.parts)

    @property
    def ready(self) -> bool:
        """Tell whether nothing keeps the parts back."""
        return not self.waits

    def only(self, used: Container[tuple[int, int]]) -> "Group":
        """Return the group with those of its parts alone that are among some, by their keys."""
        kept = [part for part in self.parts if (part.statement_id, part.part) in used]
        return Group(self.client_id, kept, self.put_in, self.waits)

    def settled(self) -> Settled:
        """Return the group as it is cleared."""
        hammer = sum(part.hammer for part in self.parts)
        return Settled(self.lot_id, hammer, self.amount, self.put_in)


def open_groups(
    session: Session, entity_id: int, currency: str, *, client_id: int = 0, run_id: int = 0
) -> list[Group]:
    """Return what is stated and not used, of one client if named.

    With a run, what that run uses counts as not used: so a run is looked at again.
    """
    key = {"entity": entity_id, "currency": currency, "client": client_id, "run": run_id}
    together: dict[tuple[Any, ...], list[Any]] = {}
    for row in session.execute(_PARTS, key):
        of = (row.client_id, row.lot_id) if row.lot_id else (row.client_id, 0, row[1], row.part)
        together.setdefault(of, []).append(row)
    lots = sorted({rows[0].lot_id for rows in together.values() if rows[0].lot_id})
    facts = {row.id: row for row in session.execute(_LOTS, {**key, "lots": lots})}
    look = _Look(session)
    return [look.group(rows, facts.get(rows[0].lot_id)) for rows in together.values()]


class _Look:
    """The settings and the day by which groups are judged."""

    def __init__(self, session: Session) -> None:
        row = vendor_settings(session)
        self._days = row.reserve_days
        self._whole = row.pay_when == "invoice_paid"
        self._today: date = house_day(session)

    def group(self, rows: Sequence[Any], lot: Any | None) -> Group:
        """Return a group with why it waits."""
        waits = [] if lot is None else self._waits(rows, lot)
        return Group(rows[0].client_id, rows, 0 if lot is None else lot.put_in, waits)

    def _waits(self, rows: Sequence[Any], lot: Any) -> list[Waits]:
        sold: datetime | None = rows[0].sold_at
        facts = LotFacts(
            stated=sum(row.hammer for row in rows),
            covered=lot.covered,
            invoiced=lot.invoiced,
            due=lot.due,
            disputed=lot.disputed,
            held=lot.held or "",
            sold_on=None if sold is None else sold.astimezone(house_zone()).date(),
        )
        return lot_waits(
            facts, reserve_days=self._days, whole_invoice=self._whole, today=self._today
        )


def by_client(groups: Iterable[Group]) -> dict[int, list[Group]]:
    """Return groups by client."""
    found: dict[int, list[Group]] = {}
    for group in groups:
        found.setdefault(group.client_id, []).append(group)
    return found
