"""The worker's watch on lots and offers whose end has come, in every active house; on outages.

A house is asked when its next lot ends, soon after anything happened in it (the outbox tells),
and every few seconds in case something was overlooked; a quiet house costs next to nothing.
Whatever is asked twice, or by two workers, closes once.
"""

import time
from threading import Event

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from auctionhouse.bidding.closing import close_due, seconds_to_next_end
from auctionhouse.bidding.outages import account_outages
from auctionhouse.offers.deadlines import end_due, seconds_to_next_deadline
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.heartbeats import WEB, latest_outage
from auctionxchange.tenancy.house import House

TICK_SECONDS = 0.2
PAUSE_SECONDS = 1.0
ASK_AGAIN_SECONDS = 10.0
RETRY_SECONDS = 5.0
_log = logger("closer")

_NOW = text(
    "SELECT coalesce(max(transaction::text::bigint), 0) FROM exchange.outbox WHERE kind = 'live'"
    " AND transaction < pg_snapshot_xmin(pg_current_snapshot())"
)
_HEARD = text(
    "SELECT house, max(transaction::text::bigint) AS transaction FROM exchange.outbox"
    " WHERE kind = 'live' AND transaction > CAST(:after AS xid8)"
    " AND transaction < pg_snapshot_xmin(pg_current_snapshot()) GROUP BY house"
)


class Closer:
    """Closes due lots until it is told to stop."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory
        self._houses: dict[str, House] = {}
        self._next: dict[str, float] = {}
        self._listed = float("-inf")
        self._heard: int | None = None
        self._outage = 0

    def run(self, stopping: Event) -> None:
        """Watch; a database that is away is waited for."""
        while not stopping.wait(TICK_SECONDS):
            try:
                self.look(time.monotonic())
            except SQLAlchemyError as error:
                _log.warning("database unavailable", error=type(error).__name__)
                stopping.wait(PAUSE_SECONDS)
            except Exception:  # noqa: BLE001 - nobody else would close the lots
                _log.exception("closer failed")
                stopping.wait(PAUSE_SECONDS)

    def look(self, now: float) -> int:
        """Close what is due at every house whose turn it is; returns how many lots closed."""
        self._listen(now)
        if now - self._listed > ASK_AGAIN_SECONDS:
            active = [house for house in self._directory.all() if house.status == "active"]
            self._houses = {house.schema: house for house in active}
            self._next = {name: at for name, at in self._next.items() if name in self._houses}
            self._listed = now
        self._account()
        turns = [house for name, house in self._houses.items() if self._next.get(name, now) <= now]
        return sum(self._ask(house, now) for house in turns)

    def _account(self) -> None:
        """Give back the time of a new outage at every house, due lots or not."""
        with self._database.platform_connection() as connection:
            latest = latest_outage(connection, WEB)
        if latest == self._outage:
            return
        for house in self._houses.values():
            try:
                account_outages(self._database, house)
            except OperationalError:
                raise
            except DBAPIError:
                _log.exception("outages not accounted", house=house.slug)
        self._outage = latest

    def _listen(self, now: float) -> None:
        """Bring forward the turn of houses in which something happened."""
        with self._database.platform_connection() as connection:
            if self._heard is None:
                self._heard = connection.execute(_NOW).scalar_one()
                return
            heard = connection.execute(_HEARD, {"after": str(self._heard)}).all()
        for schema, transaction in heard:
            self._heard = max(self._heard, transaction)
            if schema in self._houses:
                self._next[schema] = min(self._next.get(schema, now), now + PAUSE_SECONDS)
            else:
                # A house not listed yet, or the platform that changed one.
                self._listed = float("-inf")

    def _ask(self, house: House, now: float) -> int:
        self._next[house.schema] = now + RETRY_SECONDS
        try:
            closed, left = self._close(house)
        except OperationalError:
            raise
        except DBAPIError:
            _log.exception("house not asked", house=house.slug)
            return 0
        if closed:
            _log.info("lots closed", house=house.slug, lots=closed)
        wait = ASK_AGAIN_SECONDS if left is None else min(left, ASK_AGAIN_SECONDS)
        # What should have closed and did not is tried again, but not in a frenzy.
        self._next[house.schema] = now + max(wait, 0.0 if closed else PAUSE_SECONDS / 2)
        return closed

    def _close(self, house: House) -> tuple[int, float | None]:
        """Return how many lots and offers ended and the seconds to the next of both."""
        left = self._seconds(house)
        if left is not None and left > 0:
            return 0, left
        ended = close_due(self._database, house) + end_due(self._database, house)
        return ended, self._seconds(house) if ended else left

    def _seconds(self, house: House) -> float | None:
        with self._database.house_connection(house) as connection:
            ends = seconds_to_next_end(connection), seconds_to_next_deadline(connection)
        return min((end for end in ends if end is not None), default=None)
