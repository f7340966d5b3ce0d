"""Mails about bids, each a function that returns what its template shows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.selling import in_all
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.money import currency, format_amount
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import ngettext
from auctionxchange.tenancy.house import House

_READER = text(
    "SELECT c.email, c.name, m.locale FROM client c LEFT JOIN member m ON m.id = c.member_id"
    " WHERE c.id = :client AND (m.id IS NULL OR m.active)"
)
_LOT = text(
    "SELECT l.id, l.number::text || l.suffix AS number, l.title, l.maker, e.reference, e.currency,"
    " e.title AS sale, s.price, s.asking, s.ends_at, s.status, s.leader_client_id, s.outcome,"
    " s.pieces, (SELECT o.expires_at FROM lot_offer o WHERE o.lot_id = l.id"
    " AND o.kind IN ('conditional', 'choosing') AND o.ended_at IS NULL) AS decided_by FROM lot l"
    " JOIN sale e ON e.id = l.sale_id JOIN lot_state s ON s.lot_id = l.id"
    " WHERE l.id = :lot"
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A rendered mail."""

    to: str
    subject: str
    text: str
    html: str


Context = dict[str, Any]
BID_MAILS: dict[str, Callable[[Context], str]] = {}
"""By name: the function that returns the subject and completes the context."""
NOTICES: set[str] = set()
"""Mails that share one template: the subject, the lot, and the house's words where it has any."""


SAME_AS = {"bought": "won", "accepted_by_seller": "won", "chosen": "won"}
"""Mails that differ in their subject alone."""


def bid_mail(function: Callable[[Context], str]) -> Callable[[Context], str]:
    """Register a mail under its function's name, which is also its template's."""
    BID_MAILS[function.__name__] = function
    return function


def bid_notice(function: Callable[[Context], str]) -> Callable[[Context], str]:
    """Register a mail that is no more than its subject and a notice."""
    NOTICES.add(function.__name__)
    return bid_mail(function)


@bid_mail
def outbid(context: Context) -> str:
    """Tell who led until now."""
    return _(
        "You have been outbid on lot %(number)s: now %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_mail
def won(context: Context) -> str:
    """Tell the winner."""
    if context["pieces"] > 1:
        return _(
            "You won lot %(number)s: %(pieces)s pieces for %(price)s each, %(total)s in all",
            number=context["lot"].number,
            pieces=context["pieces"],
            price=context["price"],
            total=context["total"],
        )
    return _(
        "You won lot %(number)s for %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_mail
def conditional(context: Context) -> str:
    """Tell whose bid came close to the reserve that the seller decides."""
    return _(
        "Your bid of %(price)s on lot %(number)s is with the seller",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_mail
def choosing(context: Context) -> str:
    """Tell the winner that it is theirs to choose."""
    return _(
        "You won lot %(number)s: choose your pieces at %(price)s each",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_mail
def chosen(context: Context) -> str:
    """Tell who chose, or had chosen for them, what they bought."""
    return ngettext(
        "Lot %(number)s: you bought %(num)d piece for %(total)s",
        "Lot %(number)s: you bought %(num)d pieces for %(total)s",
        context["pieces"],
        number=context["lot"].number,
        total=context["total"],
    )


@bid_mail
def accepted_by_seller(context: Context) -> str:
    """Tell whose bid the seller accepted."""
    return _(
        "The seller accepted: you bought lot %(number)s for %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def refused_by_seller(context: Context) -> str:
    """Tell whose bid the seller did not accept, or not in time."""
    return _(
        "Lot %(number)s was not sold: the seller did not accept %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_mail
def bought(context: Context) -> str:
    """Tell who bought a lot otherwise than by the hammer."""
    return _(
        "You bought lot %(number)s for %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def bought_by_another(context: Context) -> str:
    """Tell who led when another bidder took the lot at once."""
    return _(
        "Lot %(number)s was bought at once by another bidder, for %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def leads_again(context: Context) -> str:
    """Tell who leads because another's bid no longer counts."""
    return _(
        "You lead again on lot %(number)s at %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def cancelled(context: Context) -> str:
    """Tell whose bid the house cancelled."""
    return _("The house cancelled your bid on lot %(number)s", number=context["lot"].number)


@bid_notice
def reopened(context: Context) -> str:
    """Tell bidders of a lot that it takes bids again."""
    return _("Lot %(number)s is open for bids again", number=context["lot"].number)


@bid_notice
def corrected_to(context: Context) -> str:
    """Tell who bought after a correction."""
    return _(
        "Corrected result: you bought lot %(number)s for %(price)s",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def sale_cancelled(context: Context) -> str:
    """Tell whose purchase was cancelled."""
    return _(
        "The sale of lot %(number)s to you for %(price)s was cancelled",
        number=context["lot"].number,
        price=context["price"],
    )


@bid_notice
def corrected_from(context: Context) -> str:
    """Tell who no longer counts as the buyer."""
    return _(
        "Corrected result: lot %(number)s is no longer sold to you", number=context["lot"].number
    )


def build(
    name: str,
    session: Session,
    house: House,
    settings: Settings,
    *,
    lot_id: int,
    client_id: int,
    price: int,
    notice: str = "",
    pieces: int | None = None,
) -> Mail | None:
    """Render a mail in the reader's language; None where the client has no address.

    Pieces are what one buyer has of a lot that several share, else the lot's.
    """
    reader = session.execute(_READER, {"client": client_id}).first()
    lot = session.execute(_LOT, {"lot": lot_id}).one()
    if reader is None or not reader.email:
        return None
    locale = reader.locale or house.language
    with force_locale(locale):
        context: Context = {
            "lot": lot,
            "name": reader.name,
            "price": format_amount(price, currency(lot.currency), locale),
            "pieces": pieces or lot.pieces,
            "total": format_amount(
                in_all(price, pieces or lot.pieces), currency(lot.currency), locale
            ),
            "asking": format_amount(lot.asking, currency(lot.currency), locale),
            "notice": notice,
            "link": house.url(settings, f"/sales/{lot.reference}/lots/{lot.number}"),
        }
        subject = BID_MAILS[name](context)
        template = "notice" if name in NOTICES else SAME_AS.get(name, name)
        rendered = [
            render_template(f"bidding/mail/{template}.{kind}", subject=subject, **context)
            for kind in ("txt", "html")
        ]
    return Mail(reader.email, subject, rendered[0], rendered[1])
