"""What a house's views work with, made once at the start and handed to the app."""

from dataclasses import dataclass

from flask import current_app

from auctionhouse.bidding.gathering import Gathering
from auctionxchange.kernel.clock import Clock
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.limits import RateLimits
from auctionxchange.kernel.storage import Storage
from auctionxchange.tenancy.directory import Directory


@dataclass(frozen=True, slots=True)
class HouseServices:
    """The parts every house's views share; none of them knows a house by itself."""

    settings: Settings
    database: Database
    directory: Directory
    limits: RateLimits
    clock: Clock
    storage: Storage
    bids: Gathering


def services() -> HouseServices:
    """Return the services of the running app."""
    found: HouseServices = current_app.extensions["auctionhouse"]
    return found
