"""Every table of a house, imported in one place for migrations and provisioning."""

from auctionhouse.bidding.models import LedgerEntry, LotState
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale, SaleNotice
from auctionhouse.members.models import AuditEntry, Client, Member, MemberSession, Role
from auctionhouse.money.models import Artist
from auctionhouse.registrations.models import Registration

__all__ = [
    "Artist",
    "AuditEntry",
    "Client",
    "Conditions",
    "LedgerEntry",
    "Lot",
    "LotState",
    "Member",
    "MemberSession",
    "Picture",
    "Registration",
    "Role",
    "Sale",
    "SaleNotice",
]
