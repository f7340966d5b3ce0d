"""All pages of the back office; importing them puts them on the blueprint."""

from auctionhouse.manage.blueprint import blueprint
from auctionhouse.manage.views import (
    book,
    client_bids,
    clients,
    house,
    lots,
    members,
    money,
    outages,
    pictures,
    registrations,
    room,
    sales,
    simulator,
    terms,
    today,
)

__all__ = [
    "blueprint",
    "book",
    "client_bids",
    "clients",
    "house",
    "lots",
    "members",
    "money",
    "outages",
    "pictures",
    "registrations",
    "room",
    "sales",
    "simulator",
    "terms",
    "today",
]
