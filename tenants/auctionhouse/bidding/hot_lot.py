"""A lot as the write path holds it: read once under its row's lock, written in one statement.

Reading takes the row's lock first and the database's clock after it, so that lateness is decided
by the moment the lot was held. Where lots close together their sale is locked before any of them,
as it is by whoever acts on a whole sale, so that no two wait for each other. Writing moves the
state only if its version is still the one read, and adds the ledger rows and the outbox rows in
the same statement.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any
from uuid import UUID

from psycopg2.errors import DivisionByZero
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from auctionhouse.bidding.awards import keep_awards
from auctionhouse.bidding.book import Book, book_of
from auctionhouse.bidding.buying import buy_now_price
from auctionhouse.bidding.dutch.rules import begins_at, stops_at
from auctionhouse.bidding.errors import LotUnknown
from auctionhouse.bidding.ledger import (
    Chain,
    Entry,
    commitment,
    commitment_salt,
    iso,
    member_pseudonym,
    microseconds,
    moment,
    pseudonym,
)
from auctionhouse.bidding.moving import MOVE, moves
from auctionhouse.bidding.rules import State, Terms
from auctionhouse.bidding.selling import Award
from auctionhouse.bidding.terms import amounts_of, stored_terms
from auctionxchange.kernel.folding import committing
from auctionxchange.kernel.prepared import array, run

_HOLD_SALE = """
SELECT 1 FROM sale WHERE closes_together
    AND id = (SELECT sale_id FROM lot_state WHERE lot_id = %(lot)s) FOR NO KEY UPDATE"""
_HOLD = """
SELECT 1 FROM lot_state WHERE lot_id = %(lot)s FOR UPDATE"""
_READ = """
SELECT clock_timestamp(), s.version, s.status, s.starts_at, s.ends_at, s.scheduled_ends_at,
       s.leader_client_id, s.price, s.maximum, s.second_maximum, s.reserve_met, s.bid_count,
       s.chain_length, s.chain_head, s.last_at, s.secret, s.outcome,
       l.id, l.number::text || l.suffix, l.opening, l.reserve, l.terms::text, l.quantity,
       l.buy_now, l.buy_now_until,
       l.consignor_client_id, e.id, e.reference, e.currency, e.terms::text, e.state, e.paused_at
FROM lot_state s JOIN lot l ON l.id = s.lot_id JOIN sale e ON e.id = s.sale_id
WHERE s.lot_id = %(lot)s
"""
_HELD = """
WITH held AS MATERIALIZED (
    SELECT s.* FROM lot_state s JOIN sale e ON e.id = s.sale_id
    WHERE s.lot_id = ANY (%(held)s::bigint[]) AND NOT e.closes_together
    FOR UPDATE OF s SKIP LOCKED
)"""
_NAMES = (
    "now", "version", "status", "starts_at", "ends_at", "scheduled_ends_at", "leader", "price",
    "maximum", "second", "reserve_met", "bids", "chain_length", "chain_head", "last_at", "secret",
    "outcome", "lot_id", "number", "opening", "reserve", "lot_terms", "quantity", "buy_now",
    "buy_now_until", "consignor", "sale_id", "reference", "currency", "sale_terms", "sale_state",
    "paused_at",
)  # fmt: skip


class LotMoved(RuntimeError):
    """The lot's version changed although its row was held: a defect, nothing was written."""


@dataclass(frozen=True, slots=True)
class Private:
    """What an entry keeps beside its public payload."""

    client_id: int | None = None
    placed_by: int | None = None
    maximum: int | None = None
    reason: str | None = None
    token: UUID | None = None
    salt: bytes | None = None
    pieces: int | None = None


