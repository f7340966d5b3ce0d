"""What leaves a bid's transaction: live events, standings, jobs, and the mails they become."""

from dataclasses import replace
from typing import Any
from unittest.mock import create_autospec
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text

from auctionhouse.bidding import errors
from auctionhouse.bidding.closing import close_due
from auctionhouse.bidding.emails import NOTICES
from auctionhouse.bidding.retraction import cancel_bid
from auctionhouse.bidding.tasks import bid_notice, closed_mails, outbid_mail
from auctionhouse.house_app import create_house_app
from auctionhouse.offers.choosing import Chooser, choose
from auctionxchange.jobs.registry import WorkerServices
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.mail.delivery import Mailer
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from factories.floor import Floor, make_floor
from factories.leaks import states

Row = tuple[str, str, dict[str, Any]]


class Outbox:
    """What was put into the outbox since it was last looked at."""

    def __init__(self, settings: Settings) -> None:
        self._engine = owner_engine(settings.database_admin_url or "")
        self._seen = 0
        self.news()

    def news(self) -> list[Row]:
        """Return kind, topic and payload of the new rows."""
        query = "SELECT id, kind, topic, payload FROM exchange.outbox WHERE id > :seen ORDER BY id"
        with self._engine.connect() as connection:
            rows = connection.execute(text(query), {"seen": self._seen}).all()
        self._seen = rows[-1].id if rows else self._seen
        return [(row.kind, row.topic, row.payload) for row in rows]


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    return make_floor(database, oak)


@pytest.fixture
def outbox(settings: Settings, floor: Floor) -> Outbox:
    return Outbox(settings)


def test_a_bid_moves_the_lot_on_every_page(floor: Floor, outbox: Outbox) -> None:
    floor.bid(0, 5000)
    kind, topic, payload = outbox.news()[0]
    assert (kind, topic) == ("live", f"sale:{floor.sale.sale_id}")
    state = floor.state()
    assert payload["version"] == state.version
    shown = {name: payload[name] for name in ("type", "lot", "price", "asking", "bids", "status")}
    assert shown == {
        "type": "lot", "lot": floor.sale.lots[0], "price": 1000, "asking": 2000, "bids": 1,
        "status": "open",
    }  # fmt: skip
    assert not states(str(payload), 5000)


def test_whoever_is_outbid_learns_it_by_page_and_mail(floor: Floor, outbox: Outbox) -> None:
    (first, member), (_, second) = floor.sale.bidders[:2]
    floor.bid(0, 5000)
    outbox.news()
    floor.bid(1, 9000)
    _, *told = outbox.news()
    assert [(kind, topic) for kind, topic, _ in told] == [
        ("live", f"member:{second}"),
        ("live", f"member:{member}"),
        ("job", "bidding.outbid_mail"),
    ]
    assert [payload.get("standing") for *_, payload in told] == ["leading", "outbid", None]
    assert told[-1][2] == {"lot": floor.sale.lots[0], "client": first, "price": 6000}


def test_the_leader_hears_nothing_of_bids_that_do_not_pass_them(
    floor: Floor, outbox: Outbox
) -> None:
    floor.bid(0, 9000)
    outbox.news()
    floor.bid(1, 5000)
    told = outbox.news()
    assert [topic for _, topic, _ in told] == [
        f"sale:{floor.sale.sale_id}",
        f"member:{floor.sale.bidders[1][1]}",
    ]
    floor.bid(0, 9500)
    assert all(payload.get("standing") != "outbid" for *_, payload in outbox.news())


def test_a_refused_bid_leaves_nothing(floor: Floor, outbox: Outbox) -> None:
    with pytest.raises(errors.BidTooLow):
        floor.bid(0, 1)
    assert outbox.news() == []


def test_the_hammer_tells_the_pages_and_asks_for_the_mails(floor: Floor, outbox: Outbox) -> None:
    floor.bid(0, 5000)
    outbox.news()
    floor.end()
    close_due(floor.database, floor.house)
    live, job = (row for row in outbox.news() if row[2].get("lot") == floor.sale.lots[0])
    assert (live[2]["status"], live[2]["outcome"]) == ("closed", "sold")
    assert job[1:] == ("bidding.closed_mails", {"lot": floor.sale.lots[0]})


@pytest.fixture
def services(settings: Settings, database: Database) -> WorkerServices:
    directory = Directory(database, settings)
    app: Flask = create_house_app(settings, database, directory)
    mailer: Mailer = create_autospec(Mailer)
    return WorkerServices(settings, database, directory, mailer, app)


def do(services: WorkerServices, house: House, task: Any, **arguments: Any) -> None:
    """Do a job as the worker does: in the house's context and one transaction."""
    with (
        services.app.app_context(),
        acting_for(house),
        services.database.house_session(house) as session,
        session.begin(),
    ):
        task(services, house, session, **arguments)


def give_address(floor: Floor, bidder: int) -> None:
    floor.run(
        "UPDATE client SET email = 'ada@example.com' WHERE id = :id",
        id=floor.sale.bidders[bidder][0],
    )


