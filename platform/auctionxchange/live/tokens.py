"""Short-lived permission to follow some channels of one house, signed with the house's key."""

from dataclasses import dataclass

from itsdangerous import BadData

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.kernel.signing import house_serializer
from auctionxchange.tenancy.house import House

TOKEN_SECONDS = 60
_PURPOSE = "live"


@dataclass(frozen=True, slots=True)
class Permission:
    """What a token allows: channels at a house, for a member or a stranger.

    `issued_at` is in whole seconds since 1970, rounded down.
    """

    channels: tuple[str, ...]
    member: int | None
    issued_at: float = 0.0


def issue_token(settings: Settings, house: House, permission: Permission) -> str:
    """Sign a permission for this house."""
    content = [house.schema, list(permission.channels), permission.member]
    return house_serializer(settings, house, _PURPOSE).dumps(content)


def read_token(settings: Settings, house: House, token: str) -> Permission:
    """Return what a fresh token of this house allows; raises Forbidden for any other."""
    serializer = house_serializer(settings, house, _PURPOSE)
    try:
        content, issued = serializer.loads(token, max_age=TOKEN_SECONDS, return_timestamp=True)
        schema, channels, member = content
    except (BadData, ValueError, TypeError) as error:
        raise Forbidden from error
    if schema != house.schema:
        raise Forbidden
    return Permission(tuple(channels), member, issued.timestamp())
