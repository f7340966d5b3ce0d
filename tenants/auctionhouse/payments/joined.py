"""What others are told when a payment of their kind changes, inside the same transaction.

Invoicing registers itself for the kind "invoice"; payments know nothing of it.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from auctionhouse.payments.models import Payment

Listener = Callable[[Session, Payment, str], None]
"""Called with the payment as it now is and what happened: paid, refunded, disputed, closed."""

_LISTENERS: dict[str, list[Listener]] = {}


def told_of(kind: str) -> Callable[[Listener], Listener]:
    """Register who is told about payments of a kind."""

    def register(listener: Listener) -> Listener:
        _LISTENERS.setdefault(kind, []).append(listener)
        return listener

    return register


def tell(session: Session, payment: Payment, what: str) -> None:
    """Tell everybody whom payments of this kind concern, in the order they registered."""
    for listener in _LISTENERS.get(payment.kind, ()):
        session.flush()
        listener(session, payment, what)
