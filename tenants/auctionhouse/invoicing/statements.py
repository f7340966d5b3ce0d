"""A buyer's statement of account: every posting that changed what they owe a legal entity."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.invoicing.models import LegalEntity
from auctionxchange.i18n.formats import house_zone

# Each credit note for a part makes one posting while its invoice is held: both count up alike.
_ROWS = text(
    "SELECT p.at, p.currency, p.entity_id, y.method,"
    " coalesce(n.number, a.number, i.number, '') AS number,"
    " CASE WHEN p.kind = 'release' AND i.charges_for IS NOT NULL THEN 'charges' ELSE p.kind END"
    " AS kind, sum(e.amount)::bigint AS amount"
    " FROM posting p JOIN posting_entry e ON e.posting_id = p.id"
    " LEFT JOIN invoice i ON i.id = p.invoice_id"
    " LEFT JOIN invoice n ON n.credits_id = i.id AND p.kind = 'credit'"
    " LEFT JOIN (SELECT allows_id, number,"
    "  row_number() OVER (PARTITION BY allows_id ORDER BY id) AS nth"
    "  FROM invoice WHERE client_id = :client AND allows_id IS NOT NULL) a"
    " ON a.allows_id = p.invoice_id AND p.kind = 'allowance' AND a.nth = (SELECT count(*)"
    "  FROM posting o WHERE o.invoice_id = p.invoice_id AND o.kind = p.kind AND o.id <= p.id)"
    " LEFT JOIN invoice_payment y ON y.id = p.payment_id"
    " WHERE e.client_id = :client AND e.account IN ('office.due', 'client.buyers')"
    " GROUP BY p.id, i.number, i.charges_for, n.number, a.number, y.method ORDER BY p.id"
)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One act: the day, what it was, its document, and the change; minor units, debits positive."""

    day: date
    kind: str
    number: str
    method: str | None
    amount: int
    balance: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A buyer's account with a legal entity in its currency; what they owe is positive."""

    client_id: int
    entity: LegalEntity
    currency: str
    lines: Sequence[StatementLine]

    @property
    def balance(self) -> int:
        """Return what the buyer owes in all, or has standing where it is negative."""
        return self.lines[-1].balance if self.lines else 0


def statements_of(session: Session, client_id: int) -> list[Statement]:
    """Return a buyer's statements, one for each entity and currency they had to do with."""
    found: dict[tuple[int, str], list[Any]] = {}
    for row in session.execute(_ROWS, {"client": client_id}):
        found.setdefault((row.entity_id, row.currency), []).append(row)
    return [
        Statement(client_id, session.get_one(LegalEntity, entity), unit, _with_balances(rows))
        for (entity, unit), rows in sorted(found.items())
    ]


def _with_balances(rows: Sequence[Any]) -> list[StatementLine]:
    sums = accumulate(row.amount for row in rows)
    return [
        StatementLine(
            day=row.at.astimezone(house_zone()).date(),
            kind=row.kind,
            number=row.number,
            method=row.method,
            amount=row.amount,
            balance=balance,
        )
        for row, balance in zip(rows, sums, strict=True)
    ]
