"""Reading what bidding wrote: a lot's history, its explanation, whether its chain holds."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.ledger import Entry, Fault, sale_head, verify
from auctionxchange.kernel.money import Currency, format_amount
from auctionxchange.kernel.translation import gettext as _

_ENTRIES = text(
    "SELECT sequence, at, kind, payload, hash, client_id FROM ledger_entry"
    " WHERE lot_id = :lot ORDER BY sequence"
)
_HEADS = text(
    "SELECT l.number::text || l.suffix AS number, s.chain_head FROM lot_state s"
    " JOIN lot l ON l.id = s.lot_id WHERE s.sale_id = :sale ORDER BY l.number, l.suffix"
)
BIDS = ("bid", "automatic", "raise")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a lot's public history; the client is for staff and the bidder's own mark."""

    sequence: int
    at: datetime
    kind: str
    who: str | None
    amount: int | None
    public: Mapping[str, Any]
    client_id: int | None


def lot_entries(session: Session, lot_id: int) -> Iterator[HistoryLine]:
    """Return every entry of a lot, oldest first."""
    for row in session.execute(_ENTRIES, {"lot": lot_id}):
        public = json.loads(row.payload)
        yield HistoryLine(
            sequence=row.sequence,
            at=row.at,
            kind=row.kind,
            who=public.get("who"),
            amount=public.get("amount", public.get("price")),
            public=public,
            client_id=row.client_id,
        )


def lot_history(session: Session, lot_id: int) -> list[HistoryLine]:
    """Return a lot's bids, newest first, without own raises, which move nothing."""
    lines = [line for line in lot_entries(session, lot_id) if line.kind in {"bid", "automatic"}]
    return lines[::-1]


def explain(session: Session, lot_id: int, unit: Currency, locale: str) -> list[str]:
    """Say in plain words, one sentence an entry, how a lot's price came about."""

    def money(amount: int | None) -> str:
        return "–" if amount is None else format_amount(amount, unit, locale)

    sentences = [_sentence(line, money) for line in lot_entries(session, lot_id)]
    return [sentence for sentence in sentences if sentence]


def download(session: Session, lot_id: int) -> str:
    """Return a lot's ledger as published: one JSON object a line with payload and hash."""
    rows = session.execute(_ENTRIES, {"lot": lot_id})
    return "".join(
        json.dumps({"payload": row.payload, "hash": bytes(row.hash).hex()}, ensure_ascii=False)
        + "\n"
        for row in rows
    )


def verify_lot(session: Session, lot_id: int) -> list[Fault]:
    """Return everything wrong with a lot's stored chain, nothing where it holds."""
    rows = session.execute(_ENTRIES, {"lot": lot_id})
    return verify(Entry(row.payload, bytes(row.hash)) for row in rows)


def published_head(session: Session, sale_id: int) -> str:
    """Return the hash over the heads of all lots of a sale in catalogue order."""
    rows = session.execute(_HEADS, {"sale": sale_id})
    return sale_head((row.number, bytes(row.chain_head)) for row in rows)


def _sentence(line: HistoryLine, money: Any) -> str:
    public, who = line.public, line.who
    price, leader = money(public.get("price")), public.get("leader")
    texts = {
        "opened": lambda: _(
            "Bidding opened at %(price)s.", price=money(public["terms"]["opening"])
        ),
        "automatic": lambda: _(
            "%(who)s’s maximum answered by itself: %(price)s.", who=who, price=price
        ),
        "raise": lambda: _("%(who)s raised their own maximum.", who=who),
        "extended": lambda: _("The bid came shortly before the end, so the lot stays open longer."),
        "paused": lambda: _("The house paused the sale: %(notice)s", notice=public["notice"]),
        "resumed": lambda: _(
            "The sale went on; the time of the pause was added: %(notice)s", notice=public["notice"]
        ),
        "postponed": lambda: _("The end was moved later: %(notice)s", notice=public["notice"]),
        "terms_changed": lambda: _("The house changed the reserve or the opening bid."),
        "text_changed": lambda: _("The house changed the description."),
        "withdrawn": lambda: _("The lot was withdrawn: %(notice)s", notice=public["notice"]),
        "hammer": lambda: _("Sold to %(who)s for %(price)s.", who=who, price=price),
        "unsold": lambda: _("Closed without a sale."),
        "correction": lambda: _("Corrected: %(notice)s", notice=public.get("notice", "")),
    }
    if line.kind == "bid":
        return _bid_sentence(line, leader, money)
    return str(texts[line.kind]())


def _bid_sentence(line: HistoryLine, leader: str | None, money: Any) -> str:
    price = money(line.public.get("price"))
    if leader == line.who:
        return _("%(who)s bid and leads at %(price)s.", who=line.who, price=price)
    return _(
        "%(who)s bid %(amount)s; %(leader)s had offered as much or more before and still leads.",
        who=line.who,
        amount=money(line.amount),
        leader=leader,
    )
