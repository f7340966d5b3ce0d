"""Bids that meet in one process are decided together, in one transaction.

The first bid at a house is decided at once, by a thread of the gathering's own. Those that come
meanwhile stand in the house's line; when the first is decided all who stand there are next, lot by
lot in the order they came, and each is handed its own answer. A lot that cannot be had at once,
since another process holds it, gets a line of its own to wait in, so that the other lots need not.
Whatever spoils a transaction, each bid is decided alone in the end.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, Protocol

import psycopg2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auctionhouse.bidding.batch import Answer as Decided
from auctionhouse.bidding.batch import BidResult
from auctionhouse.bidding.operations import place_bids, place_where_free
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.database import Database, HasSchema
from auctionxchange.kernel.errors import Unavailable

LARGEST_BATCH = 64
"""Bids decided in one transaction; whoever comes later waits for the next."""

MOST_LINES = 16
"""Lines decided at the same time; each holds a connection while it does."""

PlaceFree = Callable[
    [Connection, Mapping[int, Sequence[Submission]]], Mapping[int, Sequence[Decided]]
]
PlaceOne = Callable[[Connection, int, Sequence[Submission]], Sequence[Decided]]
Answer = BidResult | BaseException
Line = tuple[str, int | None]
"""A house's line by its schema, or one of its lots'."""


class Desk(Protocol):
    """Where bids were handed in and their answers are called for."""

    def answered(self, told: Sequence[tuple[Any, Answer]]) -> None:
        """Take answers decided together, each with what was handed in beside its bid."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A submission in line, and where its answer goes."""

    lot: int
    submission: Submission
    desk: Desk
    ticket: Any


class _Caller:
    """A thread that waits for one answer."""

    def __init__(self) -> None:
        self._answer: Answer | None = None
        self._told = Lock()
        self._told.acquire()

    def answered(self, told: Sequence[tuple[Any, Answer]]) -> None:
        """Take the answer and let the thread go on."""
        ((_ticket, self._answer),) = told
        self._told.release()

    def result(self) -> BidResult:
        """Wait for the answer; raises the refusal, and Unavailable."""
        self._told.acquire()
        assert self._answer is not None
        if isinstance(self._answer, BidResult):
            return self._answer
        raise self._answer


