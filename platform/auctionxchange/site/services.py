"""What the platform's views work with, made once at the start and handed to the app."""

from dataclasses import dataclass

from flask import current_app

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.directory import Directory


@dataclass(frozen=True, slots=True)
class PlatformServices:
    """The parts the apex site and the console share."""

    settings: Settings
    database: Database
    directory: Directory


def platform_services() -> PlatformServices:
    """Return the services of the running app."""
    found: PlatformServices = current_app.extensions["auctionxchange"]
    return found
