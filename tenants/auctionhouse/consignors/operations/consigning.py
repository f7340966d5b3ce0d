"""Saying whose a lot is and under which agreement it is sold."""

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.catalogue.locks import lock_lot
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.consignors.assigning import check_changeable, check_consigned, check_margin


def consign_lot(
    session: Session, lot_id: int, client_id: int, agreement_id: int, *, actor: int | None
) -> Lot:
    """Put a lot under a consignor's agreement.

    Raises AgreementOfAnother, AgreementUnsigned, ConsignorFixed and MarginForbidden.
    """
    lot = lock_lot(session, lot_id)
    if (lot.consignor_client_id, lot.agreement_id) == (client_id, agreement_id):
        return lot
    sale = session.get_one(Sale, lot.sale_id)
    check_changeable(session, lot_id)
    check_consigned(session, sale, client_id, agreement_id)
    lot.consignor_client_id, lot.agreement_id = client_id, agreement_id
    check_margin(session, sale, lot)
    lot.version += 1
    session.flush()
    audit.record(
        session, "lot.consign", f"lot:{lot.id}", actor=actor, client=client_id,
        agreement=agreement_id,
    )  # fmt: skip
    return lot
