"""Registering clients for a sale and deciding on them; paddles are given under the sale's lock."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Sale
from auctionhouse.deposits.models import SaleDeposit
from auctionhouse.members.models import Client
from auctionhouse.registrations import rules
from auctionhouse.registrations.models import Registration
from auctionhouse.registrations.queries import registration_of_client, takes_registrations
from auctionhouse.registrations.refusals import (
    ConditionsNotAccepted,
    DecisionImpossible,
    ReasonMissing,
    RegistrationClosed,
    RegistrationRefused,
)
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import announce


def register(
    session: Session,
    sale: Sale,
    client: Client,
    conditions_id: int | None,
    *,
    actor: int | None = None,
    by_staff: bool = False,
) -> Registration:
    """Register a client who accepted a version of the conditions; doing it again changes nothing.

    Approved at once, with a paddle, where the sale approves automatically or staff registers.
    Where the sale asks for a deposit, a bidder's own registration is limited until it is left.
    Raises RegistrationClosed, ConditionsNotAccepted and RegistrationRefused.
    """
    locked = lock_sale(session, sale.id)
    now = database_now(session)
    if not takes_registrations(session, locked):
        raise RegistrationClosed
    if conditions_id is None or conditions_id != locked.conditions_id:
        raise ConditionsNotAccepted
    found = registration_of_client(session, sale.id, client.id)
    if found is not None:
        if found.state in {"declined", "suspended"}:
            raise RegistrationRefused
        return found
    registration = Registration(
        sale_id=sale.id, client_id=client.id, conditions_id=conditions_id, accepted_at=now
    )
    asked = session.get(SaleDeposit, sale.id)
    if asked is not None and not by_staff:
        registration.bid_limit = asked.above
    session.add(registration)
    if by_staff or locked.registration_mode == "automatic":
        registration.state = "approved"
        registration.decided_at = now
        registration.decided_by = actor if by_staff else None
        registration.paddle = _next_paddle(locked)
    session.flush()
    _record(session, registration, "register", actor, conditions=conditions_id)
    return registration


def approve(session: Session, registration_id: int, *, actor: int) -> Registration:
    """Let a client bid, with the next paddle of the sale or the one given before."""
    return _decide(session, registration_id, "approve", "", actor)


def decline(session: Session, registration_id: int, reason: str, *, actor: int) -> Registration:
    """Refuse a client for this sale; raises ReasonMissing."""
    return _decide(session, registration_id, "decline", reason, actor)


def suspend(session: Session, registration_id: int, reason: str, *, actor: int) -> Registration:
    """Stop an approved client from bidding any further; raises ReasonMissing."""
    return _decide(session, registration_id, "suspend", reason, actor)


def limit(
    session: Session, registration_id: int, bid_limit: int | None, *, actor: int
) -> Registration:
    """Set how far a client may bid on one lot, in minor units, or lift the limit with None."""
    registration = _locked(session, registration_id)
    registration.bid_limit = bid_limit
    _record(session, registration, "limit", actor, bid_limit=bid_limit)
    return registration


def _decide(
    session: Session, registration_id: int, decision: str, reason: str, actor: int
) -> Registration:
    registration = _locked(session, registration_id)
    state = rules.decided(registration.state, decision)
    if state is None:
        raise DecisionImpossible(state=registration.state)
    if decision in rules.NEEDS_REASON and not reason.strip():
        raise ReasonMissing
    if decision == "approve" and registration.paddle is None:
        registration.paddle = _next_paddle(lock_sale(session, registration.sale_id))
    registration.state = state
    registration.reason = reason.strip() or None
    registration.decided_at = database_now(session)
    registration.decided_by = actor
    session.flush()
    _record(session, registration, decision, actor, reason=registration.reason)
    return registration


def _locked(session: Session, registration_id: int) -> Registration:
    """Hold the sale's row, then the registration's: the order registering takes them in."""
    sale_id = session.scalar(select(Registration.sale_id).where(Registration.id == registration_id))
    if sale_id is None:
        raise NotFound
    lock_sale(session, sale_id)
    return session.get_one(
        Registration, registration_id, with_for_update=True, populate_existing=True
    )


def _next_paddle(sale: Sale) -> int:
    paddle = sale.next_paddle
    sale.next_paddle = paddle + 1
    return paddle


def _record(
    session: Session, registration: Registration, act: str, actor: int | None, **detail: Any
) -> None:
    subject = f"registration:{registration.id}"
    audit.record(
        session, f"registration.{act}", subject, actor=actor, paddle=registration.paddle, **detail
    )
    member_id = session.scalar(select(Client.member_id).where(Client.id == registration.client_id))
    if member_id is not None:
        event = {"type": "registration", "sale": registration.sale_id, "state": registration.state}
        announce(session, f"member:{member_id}", event)
