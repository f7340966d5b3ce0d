"""All pages of the back office; importing them puts them on the blueprint."""

from auctionhouse.manage.blueprint import blueprint
from auctionhouse.manage.views import (
    book,
    cards,
    client_bids,
    clients,
    house,
    lot_bids,
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
    "cards",
    "client_bids",
    "clients",
    "house",
    "lot_bids",
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
