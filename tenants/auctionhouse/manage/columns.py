"""What the lists of the back office tell about each row, on the page and as a file."""

from operator import attrgetter
from typing import Any

from sqlalchemy import func

from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.rules import lot_label
from auctionhouse.manage.audit_words import act_words, told
from auctionhouse.manage.blueprint import lot_state, sale_state
from auctionhouse.manage.listing import Column
from auctionhouse.members.models import AuditEntry, Client, Member
from auctionhouse.registrations.models import Registration
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.theming.states import state_word


def plain(minor: int | None, code: str) -> str | None:
    """Return minor units as a decimal string, as a cell of a file holds them."""
    return None if minor is None else decimal_string(minor, currency(code))


def member_state(member: Member) -> str:
    """Name what keeps a member out, or “active”."""
    if member.blocked_at is not None:
        return _("Blocked")
    return _("Not confirmed") if member.confirmed_at is None else _("active")


def _roles(row: Any) -> str:
    return ", ".join(role.name for role in row.Member.roles)


CLIENTS = (
    Column("name", _l("Name"), attrgetter("name"), (func.lower(Client.name),)),
    Column("company", _l("Company"), attrgetter("company"), (func.lower(Client.company),)),
    Column("email", _l("E-mail"), attrgetter("email"), (func.lower(Client.email),)),
    Column("phone", _l("Telephone"), attrgetter("phone")),
    Column("account", _l("Account"), lambda row: _("yes") if row.member_id else _("none")),
    Column("registrations", _l("Registrations"), attrgetter("registrations"), figure=True),
    Column("since", _l("Since"), attrgetter("created_at"), (Client.created_at,)),
)
MEMBERS = (
    Column("address", _l("Address"), attrgetter("Member.email"), (func.lower(Member.email),)),
    Column("name", _l("Name"), attrgetter("Member.name"), (func.lower(Member.name),)),
    Column("roles", _l("Roles"), _roles),
    Column("since", _l("Since"), attrgetter("Member.created_at"), (Member.created_at,)),
    Column(
        "seen",
        _l("Last signed in"),
        attrgetter("Member.current_login_at"),
        (Member.current_login_at,),
    ),
    Column("state", _l("State"), lambda row: member_state(row.Member)),
)
REGISTRATIONS = (
    Column("client", _l("Client"), attrgetter("name"), (func.lower(Client.name),)),
    Column("company", _l("Company"), attrgetter("company"), (func.lower(Client.company),)),
    Column("email", _l("E-mail"), attrgetter("email"), (func.lower(Client.email),)),
    Column("sale", _l("Sale"), attrgetter("sale"), (func.lower(Sale.title),)),
    Column(
        "state",
        _l("State"),
        lambda row: state_word(row.Registration.state),
        (Registration.state,),
    ),
    Column(
        "paddle",
        _l("Paddle"),
        attrgetter("Registration.paddle"),
        (Registration.paddle,),
        figure=True,
    ),
    Column(
        "limit",
        _l("Limit"),
        lambda row: plain(row.Registration.bid_limit, row.currency),
        (Registration.bid_limit,),
        figure=True,
    ),
    Column("currency", _l("Currency"), attrgetter("currency")),
    Column("since", _l("Since"), attrgetter("Registration.created_at"), (Registration.created_at,)),
)
SALES = (
    Column("sale", _l("Sale"), attrgetter("title"), (func.lower(Sale.title),)),
    Column("reference", _l("Reference"), attrgetter("reference"), (Sale.reference,)),
    Column("state", _l("State"), lambda row: state_word(sale_state(row)), (Sale.state,)),
    Column("lots", _l("Lots"), attrgetter("lots"), figure=True),
    Column("with_bid", _l("With a bid"), attrgetter("with_bid"), figure=True),
    Column("waiting", _l("Waiting"), attrgetter("waiting"), figure=True),
    Column("opens", _l("Opens"), attrgetter("starts_at"), (Sale.starts_at,)),
    Column("closes", _l("First lot closes"), attrgetter("ends_at"), (Sale.ends_at,)),
)
AUDIT = (
    Column("when", _l("When"), attrgetter("AuditEntry.at"), (AuditEntry.id,)),
    Column(
        "who",
        _l("Who"),
        lambda row: row.name or row.email or _("the system"),
        (func.lower(func.coalesce(Member.name, Member.email)),),
    ),
    Column("act", _l("Act"), lambda row: act_words(row.AuditEntry.action), (AuditEntry.action,)),
    Column("on", _l("On"), attrgetter("AuditEntry.subject")),
    Column("detail", _l("Detail"), lambda row: told(row.AuditEntry.detail)),
)


def lot_columns(code: str) -> tuple[Column, ...]:
    """Return what a sale's lots tell, amounts in its currency."""

    def amount(name: str) -> Any:
        return lambda row: plain(getattr(row, name), code)

    number = (Lot.number, Lot.suffix)
    return (
        Column("number", _l("Lot"), lambda row: lot_label(row.number, row.suffix), number),
        Column("title", _l("Title"), attrgetter("title"), (func.lower(Lot.title),)),
        Column("maker", _l("Artist or maker"), attrgetter("maker"), (func.lower(Lot.maker),)),
        Column(
            "estimate", _l("Estimate"), amount("estimate_low"), (Lot.estimate_low,), figure=True
        ),
        Column("high", _l("Estimate up to"), amount("estimate_high"), figure=True),
        Column("opening", _l("Opening"), amount("opening"), (Lot.opening,), figure=True),
        Column("reserve", _l("Reserve"), amount("reserve"), (Lot.reserve,), figure=True),
        Column("price", _l("Bid"), amount("price"), (LotState.price,), figure=True),
        Column("bids", _l("Bids"), attrgetter("bid_count"), (LotState.bid_count,), figure=True),
        Column("leader", _l("Leader"), attrgetter("leader"), (func.lower(Client.name),)),
        Column("paddle", _l("Paddle"), attrgetter("paddle"), (Registration.paddle,), figure=True),
        Column("ends", _l("Ends"), attrgetter("ends_at"), (LotState.ends_at,)),
        Column("state", _l("State"), lambda row: state_word(lot_state(row))),
    )
