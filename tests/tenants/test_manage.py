"""The back office through the whole application: staff work in it, bidders never get in."""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse
from wsgi import build_application

from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue.models import Conditions, Lot, Picture, Sale, SaleNotice
from auctionhouse.house_app import create_house_app
from auctionhouse.members.models import Client, Member
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories import catalogue as make
from factories import pictures as files
from factories.visitors import Visitor, make_member, visit


@dataclass
class Desk:
    """A person's browser at one house, filling in the page's own forms."""

    visitor: Visitor

    def get(self, path: str) -> TestResponse:
        return self.visitor.get(path)

    def post(self, path: str, data: dict[str, Any], *, page: str | None = None) -> TestResponse:
        return self.visitor.submit(page or path, data, to=path)


@pytest.fixture
def work(database: Database, oak: House) -> Iterator[HouseSession]:
    """A session whose commits the application sees."""
    with database.house_session(oak) as session:
        yield session
        session.rollback()


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def desk_of(
    web: Application, settings: Settings, database: Database, oak: House
) -> Callable[..., Desk]:
    def signed_in(*roles: str) -> Desk:
        visitor = visit(web, settings, oak)
        visitor.sign_in(make_member(database, oak, roles=roles))
        assert visitor.signed_in
        return Desk(visitor)

    return signed_in


@pytest.fixture
def clerk(desk_of: Callable[..., Desk]) -> Desk:
    return desk_of("clerk")


def published(work: HouseSession, **changes: Any) -> Sale:
    sale = make.make_published_sale(work, **changes)
    work.commit()
    return sale


def routes(settings: Settings, database: Database, directory: Directory) -> list[tuple[str, str]]:
    """Return method and a sample path of every route of the back office."""
    app = create_house_app(settings, database, directory)
    samples = {"sale_id": 1, "lot_id": 1, "picture_id": 1, "registration_id": 1}
    samples |= {"client_id": 1, "member_id": 1}
    words = {"decision": "approve", "act": "pause"}
    found = []
    adapter = app.url_map.bind("oak.localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("manage."):
            values = {name: samples.get(name, words.get(name)) for name in rule.arguments}
            path = adapter.build(rule.endpoint, values)
            methods = sorted((rule.methods or set()) & {"GET", "POST"})
            found += [(method, path) for method in methods]
    return found


def test_a_bidder_never_gets_in(
    desk_of: Callable[..., Desk],
    settings: Settings,
    database: Database,
    directory: Directory,
    work: HouseSession,
) -> None:
    published(work)
    desk = desk_of("bidder")
    every = routes(settings, database, directory)
    assert len(every) > 30
    token = desk.visitor.page("/account/").token()
    for method, path in every:
        if method == "GET":
            answer = desk.get(path)
        else:
            answer = desk.visitor.post(path, {"csrf_token": token})
        assert answer.status_code == 403, f"{method} {path}"


def test_a_stranger_is_asked_to_sign_in_and_sees_nothing(
    web: Application,
    settings: Settings,
    database: Database,
    directory: Directory,
    oak: House,
) -> None:
    stranger = visit(web, settings, oak)
    token = stranger.page("/sign-in").token()
    for method, path in routes(settings, database, directory):
        if method == "GET":
            answer = stranger.get(path)
        else:
            answer = stranger.post(path, {"csrf_token": token})
        assert answer.status_code == 302, f"{method} {path}"
        assert "/sign-in" in answer.headers["Location"]


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
    assert "100: 10" in page
    assert 'value="25"' in page


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
    sale.conditions_id = work.scalar(select(Conditions.id).limit(1))
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
    answer = clerk.post(path, {**LOT_FORM, "then": "new"})
    assert answer.headers["Location"] == path
    lot = work.scalars(select(Lot).where(Lot.sale_id == sale.id)).one()
    assert (lot.number, lot.suffix, lot.opening) == (12, "A", 5000)
    assert (lot.estimate_low, lot.estimate_high, lot.reserve) == (100_000, 150_050, None)
    assert 'value="13"' in clerk.get(path).text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"opening": "-5"}, "Type the amount"),
        ({"opening": "٥٠"}, "Type the amount"),
        ({"opening": "1e3"}, "Type the amount"),
        ({"opening": "0"}, "more than nothing"),
        ({"reserve": "10"}, "below the opening"),
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


