"""Who may bid in a sale, and what a member still lacks for it."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.members.models import Client, Member
from auctionhouse.registrations.models import Registration
from auctionxchange.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that stands between a reader and a bid; path and label lead on, where possible."""

    code: str
    text: str
    path: str | None = None
    label: str | None = None


_SOLD_AFTER = text(
    "SELECT 1 FROM lot_offer WHERE sale_id = :sale AND kind = 'everybody' AND ended_at IS NULL"
)


def takes_registrations(session: Session, sale: Sale) -> bool:
    """Tell whether one may register: until a sale closes, and while lots of it are sold after."""
    if sale.state == "closed":
        return session.execute(_SOLD_AFTER, {"sale": sale.id}).first() is not None
    return sale.state == "published"


def client_of(session: Session, member_id: int) -> Client | None:
    """Return the client record of a member."""
    return session.scalars(select(Client).where(Client.member_id == member_id)).one_or_none()


def registration_of(session: Session, sale_id: int, member_id: int) -> Registration | None:
    """Return a member's registration for a sale."""
    query = (
        select(Registration)
        .join(Client, Client.id == Registration.client_id)
        .where(Registration.sale_id == sale_id, Client.member_id == member_id)
    )
    return session.scalars(query).one_or_none()


def what_is_missing(session: Session, sale: Sale, member: Member | None) -> list[Missing]:
    """Return what a member must do before bidding in a sale, first things first; [] if nothing."""
    path = f"/sales/{sale.reference}/register"
    if member is None:
        return [
            Missing("sign_in", _("Sign in to bid."), f"/sign-in?next={path}", _("Sign in")),
            Missing("register", _("Register for this sale."), path, _("Register to bid")),
        ]
    if member.blocked_at is not None:
        return [Missing("blocked", _("Your account is blocked. Please speak to the house."))]
    missing = []
    if member.confirmed_at is None:
        text = _("Confirm your e-mail address with the link we sent you.")
        missing.append(Missing("confirm", text, "/confirm", _("Send the link again")))
    registration = registration_of(session, sale.id, member.id)
    if registration is None:
        text = _("Register for this sale and accept its conditions.")
        missing.append(Missing("register", text, path, _("Register to bid")))
    elif registration.state != "approved":
        missing.append(Missing(registration.state, _standing(registration.state)))
    return missing


def _standing(state: str) -> str:
    texts = {
        "pending": _("The house is looking at your registration; you will be told."),
        "declined": _("Your registration was not accepted. Please speak to the house."),
        "suspended": _("Your registration is suspended. Please speak to the house."),
    }
    return texts[state]


def registration_of_client(session: Session, sale_id: int, client_id: int) -> Registration | None:
    """Return a client's registration for a sale."""
    query = select(Registration).where(
        Registration.sale_id == sale_id, Registration.client_id == client_id
    )
    return session.scalars(query).one_or_none()
