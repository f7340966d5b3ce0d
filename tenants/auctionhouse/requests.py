"""One session and one commit a request.

The session is opened when first asked for, committed before the answer leaves unless the request
failed, and closed at the end whatever happened.
"""

from typing import Any

from flask import Flask, Response, g
from werkzeug.local import LocalProxy

from auctionhouse.services import services
from auctionxchange.kernel.database import HouseSession
from auctionxchange.tenancy.current import current_house


def house_session() -> HouseSession:
    """Return this request's session on the house's schema; raises NoHouse outside one."""
    house = current_house()
    session: HouseSession | None = g.get("house_session")
    if session is None:
        session = g.house_session = services().database.house_session(house)
    session.require(house)
    return session


session_proxy: Any = LocalProxy(house_session)
"""For libraries that want a session object at the start."""


def install_session(app: Flask) -> None:
    """Commit and close the request's session."""
    app.after_request(_commit)
    app.teardown_request(_close)


def _commit(response: Response) -> Response:
    session: HouseSession | None = g.get("house_session")
    if session is not None:
        if g.get("failed"):
            session.rollback()
        else:
            session.commit()
    return response


def _close(_error: BaseException | None) -> None:
    session: HouseSession | None = g.pop("house_session", None)
    if session is not None:
        session.close()
