"""Has a house's next sale made when one is over, beside the bidders, who need not wait for it."""

import threading

from sqlalchemy.exc import SQLAlchemyError

from auctionhouse.demo.houses import HOUSES, DemoHouse
from auctionhouse.demo.seeding import open_next
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.directory import Directory

LOOK_SECONDS = 5.0
_log = logger("opener")


class Opener:
    """Looks at every house's programme again and again."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database
        self._directory = Directory(database, settings)

    def run(self, stopping: threading.Event) -> None:
        """Look until told to stop; what one house refuses stops no other."""
        while not stopping.wait(LOOK_SECONDS):
            for demo in HOUSES:
                try:
                    self._look(demo)
                except (SQLAlchemyError, DomainError) as error:
                    _log.warning("not ready", house=demo.new.slug, error=type(error).__name__)

    def _look(self, demo: DemoHouse) -> None:
        house = self._directory.by_slug(demo.new.slug)
        if house is not None and house.status == "active":
            for made in open_next(self._database, self._settings, house, demo):
                _log.info("opened", house=house.slug, sale=made)
