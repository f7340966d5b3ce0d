"""The short-lived tokens pages fetch before they follow live channels; never cached."""

import re
import time

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from auctionhouse.members.access import public, signed_in_member
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.live.tokens import TOKEN_SECONDS, Permission, issue_token
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("live", __name__)

_SALE = re.compile(r"sale:([0-9]{1,18})")
MOST_CHANNELS = 40
_PUBLISHED = text("SELECT id FROM sale WHERE id = ANY(:ids) AND state <> 'draft'")


@blueprint.get("/live/token")
@public
def token() -> ResponseReturnValue:
    """Answer a token for published sales' channels and the reader's own, and the server's time."""
    asked = [name for name in request.args.get("channels", "").split(",") if name]
    if len(asked) > MOST_CHANNELS:
        raise Forbidden
    member = signed_in_member()
    channels = _published(asked)
    own = f"member:{member.id}" if member else None
    if own is not None:
        channels.append(own)
    elif any(name.startswith("member:") for name in asked):
        raise Forbidden
    permission = Permission(tuple(channels), member.id if member else None)
    response = jsonify(
        token=issue_token(services().settings, current_house(), permission),
        channels=channels,
        expires_in=TOKEN_SECONDS,
        now=int(time.time() * 1000),
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _published(asked: list[str]) -> list[str]:
    matches = [_SALE.fullmatch(name) for name in asked]
    ids = [int(match[1]) for match in matches if match]
    if not ids:
        return []
    found = house_session().execute(_PUBLISHED, {"ids": ids}).scalars()
    return [f"sale:{identifier}" for identifier in found]
