"""The daily check that clients' money and what is owed agree."""

from auctionhouse.invoicing.postings import client_money, unbalanced
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.logs import logger
from auctionxchange.tenancy.house import House

_log = logger("ledger")


@TASKS.house_task("invoicing.check_ledger")
def check_ledger(services: WorkerServices, house: House, session: HouseSession) -> None:
    """Log an error for every entity whose clients' bank is not what it owes, and raise."""
    del services
    wrong = [found for found in client_money(session) if found.difference]
    broken = unbalanced(session)
    for found in wrong:
        _log.error(
            "client money differs", house=house.schema, entity=found.entity,
            currency=found.currency, difference=found.difference,
        )  # fmt: skip
    if wrong or broken:
        raise LedgerUnsound(f"{len(wrong)} entities, postings {broken[:20]}")


class LedgerUnsound(RuntimeError):
    """The ledger does not balance: a defect or tampering, never somebody's mistake."""
