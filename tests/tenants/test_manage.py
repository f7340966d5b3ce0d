"""The back office through the whole application: staff work in it, bidders never get in."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue.models import Lot, Sale, SaleNotice
from auctionhouse.house_app import create_house_app
from auctionhouse.members.models import Client, Member
from auctionhouse.receipts.models import RefusedBid
from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories import catalogue as make
from factories.desks import Desk
from factories.visitors import visit


def published(work: HouseSession, **changes: Any) -> Sale:
    sale = make.make_published_sale(work, **changes)
    work.commit()
    return sale


def routes(settings: Settings, database: Database, directory: Directory) -> list[tuple[str, str]]:
    """Return method and a sample path of every route of the back office."""
    app = create_house_app(settings, database, directory)
    words = {
        "decision": "approve", "act": "pause", "kind": "refund", "reply": "accept", "what": "buy",
    }  # fmt: skip
    found = []
    adapter = app.url_map.bind("oak.localhost")
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("manage."):
            values = {name: words.get(name, 1) for name in rule.arguments}
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
    low = clerk.post(path, {**typed, "maximum": "1", "confirmed": "yes"})
    assert low.status_code == 422
    kept = select(RefusedBid.reason).where(RefusedBid.client_id == client.id)
    assert work.scalars(kept).all() == ["bid_too_low"], "a refusal by staff has its receipt"
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


def test_who_registers_from_a_lot_is_led_back_to_it_and_nowhere_else(
    desk_of: Callable[..., Desk], work: HouseSession
) -> None:
    sale = published(work)
    typed = {"conditions_id": str(sale.conditions_id), "accepted": "y"}
    page = f"/sales/{sale.reference}/register"
    lot = f"/sales/{sale.reference}/lots/1"
    for way, led in ((lot, lot), ("https://evil.example", page), ("/sales/other/lots/1", page)):
        bidder = desk_of("bidder")
        assert bidder.post(f"{page}?next={way}", typed).headers["Location"] == led
        assert (lot in bidder.get(f"{page}?next={way}").text) == (led == lot)


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
