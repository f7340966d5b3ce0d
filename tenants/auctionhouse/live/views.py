"""The short-lived tokens pages fetch before they follow live channels; never cached."""

import re

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from auctionhouse.members.access import public, signed_in_member
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import Invalid
from auctionxchange.live.tokens import TOKEN_SECONDS, Permission, issue_token
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("live", __name__)

_SALE = re.compile(r"sale:([0-9]{1,18})", re.ASCII)
MOST_CHANNELS = 40
_PUBLISHED = text("SELECT id FROM sale WHERE id = ANY(:ids) AND state <> 'draft' ORDER BY id")


@blueprint.get("/live/token")
@public
def token() -> ResponseReturnValue:
    """Answer a token for published sales' channels and the reader's own, and the database's time.

    What the reader may not follow is left out, not refused: tabs of one browser share a stream,
    and one may still show a page from before its reader signed out. Times are in milliseconds
    since 1970.
    """
    asked = {name for name in request.args.get("channels", "").split(",") if name}
    if len(asked) > MOST_CHANNELS:
        raise Invalid
    member = signed_in_member()
    channels = _published(asked)
    if member is not None:
        channels.append(f"member:{member.id}")
    permission = Permission(tuple(channels), member.id if member else None)
    now = int(database_now(house_session()).timestamp() * 1000)
    response = jsonify(
        token=issue_token(services().settings, current_house(), permission),
        channels=channels,
        expires_at=now + TOKEN_SECONDS * 1000,
        now=now,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _published(asked: set[str]) -> list[str]:
    matches = [_SALE.fullmatch(name) for name in asked]
    ids = [int(match[1]) for match in matches if match]
    if not ids:
        return []
    found = house_session().execute(_PUBLISHED, {"ids": ids}).scalars()
    return [f"sale:{identifier}" for identifier in found]
