"""One platform session and one commit a request.

The session is opened when first asked for, committed before the answer leaves unless the request
failed, and closed at the end whatever happened.
"""

from flask import Flask, Response, g

from auctionxchange.kernel.database import PlatformSession
from auctionxchange.site.services import platform_services


def platform_session() -> PlatformSession:
    """Return this request's session on the shared tables."""
    session: PlatformSession | None = g.get("platform_session")
    if session is None:
        session = g.platform_session = platform_services().database.platform_session()
    return session


def install_session(app: Flask) -> None:
    """Commit and close the request's session."""
    app.after_request(_commit)
    app.teardown_request(_close)


def _commit(response: Response) -> Response:
    session: PlatformSession | None = g.get("platform_session")
    if session is not None:
        if g.get("failed"):
            session.rollback()
        else:
            session.commit()
    return response


def _close(_error: BaseException | None) -> None:
    session: PlatformSession | None = g.pop("platform_session", None)
    if session is not None:
        session.close()
