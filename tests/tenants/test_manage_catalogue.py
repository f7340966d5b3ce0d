"""Staff build a catalogue: sales, lots and pictures through real forms."""

import io
import re
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from auctionhouse.bidding.operations import place_bid
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.models import Lot, Picture, Sale
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import HouseSession
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories import catalogue as make
from factories import pictures as files
from factories.desks import Desk
from factories.visitors import visit

SALE_FORM = {
    "version": "1",
    "title": "Autumn silver",
    "reference": "autumn-silver",
    "starts_at": "2026-10-01T10:00",
    "ends_at": "2026-10-08T18:00",
    "closing_interval_seconds": "60",
    "increments": "0: 5\n100: 10",
    "bound": "exclusive",
    "soft_close_seconds": "180",
    "extension_seconds": "180",
    "premium_percent": "25",
    "conditions_id": "0",
    "registration_mode": "automatic",
}


def test_staff_make_a_sale_with_times_in_the_houses_zone(clerk: Desk, work: HouseSession) -> None:
    answer = clerk.post("/manage/sales/new", SALE_FORM)
    assert answer.status_code == 302, answer.text
    sale = work.scalars(select(Sale).where(Sale.reference == "autumn-silver")).one()
    assert sale.starts_at is not None
    assert sale.starts_at.isoformat() == "2026-10-01T09:00:00+00:00", "London is on summer time"
    assert sale.terms["increments"] == [[0, 500], [10000, 1000]]
    page = clerk.get(f"/manage/sales/{sale.id}/edit").text
    assert 'value="2026-10-01T10:00"' in page
    assert 'value="25"' in page
    assert 'name="increments-from" value="100"' in clerk.get(f"/manage/sales/{sale.id}/terms").text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"increments": "0: 5\nten: 1"}, "Line 2"),
        ({"increments": "5: 5"}, "start from 0"),
        ({"ends_at": "2026-09-01T10:00"}, "after bidding opens"),
        ({"starts_at": "2027-03-28T01:30"}, "clocks go forward"),
        ({"reference": "Not Good"}, "small letters"),
        ({"premium_percent": "101"}, "between 0 and 100"),
        ({"title": ""}, "fill this in"),
    ],
)
def test_a_wrong_field_is_said_and_nothing_typed_is_lost(
    clerk: Desk, work: HouseSession, change: dict[str, str], complaint: str
) -> None:
    typed = {**SALE_FORM, "reference": "never-made", "note": "Typed with care", **change}
    answer = clerk.post("/manage/sales/new", typed)
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "Typed with care" in answer.text
    for value in change.values():
        assert value.splitlines()[-1] in answer.text if value else True
    assert work.scalar(select(Sale.id).where(Sale.reference == "never-made")) is None


def test_a_usual_table_is_filled_in_without_saving(clerk: Desk) -> None:
    from auctionhouse.bidding.presets import INCREMENTS  # noqa: PLC0415

    name = next(iter(INCREMENTS))
    answer = clerk.post(
        "/manage/sales/new", {**SALE_FORM, "increments": "", "preset": name, "use_preset": "1"}
    )
    assert answer.status_code == 200
    assert re.search(r"<textarea[^>]*name=\"increments\"[^>]*>\s*0: ", answer.text)


def test_publishing_says_what_is_missing_and_then_publishes(
    clerk: Desk, work: HouseSession
) -> None:
    sale = make.make_sale(work, lots=1, conditions_id=None)
    work.commit()
    page = f"/manage/sales/{sale.id}/"
    clerk.post(f"{page}publish", {}, page=page)
    refused = clerk.get(page).text
    assert "cannot be published yet" in refused
    assert "Choose published conditions" in refused
    sale.conditions_id = operations.publish_conditions(work, "Ours", "Pay.", actor=None).id
    work.commit()
    clerk.post(f"{page}publish", {}, page=page)
    work.refresh(sale)
    assert sale.state == "published"