class Gathering:
    """The lines of one process."""

    def __init__(
        self,
        database: Database,
        *,
        free: PlaceFree = place_where_free,
        one: PlaceOne = place_bids,
    ) -> None:
        self._database = database
        self._free = free
        self._one = one
        self._lines: dict[Line, deque[_Waiting]] = {}
        self._lock = Lock()
        self._leaders = ThreadPoolExecutor(MOST_LINES, "bids")

    def place(self, house: HasSchema, lot_id: int, submission: Submission) -> BidResult:
        """Place a bid and commit it; raises what place_bid raises, and Unavailable."""
        caller = _Caller()
        self.hand_in(house, lot_id, submission, caller)
        return caller.result()

    def hand_in(
        self,
        house: HasSchema,
        lot_id: int,
        submission: Submission,
        desk: Desk,
        ticket: Any = None,
    ) -> None:
        """Let a bid stand in line; its desk is told with the ticket once it was committed.

        Instead of a result an answer may be the refusal, Unavailable, or whatever went wrong.
        """
        mine = _Waiting(lot_id, submission, desk, ticket)
        with self._lock:
            own = (house.schema, lot_id)
            line = own if own in self._lines else (house.schema, None)
            waiting = self._lines.get(line)
            if waiting is not None:
                waiting.append(mine)
                return
            self._lines[line] = deque([mine])
        self._leaders.submit(self._lead, house, line)

    def waiting(self, house: HasSchema) -> int:
        """Return how many stand in the lines of a house."""
        with self._lock:
            return sum(len(many) for line, many in self._lines.items() if line[0] == house.schema)

    @property
    def lines(self) -> int:
        """Return in how many lines somebody is deciding."""
        return len(self._lines)

    def _lead(self, house: HasSchema, line: Line) -> None:
        """Decide for all in a line until nobody stands there."""
        while batch := self._take(line):
            if line[1] is None:
                self._decide_house(house, line, batch)
            else:
                self._decide_lot(house, batch)

    def _take(self, line: Line) -> list[_Waiting]:
        """Take who is next in a line; with nobody left, close it."""
        with self._lock:
            waiting = self._lines[line]
            if not waiting:
                del self._lines[line]
            return [waiting.popleft() for _ in range(min(len(waiting), LARGEST_BATCH))]

    def _decide_house(self, house: HasSchema, line: Line, batch: list[_Waiting]) -> None:
        """Decide for all in the house's line; a lot that could not be had gets its own."""
        asked: dict[int, list[_Waiting]] = {}
        for one in batch:
            asked.setdefault(one.lot, []).append(one)
        answers: Mapping[int, Sequence[Answer]]
        try:
            answers = self._decide_free(house, asked)
        except BaseException as error:  # noqa: BLE001 - it is the answer of each
            answers = {lot: [error] * len(many) for lot, many in asked.items()}
        decided = [one for lot in answers for one in asked[lot]]
        for lot, many in asked.items():
            if lot not in answers:
                self._give_line(house, line, many)
        _hand_out(decided, [answer for many in answers.values() for answer in many])

    def _give_line(self, house: HasSchema, line: Line, many: list[_Waiting]) -> None:
        """Give a lot a line of its own, with all who stand for it in the house's."""
        lot = many[0].lot
        own = (line[0], lot)
        with self._lock:
            waiting = self._lines[line]
            self._lines[line] = deque(one for one in waiting if one.lot != lot)
            self._lines[own] = deque([*many, *(one for one in waiting if one.lot == lot)])
        self._leaders.submit(self._lead, house, own)

    def _decide_lot(self, house: HasSchema, batch: list[_Waiting]) -> None:
        """Wait for a lot and decide for all in its line."""
        answers: Sequence[Answer]
        try:
            answers = self._decide_one(house, batch)
        except BaseException as error:  # noqa: BLE001 - it is the answer of each
            answers = [error] * len(batch)
        _hand_out(batch, answers)

    def _decide_free(
        self, house: HasSchema, asked: Mapping[int, list[_Waiting]]
    ) -> Mapping[int, Sequence[Answer]]:
        submissions = {lot: [one.submission for one in many] for lot, many in asked.items()}
        try:
            with self._database.folded_connection(house) as connection:
                return self._free(connection, submissions)
        except Exception as error:
            if _is_outage(error):
                raise
            return {}

    def _decide_one(self, house: HasSchema, batch: list[_Waiting]) -> Sequence[Answer]:
        """Decide for a lot in one transaction; if one bid spoils it, each in its own."""
        try:
            return self._placed(house, batch)
        except Exception as error:
            if len(batch) == 1 or _is_outage(error):
                raise
        return [self._alone(house, one) for one in batch]

    def _alone(self, house: HasSchema, one: _Waiting) -> Answer:
        try:
            return self._placed(house, [one])[0]
        except Exception as error:  # noqa: BLE001 - it is this bid's answer
            return error

    def _placed(self, house: HasSchema, batch: list[_Waiting]) -> Sequence[Decided]:
        with self._database.folded_connection(house) as connection:
            return self._one(connection, batch[0].lot, [one.submission for one in batch])


def _hand_out(many: Sequence[_Waiting], answers: Sequence[Answer]) -> None:
    """Tell each desk what was decided of the bids that were handed in there."""
    desks: dict[int, tuple[Desk, list[tuple[Any, Answer]]]] = {}
    for one, answer in zip(many, answers, strict=True):
        said = answer if isinstance(answer, BidResult) else _told(answer)
        desks.setdefault(id(one.desk), (one.desk, []))[1].append((one.ticket, said))
    for desk, told in desks.values():
        desk.answered(told)


def _told(error: BaseException) -> BaseException:
    """Return what is said of an error: where the database is out of reach, Unavailable."""
    if not _is_outage(error):
        return error
    told = Unavailable()
    told.__cause__ = error
    return told


def _is_outage(error: BaseException) -> bool:
    """Tell whether the database is out of reach, so that none of these bids can be decided."""
    if not isinstance(error, DBAPIError | psycopg2.Error | PoolTimeout):
        return False
    code = getattr(getattr(error, "orig", error), "pgcode", None)
    return code is None or code.startswith(("57", "08", "53"))
