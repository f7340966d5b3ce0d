"""What others are told when a payment of their kind changes, inside the same transaction.

Invoicing registers itself for the kind "invoice"; payments know nothing of it.
"""

from collections.abc import Callable

from sqlalchemy.orm import Session

from auctionhouse.payments.models import Payment

Listener = Callable[[Session, Payment, str], None]
"""Called with the payment as it now is and what happened: a state of its latest attempt (paid,
held, action, declined, cancelled), refunded, disputed or closed."""

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


def has_owner(payment: Payment) -> bool:
    """Tell whether somebody is told of a payment, and sees to what follows."""
    return payment.kind in _LISTENERS
