"""Taking over the lines of Stripe's balance: each once, its fee posted to the house's ledger."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from auctionhouse.invoicing import postings, rules
from auctionhouse.invoicing.models import LegalEntity, Posting
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import StripeLine
from auctionxchange.kernel.database import HouseSession
from auctionxchange.payments.accounts import Connected
from auctionxchange.payments.refusals import NotAtStripe

LATE = timedelta(days=3)
"""How much before the newest line we know others may still turn up."""

KINDS = {
    "charge": "charge", "payment": "charge", "refund": "refund", "payment_refund": "refund",
    "refund_failure": "refund", "payment_failure_refund": "refund", "payout": "payout",
    "payout_failure": "payout", "payout_cancel": "payout", "stripe_fee": "fee", "tax_fee": "fee",
    "stripe_fx_fee": "fee",
}  # fmt: skip
"""Stripe's type of a line → what of ours explains it; disputes are told by their category."""

Thing = dict[str, Any]


def take_over(desk: Desk, account: Connected) -> int:
    """Write down the lines that are new; returns how many. Stripe is asked between transactions."""
    fresh = [_row(desk, account.account, line) for line in _unknown(desk, account.account)]
    with desk.writing() as session:
        entity = session.get(LegalEntity, account.entity)
        return sum(_kept(session, row, entity) for row in fresh)


def _unknown(desk: Desk, account: str) -> Iterator[Thing]:
    newest = select(func.max(StripeLine.at)).where(StripeLine.account == account)
    with desk.writing() as session:
        at = session.scalar(newest)
        since = 0 if at is None else int((at - LATE).timestamp())
        query = select(StripeLine.line).where(StripeLine.account == account)
        if at is not None:
            query = query.where(StripeLine.at >= at - LATE)
        known = set(session.scalars(query))
    for line in desk.gateway.balance_of(account, since):
        if line["id"] not in known:
            yield line


def _row(desk: Desk, account: str, line: Thing) -> Thing:
    kind, source = _kind(line), line.get("source") or line["id"]
    own_fee = -line["amount"] if kind == "fee" else 0
    return {
        "line": line["id"],
        "account": account,
        "kind": kind,
        "name": _intent(desk, account, source) if kind == "charge" else source,
        "told": line["type"],
        "amount": 0 if kind == "fee" else line["amount"],
        "fee": line["fee"] + own_fee,
        "currency": line["currency"].upper(),
        "at": datetime.fromtimestamp(line["created"], UTC),
    }


def _kind(line: Thing) -> str:
    if str(line.get("reporting_category", "")).startswith("dispute"):
        return "dispute"
    return KINDS.get(line["type"], "other")


def _intent(desk: Desk, account: str, source: str) -> str:
    """Return the payment intent of a charge, by which we know it."""
    try:
        charge = desk.gateway.find(account, "charge", source)
    except NotAtStripe:
        return source
    return str(charge.get("payment_intent") or source)


def _kept(session: HouseSession, row: Thing, entity: LegalEntity | None) -> bool:
    """Keep a line unless another process did meanwhile; its fee is posted with it."""
    statement = insert(StripeLine).values(row).on_conflict_do_nothing()
    posting = None
    with session.begin_nested() as kept:
        if entity is not None and entity.currency == row["currency"]:
            posting = _posted(session, row, entity)
        made = session.scalar(statement.values(posting_id=posting).returning(StripeLine.line))
        if made is None:
            kept.rollback()
    return made is not None


def _posted(session: HouseSession, row: Thing, entity: LegalEntity) -> int | None:
    """Post a line's fee and return the posting's number; a line without one has none."""
    entries = rules.processed(row["fee"])
    posting = Posting(kind="processor", entity_id=entity.id, currency=row["currency"])
    postings.write(session, posting, entries)
    return posting.id if entries else None
