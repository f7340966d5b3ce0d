"""Acts on sales, lots, notices and pictures: written, audited, announced together."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from auctionhouse.bidding import queries
from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.catalogue import checklist, operations, pictures, refusals
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale, SaleNotice
from auctionhouse.members.models import AuditEntry
from auctionhouse.registrations.operations import register
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.errors import DomainError, NotFound
from auctionxchange.kernel.outbox import announce
from auctionxchange.kernel.storage import LocalStorage
from factories import catalogue as make
from factories import pictures as files


def acts_on(session: HouseSession, subject: str) -> list[str]:
    query = select(AuditEntry.action).where(AuditEntry.subject == subject).order_by(AuditEntry.id)
    return list(session.scalars(query))


def test_a_draft_is_made_changed_and_audited(oak_session: HouseSession) -> None:
    details = make.sale_details(oak_session)
    sale = operations.create_sale(oak_session, details, currency="GBP", actor=7)
    changed = replace(details, title="Summer paintings")
    operations.edit_sale(oak_session, sale.id, changed, actor=7, version=1)
    operations.edit_sale(oak_session, sale.id, changed, actor=7)
    assert (sale.title, sale.version) == ("Summer paintings", 2)
    assert acts_on(oak_session, f"sale:{sale.id}") == ["sale.create", "sale.edit"]


def test_two_editors_do_not_overwrite_each_other(oak_session: HouseSession) -> None:
    details = make.sale_details(oak_session)
    sale = operations.create_sale(oak_session, details, currency="GBP", actor=None)
    operations.edit_sale(oak_session, sale.id, replace(details, note="First"), actor=1, version=1)
    with pytest.raises(refusals.ChangedMeanwhile):
        operations.edit_sale(
            oak_session, sale.id, replace(details, note="Second"), actor=2, version=1
        )
    assert sale.note == "First"


def test_a_reference_is_one_sales_alone_and_fits_an_address(oak_session: HouseSession) -> None:
    details = make.sale_details(oak_session)
    operations.create_sale(oak_session, details, currency="GBP", actor=None)
    with pytest.raises(refusals.ReferenceTaken):
        operations.create_sale(oak_session, details, currency="GBP", actor=None)
    with pytest.raises(refusals.ReferenceInvalid):
        operations.create_sale(
            oak_session, replace(details, reference="Née 1"), currency="GBP", actor=None
        )


def test_an_incomplete_sale_is_not_published(oak_session: HouseSession) -> None:
    sale = make.make_sale(oak_session, lots=0, conditions_id=None)
    with pytest.raises(refusals.NotReady) as refused:
        operations.publish_sale(oak_session, sale.id, actor=None)
    codes = [finding.code for finding in refused.value.fields["findings"]]
    assert codes == ["conditions", "no_lots"]
    assert all(checklist.words(finding) for finding in refused.value.fields["findings"])
    assert sale.state == "draft"


def test_publishing_opens_the_lots(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session)
    query = select(LotState).where(LotState.sale_id == sale.id)
    assert len(oak_session.scalars(query).all()) == 2
    assert sale.published_at is not None
    with pytest.raises(refusals.StateRefuses):
        operations.publish_sale(oak_session, sale.id, actor=None)


def test_what_bidders_relied_on_is_fixed_once_published(oak_session: HouseSession) -> None:
    details = make.sale_details(oak_session)
    sale = operations.create_sale(oak_session, details, currency="GBP", actor=None)
    make.make_lot(oak_session, sale)
    operations.publish_sale(oak_session, sale.id, actor=None)
    with pytest.raises(refusals.FixedOnceShown):
        operations.edit_sale(oak_session, sale.id, replace(details, reference="new"), actor=None)
    operations.edit_sale(oak_session, sale.id, replace(details, note="Rain"), actor=None)
    assert sale.note == "Rain"


def test_a_lot_added_to_a_published_sale_opens_too(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session)
    lot = make.make_lot(oak_session, sale, 3)
    assert oak_session.get(LotState, lot.id) is not None


def test_a_lot_number_is_used_once_in_a_sale(oak_session: HouseSession) -> None:
    sale = make.make_sale(oak_session)
    with pytest.raises(refusals.NumberTaken):
        make.make_lot(oak_session, sale, 2)
    lot = make.make_lot(oak_session, sale, 2, suffix="A")
    operations.renumber_lot(oak_session, lot.id, 9, "", actor=None)
    assert (lot.number, lot.suffix) == (9, "")
    with pytest.raises(refusals.NumberTaken):
        operations.renumber_lot(oak_session, lot.id, 1, "", actor=None)


def test_withdrawing_needs_words_and_posts_them(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session)
    lot = make.make_lot(oak_session, sale, 3)
    with pytest.raises(refusals.TextMissing):
        operations.withdraw_lot(oak_session, lot.id, "  ", actor=None)
    operations.withdraw_lot(oak_session, lot.id, "Title in dispute.", actor=None)
    state = oak_session.get_one(LotState, lot.id)
    oak_session.refresh(state)
    assert state.status == "withdrawn"
    notice = oak_session.scalars(select(SaleNotice).where(SaleNotice.lot_id == lot.id)).one()
    assert notice.body == "Title in dispute."
    with pytest.raises(refusals.StateRefuses):
        operations.withdraw_lot(oak_session, lot.id, "Again.", actor=None)


def test_a_notice_reaches_the_sales_channel(
    oak_session: HouseSession, announced: list[tuple[str, dict[str, Any]]]
) -> None:
    sale = make.make_sale(oak_session)
    announced.clear()
    notice = operations.post_notice(oak_session, sale.id, "Lot 4 is signed.", actor=None)
    assert announced == [
        (
            f"sale:{sale.id}",
            {
                "type": "notice",
                "notice": notice.id,
                "lot": None,
                "body": "Lot 4 is signed.",
                "at": notice.posted_at.isoformat(),
            },
        )
    ]


@pytest.fixture
def announced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, Any]]]:
    """What notices announce; the house's role may not read the outbox it writes."""
    sent: list[tuple[str, dict[str, Any]]] = []

    def noted(session: Any, channel: str, payload: dict[str, Any]) -> None:
        announce(session, channel, payload)
        sent.append((channel, payload))

    monkeypatch.setattr("auctionhouse.catalogue.operations.notices.announce", noted)
    return sent


