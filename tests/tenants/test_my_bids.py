"""My bids: four groups, totals, a raise without leaving the page; nobody else's lots."""

import re
import secrets

import pytest
from sqlalchemy import text

from auctionhouse.registrations.models import Registration
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.pages import Page
from factories.sales import OpenSale, make_open_sale
from factories.visitors import Visitor, make_member, visit

TERMS = {"increments": [[0, 1000]], "soft_close": None}
LOTS = 5
HIDDEN = ("csrf_token", "token", "maximum", "confirmed", "back")


class Room:
    """An open sale of a few lots at £100 in steps of £10, and bidders who come to it."""

    def __init__(
        self, web: Application, settings: Settings, database: Database, house: House
    ) -> None:
        self.web, self.settings, self.database, self.house = web, settings, database, house
        self.reference = f"mine-{secrets.token_hex(4)}"
        with database.house_session(house) as session, session.begin():
            self.sale: OpenSale = make_open_sale(
                session, reference=self.reference, lots=LOTS, opening=10000, terms=TERMS
            )

    def bidder(self) -> Visitor:
        """Return somebody registered for the sale."""
        person = make_member(self.database, self.house)
        with self.database.house_session(self.house) as session, session.begin():
            client = session.execute(
                text("SELECT id FROM client WHERE member_id = :m"), {"m": person.id}
            ).scalar_one()
            paddle = secrets.randbelow(10**6) + 1000
            session.add(
                Registration(
                    sale_id=self.sale.sale_id, client_id=client, state="approved", paddle=paddle
                )
            )
        visitor = visit(self.web, self.settings, self.house)
        visitor.sign_in(person)
        return visitor

    def path(self, lot: int) -> str:
        """Return the path of a lot, counted from 1."""
        return f"/sales/{self.reference}/lots/{lot}"

    def bid(self, visitor: Visitor, lot: int, maximum: int, query: str = "") -> str | None:
        """Confirm and place a bid; returns where the browser is sent."""
        page = visitor.page(f"{self.path(lot)}/bid?maximum={maximum}{query}")
        form: dict[str, str] = {}
        for tag, attributes in page.tags:
            if tag == "input" and attributes.get("name") in HIDDEN:
                form.setdefault(attributes["name"], attributes.get("value", ""))
        return visitor.post(f"{self.path(lot)}/bid", form).headers.get("Location")

    def close(self, lot: int, outcome: str) -> None:
        """Let a lot's hammer have fallen."""
        with self.database.house_session(self.house) as session, session.begin():
            session.execute(
                text("UPDATE lot_state SET status = 'closed', outcome = :o,"
                     " ends_at = clock_timestamp() - interval '1 minute' WHERE lot_id = :l"),
                {"o": outcome, "l": self.sale.lots[lot - 1]},
            )  # fmt: skip


@pytest.fixture
def room(web: Application, settings: Settings, database: Database, oak: House) -> Room:
    return Room(web, settings, database, oak)


def group(page: str, name: str) -> str:
    """Return a group's part of the page, empty where there is none."""
    found = re.search(rf'aria-labelledby="group-{name}".*?</section>', page, re.DOTALL)
    return found.group() if found else ""


def test_lots_stand_in_the_group_they_belong_to(room: Room) -> None:
    ada, bob = room.bidder(), room.bidder()
    room.bid(ada, 1, 300)
    room.bid(bob, 2, 400)
    room.bid(ada, 2, 150)
    room.bid(ada, 3, 500)
    room.bid(bob, 4, 500)
    room.bid(ada, 4, 200)
    room.close(3, "sold")
    room.close(4, "sold")
    page = ada.get("/me/bids").text
    for name, lot in (("leading", 1), ("outbid", 2), ("won", 3), ("lost", 4)):
        assert f'href="{room.path(lot)}"' in group(page, name), name
        for other in {"leading", "outbid", "won", "lost"} - {name}:
            assert f'href="{room.path(lot)}"' not in group(page, other), (name, other)
        assert f'href="{room.path(lot)}/history"' in group(page, name)
    assert room.path(5) not in page, "a lot she never bid on"
    assert page.index("group-outbid") < page.index("group-leading") < page.index("group-won")
    assert "Bid £170" in Page(group(page, "outbid")).text.replace("Bid £ 170", "Bid £170")


def test_totals_say_what_is_led_for_and_what_was_won(room: Room) -> None:
    ada, bob = room.bidder(), room.bidder()
    room.bid(ada, 1, 300)
    room.bid(ada, 2, 400)
    room.bid(bob, 2, 200)
    room.bid(ada, 3, 500)
    room.bid(bob, 3, 250)
    room.close(3, "sold")
    said = Page(ada.get("/me/bids").text).text
    assert "You lead on 2 lots £310" in said
    assert "£700 at most, by your maxima" in said
    assert "You won 1 lot £260" in said
    assert "Hammer prices" in said


def test_a_raise_from_the_page_comes_back_to_it(room: Room) -> None:
    ada, bob = room.bidder(), room.bidder()
    room.bid(bob, 1, 300)
    room.bid(ada, 1, 200)
    assert 'name="back" value="my-bids"' in group(ada.get("/me/bids").text, "outbid")
    assert room.bid(ada, 1, 500, "&back=my-bids") == "/me/bids"
    page = ada.get("/me/bids").text
    assert "You lead at £310" in page
    assert f'href="{room.path(1)}"' in group(page, "leading")
    assert room.bid(ada, 1, 600, "&back=https://elsewhere.example") == (
        f"{room.path(1)}#bid-panel"
    ), "only our own page is a way back"


def test_nobody_sees_anybody_elses_lots_and_empty_pages_say_what_to_do(room: Room) -> None:
    ada, stranger = room.bidder(), room.bidder()
    room.bid(ada, 1, 300)
    page = stranger.get("/me/bids").text
    assert "You have not bid yet" in page
    assert room.path(1) not in page
    room.close(1, "sold")
    over = ada.get("/me/bids").text
    assert "None of your lots is running" in over
    assert "data-bid-form" not in over
    assert visit(room.web, room.settings, room.house).get("/me/bids").status_code in {302, 401}


def test_an_unsold_and_a_withdrawn_lot_are_not_won(room: Room) -> None:
    ada = room.bidder()
    for lot in (1, 2):
        room.bid(ada, lot, 300)
    room.close(1, "unsold")
    with room.database.house_session(room.house) as session, session.begin():
        session.execute(
            text("UPDATE lot_state SET status = 'withdrawn' WHERE lot_id = :l"),
            {"l": room.sale.lots[1]},
        )
    page = ada.get("/me/bids").text
    lost = Page(group(page, "lost")).text
    assert "Not sold" in lost or "Unsold" in lost
    assert "Withdrawn" in lost
    assert group(page, "leading") == ""
