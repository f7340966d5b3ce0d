"""Every table of a house, imported in one place for migrations and provisioning."""

from auctionhouse.approvals.models import ApprovalRequest, ApprovalRule
from auctionhouse.banking.models import (
    BankColumns,
    BankLine,
    BankMatch,
    BankStatement,
    BankUpload,
)
from auctionhouse.bidding.models import LedgerEntry, LotState, SaleOutage
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale, SaleNotice
from auctionhouse.collecting.models import (
    CollectingRules,
    InvoiceReminder,
    LateCharge,
    NonpayerStep,
    SaleClosing,
)
from auctionhouse.consignors.models import (
    Agreement,
    Intake,
    IntakeItem,
    Payee,
    PayeeInstruction,
    VendorSettings,
)
from auctionhouse.deposits.models import DepositMoney, SaleDeposit
from auctionhouse.documents.models import KeptDocument
from auctionhouse.handover.models import LotHandover, Parcel, ReleaseHold, ReleaseOrder
from auctionhouse.invoicing.models import (
    CreditRefund,
    Invoice,
    InvoiceLine,
    InvoiceLot,
    InvoicePayment,
    InvoicePaymentReversal,
    InvoiceRepayment,
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
    StripeLine,
    StripePayout,
    StripeReconciliation,
)
from auctionhouse.plan.models import ChargedLot, PlanAllowance
from auctionhouse.receipts.models import RefusedBid, SigningKey
from auctionhouse.registrations.models import LinkedLot, Registration
from auctionhouse.settlement.models import (
    PayerAccount,
    PayoutLine,
    PayoutRun,
    Statement,
    StatementLine,
    StatementPart,
    StatementUse,
    VendorHold,
)

__all__ = [
    "Agreement",
    "ApprovalRequest",
    "ApprovalRule",
    "Artist",
    "AuditEntry",
    "BankColumns",
    "BankLine",
    "BankMatch",
    "BankStatement",
    "BankUpload",
    "CardOnFile",
    "ChargedLot",
    "Client",
    "CollectingRules",
    "Conditions",
    "CreditRefund",
    "DepositMoney",
    "Intake",
    "IntakeItem",
    "Invoice",
    "InvoiceLine",
    "InvoiceLot",
    "InvoicePayment",
    "InvoicePaymentReversal",
    "InvoiceReminder",
    "InvoiceRepayment",
    "KeptDocument",
    "LateCharge",
    "LedgerEntry",
    "LegalEntity",
    "LinkedLot",
    "Lot",
    "LotHandover",
    "LotOffer",
    "LotOfferStep",
    "LotState",
    "Member",
    "MemberSession",
    "NonpayerStep",
    "Parcel",
    "Payee",
    "PayeeInstruction",
    "PayerAccount",
    "Payment",
    "PaymentAttempt",
    "PaymentDispute",
    "PaymentRefund",
    "PayoutLine",
    "PayoutRun",
    "Picture",
    "PlanAllowance",
    "Posting",
    "PostingEntry",
    "RefusedBid",
    "Registration",
    "ReleaseHold",
    "ReleaseOrder",
    "Role",
    "Sale",
    "SaleClosing",
    "SaleDeposit",
    "SaleNotice",
    "SaleOutage",
    "SigningKey",
    "Statement",
    "StatementLine",
    "StatementPart",
    "StatementUse",
    "StripeLine",
    "StripePayout",
    "StripeReconciliation",
    "VendorHold",
    "VendorSettings",
]
