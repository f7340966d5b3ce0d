"""Who has how many pieces of a lot that several buyers share, beside its hot row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, text
from sqlalchemy.orm import Session

from auctionhouse.bidding.selling import Award, in_all

_KEEP = text(
    "INSERT INTO award (lot_id, place, entry, client_id, pieces, price) SELECT :lot,"
    " (SELECT count(*) FROM award WHERE lot_id = :lot) + one.place, one.entry, one.client,"
    " one.pieces, one.price FROM unnest(CAST(:entries AS int[]), CAST(:clients AS bigint[]),"
    " CAST(:pieces AS int[]), CAST(:prices AS bigint[]))"
    " WITH ORDINALITY AS one (entry, client, pieces, price, place)"
)
_SHARES = text(
    "SELECT a.lot_id, sum(a.price * a.pieces)::bigint FROM award a"
    " JOIN lot_state s ON s.lot_id = a.lot_id"
    " WHERE s.sale_id = :sale AND a.client_id = :client GROUP BY a.lot_id"
)
_OWN = text(
    "SELECT lot_id, pieces, price FROM award WHERE client_id = :client AND lot_id = ANY(:lots)"
    " ORDER BY lot_id, place"
)
_BUYERS = text(
    "SELECT a.client_id, c.name, r.paddle, a.pieces, a.price FROM award a"
    " JOIN client c ON c.id = a.client_id JOIN lot l ON l.id = a.lot_id LEFT JOIN registration r"
    " ON r.sale_id = l.sale_id AND r.client_id = c.id WHERE a.lot_id = :lot ORDER BY a.place"
)
_DROP = text("DELETE FROM award WHERE lot_id = :lot")


@dataclass(frozen=True, slots=True)
class Share:
    """Pieces of a lot that one buyer has, at a price each in minor units."""

    pieces: int
    price: int

    @property
    def total(self) -> int:
        """Return what they come to, before premium."""
        return in_all(self.price, self.pieces)


def keep_awards(connection: Connection | Session, lot_id: int, awards: Sequence[Award]) -> None:
    """Store what goes to whom of a held lot, after what did before."""
    values = {
        "lot": lot_id,
        "entries": [one.entry for one in awards],
        "clients": [int(one.who) for one in awards],
        "pieces": [one.pieces for one in awards],
        "prices": [one.price for one in awards],
    }
    connection.execute(_KEEP, values)


def drop_awards(connection: Connection | Session, lot_id: int) -> None:
    """Forget what went to whom of a held lot whose result falls; its ledger keeps it."""
    connection.execute(_DROP, {"lot": lot_id})


def shares_of(connection: Connection | Session, sale_id: int, client_id: int) -> dict[int, int]:
    """Return what a client's shares come to, by lot of a sale, before premium."""
    rows = connection.execute(_SHARES, {"sale": sale_id, "client": client_id})
    return {row[0]: row[1] for row in rows}


def own_shares(
    session: Session, client_id: int, lots: Sequence[int]
) -> Mapping[int, Sequence[Share]]:
    """Return what a client has of each of these lots that several share."""
    found: dict[int, list[Share]] = {}
    if lots:
        for row in session.execute(_OWN, {"client": client_id, "lots": list(lots)}):
            found.setdefault(row.lot_id, []).append(Share(row.pieces, row.price))
    return found


def buyers_of(session: Session, lot_id: int) -> Sequence[Row[Any]]:
    """Return who has which pieces of a lot that several share, for staff."""
    return session.execute(_BUYERS, {"lot": lot_id}).all()
