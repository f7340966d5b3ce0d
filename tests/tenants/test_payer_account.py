"""The account a house pays vendors from: another one takes effect once a second person agrees."""

from collections.abc import Callable

from sqlalchemy import text

from auctionhouse.settlement.models import PayerAccount
from auctionxchange.kernel.database import HouseSession
from factories.desks import Desk, approve_latest
from factories.invoices import make_entity
from factories.vendors import make_consigned

TYPED = {
    "holder": "Oak Auctions Ltd", "kind": "uk", "sort_code": "20-20-15", "number": "55555555",
    "bacs_user": "123456", "bank_reason": "We changed banks",
}  # fmt: skip


def test_another_account_waits_for_a_colleague(
    work: HouseSession, desk_of: Callable[..., Desk]
) -> None:
    """Seen to fail with the account saved at once."""
    owner, clerk = desk_of("owner"), desk_of("clerk")
    entity = make_consigned(work).sold.entity.id
    work.commit()
    before = work.get_one(PayerAccount, entity)
    known, path, series = before.sealed, f"/manage/money/paying/{entity}", before.series
    typed = {**TYPED, "series": series}
    assert owner.post(path, {**typed, "bank_reason": ""}).status_code == 422
    wrong = owner.post(path, {**typed, "bacs_user": "12"})
    assert "six digits" in wrong.text
    assert owner.post(path, typed).status_code == 302
    work.rollback()
    assert work.get_one(PayerAccount, entity).sealed == known
    assert "waits for approval" in owner.get(path).text
    asked = work.scalar(text("SELECT payload::text FROM approval_request ORDER BY id DESC LIMIT 1"))
    assert "55555555" not in asked
    approve_latest(clerk)
    work.rollback()
    after = work.get_one(PayerAccount, entity)
    assert after.sealed != known
    assert "5555" in after.masked


def test_the_first_account_and_another_series_need_nobody_else(
    work: HouseSession, desk_of: Callable[..., Desk]
) -> None:
    owner = desk_of("owner")
    entity = make_entity(work).id
    work.commit()
    path = f"/manage/money/paying/{entity}"
    assert owner.post(path, {**TYPED, "series": f"P{entity}-"}).status_code == 302
    work.rollback()
    known = work.get_one(PayerAccount, entity).sealed
    assert known is not None
    same = {**TYPED, "series": f"Q{entity}-", "sort_code": "", "number": "", "bank_reason": ""}
    assert owner.post(path, same).status_code == 302
    work.rollback()
    payer = work.get_one(PayerAccount, entity)
    assert (payer.series, payer.sealed) == (f"Q{entity}-", known)
