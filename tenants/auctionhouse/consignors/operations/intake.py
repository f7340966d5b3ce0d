"""Receipts for what a consignor brings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.models import Intake, IntakeItem
from auctionhouse.consignors.operations.settings import vendor_settings
from auctionhouse.consignors.refusals import NothingReceived, ReceiptTwice, ReceivedLater
from auctionhouse.members.models import Client
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Received:
    """One thing that was brought; the reserve agreed in minor units of the receipt's currency."""

    description: str
    quantity: int = 1
    condition: str = ""
    reserve: int | None = None


def receive(
    session: Session,
    client_id: int,
    items: Sequence[Received],
    *,
    currency: str,
    received_on: date,
    place: str = "",
    note: str = "",
    token: str | None = None,
    actor: int | None,
) -> Intake:
    """Write a receipt with the next number; the same token makes a repeated entry one receipt.

    Raises NothingReceived, ReceivedLater and ReceiptTwice.
    """
    if not items:
        raise NothingReceived
    if received_on > house_day(session):
        raise ReceivedLater
    if session.get(Client, client_id) is None:
        raise NotFound(client=client_id)
    row = vendor_settings(session, lock=True)
    before = _same(session, token, client_id)
    if before is not None:
        return before
    made = Intake(
        number=row.next_receipt,
        client_id=client_id,
        currency=currency,
        received_on=received_on,
        place=place,
        note=note,
        token=token,
        actor_member_id=actor,
    )
    row.next_receipt += 1
    session.add(made)
    session.flush()
    _add_items(session, made, items)
    audit.record(session, "intake.receive", f"intake:{made.id}", actor=actor, number=made.number)
    return made


def _add_items(session: Session, made: Intake, items: Sequence[Received]) -> None:
    session.add_all(
        IntakeItem(
            intake_id=made.id,
            position=position,
            description=item.description,
            quantity=item.quantity,
            condition=item.condition,
            reserve=item.reserve,
        )
        for position, item in enumerate(items, start=1)
    )
    session.flush()


def _same(session: Session, token: str | None, client_id: int) -> Intake | None:
    if token is None:
        return None
    found = session.scalars(select(Intake).where(Intake.token == token)).one_or_none()
    if found is not None and found.client_id != client_id:
        raise ReceiptTwice
    return found
