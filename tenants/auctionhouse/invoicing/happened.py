"""What others are told when an invoice moves on, inside the same transaction.

Collecting and handing over register themselves; invoicing knows nothing of them.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from auctionhouse.invoicing.models import Invoice

Listener = Callable[[Session, Invoice], None]

RELEASED, PAID, CREDITED = "released", "paid", "credited"
_LISTENERS: dict[str, list[Listener]] = {RELEASED: [], PAID: [], CREDITED: []}


class NobodyListens(RuntimeError):
    """Code runs without those who have to hear of it: a defect of whoever started it."""


def when(what: str) -> Callable[[Listener], Listener]:
    """Register who is told when an invoice is released, or nothing is due on it any more.

    CREDITED tells of a credit note, for the whole of an invoice or for a part.
    """

    def register(listener: Listener) -> Listener:
        _LISTENERS[what].append(listener)
        return listener

    return register


def tell(session: Session, invoice: Invoice, what: str) -> None:
    """Tell whoever waits for this; raises NobodyListens."""
    if not _LISTENERS[what]:
        raise NobodyListens("import auctionhouse.listeners")
    for listener in _LISTENERS[what]:
        listener(session, invoice)
