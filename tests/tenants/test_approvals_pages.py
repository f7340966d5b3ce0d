"""Two people at their browsers: a correction that waits, and the rule itself switched off."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

import auctionhouse.approvals.tasks  # noqa: F401 - registers its tasks
from auctionhouse.approvals.telling import ASKED_MAIL, DECIDED_MAIL
from auctionhouse.bidding.closing import close_due
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing.models import InvoiceLot
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.desks import Desk, approve, approve_latest, latest_request
from factories.floor import Floor, make_floor
from factories.invoices import make_sold_sale
from factories.jobs import Mailbox
from factories.visitors import mails_to


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    """A closed lot that the second bidder bought for £50."""
    floor = make_floor(database, oak, terms={"increments": [[0, 1000]], "soft_close": None})
    floor.bid(1, 5000)
    floor.end()
    close_due(floor.database, floor.house)
    return floor


def correction(floor: Floor, price: str = "85.00") -> tuple[str, dict[str, str]]:
    form = {
        "client_id": str(floor.sale.bidders[2][0]), "price": price,
        "notice": "The telephone bidder", "reason": "Clerk’s sheet",
    }  # fmt: skip
    return f"/manage/lots/{floor.sale.lots[0]}/correct", form


def figure(desk: Desk) -> str:
    """Return the figure beside “Approvals”."""
    page = desk.visitor.page("/manage/money/try")
    return page.texts[page.texts.index("Approvals") + 1]


def test_a_correction_waits_for_a_colleague_and_is_done_once(
    floor: Floor, clerk: Desk, owner: Desk
) -> None:
    before = floor.state().version
    path, form = correction(floor)
    assert clerk.post(path, form).status_code == 302
    address = latest_request(clerk)
    own = clerk.visitor.page(address)
    assert "You asked for this" in own.text
    assert f"{address}/approve" not in own.actions()
    refused = clerk.post(f"{address}/approve", {"digest": "0"}, page="/manage/conditions/")
    assert refused.status_code == 302
    assert "You asked for this yourself" in clerk.visitor.page(address).text
    assert floor.state().version == before
    assert "waits for approval" in clerk.get(path).text

    shown = owner.visitor.page(address).text
    assert "£85" in shown
    assert "Clerk’s sheet" in shown
    assert int(figure(owner)) >= 1
    approve(owner, address)
    after = floor.state()
    assert (after.price, after.leader_client_id) == (8500, floor.sale.bidders[2][0])
    assert "Approved and done" in clerk.visitor.page(address).text
    again = owner.post(f"{address}/approve", {"digest": "0"}, page="/manage/conditions/")
    assert again.status_code == 302
    assert floor.state().version == after.version


def test_a_correction_that_cannot_be_done_is_refused_when_asked_for(
    floor: Floor, clerk: Desk
) -> None:
    path, form = correction(floor)
    stranger = clerk.post(path, {**form, "client_id": "0", "price": "", "notice": " "})
    assert stranger.status_code == 422
    same = {**form, "client_id": str(floor.sale.bidders[1][0]), "price": "10.00"}
    refused = clerk.post(path, same)
    assert (refused.status_code, "This is what the ledger says already" in refused.text) == (
        422, True,
    )  # fmt: skip


def test_declining_says_why_to_who_asked(
    floor: Floor, clerk: Desk, owner: Desk, database: Database, settings: Settings, oak: House
) -> None:
    path, form = correction(floor)
    clerk.post(path, form)
    address = latest_request(owner)
    empty = owner.post(f"{address}/decline", {"note": " "}, page=address)
    assert empty.status_code == 422
    owner.post(f"{address}/decline", {"note": "The recording says otherwise"}, page=address)
    assert "The recording says otherwise" in clerk.visitor.page(address).text
    request = int(address.rpartition("/")[2])
    for task in (ASKED_MAIL, DECIDED_MAIL):
        run_job(TASKS, jobs(database, settings), oak.schema, task, {"request": request})
    mails = [
        mail for mail in mails_to(database, asker(floor, request)) if "Declined" in mail["subject"]
    ]
    assert len(mails) == 1
    assert "The recording says otherwise" in mails[0]["text"]
    assert address in mails[0]["text"]


def jobs(database: Database, settings: Settings) -> WorkerServices:
    directory = Directory(database, settings)
    app = create_house_app(settings, database, directory)
    return WorkerServices(settings, database, directory, Mailbox(), app)


def asker(floor: Floor, request: int) -> str:
    query = (
        "SELECT m.email FROM member m JOIN approval_request r ON r.asked_by = m.id WHERE r.id = :r"
    )
    with floor.database.house_connection(floor.house) as connection:
        email: str = connection.execute(text(query), {"r": request}).scalar_one()
        return email


def test_those_who_may_decide_get_a_mail(
    floor: Floor, clerk: Desk, owner: Desk, database: Database, settings: Settings, oak: House
) -> None:
    path, form = correction(floor)
    clerk.post(path, form)
    address = latest_request(owner)
    request = int(address.rpartition("/")[2])
    run_job(TASKS, jobs(database, settings), oak.schema, ASKED_MAIL, {"request": request})
    to_owner = mails_to(database, "owner@oak.example")
    assert [mail for mail in to_owner if address in mail["text"]]
    assert not [
        mail for mail in mails_to(database, asker(floor, request)) if address in mail["text"]
    ]


def test_the_rule_is_switched_off_by_two_and_on_by_an_owner(
    clerk: Desk, owner: Desk, desk_of: Callable[..., Desk], floor: Floor
) -> None:
    rules = "/manage/approvals/rules"
    off = f"{rules}/hammer_correction/off"
    assert off not in clerk.visitor.page(rules).actions()
    assert clerk.post(off, {"reason": "x"}, page="/manage/conditions/").status_code == 403
    assert owner.post(off, {"reason": ""}, page=rules).status_code == 422
    assert owner.post(f"{rules}/payroll/off", {"reason": "x"}, page=rules).status_code == 404
    assert owner.post(off, {"reason": "Two of us only"}, page=rules).status_code == 302
    assert "A request to change this waits" in owner.visitor.page(rules).text
    approve_latest(clerk)
    assert "One person is enough" in owner.visitor.page(rules).text
    path, form = correction(floor)
    clerk.post(path, form)
    assert floor.state().price == 8500
    assert owner.post(f"{rules}/hammer_correction/on", {}, page=rules).status_code == 302
    assert "One person is enough" not in owner.visitor.page(rules).text


def test_a_corrected_lot_moves_to_its_buyers_pro_forma_and_never_off_an_invoice(
    work: HouseSession, clerk: Desk, owner: Desk
) -> None:
    sold = make_sold_sale(work, lots=2, buyers=2)
    first, second = (
        proforma.id for proforma in make_proformas(work, sold.sale.sale_id, actor=None)
    )
    work.commit()
    lot = sold.sale.lots[0]
    form = {
        "client_id": str(sold.buyers[1]), "price": "900.00", "notice": "Corrected",
        "reason": "Slip",
    }  # fmt: skip
    path = f"/manage/lots/{lot}/correct"
    assert clerk.post(path, form).status_code == 302
    approve_latest(owner)
    work.rollback()
    assert work.get(InvoiceLot, (second, lot, 0)) is not None
    assert clerk.get(f"/manage/money/invoices/{first}").status_code == 404
    release_invoice(work, second, actor=None)
    work.commit()
    refused = clerk.post(path, {**form, "price": "800.00"})
    assert refused.status_code == 422
    assert "Make a credit note for it first" in refused.text
