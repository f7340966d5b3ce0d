"""Whom a consignor's money goes to: proposed by one person, approved by another.

Every change is told to the consignor's present and former address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.accounts import BankAccount
from auctionhouse.consignors.models import Payee, PayeeInstruction
from auctionhouse.consignors.refusals import (
    InstructionDecided,
    InstructionWaits,
    PayeesInvalid,
    SecondPersonNeeded,
)
from auctionhouse.consignors.rules import MOST_PAYEES, Claim, Rule, check_claims
from auctionhouse.consignors.sealed import close_account, open_account, payee_place
from auctionhouse.members.models import Client, Member
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _

CHANGED_MAIL = "consignors.payees_changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPayee:
    """A payee as staff typed them; amount in minor units of currency, for a fixed amount.

    The house itself, which keeps an advance back, has no account.
    """

    rule: Rule
    name: str
    reference: str = ""
    share: Fraction = Fraction()
    amount: int | None = None
    currency: str | None = None
    account: BankAccount | None = None


def propose_payees(
    session: Session,
    client_id: int,
    payees: Sequence[NewPayee],
    *,
    reason: str = "",
    actor: int | None,
) -> PayeeInstruction:
    """Write a new version of a client's payees, which waits for a second person.

    Raises PayeesInvalid where they do not take exactly the whole, and InstructionWaits.
    """
    check_payees(payees)
    client = session.get(Client, client_id, with_for_update={"key_share": True})
    if client is None:
        raise NotFound(client=client_id)
    versions = select(PayeeInstruction).where(PayeeInstruction.client_id == client_id)
    if session.scalars(versions.where(PayeeInstruction.state == "proposed")).first() is not None:
        raise InstructionWaits
    newest = session.scalar(
        select(func.max(PayeeInstruction.version)).where(PayeeInstruction.client_id == client_id)
    )
    made = PayeeInstruction(
        client_id=client_id,
        version=(newest or 0) + 1,
        reason=reason,
        contact=address_of(session, client),
        proposed_by=actor,
    )
    session.add(made)
    session.flush()
    for position, payee in enumerate(payees, start=1):
        session.add(_row(session, made, position, payee))
    session.flush()
    masked = [payee.account.masked for payee in payees if payee.account is not None]
    audit.record(
        session, "payees.propose", f"client:{client_id}", actor=actor, version=made.version,
        accounts=masked,
    )  # fmt: skip
    enqueue(session, CHANGED_MAIL, instruction=made.id)
    return made


def check_payees(payees: Sequence[NewPayee]) -> None:
    """Refuse payees nobody could be paid by; raises PayeesInvalid."""
    for row, payee in enumerate(payees):
        if not payee.name.strip():
            raise PayeesInvalid(row, "name", _("Name the payee."))
        if payee.rule != "share" and not payee.amount:
            raise PayeesInvalid(row, "value", _("Type the amount."))
        if payee.rule != "house" and payee.account is None:
            raise PayeesInvalid(row, "account", _("Give the payee’s bank details."))
    if len(payees) > MOST_PAYEES:
        raise PayeesInvalid(None, "", _("At most %(n)s payees.", n=MOST_PAYEES))
    check_claims([Claim(payee.rule, payee.share, payee.amount or 0) for payee in payees])


def _row(session: Session, made: PayeeInstruction, position: int, payee: NewPayee) -> Payee:
    account = payee.account if payee.rule != "house" else None
    place = payee_place(made.id, position)
    share = payee.share if payee.rule == "share" else None
    return Payee(
        instruction_id=made.id,
        position=position,
        rule=payee.rule,
        name=payee.name.strip(),
        reference=payee.reference.strip(),
        share_numerator=None if share is None else share.numerator,
        share_denominator=None if share is None else share.denominator,
        amount=None if share is not None else payee.amount,
        currency=None if share is not None else payee.currency,
        kind=None if account is None else account.kind,
        sealed=None if account is None else close_account(session, account, place),
        masked="" if account is None else account.masked,
    )


def approve_payees(session: Session, instruction_id: int, *, actor: int | None) -> PayeeInstruction:
    """Let a proposed version count; accounts that are new wait from now on.

    Raises SecondPersonNeeded for the person who proposed it, and InstructionDecided.
    """
    found = _proposed(session, instruction_id)
    if actor is not None and actor == found.proposed_by:
        raise SecondPersonNeeded
    before = current_instruction(session, found.client_id)
    known = {} if before is None else _known(session, before)
    now = database_now(session)
    for payee in payees_of(session, found.id):
        account = account_of(session, payee)
        payee.known_since = now if account is None else known.get(account, now)
    return _decided(session, found, "approved", now, actor)


def refuse_payees(session: Session, instruction_id: int, *, actor: int | None) -> PayeeInstruction:
    """Put a proposed version away; whoever proposed it may do so too. Raises InstructionDecided."""
    found = _proposed(session, instruction_id)
    return _decided(session, found, "refused", database_now(session), actor)


def _decided(
    session: Session, found: PayeeInstruction, state: str, now: datetime, actor: int | None
) -> PayeeInstruction:
    found.state, found.decided_by, found.decided_at = state, actor, now
    session.flush()
    audit.record(
        session, f"payees.{state}", f"client:{found.client_id}", actor=actor, version=found.version
    )
    return found


def _proposed(session: Session, instruction_id: int) -> PayeeInstruction:
    query = select(PayeeInstruction).where(PayeeInstruction.id == instruction_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(instruction=instruction_id)
    if found.state != "proposed":
        raise InstructionDecided
    return found


def _known(session: Session, before: PayeeInstruction) -> dict[BankAccount, datetime]:
    """Return since when the accounts of the version in force are known."""
    found = {}
    for payee in payees_of(session, before.id):
        account = account_of(session, payee)
        if account is not None and payee.known_since is not None:
            found[account] = payee.known_since
    return found


def current_instruction(session: Session, client_id: int) -> PayeeInstruction | None:
    """Return the version in force, or None."""
    query = select(PayeeInstruction).where(
        PayeeInstruction.client_id == client_id, PayeeInstruction.state == "approved"
    )
    return session.scalars(query.order_by(PayeeInstruction.version.desc()).limit(1)).one_or_none()


def payees_of(session: Session, instruction_id: int) -> Sequence[Payee]:
    """Return a version's payees in order."""
    query = select(Payee).where(Payee.instruction_id == instruction_id)
    return session.scalars(query.order_by(Payee.position)).all()


def account_of(session: Session, payee: Payee) -> BankAccount | None:
    """Open a payee's bank details; None for the house."""
    if payee.sealed is None:
        return None
    place = payee_place(payee.instruction_id, payee.position)
    return open_account(session, payee.sealed, place)


def address_of(session: Session, client: Client) -> str | None:
    """Return where a client is written to: their own address, else their account's, else None."""
    if client.email:
        return client.email
    member = None if client.member_id is None else session.get(Member, client.member_id)
    return None if member is None else member.email