@dataclass(slots=True)
class HotLot:
    """One lot under its lock, with what will be written about it."""

    row: Mapping[str, Any]
    book: Book
    terms: Terms
    state: State
    chain: Chain
    now: int
    status: str
    outcome: str | None
    asked: Sequence[tuple[Any, ...]]
    extra: tuple[Any, ...]
    entries: list[tuple[Any, ...]] = field(default_factory=list)
    events: list[tuple[str, str, str]] = field(default_factory=list)
    refusals: list[tuple[Any, ...]] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    """What goes to whom of a lot whose pieces several buyers share, as decided now."""

    quiet: bool = False
    """Whether no page is told of what is written."""

    @property
    def lot_id(self) -> int:
        """Return the lot's id."""
        identifier: int = self.row["lot_id"]
        return identifier

    @property
    def asking(self) -> int:
        """Return the least amount the next bidder must offer."""
        return self.state.asking(self.terms)

    @property
    def over(self) -> bool:
        """Tell whether the lot's end has come; while its sale is paused, time stands still."""
        paused_at = self.row["paused_at"]
        return (self.now if paused_at is None else microseconds(paused_at)) >= self.closes_at

    @property
    def closes_at(self) -> int:
        """Return when the lot is decided: at its end, or once its clock is below its reserve."""
        ends_at = self.state.ends_at
        return ends_at if self.terms.clock is None else stops_at(self.terms, ends_at)

    @property
    def falls(self) -> bool:
        """Tell whether the lot has a clock that has begun to fall."""
        begun = self.terms.clock and self.now >= begins_at(self.terms, self.state.ends_at)
        return bool(begun)

    @property
    def moves_others(self) -> bool:
        """Tell whether other lots close later where this one does."""
        soft = self.terms.soft_close
        return soft is not None and soft.scope != "lot"

    @property
    def buy_now(self) -> int | None:
        """Return for how much the lot can be had at once now, in minor units, or None."""
        return buy_now_price(self.terms, self.state) if self.status == "open" else None

    def name_of(self, client: int | str | None) -> str | None:
        """Return a client's pseudonym on this lot."""
        return None if client is None else pseudonym(bytes(self.row["secret"]), int(client))

    def name_of_member(self, member_id: int) -> str:
        """Return the pseudonym on this lot of a member who acts for the house."""
        return member_pseudonym(bytes(self.row["secret"]), member_id)

    @property
    def hushed(self) -> bool:
        """Tell whether nobody may know how many have bid on the lot."""
        sealed = self.terms.sealed
        return sealed is not None and not sealed.count and self.status != "closed"

    def shown(self) -> dict[str, Any]:
        """Return the state as every entry and event shows it."""
        return {
            "price": self.state.price,
            "leader": self.name_of(self.state.leader),
            "asking": self.asking,
            "reserve_met": self.state.reserve_met,
            "bids": None if self.hushed else self.state.bids,
            "ends_at": iso(self.state.ends_at),
        }

    def enter(self, kind: str, public: Mapping[str, Any], private: Private | None = None) -> int:
        """Add a ledger entry and return its sequence."""
        kept = private or Private()
        entry: Entry = self.chain.add(kind, self.now, public)
        self.entries.append(
            (
                self.lot_id, self.chain.length, moment(self.chain.last_at), kind, entry.payload,
                entry.hash, kept.client_id, kept.placed_by, self.book.close(kept.maximum),
                kept.reason, None if kept.token is None else str(kept.token),
                self.book.close_salt(kept.salt), self.book.close(kept.pieces),
            )
        )  # fmt: skip
        return self.chain.length

    def move_end(self, ends_at: int) -> None:
        """Let the lot end later, its limit of extensions moving with it."""
        shift = ends_at - self.state.ends_at
        scheduled = self.state.scheduled_ends_at + shift
        self.state = replace(self.state, ends_at=ends_at, scheduled_ends_at=scheduled)

    def announce(self, channel: str, payload: Mapping[str, Any]) -> None:
        """Add a live event."""
        self.events.append(("live", channel, json.dumps(payload)))

    def enqueue(self, task: str, **arguments: Any) -> None:
        """Add a job."""
        self.events.append(("job", task, json.dumps(arguments)))

    def _next_version(self) -> int:
        """Return what orders the lot's events; where nobody may count its bids, the time does."""
        sealed = self.terms.sealed
        version: int = self.row["version"] + 1
        return version if sealed is None or sealed.count else self.now // 1000

    def _total(self) -> int | None:
        """Return what one buyer pays for all pieces, before premium."""
        price = self.state.price
        return None if price is None or self.terms.shared else self.terms.total(price)

    def announce_state(self, *, extended: bool = False) -> None:
        """Add the live event that moves the lot on every page."""
        payload = {
            "type": "lot",
            "lot": self.lot_id,
            "version": self._next_version(),
            "status": self.status,
            "outcome": self.outcome,
            "extended": extended,
            "total": self._total(),
            **self.shown(),
        }
        if self.terms.buy_now is not None:
            payload["buy_now"] = self.buy_now
        self.announce(f"sale:{self.row['sale_id']}", payload)


def hold(
    connection: Connection | Session,
    lot_id: int,
    *,
    before: str = "",
    columns: str = "",
    joins: str = "\nWHERE",
    order: str = "",
    parameters: Mapping[str, Any] | None = None,
) -> HotLot:
    """Lock a lot and read it with the clock; further columns are returned in extra.

    Before are statements that hold what must be held before the lot.
    Where the joins give several rows, those of each are in asked, and extra is the first's.
    """
    values = {"lot": lot_id, **(parameters or {})}
    locks = [one for one in (_HOLD_SALE, before, _HOLD) if one]
    found = _read(connection, [*locks, _select(columns, joins, order)], values)
    if not found:
        raise LotUnknown
    return _hot_lot(connection, found)


