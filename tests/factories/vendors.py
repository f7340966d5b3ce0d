"""Consignors with agreements, payees and sold lots, and a legal entity that pays them."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.consignors.accounts import BankAccount, read_account
from auctionhouse.consignors.models import Agreement
from auctionhouse.consignors.operations.agreements import draft_agreement, sign_agreement
from auctionhouse.consignors.operations.payees import (
    NewPayee,
    approve_payees,
    propose_payees,
)
from auctionhouse.consignors.operations.settings import set_vendor_settings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.members.models import Client
from auctionhouse.settlement.operations.payer import save_payer
from factories.invoices import SoldSale, make_sold_sale

TERMS: dict[str, Any] = {"commission": [["0", "10"]]}
GERMAN, FRENCH = "DE89370400440532013000", "FR7630006000011234567890189"
PAYER = "NL91ABNA0417164300"
BRITISH = ("202015", "55555555")


@dataclass(frozen=True, slots=True)
class Consigned:
    """A sold sale whose lots are all one consignor's, under an agreement."""

    sold: SoldSale
    agreement: Agreement

    @property
    def vendor(self) -> int:
        """Return the consignor's client id."""
        return self.sold.vendor

    @property
    def entity(self) -> int:
        """Return the legal entity's id."""
        return self.sold.entity.id

    @property
    def sale(self) -> int:
        """Return the sale's id."""
        return self.sold.sale.sale_id

    @property
    def lots(self) -> list[int]:
        """Return the lots' ids in order."""
        return self.sold.sale.lots


def british(number: str = BRITISH[1]) -> BankAccount:
    """Return a British account."""
    return read_account("uk", sort_code=BRITISH[0], number=number)


def german() -> BankAccount:
    """Return a German account."""
    return read_account("iban", iban=GERMAN)


def make_consigned(
    session: Session,
    *,
    lots: int = 2,
    buyers: int = 1,
    terms: dict[str, Any] | None = None,
    money: dict[str, Any] | None = None,
    currency: str = "GBP",
    reserve_days: int = 0,
) -> Consigned:
    """Sell a sale's lots for one consignor; vendors are paid at once, new details wait ten days."""
    sold = make_sold_sale(session, lots=lots, buyers=buyers)
    sale = session.get_one(Sale, sold.sale.sale_id)
    sold.entity.currency = sale.currency = currency
    if money is not None:
        sale.money = money
    session.flush()
    agreement = make_agreement(session, sold.vendor, sold.entity.id, terms)
    session.execute(
        text("UPDATE lot SET agreement_id = :a WHERE sale_id = :s"),
        {"a": agreement.id, "s": sale.id},
    )
    account = british("12345678") if currency == "GBP" else read_account("iban", iban=PAYER)
    save_payer(
        session, sold.entity.id, series=f"{secrets.token_hex(4)}-", holder="Oak Auctions Ltd",
        account=account, bacs_user="123456" if currency == "GBP" else "", actor=None,
    )  # fmt: skip
    set_vendor_settings(
        session, reserve_days=reserve_days, bank_days=10, pay_when="invoice_paid", actor=None
    )
    return Consigned(sold, agreement)


def make_agreement(
    session: Session, client_id: int, entity_id: int, terms: dict[str, Any] | None = None
) -> Agreement:
    """Return a signed agreement: ten per cent, unless told otherwise."""
    drafted = draft_agreement(session, client_id, entity_id, terms or TERMS, actor=None)
    signed_on = date(2026, 1, 5)
    return sign_agreement(
        session, drafted.id, signed_on=signed_on, signed_by="A. Vendor", actor=None
    )


def share(name: str, text: str = "1", account: BankAccount | None = None) -> NewPayee:
    """Return a payee with a share."""
    return NewPayee(rule="share", name=name, share=Fraction(text), account=account or british())


def set_payees(
    session: Session, client_id: int, payees: Sequence[NewPayee], *, days_ago: int = 30
) -> int:
    """Let payees be in force whose accounts have been known for some days."""
    made = propose_payees(session, client_id, payees, actor=None)
    approve_payees(session, made.id, actor=None)
    session.execute(
        text("UPDATE payee SET known_since = known_since - :ago WHERE instruction_id = :i"),
        {"ago": timedelta(days=days_ago), "i": made.id},
    )
    session.expire_all()
    return made.id


def pay_all(session: Session, sale_id: int) -> list[Invoice]:
    """Invoice a sale's lots and have every buyer pay in full."""
    paid = []
    for made in make_proformas(session, sale_id, actor=None):
        invoice = release_invoice(session, made.id, actor=None)
        record_payment(
            session, invoice.id, invoice.total, "transfer", received_on=date(2026, 11, 24),
            actor=None,
        )  # fmt: skip
        paid.append(invoice)
    return paid


def make_client(session: Session, name: str = "Another", email: str | None = None) -> Client:
    """Return a client without an account."""
    made = Client(name=name, email=email)
    session.add(made)
    session.flush()
    return made