def test_conditions_get_a_new_version_and_keep_the_old(oak_session: HouseSession) -> None:
    first = operations.publish_conditions(oak_session, "Conditions", "One", actor=None)
    second = operations.publish_conditions(oak_session, "Conditions", "Two", actor=None)
    assert second.version == first.version + 1
    assert oak_session.get_one(Conditions, first.id).body == "One"


@pytest.fixture
def storage(tmp_path: Any) -> LocalStorage:
    return LocalStorage(tmp_path / "media")


def added(session: HouseSession, storage: LocalStorage, lot_id: int, red: int) -> Picture:
    file = io.BytesIO(files.jpeg(80, 60, red))
    return pictures.add_picture(session, storage, lot_id, file, name=f"{red}.jpg")


def test_pictures_are_added_ordered_described_and_deleted(
    oak_session: HouseSession, storage: LocalStorage
) -> None:
    lot = make.make_lot(oak_session, make.make_sale(oak_session, lots=0))
    first, second, third = (added(oak_session, storage, lot.id, red) for red in (10, 20, 30))
    assert added(oak_session, storage, lot.id, 20) is second, "the same file twice is one picture"
    pictures.order_pictures(oak_session, lot.id, [third.id], actor=None)
    order = [picture.id for picture in pictures.lot_pictures(oak_session, lot.id)]
    assert order == [third.id, first.id, second.id]
    pictures.describe_picture(oak_session, first.id, " A river ", actor=None)
    assert first.alt == "A river"
    version = lot.version
    pictures.delete_picture(oak_session, storage, first.id, actor=None)
    assert lot.version == version + 1
    with pytest.raises(NotFound):
        pictures.delete_picture(oak_session, storage, first.id, actor=None)


def test_files_stay_until_the_last_picture_is_gone_and_committed(
    oak_session: HouseSession, storage: LocalStorage
) -> None:
    sale = make.make_sale(oak_session, lots=0)
    one, two = (make.make_lot(oak_session, sale, number) for number in (1, 2))
    kept, other = (added(oak_session, storage, lot.id, 90) for lot in (one, two))
    pictures.delete_picture(oak_session, storage, kept.id, actor=None)
    assert not event_pending(oak_session), "another lot shows the file"
    pictures.delete_picture(oak_session, storage, other.id, actor=None)
    assert storage.exists(oak_session, other.digest, "small.avif"), "nothing is committed yet"
    oak_session.dispatch.after_commit(oak_session)
    assert not storage.exists(oak_session, other.digest, "small.avif")


