"""Who reads this page: the signed-in member's part in a sale, or nobody."""

from auctionhouse.members.access import signed_in_member
from auctionhouse.requests import house_session
from auctionhouse.storefront.queries import Reader, reader_of


def member_id() -> int | None:
    """Return the signed-in member's id."""
    member = signed_in_member()
    return None if member is None else member.id


def reader(sale_id: int) -> Reader:
    """Return what the signed-in member is in a sale."""
    return reader_of(house_session(), member_id(), sale_id)
