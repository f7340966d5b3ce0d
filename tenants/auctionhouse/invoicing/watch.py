"""The worker's daily look at every house's ledger."""

from threading import Event

from sqlalchemy.exc import SQLAlchemyError

from auctionhouse.invoicing.postings import client_money, overdrawn, unbalanced
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House

DAY_SECONDS = 24 * 3600.0
_log = logger("ledger")


def watch_ledgers(database: Database, directory: Directory, stopping: Event) -> None:
    """Check all houses' ledgers at once and then daily until told to stop."""
    while True:
        try:
            check_all(database, directory)
        except SQLAlchemyError as error:
            _log.warning("database unavailable", part="ledger", error=type(error).__name__)
        if stopping.wait(DAY_SECONDS):
            return


def check_all(database: Database, directory: Directory) -> list[str]:
    """Log an error for each house whose ledger is unsound; returns their schemas."""
    active = [house for house in directory.all() if house.status == "active"]
    return [house.schema for house in active if not sound(database, house)]


def sound(database: Database, house: House) -> bool:
    """Tell whether clients' banks hold what is owed, to each of them, and postings balance."""
    with database.house_session(house) as session:
        wrong = [found for found in client_money(session) if found.difference]
        broken, lent = unbalanced(session), overdrawn(session)
    for found in wrong:
        _log.error(
            "client money differs",
            house=house.schema,
            entity=found.entity,
            currency=found.currency,
            difference=found.difference,
        )
    if broken:
        _log.error("postings unbalanced", house=house.schema, postings=broken[:20])
    if lent:
        _log.error("clients overdrawn", house=house.schema, balances=lent[:20])
    return not wrong and not broken and not lent
