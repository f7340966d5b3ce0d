"""Clients, members and registrations as staff list them."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.selling import shares_pieces
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.rules import lot_label, parse_lot_label
from auctionhouse.consignors.models import Agreement
from auctionhouse.manage.choices import choice
from auctionhouse.members.models import STAFF_ROLES, AuditEntry, Client, Member, Role
from auctionhouse.registrations.models import Registration

MOST_ROWS = 500
FEW_ROWS = 12


def inside(text: str) -> str:
    """Return a pattern for ILIKE that takes the text literally."""
    escaped = text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"


def clients(search: str = "") -> Select[Any]:
    """Select clients by name, with their account's address and number of registrations."""
    registered = select(func.count()).where(Registration.client_id == Client.id).scalar_subquery()
    query = select(
        Client.id, Client.name, Client.company, Client.email, Client.phone, Client.member_id,
        Client.created_at, Member.blocked_at, registered.label("registrations"),
    ).outerjoin(Member, Member.id == Client.member_id)  # fmt: skip
    if search:
        pattern = inside(search)
        columns = (Client.name, Client.company, Client.email, Client.phone)
        query = query.where(or_(*(column.ilike(pattern) for column in columns)))
    return query.order_by(func.lower(Client.name), Client.id)


def found_clients(session: Session, search: str) -> Sequence[Any]:
    """Return the first clients a search finds."""
    return session.execute(clients(search).limit(FEW_ROWS * 4)).all()


def client_choices(session: Session) -> list[Any]:
    """Return every client for a choice, by name; the house's own is none."""
    query = select(Client.id, Client.name, Client.company).where(~Client.for_house)
    query = query.order_by(func.lower(Client.name))
    return [
        choice(row.id, " · ".join(filter(None, [row.name, row.company])))
        for row in session.execute(query)
    ]


def agreement_choices(session: Session, currency: str, present: int | None) -> list[Any]:
    """Return the signed agreements in a currency for a choice, by consignor.

    Of each the latest signed version, and the one a lot is under at present.
    """
    this = aliased(Agreement)
    newest = (
        select(func.max(Agreement.version))
        .where(Agreement.number == this.number)
        .where(Agreement.signed_on.is_not(None))
        .correlate(this)
        .scalar_subquery()
    )
    query = (
        select(this.id, this.number, this.version, Client.name)
        .join(Client, Client.id == this.client_id)
        .where(this.currency == currency, this.signed_on.is_not(None))
        .where(or_(this.version == newest, this.id == (present or 0)))
        .order_by(func.lower(Client.name), this.number, this.version)
    )
    return [
        choice(row.id, f"{row.name} · {row.number}/{row.version}") for row in session.execute(query)
    ]


def buyer_choices(session: Session, sale_id: int) -> list[Any]:
    """Return the approved bidders of a sale for a choice, by paddle."""
    query = (
        select(Client.id, Client.name, Registration.paddle)
        .join(Registration, Registration.client_id == Client.id)
        .where(Registration.sale_id == sale_id, Registration.state == "approved")
        .order_by(Registration.paddle, Client.id)
    )
    return [choice(row.id, f"{row.paddle} · {row.name}") for row in session.execute(query)]


MEMBER_KINDS: dict[str, Any] = {
    "staff": Member.roles.any(Role.name.in_(STAFF_ROLES)),
    "blocked": Member.blocked_at.is_not(None),
    "unconfirmed": Member.confirmed_at.is_(None),
}
"""What a list of members can be narrowed to."""


def members(search: str = "", kind: str | None = None) -> Select[Any]:
    """Select members by address, with their roles."""
    query = select(Member).order_by(func.lower(Member.email), Member.id)
    if search:
        pattern = inside(search)
        query = query.where(or_(Member.email.ilike(pattern), Member.name.ilike(pattern)))
    return query.where(MEMBER_KINDS[kind]) if kind in MEMBER_KINDS else query


