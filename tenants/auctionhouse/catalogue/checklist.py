"""The check before publishing, put together from the tables and put into words."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.bidding.dutch.rules import lasts
from auctionhouse.bidding.format_terms import selling_terms
from auctionhouse.bidding.selling import STEPLESS
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import build_terms
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale
from auctionhouse.catalogue.rules import (
    Finding,
    LotFacts,
    SaleFacts,
    check_before_publishing,
    lot_label,
)
from auctionhouse.consignors.assigning import forbidden_lots
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.clock import database_now

LABELS_SHOWN = 12


def what_is_missing(session: Session, sale: Sale) -> list[Finding]:
    """Return what a sale lacks, blocking findings first."""
    conditions = session.get(Conditions, sale.conditions_id) if sale.conditions_id else None
    facts = SaleFacts(
        title=sale.title,
        starts_at=sale.starts_at,
        ends_at=sale.ends_at,
        conditions_published=conditions is not None and conditions.published_at is not None,
        has_increments=bool(sale.terms.get("increments")) or not _sold_in_steps(session, sale),
    )
    forbidden = forbidden_lots(session, sale)
    return check_before_publishing(
        facts, _lots(session, sale), database_now(session), forbidden=forbidden
    )


def _sold_in_steps(session: Session, sale: Sale) -> bool:
    """Tell whether a lot follows the sale's increments."""
    own = session.scalars(
        select(Lot.terms).where(Lot.sale_id == sale.id, Lot.withdrawn_at.is_(None))
    ).all()
    return any(
        ({**sale.terms, **(terms or {})}).get("format") not in STEPLESS
        and not (terms or {}).get("increments")
        for terms in own
    )


def _lots(session: Session, sale: Sale) -> Sequence[LotFacts]:
    pictures = func.count(Picture.id)
    silent = func.count(Picture.id).filter(Picture.alt == "")
    query = (
        select(
            Lot.number, Lot.suffix, Lot.title, Lot.reserve, Lot.estimate_low,
            Lot.estimate_on_request, Lot.withdrawn_at, Lot.terms, Lot.opening, Lot.quantity,
            pictures, silent,
        )
        .outerjoin(Picture, Picture.lot_id == Lot.id)
        .where(Lot.sale_id == sale.id)
        .group_by(Lot.id)
        .order_by(Lot.number, Lot.suffix)
    )  # fmt: skip
    return [
        LotFacts(
            label=lot_label(row.number, row.suffix),
            title=row.title,
            reserve=row.reserve,
            estimate_low=row.estimate_low,
            estimate_on_request=row.estimate_on_request,
            pictures=row[-2],
            pictures_without_text=row[-1],
            withdrawn=row.withdrawn_at is not None,
            clock_fits=_clock_fits(sale, row),
            choice_fits=_choice_fits(sale, row),
        )
        for row in session.execute(query)
    ]


def _clock_fits(sale: Sale, row: Any) -> bool:
    """Tell whether a lot's clock, if it has one, falls as it should, and within the sale's time."""
    merged = {**sale.terms, **(row.terms or {})}
    if merged.get("format") != "dutch" or not sale.starts_at or not sale.ends_at:
        return True
    try:
        terms = build_terms(sale.terms, row.terms, row.opening, row.reserve, row.quantity)
    except TermsInvalid:
        return False
    return sale.starts_at + timedelta(microseconds=lasts(terms)) <= sale.ends_at


def _choice_fits(sale: Sale, row: Any) -> bool:
    """Tell whether a lot whose buyer chooses has pieces to choose among, and no names too many."""
    merged = {**sale.terms, **(row.terms or {})}
    if merged.get("format") != "choice":
        return True
    try:
        selling_terms("choice", merged, row.quantity)
    except TermsInvalid:
        return False
    return True


def words(finding: Finding) -> str:
    """Say what was found in the reader's language."""
    texts = {
        "title": _("The sale has no title."),
        "times": _("Set when bidding opens and when the first lot closes."),
        "ended": _("The closing time has passed."),
        "conditions": _("Choose published conditions of sale; bidders accept them."),
        "increments": _("Set the bidding increments."),
        "no_lots": _("The sale has no lots."),
        "clock": _(
            "The clock of these lots does not fall from above their opening price, or takes longer"
            " than the lots are open:"
        ),
        "choice": _(
            "Buyer’s choice needs two pieces or more, and no more names than pieces, in these lots:"
        ),
        "lot_title": _("These lots have no title:"),
        "margin_forbidden": _(
            "The margin scheme is not allowed for these lots: their vendors are registered for VAT"
            " and have not declared the goods eligible:"
        ),
        "no_estimate": _("Lots without an estimate:"),
        "reserve_above_estimate": _("The reserve is above the low estimate:"),
        "no_picture": _("Lots without a picture:"),
        "no_picture_text": _("Pictures without a description for those who cannot see them:"),
    }
    return " ".join(filter(None, [texts[finding.code], _listed(finding.lots)]))


def _listed(labels: Sequence[str]) -> str:
    shown = ", ".join(labels[:LABELS_SHOWN])
    more = len(labels) - LABELS_SHOWN
    return _("%(shown)s and %(more)s more", shown=shown, more=more) if more > 0 else shown
