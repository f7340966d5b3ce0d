"""Bids that meet at one lot in one process are decided together, in one transaction.

The first thread at a lot decides its bid at once. Those that come meanwhile wait in line; when the
lot is free the first of them decides for all that stand there, in the order they came, and hands
each its own answer. Processes meet at the lot's row.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Protocol

import psycopg2
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from auctionhouse.bidding.operations import BidResult, Submission, place_bids
from auctionxchange.kernel.database import Database, HasSchema

LARGEST_BATCH = 64
"""Bids decided in one transaction; whoever comes later waits for the next."""

Answer = BidResult | BaseException
Decide = Callable[[Sequence[Submission]], Sequence[Answer]]


class PlacesBids(Protocol):
    """What decides the submissions of a lot within a transaction: place_bids."""

    def __call__(
        self, connection: Connection, lot_id: int, submissions: Sequence[Submission], /
    ) -> Sequence[Answer]:
        """Return an answer for each submission, in their order."""
        ...


@dataclass(slots=True, eq=False)
class _Waiting:
    """A submission in line; its lock is free once there is an answer, or its turn to decide."""

    submission: Submission
    answer: Answer | None = None
    turn: Lock = field(default_factory=Lock)


class Gathering:
    """The lines of one process, one a lot that is being decided."""

    def __init__(self, database: Database, place: PlacesBids = place_bids) -> None:
        self._database = database
        self._place = place
        self._lines: dict[tuple[str, int], deque[_Waiting]] = {}
        self._lock = Lock()

    def place(self, house: HasSchema, lot_id: int, submission: Submission) -> BidResult:
        """Place a bid and commit it; raises what place_bid raises, and what the database does."""
        mine = _Waiting(submission)
        mine.turn.acquire()
        lot = (house.schema, lot_id)
        if not self._join(lot, mine):
            mine.turn.acquire()
        if mine.answer is None:
            self._lead(house, lot, mine)
        if isinstance(mine.answer, BidResult):
            return mine.answer
        assert mine.answer is not None
        raise mine.answer

    def waiting(self, house: HasSchema, lot_id: int) -> int:
        """Return how many stand in a lot's line."""
        with self._lock:
            return len(self._lines.get((house.schema, lot_id), ()))

    @property
    def lots(self) -> int:
        """Return at how many lots somebody is deciding."""
        return len(self._lines)

    def _join(self, lot: tuple[str, int], mine: _Waiting) -> bool:
        """Stand in the lot's line; tells whether nobody was deciding there."""
        with self._lock:
            line = self._lines.get(lot)
            if line is None:
                self._lines[lot] = deque()
                return True
            line.append(mine)
            return False

    def _lead(self, house: HasSchema, lot: tuple[str, int], mine: _Waiting) -> None:
        """Decide for oneself and for all who stand in line, then let the next one lead."""
        batch = [mine, *self._take(lot)]
        try:
            answers = self._decide(house, lot[1], [one.submission for one in batch])
        except BaseException as error:  # noqa: BLE001 - each waiting thread raises it as its own
            answers = [error] * len(batch)
        for one, answer in zip(batch, answers, strict=True):
            one.answer = answer
        self._pass_on(lot)
        for one in batch[1:]:
            one.turn.release()

    def _take(self, lot: tuple[str, int]) -> list[_Waiting]:
        with self._lock:
            line = self._lines[lot]
            return [line.popleft() for _ in range(min(len(line), LARGEST_BATCH - 1))]

    def _pass_on(self, lot: tuple[str, int]) -> None:
        """Wake the next in line to lead, or close the line."""
        with self._lock:
            line = self._lines[lot]
            if line:
                line.popleft().turn.release()
            else:
                del self._lines[lot]

    def _decide(
        self, house: HasSchema, lot_id: int, submissions: list[Submission]
    ) -> Sequence[Answer]:
        """Decide a batch in one transaction; if one bid spoils it, each in its own."""
        try:
            with self._database.house_connection(house) as connection:
                return self._place(connection, lot_id, submissions)
        except Exception as error:
            if len(submissions) == 1 or _is_outage(error):
                raise
        return [self._alone(house, lot_id, submission) for submission in submissions]

    def _alone(self, house: HasSchema, lot_id: int, submission: Submission) -> Answer:
        try:
            with self._database.house_connection(house) as connection:
                return self._place(connection, lot_id, [submission])[0]
        except Exception as error:  # noqa: BLE001 - it is this bid's answer
            return error


def _is_outage(error: Exception) -> bool:
    """Tell whether the database is out of reach, so that none of these bids can be decided."""
    if not isinstance(error, DBAPIError | psycopg2.Error | PoolTimeout):
        return False
    code = getattr(getattr(error, "orig", error), "pgcode", None)
    return code is None or code.startswith(("57", "08", "53"))