@pytest.mark.parametrize(
    ("language", "said"), [("en", "You have been outbid"), ("fr", "est dépassée")]
)
def test_an_outbid_mail_names_the_next_bid_in_the_readers_language(
    floor: Floor, outbox: Outbox, services: WorkerServices, language: str, said: str
) -> None:
    house = replace(floor.house, language=language)
    give_address(floor, 0)
    floor.run("UPDATE member SET locale = NULL WHERE id = :id", id=floor.sale.bidders[0][1])
    floor.bid(0, 5000)
    floor.bid(1, 9000)
    outbox.news()
    client = floor.sale.bidders[0][0]
    do(services, house, outbid_mail, lot=floor.sale.lots[0], client=client, price=6000)
    ((kind, topic, mail),) = outbox.news()
    assert (kind, topic, mail["to"]) == ("job", "mail.send", "ada@example.com")
    assert said in mail["subject"]
    assert "70" in mail["text"]
    assert mail["html"].count("/sales/") == 1


def test_who_leads_again_by_now_gets_no_outbid_mail(
    floor: Floor, outbox: Outbox, services: WorkerServices
) -> None:
    give_address(floor, 0)
    floor.bid(0, 5000)
    floor.bid(1, 9000)
    floor.bid(0, 20000)
    outbox.news()
    client = floor.sale.bidders[0][0]
    do(services, floor.house, outbid_mail, lot=floor.sale.lots[0], client=client, price=6000)
    assert outbox.news() == []


def test_who_won_a_choice_is_told_to_choose_and_then_what_was_bought(
    database: Database, oak: House, settings: Settings, services: WorkerServices
) -> None:
    terms = {"increments": [[0, 1000]], "format": "choice", "choice": {"hours": 24}}
    floor = make_floor(database, oak, terms=terms, quantity=4)
    outbox, lot = Outbox(settings), floor.sale.lots[0]
    give_address(floor, 0)
    floor.bid(0, 2000)
    floor.end()
    close_due(database, oak)
    outbox.news()
    do(services, oak, closed_mails, lot=lot)
    client, member = floor.sale.bidders[0]
    told = outbox.news()
    assert [one["standing"] for kind, _topic, one in told if kind == "live"] == ["choosing"]
    (asked,) = [payload for _, topic, payload in told if topic == "mail.send"]
    assert asked["subject"] == "You won lot 1: choose your pieces at £10 each"
    assert all("If you have not chosen by" in asked[form] for form in ("text", "html"))
    with database.house_session(oak) as session, session.begin():
        choose(session, lot, [2, 3], Chooser(client, member, uuid4()))
    job = next(payload for _, topic, payload in outbox.news() if topic == "bidding.closed_mails")
    do(services, oak, closed_mails, **job)
    mails = [payload["subject"] for _, topic, payload in outbox.news() if topic == "mail.send"]
    assert mails == ["Lot 1: you bought 2 pieces for £20"]


def test_after_the_hammer_everybody_learns_how_it_ended(
    floor: Floor, outbox: Outbox, services: WorkerServices
) -> None:
    give_address(floor, 0)
    floor.bid(0, 5000)
    floor.bid(1, 3000)
    floor.end()
    close_due(floor.database, floor.house)
    outbox.news()
    do(services, floor.house, closed_mails, lot=floor.sale.lots[0])
    told = outbox.news()
    standings = {topic: payload["standing"] for kind, topic, payload in told if kind == "live"}
    (_, winner), (_, loser) = floor.sale.bidders[:2]
    assert standings == {f"member:{winner}": "won", f"member:{loser}": "lost"}
    mails = [payload["subject"] for _, topic, payload in told if topic == "mail.send"]
    assert mails == ["You won lot 1 for £40"]


def test_a_cancelled_bid_moves_the_pages_and_asks_for_mails(floor: Floor, outbox: Outbox) -> None:
    floor.bid(0, 5000)
    sequence = floor.bid(1, 9000).sequence
    outbox.news()
    with floor.database.house_session(floor.house) as session, session.begin():
        cancel_bid(
            session, floor.sale.lots[0], sequence, reason="Wrong paddle", notice="Sorry", actor=1
        )
    told = outbox.news()
    (lot,) = [payload for _, topic, payload in told if topic.startswith("sale:")]
    assert (lot["type"], lot["price"], lot["bids"]) == ("lot", 1000, 1)
    standings = {
        topic: payload["standing"] for _, topic, payload in told if topic.startswith("member:")
    }
    first, second = (f"member:{member}" for _client, member in floor.sale.bidders[:2])
    assert standings == {first: "leading", second: "outbid"}
    mails = [payload for _, topic, payload in told if topic == "bidding.bid_notice"]
    assert [(mail["name"], mail["notice"]) for mail in mails] == [
        ("cancelled", "Sorry"),
        ("leads_again", ""),
    ]


@pytest.mark.parametrize("name", sorted(NOTICES))
def test_every_notice_is_a_mail_with_the_houses_words(
    floor: Floor, outbox: Outbox, services: WorkerServices, name: str
) -> None:
    give_address(floor, 0)
    asked = {"lot": floor.sale.lots[0], "client": floor.sale.bidders[0][0], "price": 6000}
    do(services, floor.house, bid_notice, name=name, notice="The wrong paddle", **asked)
    do(services, floor.house, bid_notice, name=name, notice="", **asked)
    first, second = (mail for _, _, mail in outbox.news())
    assert "lot 1" in first["subject"].lower()
    assert "The wrong paddle" in first["text"]
    assert "The wrong paddle" in first["html"]
    assert "The wrong paddle" not in second["text"]
    assert first["html"].count("/sales/") == 1
