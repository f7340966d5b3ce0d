"""The operators' plane: the shared tables, the platform's key, sign-in at the console host only."""

import secrets
from datetime import UTC, datetime
from functools import cache
from typing import Any

from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionxchange.accounts.browsers import revoke_browsers
from auctionxchange.accounts.models import Operator, OperatorRole, OperatorSession
from auctionxchange.accounts.plane import Plane
from auctionxchange.accounts.security import install_accounts
from auctionxchange.accounts.tries import Tries
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.signing import platform_key
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.site.requests import platform_session
from auctionxchange.site.services import platform_services
from auctionxchange.tenancy.resolver import CONSOLE_PATH
from auctionxchange.tenancy.validation import checked_owner

OPERATOR_ROLES = ("owner", "support", "finance", "read-only")
"""Owners do everything, support opens and closes houses; the others look."""


class OperatorUnknown(NotFound):
    """No operator has this address."""

    code = "operator_unknown"

    def message(self) -> str:
        return _("There is no operator %(email)s.", **self.fields)


@cache
def operators_plane() -> Plane:
    """Return the plane of the platform's operators."""
    return Plane(
        name="exchange",
        prefix=CONSOLE_PATH,
        account=Operator,
        role=OperatorRole,
        browser=OperatorSession,
        owner="operator_id",
        key=lambda purpose: platform_key(platform_services().settings, purpose),
        session=platform_session,
        enqueue_mail=_enqueue_mail,
        account_page=f"{CONSOLE_PATH}/",
    )


def install_operators(app: Flask, settings: Settings, database: Database) -> None:
    """Give the platform's app its accounts; operators are made on the command line."""
    tries = Tries(database, platform_key(settings, "tries"), lambda: "platform")
    install_accounts(app, settings, operators_plane(), tries, registerable=False)


def create_operator(
    session: Session, *, email: str, name: str, password_hash: str, role: str = "owner"
) -> Operator:
    """Make an operator, or set the password of the one with this address."""
    checked_owner(email)
    operator = operator_by_email(session, email)
    if operator is None:
        operator = Operator(email=email.strip().lower(), fs_uniquifier=secrets.token_hex(32))
        session.add(operator)
    operator.name = name or operator.name
    operator.password = password_hash
    operator.confirmed_at = datetime.now(UTC)
    operator.fs_uniquifier = secrets.token_hex(32)
    operator.roles = [_role(session, role)]
    session.flush()
    revoke_browsers(operators_plane(), session, operator.id)
    return operator


def block_operator(session: Session, email: str, *, blocked: bool = True) -> Operator:
    """Keep an operator out at once, or let one in again; raises OperatorUnknown."""
    operator = operator_by_email(session, email)
    if operator is None:
        raise OperatorUnknown(email=email)
    operator.active = not blocked
    if blocked:
        revoke_browsers(operators_plane(), session, operator.id)
    return operator


def operator_by_email(session: Session, email: str) -> Operator | None:
    """Find an operator by address, however it is written."""
    query = select(Operator).where(text("lower(email) = :email"))
    return session.execute(query, {"email": email.strip().lower()}).scalars().first()


def _role(session: Session, name: str) -> OperatorRole:
    query = select(OperatorRole).where(OperatorRole.name == name)
    role = session.execute(query).scalars().first()
    if role is None:
        role = OperatorRole(name=name)
        session.add(role)
    return role


def _enqueue_mail(**mail: Any) -> None:
    enqueue(platform_session(), "mail.send", **mail)