def registrations(sale_id: int | None = None, state: str | None = None) -> Select[Any]:
    """Select registrations, those that wait first."""
    query = (
        select(
            Registration, Client.name, Client.company, Client.email, Client.member_id,
            Sale.title.label("sale"), Sale.currency,
        )
        .join(Client, Client.id == Registration.client_id)
        .join(Sale, Sale.id == Registration.sale_id)
        .order_by((Registration.state == "pending").desc(), Registration.id.desc())
    )  # fmt: skip
    if sale_id is not None:
        query = query.where(Registration.sale_id == sale_id)
    if state is not None:
        query = query.where(Registration.state == state)
    return cast("Select[Any]", query)


def waiting_registrations(session: Session) -> Sequence[Any]:
    """Return the first registrations that wait to be decided."""
    return session.execute(registrations(state="pending").limit(FEW_ROWS)).all()


def registrations_of_client(session: Session, client_id: int) -> Sequence[Any]:
    """Return a client's registrations with their sales, the latest first."""
    query = (
        select(Registration, Sale.title.label("sale"), Sale.currency)
        .join(Sale, Sale.id == Registration.sale_id)
        .where(Registration.client_id == client_id)
        .order_by(Registration.id.desc())
    )
    return session.execute(query).all()


def audit(subject: str | None = None) -> Select[Any]:
    """Select acts with who did them, the latest first."""
    query = (
        select(AuditEntry, Member.name, Member.email)
        .outerjoin(Member, Member.id == AuditEntry.actor_member_id)
        .order_by(AuditEntry.id.desc())
    )
    return cast("Select[Any]", query.where(AuditEntry.subject == subject) if subject else query)


def audit_entries(session: Session, subject: str) -> Sequence[Any]:
    """Return the latest acts on one thing, for its own page."""
    return session.execute(audit(subject).limit(MOST_ROWS)).all()


def found_lots(session: Session, search: str) -> Sequence[Any]:
    """Return lots by number or words, in sales that are not archived."""
    numbered = parse_lot_label(search)
    by_words = Lot.search.op("@@")(func.websearch_to_tsquery("pg_catalog.simple", search))
    wanted = or_(by_words, Lot.title.ilike(inside(search)))
    if numbered is not None:
        wanted = or_(wanted, (Lot.number == numbered[0]) & (Lot.suffix == numbered[1]))
    query = (
        select(Lot.id, Lot.number, Lot.suffix, Lot.title, Sale.title.label("sale"), LotState.price)
        .join(Sale, Sale.id == Lot.sale_id)
        .outerjoin(LotState, LotState.lot_id == Lot.id)
        .where(wanted, Sale.state != "archived")
        .order_by(Sale.id.desc(), Lot.number, Lot.suffix)
        .limit(FEW_ROWS * 4)
    )
    return session.execute(query).all()


def found_paddles(session: Session, search: str) -> Sequence[Any]:
    """Return who holds a paddle of that number, sale by sale."""
    if not (search.isascii() and search.isdigit()) or len(search) > 9:  # noqa: PLR2004 - integer
        return []
    query = (
        select(Registration.paddle, Client.id, Client.name, Sale.title.label("sale"))
        .join(Client, Client.id == Registration.client_id)
        .join(Sale, Sale.id == Registration.sale_id)
        .where(Registration.paddle == int(search))
        .order_by(Sale.id.desc())
        .limit(FEW_ROWS)
    )
    return session.execute(query).all()


def any_shared(session: Session, sale_id: int) -> bool:
    """Tell whether several buyers may share the pieces of a lot of a sale."""
    query = select(LotState.format, LotState.pieces).where(LotState.sale_id == sale_id).distinct()
    return any(shares_pieces(row.format, row.pieces) for row in session.execute(query))


def bid_choices(session: Session, sale_id: int) -> list[Any]:
    """Return the lots of a sale that may still be bid on."""
    query = (
        select(Lot.id, Lot.number, Lot.suffix, Lot.title)
        .join(LotState, LotState.lot_id == Lot.id)
        .where(Lot.sale_id == sale_id, LotState.status.in_(("scheduled", "open")))
        .order_by(Lot.number, Lot.suffix)
    )
    return [
        choice(row.id, f"{lot_label(row.number, row.suffix)} · {row.title}")
        for row in session.execute(query)
    ]


def client_of_registration(session: Session, registration: Registration) -> Client:
    """Return who registered."""
    return session.get_one(Client, registration.client_id)
