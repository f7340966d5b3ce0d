"""When the house pays its vendors."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.models import VendorSettings


def vendor_settings(session: Session, *, lock: bool = False) -> VendorSettings:
    """Return the one row of settings, held until the transaction ends where asked."""
    query = select(VendorSettings)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).one()


def set_vendor_settings(
    session: Session, *, reserve_days: int, bank_days: int, pay_when: str, actor: int | None
) -> VendorSettings:
    """Say when vendors are paid, how long new bank details wait, and when a buyer has paid.

    Days are calendar days, the first ones counted from the end of the sale.
    """
    row = vendor_settings(session, lock=True)
    before = {name: getattr(row, name) for name in ("reserve_days", "bank_days", "pay_when")}
    row.reserve_days, row.bank_days, row.pay_when = reserve_days, bank_days, pay_when
    session.flush()
    audit.record(
        session, "vendors.settings", "vendors", actor=actor, before=before,
        reserve_days=reserve_days, bank_days=bank_days, pay_when=pay_when,
    )  # fmt: skip
    return row