def test_a_running_sale_is_paused_resumed_and_postponed_with_a_notice(
    clerk: Desk, work: HouseSession
) -> None:
    sale = published(work)
    room = f"/manage/sales/{sale.id}/room"
    before = work.scalars(select(LotState.ends_at).where(LotState.sale_id == sale.id)).first()
    assert before is not None
    silent = clerk.post(f"/manage/sales/{sale.id}/pause", {"body": ""}, page=room)
    assert silent.status_code == 422
    typed = {"body": "The server is slow.", "minutes": "45"}
    for act, paused in (("pause", True), ("resume", False), ("postpone", False)):
        assert clerk.post(f"/manage/sales/{sale.id}/{act}", typed, page=room).status_code == 302
        work.refresh(sale)
        assert (sale.paused_at is not None) is paused, act
    work.expire_all()
    after = work.scalars(select(LotState.ends_at).where(LotState.sale_id == sale.id)).first()
    assert after is not None
    assert (after - before).total_seconds() >= 45 * 60
    notices = work.scalars(select(SaleNotice).where(SaleNotice.sale_id == sale.id)).all()
    assert len(notices) >= 3


def test_a_bid_for_a_client_is_confirmed_placed_and_told_whose(
    clerk: Desk, work: HouseSession
) -> None:
    sale = published(work)
    client = make.make_client(work, "Dame Telephone")
    work.commit()
    lot_id = work.scalars(select(Lot.id).where(Lot.sale_id == sale.id)).first()
    path = f"/manage/sales/{sale.id}/bid"
    typed = {"lot_id": str(lot_id), "client_id": str(client.id), "maximum": "500"}
    found = re.search(r'name="token"[^>]*value="([^"]+)"', clerk.get(path).text)
    assert found is not None
    typed["token"] = found[1]
    shown = clerk.post(path, typed).text
    assert "Place the bid of £500" in shown
    assert "Dame Telephone" in shown
    state = work.get_one(LotState, lot_id)
    work.refresh(state)
    assert state.bid_count == 0, "nothing is placed before the confirmation"
    work.commit()
    assert clerk.post(path, {**typed, "confirmed": "yes"}).status_code == 302
    work.refresh(state)
    assert (state.bid_count, state.leader_client_id) == (1, client.id)
    query = select(Registration).where(Registration.client_id == client.id)
    paddle = work.scalars(query).one().paddle
    room = clerk.get(f"/manage/sales/{sale.id}/room").text
    assert "Dame Telephone" in room
    assert str(paddle) in room
    assert "by staff" in room
    assert "£500" not in room, "a maximum stays sealed from staff too"


def test_a_bid_too_low_is_refused_beside_the_amount_and_changes_nothing(
    clerk: Desk, work: HouseSession
) -> None:
    sale = published(work)
    client = make.make_client(work, "Low Bidder")
    work.commit()
    lot_id = work.scalars(select(Lot.id).where(Lot.sale_id == sale.id)).first()
    path = f"/manage/sales/{sale.id}/bid"
    found = re.search(r'name="token"[^>]*value="([^"]+)"', clerk.get(path).text)
    assert found is not None
    typed = {"lot_id": lot_id, "client_id": client.id, "maximum": "1", "token": found[1]}
    answer = clerk.post(path, {**typed, "confirmed": "yes"})
    assert answer.status_code == 422
    assert 'value="1"' in answer.text
    query = select(Registration).where(Registration.client_id == client.id)
    assert work.scalars(query).first() is None


