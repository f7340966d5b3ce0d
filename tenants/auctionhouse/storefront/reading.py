"""Who reads this page: the signed-in member's part in a sale, or nobody."""

from typing import Any

from flask_login import current_user

from auctionhouse.requests import house_session
from auctionhouse.storefront.queries import Reader, reader_of


def member_id() -> int | None:
    """Return the signed-in member's id."""
    user: Any = current_user
    return int(user.id) if user.is_authenticated else None


def reader(sale_id: int) -> Reader:
    """Return what the signed-in member is in a sale."""
    return reader_of(house_session(), member_id(), sale_id)
