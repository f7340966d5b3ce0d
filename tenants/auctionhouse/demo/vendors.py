"""Who consigns at the demo's houses: one who also bids, an estate of two heirs, a dealer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.consignors.accounts import BankAccount, read_account
from auctionhouse.consignors.models import Agreement
from auctionhouse.consignors.operations.agreements import draft_agreement, sign_agreement
from auctionhouse.consignors.operations.consigning import consign_lot
from auctionhouse.consignors.operations.intake import Received, receive
from auctionhouse.consignors.operations.payees import (
    NewPayee,
    approve_payees,
    propose_payees,
)
from auctionhouse.consignors.operations.settings import set_vendor_settings
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client
from auctionhouse.settlement.operations.payer import save_payer
from auctionxchange.kernel.clock import database_now

KNOWN_FOR = timedelta(days=60)
"""How long the payees' accounts are said to be known, so that they can be paid to."""

TERMS: Sequence[Mapping[str, Any]] = (
    {"commission": [["0", "15"], ["5000", "10"]], "minimum": "30"},
    {
        "commission": [["0", "12.5"]],
        "fees": [{"name": "Insurance", "percent": "1.5", "when": "always"},
                 {"name": "Photography", "amount": "10", "when": "always"}],
    },
    {
        "commission": [["0", "8"]],
        "fees": [{"name": "Unsold", "amount": "15", "when": "unsold"}],
        "vat_registered": True,
        "declaration": True,
    },
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Names:
    """What the vendors are called in a language."""

    estate: str
    executor: str
    heirs: tuple[str, str]
    dealer: str
    company: str
    fees: Mapping[str, str]
    brought: tuple[str, str]
    stored: str


NAMES = {
    "en": Names(
        "Estate of Eleanor Marsh", "Thomas Marsh, executor", ("Thomas Marsh", "Clara Marsh"),
        "Hugo Lane", "Lane Fine Art Ltd", {},
        ("Two oil paintings in gilt frames", "Slight craquelure"), "Picture store, rack 4",
    ),
    "fr": Names(
        "Succession d’Éléonore Marchand", "Thomas Marchand, exécuteur",
        ("Thomas Marchand", "Claire Marchand"), "Hugues Lenoir", "Galerie Lenoir SARL",
        {"Insurance": "Assurance", "Photography": "Photographie", "Unsold": "Invendu"},
        ("Deux huiles dans des cadres dorés", "Léger craquelé"), "Réserve, travée 4",
    ),
}  # fmt: skip
_ACCOUNTS: Mapping[str, Sequence[Mapping[str, str]]] = {
    "GBP": (
        {"kind": "uk", "sort_code": "20-20-15", "number": "55555555"},
        {"kind": "uk", "sort_code": "40-47-84", "number": "70872490"},
        {"kind": "uk", "sort_code": "09-01-28", "number": "21345678"},
        {"kind": "uk", "sort_code": "30-96-34", "number": "12345678"},
    ),
    "EUR": (
        {"kind": "iban", "iban": "FR1420041010050500013M02606"},
        {"kind": "iban", "iban": "NL91ABNA0417164300"},
        {"kind": "iban", "iban": "DE89370400440532013000"},
        {"kind": "iban", "iban": "FR7630006000011234567890189"},
    ),
    "USD": (
        {"kind": "iban", "iban": "GB33BUKB20201555555555"},
        {"kind": "iban", "iban": "NL91ABNA0417164300"},
        {"kind": "iban", "iban": "DE89370400440532013000"},
        {"kind": "iban", "iban": "FR7630006000011234567890189"},
    ),
}
"""Accounts from textbooks, by a house's currency; the last one is the house's own."""


def _account(currency: str, place: int) -> BankAccount:
    return read_account(**_ACCOUNTS[currency][place])


def make_vendors(session: Session, slug: str, language: str, entity: LegalEntity) -> None:
    """Make a house's consignors with agreements and payees, and let it pay them."""
    names, currency = NAMES[language], entity.currency
    save_payer(
        session, entity.id, series=f"{entity.series}S-", holder=entity.name,
        account=_account(currency, 3), bacs_user="123456" if currency == "GBP" else "", actor=None,
    )  # fmt: skip
    set_vendor_settings(session, reserve_days=0, bank_days=10, pay_when="invoice_paid", actor=None)
    robin = session.scalars(select(Client).where(Client.email == f"bidder@{slug}.example")).one()
    estate = Client(name=names.estate, company=names.executor)
    dealer = Client(name=names.dealer, company=names.company, email=f"dealer@{slug}.example")
    session.add_all([estate, dealer])
    session.flush()
    one, other = (
        NewPayee(rule="share", name=heir, share=Fraction(1, 2), account=_account(currency, place))
        for place, heir in enumerate(names.heirs, start=1)
    )
    whole = Fraction(1)
    payees = (
        [NewPayee(rule="share", name=robin.name, share=whole, account=_account(currency, 0))],
        [one, other],
        [NewPayee(rule="share", name=names.company, share=whole, account=_account(currency, 2))],
    )
    for client, terms, goes_to in zip((robin, estate, dealer), TERMS, payees, strict=True):
        _agree(session, client, entity.id, _named(terms, names))
        _known(session, client.id, goes_to)
    receive(
        session, estate.id, [Received(names.brought[0], 2, names.brought[1], 50_000)],
        currency=currency, received_on=database_now(session).date(), place=names.stored, actor=None,
    )  # fmt: skip


def _named(terms: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return terms whose fees are called as the house calls them."""
    fees = [
        {**fee, "name": names.fees.get(fee["name"], fee["name"])} for fee in terms.get("fees", [])
    ]
    return {**terms, "fees": fees}


def _agree(session: Session, client: Client, entity_id: int, terms: Mapping[str, Any]) -> None:
    made = draft_agreement(session, client.id, entity_id, terms, actor=None)
    today = database_now(session).date()
    sign_agreement(session, made.id, signed_on=today, signed_by=client.name, actor=None)


def _known(session: Session, client_id: int, payees: Sequence[NewPayee]) -> None:
    made = propose_payees(session, client_id, payees, actor=None)
    approve_payees(session, made.id, actor=None)
    session.execute(
        text("UPDATE payee SET known_since = known_since - :ago WHERE instruction_id = :made"),
        {"ago": KNOWN_FOR, "made": made.id},
    )


def consign_lots(session: Session, sale_id: int, order: Sequence[int]) -> None:
    """Give a sale's lots to the house's vendors; order says to whom lot by lot, again and again."""
    agreements = session.scalars(select(Agreement).order_by(Agreement.number)).all()
    if not agreements:
        return
    lots = session.scalars(
        text("SELECT id FROM lot WHERE sale_id = :sale ORDER BY number"), {"sale": sale_id}
    ).all()
    for place, lot_id in enumerate(lots):
        under = agreements[order[place % len(order)]]
        consign_lot(session, lot_id, under.client_id, under.id, actor=None)
