"""The receipt that goes with the answer to a bid, accepted or refused."""

from auctionhouse.receipts.operations import keep_refusal
from auctionhouse.receipts.queries import refused_path
from auctionhouse.services import services
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.current import current_house


def receipt_of_refusal(refusal: DomainError) -> str | None:
    """Write a refused bid's receipt and return where it is; None where no lot was met."""
    if refusal.evidence is None:
        return None
    house = current_house()
    with services().database.folded_connection(house) as connection:
        number = keep_refusal(connection, refusal.evidence, house=house.host(services().settings))
    return refused_path(number)
