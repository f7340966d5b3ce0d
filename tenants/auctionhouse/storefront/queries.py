"""What the public pages know about their reader, and the first page's windows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.awards import Share, own_shares
from auctionhouse.bidding.queries import OwnBid, own_bids
from auctionhouse.catalogue.queries.cards import (
    FIRST_PICTURE,
    LOT_COLUMNS,
    PICTURE_COLUMNS,
    LotRow,
    lot_row,
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads a sale's pages; all None for somebody who is not signed in."""

    member_id: int | None = None
    client_id: int | None = None
    registration: str | None = None
    reason: str | None = None
    paddle: int | None = None
    bid_limit: int | None = None

    @property
    def may_bid(self) -> bool:
        """Tell whether a bid of theirs would be looked at."""
        return self.registration == "approved"


NOBODY = Reader()
_READER = text(
    "SELECT c.member_id, c.id, r.state, r.reason, r.paddle, r.bid_limit FROM client c"
    " LEFT JOIN registration r ON r.client_id = c.id AND r.sale_id = :sale_id"
    " WHERE c.member_id = :member_id"
)


def reader_of(session: Session, member_id: int | None, sale_id: int) -> Reader:
    """Return what a member is in a sale."""
    if member_id is None:
        return NOBODY
    row = session.execute(_READER, {"member_id": member_id, "sale_id": sale_id}).first()
    return Reader(member_id=member_id) if row is None else Reader(*row)


@dataclass(frozen=True, slots=True)
class Own:
    """What a client bid on some lots, and has of those that several buyers share."""

    client_id: int | None = None
    bids: Mapping[int, OwnBid] = field(default_factory=dict)
    shares: Mapping[int, Sequence[Share]] = field(default_factory=dict)

    def leads(self, row: LotRow) -> bool:
        """Tell whether the client leads on a lot, or bought it or some of its pieces."""
        if row.gone:
            return row.id in self.shares
        return self.client_id is not None and row.leader_client_id == self.client_id


def own_of(session: Session, client_id: int | None, rows: Sequence[LotRow]) -> Own:
    """Return what a client, or nobody, bid on lots and has of them."""
    if client_id is None:
        return Own()
    bids = own_bids(session, client_id, [row.id for row in rows])
    shares = own_shares(session, client_id, [row.id for row in rows if row.gone])
    return Own(client_id, bids, shares)


@dataclass(frozen=True, slots=True)
class MyLot:
    """A lot the reader has bid on."""

    lot: LotRow
    sale_id: int
    reference: str
    sale_title: str
    currency: str
    paused_at: datetime | None
    bid: OwnBid
    leads: bool
    shares: Sequence[Share] = ()


_MINE = text(f"""
    SELECT {LOT_COLUMNS}, {PICTURE_COLUMNS}, s.id AS sale_id, s.reference, s.title AS sale_title,
           s.currency, s.paused_at
    FROM (SELECT DISTINCT lot_id FROM ledger_entry
          WHERE client_id = :client_id AND maximum IS NOT NULL) m
    JOIN lot l ON l.id = m.lot_id
    JOIN lot_state t ON t.lot_id = l.id
    JOIN sale s ON s.id = l.sale_id
    {FIRST_PICTURE}
    WHERE s.state <> 'draft'
    ORDER BY t.status = 'closed', (t.leader_client_id = :client_id) IS TRUE, t.ends_at, l.id
    LIMIT 500
""")  # noqa: S608 - constants


def lots_i_bid_on(session: Session, client_id: int) -> list[MyLot]:
    """Return the reader's lots: running first, outbid before leading, soonest end first."""
    rows = session.execute(_MINE, {"client_id": client_id}).all()
    lots = [lot_row(row) for row in rows]
    own = own_of(session, client_id, lots)
    return [
        MyLot(
            lot, row.sale_id, row.reference, row.sale_title, row.currency, row.paused_at,
            own.bids[lot.id], own.leads(lot), own.shares.get(lot.id, ()),
        )
        for lot, row in zip(lots, rows, strict=True)
        if lot.id in own.bids
    ]  # fmt: skip


_WINDOWS = text(f"""
    WITH ranked AS (
        SELECT l.id, row_number() OVER (
            PARTITION BY l.sale_id
            ORDER BY t.status = 'closed', l.estimate_high DESC NULLS LAST, l.number
        ) AS place
        FROM lot l JOIN lot_state t ON t.lot_id = l.id
        WHERE l.sale_id = ANY(:sale_ids) AND t.status <> 'withdrawn'
          AND EXISTS (SELECT 1 FROM picture p WHERE p.lot_id = l.id)
    )
    SELECT {LOT_COLUMNS}, {PICTURE_COLUMNS}, l.sale_id
    FROM ranked r JOIN lot l ON l.id = r.id JOIN lot_state t ON t.lot_id = l.id {FIRST_PICTURE}
    WHERE r.place <= :each ORDER BY l.sale_id, r.place
""")  # noqa: S608 - constants


def windows_of(session: Session, sale_ids: Sequence[int], each: int) -> dict[int, list[LotRow]]:
    """Return for each sale the few lots with pictures that the first page puts in the window."""
    found: dict[int, list[LotRow]] = {sale_id: [] for sale_id in sale_ids}
    if found:
        rows: Any = session.execute(_WINDOWS, {"sale_ids": list(sale_ids), "each": each})
        for row in rows:
            found[row.sale_id].append(lot_row(row))
    return found


_TO_BID_ON = text(
    "SELECT l.id, e.currency FROM lot l JOIN sale e ON e.id = l.sale_id"
    " WHERE e.reference = :reference AND e.state <> 'draft'"
    " AND l.number = :number AND l.suffix = :suffix"
)


def lot_to_bid_on(session: Session, reference: str, number: int, suffix: str) -> Row[Any] | None:
    """Return a shown lot's id and currency and nothing else: the bid itself reads the rest."""
    values = {"reference": reference, "number": number, "suffix": suffix}
    return session.connection().execute(_TO_BID_ON, values).first()
