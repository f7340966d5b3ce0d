"""Keeping every vendor's balance at or above nothing, whatever is undone after they were paid."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.invoicing import rules
from auctionhouse.invoicing.models import Posting
from auctionhouse.invoicing.postings import write

_LOCK = text("SELECT id FROM client WHERE id = ANY(:vendors) ORDER BY id FOR NO KEY UPDATE")
_BALANCES = text(
    "SELECT e.client_id AS vendor, e.lot_id AS lot,"
    " coalesce(-sum(e.amount) FILTER (WHERE e.account = 'client.vendors'), 0)::bigint AS owed,"
    " coalesce(sum(e.amount) FILTER (WHERE e.account = 'office.covered'), 0)::bigint AS covered"
    " FROM posting_entry e JOIN posting p ON p.id = e.posting_id"
    " WHERE e.lot_id = ANY(:lots) AND p.entity_id = :entity AND p.currency = :currency"
    " AND e.account IN ('client.vendors', 'office.covered') GROUP BY 1, 2 ORDER BY 1, 2"
)


def lock_vendors(session: Session, vendors: set[int]) -> None:
    """Hold vendors' balances to the end of the transaction; an invoice is always held before."""
    session.execute(_LOCK, {"vendors": sorted(vendors)})


def cover_vendors(
    session: Session, lots: list[int], entity_id: int, currency: str, *, actor: int | None
) -> None:
    """Post what the house has to put in for lots, or gets back, after their balances changed.

    The vendors are held and their balances read again, so that a payout that runs beside is seen.
    """
    key = {"lots": lots, "entity": entity_id, "currency": currency}
    vendors = {row.vendor for row in session.execute(_BALANCES, key) if row.vendor is not None}
    lock_vendors(session, vendors)
    entries = [
        entry
        for row in session.execute(_BALANCES, key)
        for entry in rules.covering(row.owed, row.covered, row.vendor, row.lot)
    ]
    posting = Posting(
        kind="cover", entity_id=entity_id, currency=currency, actor_member_id=actor
    )  # fmt: skip
    write(session, posting, rules.tidy(entries))