def test_without_the_pages_token_nothing_is_done(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work)
    work.commit()
    for path in (f"/manage/sales/{sale.id}/publish", f"/manage/sales/{sale.id}/pause"):
        assert clerk.visitor.post(path, {"body": "x"}).status_code == 400
    work.refresh(sale)
    assert (sale.state, sale.paused_at) == ("draft", None)


LOT_FORM = {
    "version": "1",
    "label": "12A",
    "title": "A silver jug",
    "quantity": "1",
    "opening": "50",
    "estimate_low": "1,000",
    "estimate_high": "1 500.50",
    "reserve": "",
    "consignor_client_id": "0",
}


def test_a_lot_is_catalogued_and_the_next_one_follows(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=0)
    work.commit()
    path = f"/manage/sales/{sale.id}/lots/new"
    bounds = {"offer_accept_from": "45", "offer_decline_below": "0"}
    answer = clerk.post(path, {**LOT_FORM, **bounds, "then": "new"})
    assert answer.headers["Location"] == path
    lot = work.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    assert (lot.number, lot.suffix, lot.opening) == (12, "A", 5000)
    assert (lot.estimate_low, lot.estimate_high, lot.reserve) == (100_000, 150_050, None)
    assert (lot.offer_accept_from, lot.offer_decline_below) == (4500, None)
    assert 'value="13"' in clerk.get(path).text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"opening": "-5"}, "Type the amount"),
        ({"opening": "٥٠"}, "Type the amount"),
        ({"opening": "1e3"}, "Type the amount"),
        ({"opening": "0"}, "more than nothing"),
        ({"reserve": "10"}, "below the opening"),
        ({"buy_now": "50"}, "above the opening price"),
        ({"buy_now": "80", "reserve": "90"}, "not below the reserve"),
        ({"offer_accept_from": "70", "offer_decline_below": "80"}, "not below where offers"),
        ({"offer_accept_from": "some"}, "Type the amount"),
        ({"estimate_high": "1"}, "below the low one"),
        ({"estimate_high": ""}, "both estimates"),
        ({"label": "twelve"}, "at most two letters"),
    ],
)
def test_a_wrong_lot_is_said_and_kept(
    clerk: Desk, work: HouseSession, change: dict[str, str], complaint: str
) -> None:
    sale = make.make_sale(work, lots=0)
    work.commit()
    answer = clerk.post(f"/manage/sales/{sale.id}/lots/new", {**LOT_FORM, **change})
    assert answer.status_code == 422
    assert complaint in answer.text
    assert "A silver jug" in answer.text
    assert work.scalar(select(Lot.id).where(Lot.sale_id == sale.id)) is None