def event_pending(session: HouseSession) -> bool:
    return bool(len(session.dispatch.after_commit))


def test_the_outbox_is_written_in_the_same_transaction(oak_session: HouseSession) -> None:
    sale = make.make_sale(oak_session)
    before = oak_session.scalar(text("SELECT pg_current_xact_id()"))
    operations.post_notice(oak_session, sale.id, "One moment.", actor=None)
    assert oak_session.scalar(text("SELECT pg_current_xact_id()")) == before


def bid_on(session: HouseSession, sale: Sale, lot: Lot, maximum: int) -> None:
    member, client = make.make_bidder(session)
    register(session, sale, client, sale.conditions_id)
    session.flush()
    place_bid(
        session,
        lot_id=lot.id,
        client_id=client.id,
        placed_by_member_id=member.id,
        maximum=maximum,
        token=uuid4(),
    )


@pytest.mark.parametrize(
    ("opening", "reserve"), [(9000, 9500), (9000, 20_000), (100, 200), (100, None)]
)
def test_before_the_first_bid_opening_and_reserve_move_freely(
    oak_session: HouseSession, opening: int, reserve: int | None
) -> None:
    sale = make.make_published_sale(oak_session, lots=0, first=make.lot_details(reserve=8000))
    lot = oak_session.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    details = make.lot_details(opening=opening, reserve=reserve, title="Corrected")
    operations.edit_lot(oak_session, lot.id, details, actor=1)
    oak_session.flush()
    state = oak_session.get_one(LotState, lot.id, populate_existing=True)
    assert (state.asking, lot.opening, lot.reserve) == (opening, opening, reserve)
    assert lot.title == "Corrected"
    assert queries.verify_lot(oak_session, lot.id) == []


def test_after_the_first_bid_only_the_table_decides(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session, lots=0, first=make.lot_details(reserve=8000))
    lot = oak_session.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    bid_on(oak_session, sale, lot, 6000)
    for change in ({"opening": 4000}, {"reserve": 9000}, {"number": 5}):
        values: dict[str, Any] = {"reserve": 8000, **change}
        with pytest.raises(DomainError), oak_session.begin_nested():
            operations.edit_lot(oak_session, lot.id, make.lot_details(**values), actor=1)
        oak_session.refresh(lot)
        assert (lot.opening, lot.reserve, lot.number) == (5000, 8000, 1)
    lower = make.lot_details(reserve=6000, description="Signed lower left.")
    operations.edit_lot(oak_session, lot.id, lower, actor=1)
    kinds = [line.kind for line in queries.lot_entries(oak_session, lot.id)]
    assert kinds == ["opened", "bid", "terms_changed", "text_changed"]
    assert oak_session.get_one(LotState, lot.id, populate_existing=True).reserve_met


def test_a_reserve_below_the_opening_is_refused(oak_session: HouseSession) -> None:
    sale = make.make_sale(oak_session, lots=0)
    with pytest.raises(TermsInvalid):
        make.make_lot(oak_session, sale, 1, reserve=4000)


def test_a_sale_is_paused_resumed_and_postponed_with_words(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session, lots=1)
    before = sale.ends_at
    assert operations.pause_sale(oak_session, sale.id, "Power cut.", actor=1).paused_at is not None
    assert operations.resume_sale(oak_session, sale.id, "Light again.", actor=1).paused_at is None
    later = operations.postpone_sale(
        oak_session, sale.id, timedelta(hours=2), "More time.", actor=1
    )
    assert before is not None
    assert later.ends_at is not None
    assert later.ends_at - before >= timedelta(hours=2)
    query = select(SaleNotice.body).where(SaleNotice.sale_id == sale.id).order_by(SaleNotice.id)
    assert list(oak_session.scalars(query)) == ["Power cut.", "Light again.", "More time."]
    with pytest.raises(DomainError):
        operations.resume_sale(oak_session, sale.id, "Once more.", actor=1)


def test_a_lot_added_late_closes_after_the_others(oak_session: HouseSession) -> None:
    sale = make.make_published_sale(oak_session, lots=2, closing_interval_seconds=60)
    lot = make.make_lot(oak_session, sale, 3)
    assert sale.ends_at is not None
    ends_at = oak_session.get_one(LotState, lot.id).ends_at
    assert ends_at - sale.ends_at == timedelta(seconds=120)
