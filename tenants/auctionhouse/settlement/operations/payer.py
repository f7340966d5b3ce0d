"""A legal entity as the one who pays: its series of statements and its clients' bank account."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.accounts import BankAccount
from auctionhouse.consignors.sealed import close_account
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.settlement.models import PayerAccount
from auctionhouse.settlement.operations.paying import payer_place
from auctionhouse.settlement.refusals import PayerInvalid, SeriesUsed
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _


def save_payer(
    session: Session,
    entity_id: int,
    *,
    series: str,
    holder: str,
    account: BankAccount | None,
    bacs_user: str = "",
    actor: int | None,
) -> PayerAccount:
    """Say in which series an entity numbers statements and from which account it pays.

    An account of None keeps the one that is known. Raises SeriesUsed and PayerInvalid.
    """
    if session.get(LegalEntity, entity_id) is None:
        raise NotFound(entity=entity_id)
    if bacs_user and not re.fullmatch(r"[0-9]{6}", bacs_user):
        raise PayerInvalid("bacs_user", _("A service user number has six digits."))
    taken = select(PayerAccount.entity_id).where(
        PayerAccount.series == series, PayerAccount.entity_id != entity_id
    )
    if session.scalars(taken).first() is not None:
        raise SeriesUsed
    found = session.get(PayerAccount, entity_id, with_for_update=True)
    payer = found or PayerAccount(entity_id=entity_id)
    payer.series, payer.holder, payer.bacs_user = series, holder, bacs_user
    if account is not None:
        payer.kind, payer.masked = account.kind, account.masked
        payer.sealed = close_account(session, account, payer_place(entity_id))
    session.add(payer)
    session.flush()
    audit.record(
        session, "payer.save", f"entity:{entity_id}", actor=actor, series=series,
        account=payer.masked,
    )  # fmt: skip
    return payer
