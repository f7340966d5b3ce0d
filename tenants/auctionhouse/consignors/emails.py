"""Mails to consignors: each function returns its subject and what stands in it.

All share one template: the fact first, some lines, rows of names and figures, one button to the
consignor's own pages where they have an account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template
from sqlalchemy.orm import Session

from auctionhouse.consignors.letters import ADVICE
from auctionhouse.consignors.models import Intake, IntakeItem, PayeeInstruction
from auctionhouse.consignors.operations.payees import address_of, payees_of
from auctionhouse.consignors.queries.one import SaleOfVendor
from auctionhouse.consignors.words import payee_words
from auctionhouse.members.models import Client
from auctionxchange.i18n.formats import datetime_long, day, money, money_range
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.house import House

SELLING = "/account/selling/"


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail's subject, its lines, its rows, and the page it leads to."""

    subject: str
    lines: Sequence[str]
    rows: Sequence[tuple[str, str]] = ()
    path: str = SELLING


def of_sale(letter: str, sale: SaleOfVendor) -> Letter:
    """Tell a consignor what of theirs is in a sale, or what became of it."""
    path = f"{SELLING}sales/{sale.id}"
    if letter == ADVICE:
        when = datetime_long(sale.ends_at) if sale.ends_at else ""
        lines = [_("These lots of yours are in the sale. Please tell us if anything is not right.")]
        if when:
            lines.append(_("The sale closes from %(when)s.", when=when))
        rows = [(f"{lot.label} · {lot.title}", _estimate(lot, sale)) for lot in sale.lots]
        return Letter(_("Your lots in “%(sale)s”", sale=sale.title), lines, rows, path)
    total = money(sale.hammer, sale.currency)
    rows = [(f"{lot.label} · {lot.title}", _result(lot, sale)) for lot in sale.lots]
    lines = [
        _("Hammer prices come to %(total)s.", total=total),
        _("The settlement statement with charges and the day of payment follows."),
    ]
    return Letter(_("Your results in “%(sale)s”", sale=sale.title), lines, rows, path)


def _estimate(lot: Any, sale: SaleOfVendor) -> str:
    low, high = lot.estimate_low, lot.estimate_high
    said = money_range(low, high, sale.currency) if low or high else "–"
    if lot.reserve is None:
        return _("%(estimate)s, no reserve", estimate=said)
    reserve = money(lot.reserve, sale.currency)
    return _("%(estimate)s, reserve %(reserve)s", estimate=said, reserve=reserve)


def _result(lot: Any, sale: SaleOfVendor) -> str:
    if lot.sold_for is not None:
        return money(lot.sold_for, sale.currency)
    return _("withdrawn") if lot.withdrawn_at else _("unsold")


def of_receipt(receipt: Intake, items: Sequence[IntakeItem]) -> Letter:
    """Tell a consignor what was received."""
    rows = [
        (
            f"{item.quantity} × {item.description}",
            item.condition or "–"
            if item.reserve is None
            else _("%(condition)s, reserve %(amount)s", condition=item.condition or "–",
                   amount=money(item.reserve, receipt.currency)),
        )
        for item in items
    ]  # fmt: skip
    lines = [_("We received this from you on %(day)s.", day=day(receipt.received_on))]
    path = f"{SELLING}receipts/{receipt.id}"
    return Letter(_("Receipt %(number)s", number=receipt.number), lines, rows, path)


def of_payees(session: Session, instruction: PayeeInstruction) -> Letter:
    """Warn a consignor that somebody wants their money to go elsewhere."""
    rows = [(payee.name, payee_words(payee)) for payee in payees_of(session, instruction.id)]
    lines = [
        _("We were asked to change where your money goes. It counts once two of us have checked it;"
          " new accounts wait some days before anything is paid to them."),
        _("If you did not ask for this, please telephone us at once, at a number you know."),
    ]  # fmt: skip
    return Letter(_("A change of your payees or bank details"), lines, rows)


def post_letter(
    session: Session,
    house: House,
    settings: Settings,
    client: Client,
    letter: Letter,
    *,
    to: str | None = None,
) -> bool:
    """Render a letter and have it sent; False where there is no address to send it to."""
    address = to or address_of(session, client)
    if address is None:
        return False
    link = house.url(settings, letter.path) if client.member_id is not None else ""
    texts = {
        part: render_template(
            f"consignors/mail/letter.{ending}", subject=letter.subject, lines=letter.lines,
            rows=letter.rows, link=link, link_words=_("See it on our pages"),
        )
        for part, ending in (("text", "txt"), ("html", "html"))
    }  # fmt: skip
    enqueue(session, "mail.send", to=address, subject=letter.subject, **texts)
    return True
