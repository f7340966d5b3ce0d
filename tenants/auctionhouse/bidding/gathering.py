"""Bids that meet in one process are decided together, in one transaction.

The first thread at a house decides its bid at once. Those that come meanwhile stand in the house's
line; when the first is done the next in line decides for all who stand there, lot by lot in the
order they came, and hands each its own answer. A lot that cannot be had at once, since another
process holds it, gets a line of its own in which to wait, so that the other lots need not. Whatever
spoils a transaction, each bid is decided alone in the end.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock

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

PlaceFree = Callable[
    [Connection, Mapping[int, Sequence[Submission]]], Mapping[int, Sequence[Decided]]
]
PlaceOne = Callable[[Connection, int, Sequence[Submission]], Sequence[Decided]]
Answer = BidResult | BaseException
Line = tuple[str, int | None]
"""A house's line by its schema, or one of its lots'."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """A submission in line; its lock is free once there is an answer, or its turn to decide."""

    lot: int
    submission: Submission
    line: Line
    answer: Answer | None = None
    turn: Lock = field(default_factory=Lock)


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

    def place(self, house: HasSchema, lot_id: int, submission: Submission) -> BidResult:
        """Place a bid and commit it; raises what place_bid raises, and Unavailable."""
        mine = _Waiting(lot_id, submission, (house.schema, None))
        mine.turn.acquire()
        if not self._join(mine):
            mine.turn.acquire()
        if mine.answer is None and mine.line[1] is None:
            self._lead_house(house, mine)
        if mine.answer is None:
            self._lead_lot(house, mine)
        assert mine.answer is not None
        if isinstance(mine.answer, BidResult):
            return mine.answer
        if _is_outage(mine.answer):
            raise Unavailable from mine.answer
        raise mine.answer

    def waiting(self, house: HasSchema) -> int:
        """Return how many stand in the lines of a house."""
        with self._lock:
            return sum(len(many) for line, many in self._lines.items() if line[0] == house.schema)

    @property
    def lines(self) -> int:
        """Return in how many lines somebody is deciding."""
        return len(self._lines)

    def _join(self, mine: _Waiting) -> bool:
        """Stand in the lot's line if it has one, else in the house's; tell whether it is free."""
        with self._lock:
            own = (mine.line[0], mine.lot)
            if own in self._lines:
                mine.line = own
            line = self._lines.get(mine.line)
            if line is None:
                self._lines[mine.line] = deque()
                return True
            line.append(mine)
            return False

    def _lead_house(self, house: HasSchema, mine: _Waiting) -> None:
        """Decide for all in the house's line; a lot that could not be had gets its own."""
        line, batch = mine.line, self._take(mine)
        asked: dict[int, list[_Waiting]] = {}
        for one in batch:
            asked.setdefault(one.lot, []).append(one)
        try:
            answers = self._decide_free(house, asked)
        except BaseException as error:  # noqa: BLE001 - each waiting thread raises it as its own
            answers = {lot: [error] * len(many) for lot, many in asked.items()}
        for lot, many in asked.items():
            if lot in answers:
                _hand_out(many, answers[lot])
            else:
                self._give_line(line, many)
        self._pass_on(line)
        for one in batch[1:]:
            if one.answer is not None:
                one.turn.release()
        for lot, (first, *_others) in asked.items():
            if lot not in answers and first is not mine:
                first.turn.release()

    def _give_line(self, house: Line, many: list[_Waiting]) -> None:
        """Give a lot a line of its own, with all who stand for it in the house's."""
        first, *others = many
        with self._lock:
            line = self._lines[house]
            others += [one for one in line if one.lot == first.lot]
            self._lines[house] = deque(one for one in line if one.lot != first.lot)
            own = (house[0], first.lot)
            for one in (first, *others):
                one.line = own
            self._lines[own] = deque(others)

    def _lead_lot(self, house: HasSchema, mine: _Waiting) -> None:
        """Wait for the lot and decide for all in its line."""
        batch = self._take(mine)
        try:
            answers = self._decide_one(house, batch)
        except BaseException as error:  # noqa: BLE001 - each waiting thread raises it as its own
            answers = [error] * len(batch)
        _hand_out(batch, answers)
        self._pass_on(mine.line)
        for one in batch[1:]:
            one.turn.release()

    def _take(self, mine: _Waiting) -> list[_Waiting]:
        with self._lock:
            line = self._lines[mine.line]
            others = [line.popleft() for _ in range(min(len(line), LARGEST_BATCH - 1))]
        return [mine, *others]

    def _pass_on(self, name: Line) -> None:
        """Wake the next in line to lead, or close the line."""
        with self._lock:
            line = self._lines[name]
            if line:
                line.popleft().turn.release()
            else:
                del self._lines[name]

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
    for one, answer in zip(many, answers, strict=True):
        one.answer = answer


def _is_outage(error: BaseException) -> bool:
    """Tell whether the database is out of reach, so that none of these bids can be decided."""
    if not isinstance(error, DBAPIError | psycopg2.Error | PoolTimeout):
        return False
    code = getattr(getattr(error, "orig", error), "pgcode", None)
    return code is None or code.startswith(("57", "08", "53"))
