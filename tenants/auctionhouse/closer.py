"""The worker's watch on lots whose end has come, in every active house.

Each house is asked again when its next lot ends, and every few seconds for what was published
since. Whatever is asked twice closes once.
"""

import time
from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from auctionhouse.bidding.closing import close_due, next_end
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

TICK_SECONDS = 0.2
ASK_AGAIN_SECONDS = 3.0
_log = logger("closer")


class Closer:
    """Closes due lots until it is told to stop."""

    def __init__(self, database: Database, directory: Directory) -> None:
        self._database = database
        self._directory = directory
        self._next: dict[str, float] = {}
        self._houses: list[House] = []
        self._listed = 0.0

    def run(self, stopping: Event) -> None:
        """Watch; a database that is away is waited for."""
        while not stopping.wait(TICK_SECONDS):
            try:
                self.look(time.time())
            except SQLAlchemyError as error:
                _log.warning("database unavailable", error=type(error).__name__)
                stopping.wait(1.0)

    def look(self, now: float) -> int:
        """Close what is due at every house whose turn it is; returns how many lots closed."""
        if now - self._listed > ASK_AGAIN_SECONDS:
            self._houses = [house for house in self._directory.all() if house.status == "active"]
            self._listed = now
        due = [house for house in self._houses if self._next.get(house.schema, 0.0) <= now]
        return sum(self._close(house, now) for house in due)

    def _close(self, house: House, now: float) -> int:
        closed = close_due(self._database, house)
        with self._database.house_connection(house) as connection:
            end = next_end(connection)
        soon = now + ASK_AGAIN_SECONDS
        self._next[house.schema] = soon if end is None else min(soon, end.timestamp())
        if closed:
            _log.info("lots closed", house=house.slug, lots=closed)
        return closed
