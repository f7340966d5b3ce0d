"""The receipt that goes with the answer to a bid that was refused."""

from auctionhouse.receipts.operations import keep_refusal
from auctionhouse.receipts.queries import refused_path
from auctionhouse.services import services
from auctionxchange.kernel.errors import DomainError
from auctionxchange.tenancy.current import current_house


def receipt_of_refusal(refusal: DomainError) -> str | None:
    """Return where a refused bid's receipt is; None where no lot was met."""
    return None if refusal.evidence is None else refused_path(refusal.evidence.reference)


def kept_receipt_of(refusal: DomainError) -> str | None:
    """Return the same of a refusal that was rolled back: it is kept now."""
    with services().database.house_connection(current_house()) as connection:
        keep_refusal(connection, refusal.evidence)
    return receipt_of_refusal(refusal)
