"""Every table of a house, imported in one place for migrations and provisioning."""

from auctionhouse.approvals.models import ApprovalRequest, ApprovalRule
from auctionhouse.bidding.models import LedgerEntry, LotState, SaleOutage
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale, SaleNotice
from auctionhouse.documents.models import KeptDocument
from auctionhouse.invoicing.models import (
    Invoice,
    InvoiceLine,
    InvoiceLot,
    InvoicePayment,
    LegalEntity,
    Posting,
    PostingEntry,
)
from auctionhouse.members.models import AuditEntry, Client, Member, MemberSession, Role
from auctionhouse.money.models import Artist
from auctionhouse.offers.models import LotOffer, LotOfferStep
from auctionhouse.payments.models import (
    CardOnFile,
    Payment,
    PaymentAttempt,
    PaymentDispute,
    PaymentRefund,
    StripePayout,
)
from auctionhouse.receipts.models import RefusedBid, SigningKey
from auctionhouse.registrations.models import LinkedLot, Registration

__all__ = [
    "ApprovalRequest",
    "ApprovalRule",
    "Artist",
    "AuditEntry",
    "CardOnFile",
    "Client",
    "Conditions",
    "Invoice",
    "InvoiceLine",
    "InvoiceLot",
    "InvoicePayment",
    "KeptDocument",
    "LedgerEntry",
    "LegalEntity",
    "LinkedLot",
    "Lot",
    "LotOffer",
    "LotOfferStep",
    "LotState",
    "Member",
    "MemberSession",
    "Payment",
    "PaymentAttempt",
    "PaymentDispute",
    "PaymentRefund",
    "Picture",
    "Posting",
    "PostingEntry",
    "RefusedBid",
    "Registration",
    "Role",
    "Sale",
    "SaleNotice",
    "SaleOutage",
    "SigningKey",
    "StripePayout",
]
