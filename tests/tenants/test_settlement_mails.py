"""What consignors are told by mail: in two equal parts, in their language, at the right address."""

import secrets
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

import auctionhouse.consignors.tasks
import auctionhouse.settlement.tasks  # noqa: F401 - registers its tasks
from auctionhouse.consignors.letters import ADVICE, LETTER_MAIL, RECEIPT, RESULTS, send_letter
from auctionhouse.consignors.operations.intake import Received, receive
from auctionhouse.consignors.operations.payees import CHANGED_MAIL, propose_payees, refuse_payees
from auctionhouse.house_app import create_house_app
from auctionhouse.members.models import Client
from auctionhouse.payments.joined import tell
from auctionhouse.payments.models import Payment
from auctionhouse.settlement.operations.paying import PAID_MAIL, make_file, mark_sent
from auctionhouse.settlement.operations.payouts import approve_run, propose_run
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionhouse.settlement.operations.writing import RELEASED_MAIL
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from factories.jobs import Mailbox
from factories.papers import amounts_in
from factories.vendors import Consigned, make_consigned, pay_all, set_payees, share
from factories.visitors import mails_to


@dataclass(frozen=True, slots=True)
class Post:
    """A consignor with an address, and the worker that writes to them."""

    made: Consigned
    email: str
    services: WorkerServices
    house: House
    session: HouseSession

    def told(self, task: str, *, email: str = "", **arguments: Any) -> list[dict[str, Any]]:
        """Do a job and return the mails an address got until now, the oldest first."""
        self.session.commit()
        run_job(TASKS, self.services, self.house.schema, task, arguments)
        found = mails_to(self.services.database, email or self.email)
        for mail in found:
            assert set(amounts_in(mail["text"])) == set(amounts_in(mail["html"]))
        return found

    def statement(self) -> int:
        """Release the sale's statement."""
        draft = draft_statements(self.session, self.made.sale, actor=None)[0]
        return release_statement(self.session, draft.id, actor=None).id


@pytest.fixture
def post(settings: Settings, database: Database, oak: House, work: HouseSession) -> Post:
    directory = Directory(database, settings)
    app = create_house_app(settings, database, directory)
    services = WorkerServices(settings, database, directory, Mailbox(), app)
    made, email = make_consigned(work), f"{secrets.token_hex(5)}@example.com"
    work.get_one(Client, made.vendor).email = email
    set_payees(work, made.vendor, [share("Vera")])
    return Post(made, email, services, oak, work)


def test_a_statement_is_told_with_what_waits(post: Post) -> None:
    (mail,) = post.told(RELEASED_MAIL, statement=post.statement())
    assert "Settlement statement" in mail["subject"]
    assert "£1,760" in mail["text"]
    assert "Not payable yet: Not invoiced to a buyer" in mail["text"]


def test_money_on_its_way_is_told_with_its_day(post: Post, work: HouseSession) -> None:
    post.statement()
    pay_all(work, post.made.sale)
    today = database_now(work).date()
    run = propose_run(work, post.made.entity, "GBP", "hand", pay_on=today, actor=None)
    approve_run(work, run.id, proposed_by=None, approved_by=None)
    make_file(work, run.id, actor=None)
    mark_sent(work, run.id, actor=None)
    (mail,) = post.told(PAID_MAIL, run=run.id, client=post.made.vendor)
    assert mail["subject"] == "£1,760 is on its way"
    assert "••••5555" in mail["text"]
    assert "55555555" not in mail["text"] + mail["html"]


def test_a_change_of_payees_is_told_at_the_old_address_too(post: Post, work: HouseSession) -> None:
    """Seen to fail with the present address alone."""
    later = f"new-{post.email}"
    work.get_one(Client, post.made.vendor).email = later
    made = propose_payees(work, post.made.vendor, [share("Mallory")], actor=None)
    (old,) = post.told(CHANGED_MAIL, instruction=made.id)
    (new,) = mails_to(post.services.database, later)
    assert "If you did not ask for this" in old["text"]
    assert "Mallory" in old["text"]
    assert new["text"] == old["text"]
    refuse_payees(work, made.id, actor=None)


@pytest.mark.parametrize(("letter", "said"), [(ADVICE, "no reserve"), (RESULTS, "£1,000")])
def test_lots_are_told_before_and_after_the_sale(post: Post, letter: str, said: str) -> None:
    assert send_letter(post.session, letter, post.made.vendor, post.made.sale, actor=None)
    (mail,) = post.told(LETTER_MAIL, letter=letter, client=post.made.vendor, subject=post.made.sale)
    assert said in mail["text"]


def test_a_receipt_is_told_thing_by_thing(post: Post, work: HouseSession) -> None:
    things = [Received("A vase", 2, "Chipped", 5_000)]
    made = receive(
        work, post.made.vendor, things, currency="GBP",
        received_on=database_now(work).date(), actor=None,
    )  # fmt: skip
    (mail,) = post.told(LETTER_MAIL, letter=RECEIPT, client=post.made.vendor, subject=made.id)
    assert "2 × A vase: Chipped, reserve £50" in mail["text"]


def test_nobody_is_written_to_without_an_address(post: Post, work: HouseSession) -> None:
    work.get_one(Client, post.made.vendor).email = None
    work.flush()
    assert not send_letter(work, ADVICE, post.made.vendor, post.made.sale, actor=None)
    assert post.told(RELEASED_MAIL, statement=post.statement()) == []


def test_a_dispute_is_written_down_beside_the_statement_and_its_end_too(
    post: Post, work: HouseSession
) -> None:
    statement = post.statement()
    invoice = pay_all(work, post.made.sale)[0]
    payment = Payment(
        kind="invoice", reference_id=invoice.id, entity=post.made.entity, description="x",
        client_id=invoice.client_id, amount=1, currency="GBP", state="paid", disputed=True,
    )  # fmt: skip
    work.add(payment)
    work.flush()
    tell(work, payment, "disputed")
    payment.disputed = False
    tell(work, payment, "closed")
    acts = work.scalars(
        text("SELECT action FROM audit_entry WHERE subject = :s ORDER BY id"),
        {"s": f"statement:{statement}"},
    ).all()
    assert list(acts)[-2:] == ["settlement.freeze", "settlement.unfreeze"]
