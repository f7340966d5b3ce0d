"""The members' plane: a house's own tables, the house's key, the request's session."""

from functools import cache
from typing import Any

from flask import Flask
from flask_security.signals import change_email_confirmed, user_registered
from sqlalchemy import text
from sqlalchemy.orm import joinedload

from auctionhouse.members.models import Client, Member, MemberSession, Role
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.accounts.plane import Plane
from auctionxchange.accounts.security import install_accounts
from auctionxchange.accounts.tries import Tries
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.outbox import announce, enqueue
from auctionxchange.kernel.signing import house_key, platform_key
from auctionxchange.tenancy.current import current_house

_CLIENT = text("INSERT INTO client (member_id, name, email) VALUES (:member, :name, :email)")
_ADDRESS = text("UPDATE client SET email = :email WHERE member_id = :member")
_BIDDER = text(
    "INSERT INTO member_role (member_id, role_id) SELECT :member, id FROM role"
    " WHERE name = 'bidder' ON CONFLICT DO NOTHING"
)


@cache
def members_plane() -> Plane:
    """Return the plane of a house's members."""
    return Plane(
        name="house",
        prefix="",
        account=Member,
        role=Role,
        browser=MemberSession,
        owner="member_id",
        key=_key,
        session=house_session,
        enqueue_mail=_enqueue_mail,
        account_page="/account/",
        loaded_with=(joinedload(Member.client).load_only(Client.id),),
        after_revoking=_close_streams,
    )


def install_members(app: Flask, settings: Settings, database: Database) -> None:
    """Give the houses' app its accounts."""
    key = platform_key(settings, "tries")
    tries = Tries(database, key, lambda: current_house().schema)
    install_accounts(app, settings, members_plane(), tries, registerable=True)
    user_registered.connect(_welcome, app)
    change_email_confirmed.connect(_follow_address, app)


def _key(purpose: str) -> bytes:
    return house_key(services().settings, current_house(), purpose)


def _enqueue_mail(**mail: Any) -> None:
    enqueue(house_session(), "mail.send", **mail)


def _close_streams(member_id: int) -> None:
    announce(house_session(), f"member:{member_id}", {"type": "signed_out"})


def _follow_address(_app: Flask, user: Member, **_rest: Any) -> None:
    """Write to the client where the member reads."""
    house_session().execute(_ADDRESS, {"member": user.id, "email": user.email})


def _welcome(_app: Flask, user: Member, **_rest: Any) -> None:
    """Give a new member a client record and the bidder's role."""
    session = house_session()
    session.flush()
    values = {"member": user.id, "name": user.name or user.email, "email": user.email}
    session.execute(_CLIENT, values)
    session.execute(_BIDDER, values)