def test_a_buy_now_price_moves_until_somebody_bids(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_published_sale(work, lots=1)
    work.commit()
    lot = work.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    path = f"/manage/lots/{lot.id}"

    def typed(**changes: str) -> dict[str, str]:
        work.refresh(lot)
        shown = {"version": str(lot.version), "label": "1", "estimate_low": "100"}
        return {**LOT_FORM, **shown, "estimate_high": "200", **changes}

    assert clerk.post(path, typed(buy_now="300")).status_code == 302
    assert clerk.post(path, typed(buy_now="900", opening="400", reserve="500")).status_code == 302
    assert clerk.post(path, typed(buy_now="90", opening="60", reserve="70")).status_code == 302
    assert 'name="buy_now" type="text" value="90.00"' in clerk.get(path).text
    member, client = make.make_bidder(work)
    work.add(Registration(sale_id=sale.id, client_id=client.id, state="approved", paddle=7))
    work.commit()
    place_bid(work, lot_id=lot.id, client_id=client.id, placed_by_member_id=member.id,
              maximum=8000, token=uuid4())  # fmt: skip
    work.commit()
    bid_on = {"opening": "60", "reserve": "70"}
    refused = clerk.post(path, typed(buy_now="95", **bid_on))
    assert refused.status_code == 422
    assert "may only be dropped" in refused.text
    assert clerk.post(path, typed(buy_now="", **bid_on)).status_code == 302
    work.refresh(lot)
    assert lot.buy_now is None


def test_two_clerks_on_one_lot_do_not_overwrite_each_other(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=1)
    work.commit()
    lot = work.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    typed = {**LOT_FORM, "label": "1"}
    path = f"/manage/lots/{lot.id}"
    assert clerk.post(path, {**typed, "title": "First"}).status_code == 302
    second = clerk.post(path, {**typed, "title": "Second"})
    assert second.status_code == 422
    assert "Somebody else changed this" in second.text
    assert 'value="Second"' in second.text
    version = re.search(r'name="version"[^>]*value="(\d+)"', second.text)
    assert version is not None
    again = clerk.post(path, {**typed, "title": "Second", "version": version[1]})
    assert again.status_code == 302
    work.refresh(lot)
    assert lot.title == "Second"


def test_good_pictures_are_kept_and_bad_ones_named(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=1)
    work.commit()
    lot_id = work.scalars(select(Lot.id).where(Lot.sale_id == sale.id)).one()
    upload = {
        "pictures": [
            (io.BytesIO(files.jpeg(300, 200)), "good.jpg"),
            (io.BytesIO(b""), "empty.jpg"),
            (io.BytesIO(b"words"), "words.jpg"),
            (io.BytesIO(files.png_bomb(20_000, 10_000)), "bomb.png"),
        ]
    }
    page = f"/manage/lots/{lot_id}"
    clerk.post(f"{page}/pictures", upload, page=page)
    picture = work.scalars(select(Picture).where(Picture.lot_id == lot_id)).one()
    shown = clerk.get(page).text
    for name in ("empty.jpg", "words.jpg", "bomb.png"):
        assert name in shown
    assert "200 million pixels" in shown
    for extension, kind in (("avif", "image/avif"), ("webp", "image/webp"), ("jpg", "image/jpeg")):
        with clerk.get(f"/media/{picture.digest}/small.{extension}") as file:
            assert (file.status_code, file.mimetype) == (200, kind)
            assert "immutable" in file.headers["Cache-Control"]
    assert clerk.get(f"/media/{picture.digest}/huge.jpg").status_code == 404
    assert clerk.get(f"/media/{'0' * 64}/small.jpg").status_code == 404
    clerk.post(f"/manage/pictures/{picture.id}/delete", {}, page=page)
    assert clerk.get(f"/media/{picture.digest}/small.jpg").status_code == 404


def test_pictures_dropped_meanwhile_do_not_outdate_the_open_form(
    clerk: Desk, work: HouseSession
) -> None:
    sale = make.make_sale(work, lots=1)
    work.commit()
    lot_id = work.scalars(select(Lot.id).where(Lot.sale_id == sale.id)).one()
    token = clerk.visitor.page(f"/manage/lots/{lot_id}").token()
    form: dict[str, Any] = {
        "csrf_token": token,
        "pictures": [(io.BytesIO(files.jpeg(60, 60)), "a.jpg")],
    }
    answer = clerk.visitor.post(
        f"/manage/lots/{lot_id}/pictures", form, headers={"Accept": "application/json"}
    )
    assert answer.status_code == 200
    assert answer.get_json()["seen"] == 1
    assert answer.get_json()["version"] == 2
    assert "data-picture=" in answer.get_json()["html"]


def test_a_picture_is_served_by_its_own_house_alone(
    clerk: Desk, work: HouseSession, web: Application, settings: Settings, elm: House
) -> None:
    sale = make.make_sale(work, lots=1)
    work.commit()
    lot_id = work.scalars(select(Lot.id).where(Lot.sale_id == sale.id)).one()
    page = f"/manage/lots/{lot_id}"
    content = files.jpeg(90, 90, red=77)
    clerk.post(f"{page}/pictures", {"pictures": [(io.BytesIO(content), "a.jpg")]}, page=page)
    digest = work.scalars(select(Picture.digest).where(Picture.lot_id == lot_id)).one()
    path = f"/media/{digest}/small.jpg"
    with clerk.get(path) as file:
        assert file.status_code == 200
    assert visit(web, settings, elm).get(path).status_code == 404