def hold_free(
    connection: Connection, lots: Sequence[int], *, columns: str, joins: str, order: str,
    parameters: Mapping[str, Any],
) -> list[HotLot]:  # fmt: skip
    """Lock and read those of some lots that nobody holds and that close each by itself.

    Nothing is waited for, so that whoever holds some lots never waits for another.
    """
    rows = _read(
        connection, [_select_free(columns, joins, order)], {"held": array(lots), **parameters}
    )
    place = _NAMES.index("lot_id")
    found: dict[int, list[tuple[Any, ...]]] = {}
    for row in rows:
        found.setdefault(row[place], []).append(row)
    return [_hot_lot(connection, one) for one in found.values()]


@cache
def _select(columns: str, joins: str, order: str) -> str:
    select = _READ.replace("\nFROM", f"{columns}\nFROM", 1).replace("\nWHERE", joins, 1)
    return select + order


@cache
def _select_free(columns: str, joins: str, order: str) -> str:
    select = _select(columns, joins, order).replace("FROM lot_state s", "FROM held s")
    return _HELD + select.replace("s.lot_id = %(lot)s", "true")


def _read(
    connection: Connection | Session, statements: Sequence[str], values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    found = run(_core(connection), statements, values, along=[MOVE])
    rows: list[tuple[Any, ...]] = found.fetchall()
    return rows


def _hot_lot(connection: Connection | Session, found: Sequence[tuple[Any, ...]]) -> HotLot:
    row = dict(zip(_NAMES, found[0], strict=False))
    asked = [one[len(_NAMES) :] for one in found]
    book = book_of(connection, row["lot_id"])
    state = State(
        opens_at=microseconds(row["starts_at"]),
        ends_at=microseconds(row["ends_at"]),
        scheduled_ends_at=microseconds(row["scheduled_ends_at"]),
        leader=row["leader"],
        price=row["price"],
        maximum=book.open(row["maximum"]),
        second=book.open(row["second"]),
        reserve_met=row["reserve_met"],
        bids=row["bids"],
    )
    last_at = microseconds(row["last_at"])
    return HotLot(
        row=row,
        book=book,
        terms=stored_terms(row["sale_terms"], row["lot_terms"], amounts_of(row)),
        state=state,
        chain=Chain(
            row["reference"], row["number"], row["chain_length"], bytes(row["chain_head"]), last_at
        ),
        now=max(microseconds(row["now"]), last_at),
        status=row["status"],
        outcome=row["outcome"],
        asked=asked,
        extra=asked[0],
    )


def write(connection: Connection | Session, *lots: HotLot, last: bool = False) -> None:
    """Write states, ledgers, refusals and outbox in one statement; raises LotMoved.

    A lot on which bids were refused and nothing else happened is not moved. Where it is the last
    statement of a folded transaction, the commit goes with it.
    """
    moved = [lot for lot in lots if lot.entries or not lot.refusals]
    for lot in moved:
        if not lot.quiet and not any(topic.startswith("sale:") for _, topic, _body in lot.events):
            lot.announce_state()
    values = moves(
        [_values(lot) for lot in moved],
        (entry for lot in moved for entry in lot.entries),
        (event for lot in moved for event in lot.events),
        (refusal for lot in lots for refusal in lot.refusals),
    )
    for lot in moved:
        if lot.awards:
            keep_awards(connection, lot.lot_id, lot.awards)
    try:
        if not last or isinstance(connection, Session):
            run(_core(connection), [MOVE], values)
            return
        with committing(connection) as ending:
            run(connection, [MOVE], values, ending=ending)
    except DivisionByZero as error:
        raise LotMoved([lot.lot_id for lot in lots]) from error


def _values(lot: HotLot) -> dict[str, Any]:
    state = lot.state
    return {
        "lot": lot.lot_id,
        "version": lot.row["version"],
        "status": lot.status,
        "outcome": lot.outcome,
        "starts_at": moment(state.opens_at),
        "ends_at": moment(state.ends_at),
        "scheduled_ends_at": moment(state.scheduled_ends_at),
        "leader": state.leader,
        "price": state.price,
        "maximum": lot.book.close(state.maximum),
        "second": lot.book.close(state.second),
        "asking": lot.asking,
        "reserve_met": state.reserve_met,
        "bids": state.bids,
        "chain_length": lot.chain.length,
        "chain_head": lot.chain.head,
        "last_at": moment(lot.chain.last_at),
    }


def salted(name: str, value: Any) -> tuple[bytes, str]:
    """Return an entry's fresh secret and the commitment to a named value under it."""
    secret = secrets.token_bytes(16)
    return secret, bound(secret, name, value)


def bound(secret: bytes, name: str, value: Any) -> str:
    """Return the commitment to one more value under an entry's secret."""
    return commitment(commitment_salt(secret, name), name, value)


def _core(connection: Connection | Session) -> Connection:
    return connection.connection() if isinstance(connection, Session) else connection


def cursor_of(connection: Connection | Session) -> Any:
    """Return a driver's cursor inside the caller's transaction."""
    return _core(connection).connection.cursor()
