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


def lock_payer(session: Session, entity_id: int) -> PayerAccount:
    """Hold a payer's row to the end of the transaction; raises NotFound."""
    query = select(PayerAccount).where(PayerAccount.entity_id == entity_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(entity=entity_id)
    return found


def check_bacs_user(number: str) -> None:
    """Refuse what is no Bacs service user number; raises PayerInvalid."""
    if number and not re.fullmatch(r"[0-9]{6}", number):
        raise PayerInvalid("bacs_user", _("A service user number has six digits."))


def change_payer(
    session: Session, entity_id: int, *, holder: str, bacs_user: str,
    account: tuple[str, str, bytes] | None, actor: int | None,
) -> PayerAccount:  # fmt: skip
    """Pay from another account: its kind, what is shown of it, and itself, sealed for the entity.

    An account of None keeps the one that is known. Raises PayerInvalid.
    """
    payer = lock_payer(session, entity_id)
    check_bacs_user(bacs_user)
    before = payer.masked
    payer.holder, payer.bacs_user = holder, bacs_user
    if account is not None:
        payer.kind, payer.masked, payer.sealed = account
    session.flush()
    audit.record(
        session, "payer.account", f"entity:{entity_id}", actor=actor, before=before,
        after=payer.masked,
    )  # fmt: skip
    return payer


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

    An account of None keeps the one that is known. Another one than before takes two people (see
    two_person.py). Raises SeriesUsed and PayerInvalid.
    """
    if session.get(LegalEntity, entity_id) is None:
        raise NotFound(entity=entity_id)
    check_bacs_user(bacs_user)
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
