"""How each consignor stands: what may be paid now, to whom, and what keeps the rest back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.consignors.accounts import in_sepa
from auctionhouse.consignors.models import Payee, PayeeInstruction
from auctionhouse.consignors.operations.payees import (
    account_of,
    current_instruction,
    payees_of,
)
from auctionhouse.consignors.operations.settings import vendor_settings
from auctionhouse.consignors.rules import Claim, divide
from auctionhouse.settlement.models import PayoutLine
from auctionhouse.settlement.queries.payable import Group
from auctionhouse.settlement.rules import Waits, account_waits
from auctionxchange.kernel.clock import database_now

METHODS = {"EUR": "sepa", "GBP": "bacs"}
"""Currency → the file its payments usually go in; all others are paid by hand."""


@dataclass(frozen=True, slots=True)
class Due:
    """A payment to a payee that would be made now, minor units."""

    payee: Payee
    amount: int


@dataclass(frozen=True, slots=True)
class Standing:
    """One consignor with one legal entity in one currency."""

    client_id: int
    ready: Sequence[Group]
    waiting: Sequence[Group]
    waits: Sequence[Waits]
    """Why nothing can be paid to this consignor at all, whatever the lots say."""

    dues: Sequence[Due]

    @property
    def payable(self) -> int:
        """Return what the ready parts come to; less than nothing where the vendor owes."""
        return sum(group.amount for group in self.ready)

    @property
    def held(self) -> int:
        """Return what the waiting parts come to."""
        return sum(group.amount for group in self.waiting)


def standing_of(
    session: Session, client_id: int, groups: Sequence[Group], currency: str, method: str
) -> Standing:
    """Say what may be paid to a consignor by a way of paying, and to whom."""
    ready = [group for group in groups if group.ready]
    waiting = [group for group in groups if not group.ready]
    payable = sum(group.amount for group in ready)
    instruction = current_instruction(session, client_id)
    payees = [] if instruction is None else payees_of(session, instruction.id)
    waits = _waits(session, client_id, payees, currency, method)
    dues = shares_of(session, payees, payable, currency) if payable > 0 else []
    return Standing(client_id, ready, waiting, waits, dues)


def shares_of(session: Session, payees: Sequence[Payee], payable: int, currency: str) -> list[Due]:
    """Divide an amount among payees; who would get nothing is left out."""
    claims = [claim_of(session, payee, currency) for payee in payees]
    if not claims:
        return []
    given = divide(payable, claims)
    return [Due(payee, amount) for payee, amount in zip(payees, given, strict=True) if amount]


def claim_of(session: Session, payee: Payee, currency: str) -> Claim:
    """Return what a payee is still to get; a fixed amount in another currency waits."""
    if payee.rule == "share":
        share = Fraction(payee.share_numerator or 0, payee.share_denominator or 1)
        return Claim("share", share)
    rule: Any = payee.rule
    left = left_of(session, payee) if payee.currency == currency else 0
    return Claim(rule, left=left)


def left_of(session: Session, payee: Payee) -> int:
    """Return what of a payee's fixed amount is in no payout yet, minor units."""
    used = select(func.coalesce(func.sum(PayoutLine.amount), 0)).where(
        PayoutLine.payee_id == payee.id,
        PayoutLine.state != "cancelled",
        PayoutLine.retries_id.is_(None),
    )
    return max((payee.amount or 0) - int(session.scalar(used) or 0), 0)


def _waits(
    session: Session, client_id: int, payees: Sequence[Payee], currency: str, method: str
) -> list[Waits]:
    found = []
    if not payees:
        found.append(Waits("no_payees"))
    pending = select(PayeeInstruction.id).where(
        PayeeInstruction.client_id == client_id, PayeeInstruction.state == "proposed"
    )
    if session.scalar(pending) is not None:
        found.append(Waits("payees_waiting"))
    until = _known(session, payees)
    if until is not None:
        found.append(Waits("new_details", until=until))
    if not all(fits(session, payee, currency, method) for payee in payees):
        found.append(Waits("other_way"))
    return found


def _known(session: Session, payees: Sequence[Payee]) -> date | None:
    days = vendor_settings(session).bank_days
    now: datetime = database_now(session)
    held = [
        account_waits(payee.known_since, days, now) for payee in payees if payee.kind is not None
    ]
    return max((day for day in held if day is not None), default=None)


def fits(session: Session, payee: Payee, currency: str, method: str) -> bool:
    """Tell whether a payee can be paid by a file of this kind."""
    if method == "hand" or payee.kind is None:
        return True
    if method == "bacs":
        return payee.kind == "uk" and currency == "GBP"
    account = account_of(session, payee)
    return account is not None and in_sepa(account) and currency == "EUR"
