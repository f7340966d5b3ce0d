"""Mails about offers, each a function that says in its subject where the offer stands."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.emails import Mail
from auctionhouse.members.models import Member
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.money import currency, format_amount
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.house import House

_OFFER = text("""
    SELECT o.id, o.kind, o.state, o.amount, o.expires_at, o.client_id, c.email, c.name, c.member_id,
           m.locale, l.number::text || l.suffix AS number, l.title, l.maker, e.title AS sale,
           e.reference, e.currency, s.status, s.outcome, s.leader_client_id, s.bid_count,
           l.id AS lot
    FROM lot_offer o JOIN client c ON c.id = o.client_id LEFT JOIN member m ON m.id = c.member_id
    JOIN lot l ON l.id = o.lot_id JOIN sale e ON e.id = o.sale_id
    JOIN lot_state s ON s.lot_id = o.lot_id
    WHERE o.id = :offer AND (m.id IS NULL OR m.active)
""")


@dataclass(frozen=True, slots=True)
class Told:
    """An offer as its bidder is told of it."""

    row: Any
    amount: str

    @property
    def name(self) -> str | None:
        """Return which mail tells of it, or None where there is nothing to tell.

        Who made an offer knows of it, and who bought the lot has a mail of that.
        """
        row = self.row
        bought = row.outcome == "sold" and row.leader_client_id == row.client_id
        if bought or (row.kind, row.state) not in OFFER_MAILS:
            return None
        return OFFER_MAILS[row.kind, row.state].__name__


Subject = Callable[[Told], str]


def countered(told: Told) -> str:
    """Tell of the house's counter-offer."""
    return _("Lot %(number)s: the house answers your offer with %(amount)s",
             number=told.row.number, amount=told.amount)  # fmt: skip


def declined(told: Told) -> str:
    """Tell that the house declined."""
    return _("Your offer of %(amount)s for lot %(number)s was declined",
             number=told.row.number, amount=told.amount)  # fmt: skip


def withdrawn(told: Told) -> str:
    """Tell that the house took its offer back."""
    return _("Lot %(number)s is no longer offered to you", number=told.row.number)


def expired(told: Told) -> str:
    """Tell that the time to answer has passed."""
    return _("The offer of %(amount)s for lot %(number)s has expired",
             number=told.row.number, amount=told.amount)  # fmt: skip


def lapsed(told: Told) -> str:
    """Tell that something happened to the lot which ended the offer."""
    return _("Your offer for lot %(number)s has ended", number=told.row.number)


def offered(told: Told) -> str:
    """Tell an underbidder that the lot can be theirs."""
    return _("Lot %(number)s can be yours for %(amount)s",
             number=told.row.number, amount=told.amount)  # fmt: skip


OFFER_MAILS: dict[tuple[str, str], Subject] = {
    ("best", "with_bidder"): countered,
    ("best", "declined"): declined,
    ("best", "withdrawn"): withdrawn,
    ("best", "expired"): expired,
    ("best", "lapsed"): lapsed,
    ("underbidder", "with_bidder"): offered,
    ("underbidder", "withdrawn"): withdrawn,
    ("underbidder", "expired"): expired,
    ("underbidder", "lapsed"): withdrawn,
}
"""By kind and state of an offer: the mail that tells of it."""


def asked(told: Told) -> str:
    """Tell staff that an offer, or a bid close to the reserve, waits for them."""
    if told.row.kind == "conditional":
        return _("Lot %(number)s: does the seller accept the highest bid?", number=told.row.number)
    return _("An offer on lot %(number)s waits for you", number=told.row.number)


def build_for_staff(row: Any, reader: Member, house: House, settings: Settings) -> Mail:
    """Render the mail that asks a member of staff to answer an offer."""
    locale = reader.locale or house.language
    with force_locale(locale):
        told = Told(row, format_amount(row.amount, currency(row.currency), locale))
        subject = asked(told)
        link = house.url(settings, f"/manage/offers/{row.id}")
        rendered = [
            render_template(
                f"offers/mail/asked.{kind}", subject=subject, told=told, lot=row, link=link
            )
            for kind in ("txt", "html")
        ]
    return Mail(reader.email, subject, rendered[0], rendered[1])


def read(session: Session, offer_id: int) -> Any:
    """Return what is told of an offer, or None where nobody can be told."""
    return session.execute(_OFFER, {"offer": offer_id}).first()


def build(row: Any, house: House, settings: Settings) -> Mail | None:
    """Render the mail that tells where an offer stands; None where there is none, or no address."""
    locale = row.locale or house.language
    with force_locale(locale):
        told = Told(row, format_amount(row.amount, currency(row.currency), locale))
        if told.name is None or not row.email:
            return None
        subject = OFFER_MAILS[row.kind, row.state](told)
        context = {
            "subject": subject,
            "told": told,
            "lot": row,
            "link": house.url(settings, f"/me/offers/{row.id}"),
        }
        rendered = [
            render_template(f"offers/mail/offer.{kind}", **context) for kind in ("txt", "html")
        ]
    return Mail(row.email, subject, rendered[0], rendered[1])
