"""Under whose agreement a lot is sold, and what that forbids; asked wherever a lot is changed."""

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.consignors.models import Agreement
from auctionhouse.consignors.refusals import (
    AgreementOfAnother,
    AgreementUnsigned,
    ConsignorFixed,
)
from auctionhouse.invoicing import rules as accounts
from auctionhouse.money.refusals import MarginForbidden
from auctionhouse.money.stored import LotMoney, sold_lot
from auctionhouse.money.terms_format import read_vendor
from auctionhouse.money.vendor import check_status
from auctionxchange.kernel.money import currency

_MONEY = text(
    "SELECT EXISTS (SELECT FROM posting_entry WHERE lot_id = :lot AND account = :account"
    " GROUP BY client_id HAVING sum(amount) <> 0)"
)
_STATED = text(
    "SELECT EXISTS (SELECT FROM statement_part p JOIN statement s ON s.id = p.statement_id"
    " WHERE p.lot_id = :lot AND p.live AND s.number IS NOT NULL)"
)


def check_consigned(
    session: Session, sale: Sale, client_id: int | None, agreement_id: int | None
) -> None:
    """Refuse an agreement that is another's, in another currency or unsigned.

    Raises AgreementOfAnother and AgreementUnsigned.
    """
    if agreement_id is None:
        return
    agreement = session.get(Agreement, agreement_id)
    if agreement is None or agreement.client_id != client_id or agreement.currency != sale.currency:
        raise AgreementOfAnother(names=["agreement_id"])
    if agreement.signed_on is None:
        raise AgreementUnsigned(names=["agreement_id"])


def check_changeable(session: Session, lot_id: int) -> None:
    """Refuse another consignor or agreement once money or a statement names the present one.

    Raises ConsignorFixed.
    """
    key = {"lot": lot_id, "account": accounts.CLIENT_VENDORS}
    if session.scalar(_MONEY, key) or session.scalar(_STATED, key):
        raise ConsignorFixed(names=["consignor_client_id"])


def check_margin(session: Session, sale: Sale, lot: Lot) -> None:
    """Refuse the margin scheme for a lot whose vendor's status forbids it.

    Raises MarginForbidden.
    """
    if lot.agreement_id is None:
        return
    agreement = session.get_one(Agreement, lot.agreement_id)
    unit = currency(sale.currency)
    money = LotMoney(vat=lot.vat)
    label = f"{lot.number}{lot.suffix}"
    check_status([sold_lot(label, 0, sale.money, money, unit)], read_vendor(agreement.terms, unit))


def forbidden_lots(session: Session, sale: Sale) -> list[str]:
    """Return the labels of a sale's lots that may not be sold under the margin scheme."""
    query = select(Lot).where(
        Lot.sale_id == sale.id, Lot.agreement_id.is_not(None), Lot.withdrawn_at.is_(None)
    )
    found = []
    for lot in session.scalars(query.order_by(Lot.number, Lot.suffix)):
        try:
            check_margin(session, sale, lot)
        except MarginForbidden as refusal:
            found.append(refusal.fields["lot"])
    return found