def test_a_bidder_registers_and_staff_approve_from_the_queue(
    clerk: Desk, desk_of: Callable[..., Desk], work: HouseSession
) -> None:
    sale = published(work, registration_mode="approved")
    bidder = desk_of("bidder")
    page = f"/sales/{sale.reference}/register"
    assert "Pay and collect." in bidder.get(page).text
    hidden = {"conditions_id": str(sale.conditions_id)}
    unticked = bidder.post(page, hidden)
    assert unticked.status_code == 422
    assert bidder.post(page, {**hidden, "accepted": "y"}).status_code == 302
    assert "looking at your registration" in bidder.get(page).text
    query = select(Registration).where(Registration.sale_id == sale.id)
    registration = work.scalars(query).one()
    queue = "/manage/registrations/"
    answer = clerk.post(f"{queue}{registration.id}/approve", {"back": "queue"}, page=queue)
    assert answer.headers["Location"] == queue
    assert "101" in bidder.get(page).text
    one = f"{queue}{registration.id}"
    assert clerk.post(f"{one}/suspend", {"reason": ""}, page=one).status_code == 422
    assert clerk.post(f"{one}/limit", {"bid_limit": "abc"}, page=one).status_code == 422
    assert clerk.post(f"{one}/limit", {"bid_limit": "900"}, page=one).status_code == 302
    work.refresh(registration)
    assert registration.bid_limit == 90_000


def test_conditions_that_changed_while_being_read_are_shown_anew(
    desk_of: Callable[..., Desk], work: HouseSession
) -> None:
    sale = published(work)
    bidder = desk_of("bidder")
    answer = bidder.post(
        f"/sales/{sale.reference}/register",
        {"conditions_id": str((sale.conditions_id or 0) + 1), "accepted": "y"},
    )
    assert answer.status_code == 422
    assert "conditions have changed" in answer.text


def test_a_client_without_an_account_is_made_and_found(clerk: Desk, work: HouseSession) -> None:
    wrong = clerk.post("/manage/clients/new", {"name": "Ann Other", "email": "nowhere"})
    assert wrong.status_code == 422
    assert "no e-mail address" in wrong.text
    assert clerk.post("/manage/clients/new", {"name": "Ann Other"}).status_code == 302
    client = work.scalars(select(Client).where(Client.name == "Ann Other")).one()
    assert client.member_id is None
    assert "Ann Other" in clerk.get("/manage/clients/?search=ann").text
    assert "Ann Other" in clerk.get("/manage/search?q=other").text
    assert "Ann Other" not in clerk.get("/manage/clients/?search=100%25").text


def test_a_member_is_blocked_with_a_reason_but_not_by_themselves(
    clerk: Desk, desk_of: Callable[..., Desk], work: HouseSession
) -> None:
    desk_of("bidder")
    ids = select(Member.id).order_by(Member.id.desc())
    other, myself = work.scalars(ids.limit(2)).all()
    page = f"/manage/members/{other}"
    assert clerk.post(f"{page}/block", {"reason": ""}, page=page).status_code == 422
    assert clerk.post(f"{page}/block", {"reason": "Fraud"}, page=page).status_code == 302
    work.expire_all()
    assert work.get_one(Member, other).blocked_reason == "Fraud"
    own = f"/manage/members/{myself}"
    assert clerk.post(f"{own}/block", {"reason": "x"}, page=own).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["", "sales/", "registrations/", "clients/", "members/", "conditions/", "audit/", "search?q=1"],
)
def test_every_list_opens(clerk: Desk, path: str) -> None:
    answer = clerk.get(f"/manage/{path}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_lots_are_sorted_and_searched(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=3)
    make.make_lot(work, sale, 27, suffix="A", title="Zebra clock")
    work.commit()
    page = f"/manage/sales/{sale.id}/"
    for order in ("number", "title", "estimate", "price", "bids", "ends", "nonsense"):
        assert clerk.get(f"{page}?order={order}&down=1").status_code == 200
    found = clerk.get(f"{page}?search=27a").text
    assert "Zebra clock" in found
    assert "View of a river" not in found
