"""The rules a sale and its lots are sold by: set while nobody relies on them."""

from typing import Any

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.format_terms import LEAST_TO_CHOOSE
from auctionhouse.bidding.selling import STEPLESS
from auctionhouse.bidding.terms import build_terms
from auctionhouse.catalogue.locks import lock_lot, lock_sale
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.refusals import ChangedMeanwhile
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _


class TermsFrozen(Conflict):
    """The sale is shown: its terms stand in the ledgers of its lots."""

    code = "terms_frozen"

    def message(self) -> str:
        return _(
            "The sale is published, so its terms stay as they are: bidders have read them and they"
            " stand in every lot’s ledger."
        )


def set_sale_terms(
    session: Session, sale_id: int, terms: dict[str, Any], *, actor: int | None, version: int
) -> Sale:
    """Give a draft its terms; raises TermsInvalid, TermsFrozen and ChangedMeanwhile."""
    build_terms(terms, None, 1, None, LEAST_TO_CHOOSE)
    sale = lock_sale(session, sale_id)
    if sale.state != "draft":
        raise TermsFrozen
    if version != sale.version:
        raise ChangedMeanwhile(version=sale.version)
    if terms != sale.terms:
        before = sale.terms
        sale.terms = terms
        sale.version += 1
        changed = sorted(name for name in terms if terms[name] != before.get(name))
        audit.record(session, "sale.terms", f"sale:{sale.id}", actor=actor, settings=changed)
    return sale


def set_lot_terms(
    session: Session,
    lot_id: int,
    own: dict[str, Any],
    *,
    closing_group: str,
    actor: int | None,
    version: int,
) -> Lot:
    """Let a lot of a draft differ from its sale; without own terms it follows the sale.

    Raises TermsInvalid, TermsFrozen and ChangedMeanwhile.
    """
    lot = lock_lot(session, lot_id)
    sale = session.get_one(Sale, lot.sale_id)
    if sale.state != "draft":
        raise TermsFrozen
    if version != lot.version:
        raise ChangedMeanwhile(version=lot.version)
    merged = {**sale.terms, **own}
    if merged.get("increments") or merged.get("format") in STEPLESS:
        build_terms(sale.terms, own or None, lot.opening, lot.reserve, lot.quantity)
    if (own or None, closing_group) != (lot.terms, lot.closing_group):
        lot.terms = own or None
        lot.closing_group = closing_group
        lot.version += 1
        audit.record(session, "lot.terms", f"lot:{lot.id}", actor=actor, settings=sorted(own))
    return lot
