"""Signed-in browsers: each has a row, so that it can be listed and signed out from elsewhere.

The cookie and the remember-me cookie hold a text signed with the key of the plane or house; it
names the account and the browser's row, and both are checked in one query a request.
"""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask, g, request, session
from flask_login import current_user, user_logged_out
from flask_security.signals import password_changed, password_reset, user_authenticated
from flask_security.utils import set_request_attr
from itsdangerous import BadData
from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload

from auctionxchange.accounts.cookies import REMEMBER_DAYS
from auctionxchange.accounts.plane import Plane

PURPOSE = "browser"
SEEN_EVERY = timedelta(minutes=5)
LONGEST_NAME = 300
FORGOTTEN_AFTER = timedelta(days=REMEMBER_DAYS)
"""A browser not seen for so long must sign in again, whatever cookie it kept."""


def install_browsers(app: Flask, plane: Plane) -> None:
    """Load accounts by their browser's row and make a row at each sign-in."""

    def load(token: str) -> Any:
        return load_account(plane, token)

    def signed_in(_app: Flask, user: Any, **_rest: Any) -> None:
        _remember_browser(plane, user)

    def signed_out(_app: Flask, user: Any, **_rest: Any) -> None:
        _forget_browser(plane, user)

    def password_new(_app: Flask, user: Any, **_rest: Any) -> None:
        here = current_browser() if current_user == user else None
        revoke_browsers(plane, plane.session(), user.id, but=here)
        plane.after_revoking(user.id)

    manager = app.login_manager  # type: ignore[attr-defined]
    manager.user_loader(load)
    manager.request_loader(_never)
    user_authenticated.connect(signed_in, app, weak=False)
    user_logged_out.connect(signed_out, app, weak=False)
    password_changed.connect(password_new, app, weak=False)
    password_reset.connect(password_new, app, weak=False)


def load_account(plane: Plane, token: str) -> Any:
    """Return the active account a signed text names, its browser not revoked, or None."""
    named = read_token(plane, token)
    if named is None:
        return None
    uniquifier, browser_id = named
    account, browser = plane.account, plane.browser
    query = (
        select(account, browser)
        .join(browser, getattr(browser, plane.owner) == account.id)
        .where(account.fs_uniquifier == uniquifier, browser.id == browser_id)
        .where(account.active, browser.revoked_at.is_(None))
        .where(browser.last_seen_at > datetime.now(UTC) - FORGOTTEN_AFTER)
        .options(joinedload(account.roles), *plane.loaded_with)
    )
    found = plane.session().execute(query).unique().first()
    if found is None:
        return None
    user, row = found
    _note_seen(row)
    if session.get("browser") != str(row.id):
        session["browser"] = str(row.id)
    set_request_attr("fs_authn_via", "session")
    set_request_attr("fs_paa", session.get("fs_paa", 0))
    return user


def read_token(plane: Plane, token: str) -> tuple[str, uuid.UUID] | None:
    """Return what a signed text names, or None for any that is not this plane's or house's."""
    try:
        uniquifier, browser = plane.serializer(PURPOSE).loads(token)
        return str(uniquifier), uuid.UUID(browser)
    except (BadData, ValueError, TypeError):
        return None


def browsers_of(plane: Plane, owner_id: int) -> list[Any]:
    """Return an account's browsers that are signed in, the latest first."""
    browser = plane.browser
    query = (
        select(browser)
        .where(getattr(browser, plane.owner) == owner_id, browser.revoked_at.is_(None))
        .order_by(browser.last_seen_at.desc())
    )
    return list(plane.session().execute(query).scalars())


def revoke_browsers(
    plane: Plane,
    database_session: Session,
    owner_id: int,
    *,
    only: uuid.UUID | None = None,
    but: uuid.UUID | None = None,
) -> int:
    """Sign browsers out: one, all, or all but one; returns how many."""
    browser = plane.browser
    query = (
        update(browser)
        .where(getattr(browser, plane.owner) == owner_id, browser.revoked_at.is_(None))
        .values(revoked_at=datetime.now(UTC))
    )
    if only is not None:
        query = query.where(browser.id == only)
    if but is not None:
        query = query.where(browser.id != but)
    result: Any = database_session.execute(query)
    return int(result.rowcount)


def current_browser() -> uuid.UUID | None:
    """Return the row's id of the browser that asks."""
    stored = session.get("browser")
    return None if stored is None else uuid.UUID(stored)


def _never(_request: Any) -> None:
    """Know nobody by a token in a header or an address: those would pass the browsers' rows by."""


def _remember_browser(plane: Plane, user: Any) -> None:
    """Make the browser's row and put the signed text where Flask-Login kept the account.

    The forms' token is made anew, so that one planted before the sign-in is worth nothing after.
    """
    for forms_token in (session, g):
        forms_token.pop("csrf_token", None)
    row = plane.browser(
        id=uuid.uuid4(),
        user_agent=request.headers.get("User-Agent", "")[:LONGEST_NAME],
        address=request.remote_addr or "",
        remembered=session.get("_remember") == "set",
        **{plane.owner: user.id},
    )
    database_session = plane.session()
    database_session.add(row)
    database_session.flush()
    session["browser"] = str(row.id)
    session["_user_id"] = plane.serializer(PURPOSE).dumps([user.fs_uniquifier, str(row.id)])


def _forget_browser(plane: Plane, user: Any) -> None:
    browser = current_browser()
    if browser is not None and getattr(user, "id", None) is not None:
        revoke_browsers(plane, plane.session(), user.id, only=browser)
    session.pop("browser", None)


def _note_seen(row: Any) -> None:
    now = datetime.now(UTC)
    if now - row.last_seen_at > SEEN_EVERY:
        row.last_seen_at = now
