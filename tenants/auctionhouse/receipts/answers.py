"""The receipt that goes with the answer to a bid that was refused."""

from auctionhouse.receipts.queries import refused_path
from auctionxchange.kernel.errors import DomainError


def receipt_of_refusal(refusal: DomainError) -> str | None:
    """Return where a refused bid's receipt is; None where no lot was met."""
    return None if refusal.evidence is None else refused_path(refusal.evidence.reference)
