"""Pages that stay true by themselves: shared by tabs, through proxies, kills and sign-outs."""

import re
import secrets
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from auctionhouse.bidding.operations import place_bid
from auctionhouse.members.operations import block_member, member_by_email
from factories.installation import Installation
from factories.sales import OpenSale, make_open_sale
from factories.windows import Windows

CUT_OFF = "ERR_INCOMPLETE_CHUNKED_ENCODING"
"""What the browser says of a stream whose gateway was killed."""


class Room:
    """A sale with one lot, bid on behind the pages' backs."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.reference = f"live-{secrets.token_hex(3)}"
        self.house = installation.house("oak")
        with installation.database.house_session(self.house) as session, session.begin():
            self.sale: OpenSale = make_open_sale(session, reference=self.reference)

    @property
    def address(self) -> str:
        return self.installation.url("oak", f"/sales/{self.reference}/lots/1")

    def bid(self, bidder: int, maximum: int) -> None:
        """Place a bid of so many pence."""
        client, member = self.sale.bidders[bidder]
        with self.installation.database.house_connection(self.house) as connection:
            place_bid(
                connection,
                lot_id=self.sale.lots[0],
                client_id=client,
                placed_by_member_id=member,
                maximum=maximum,
                token=uuid4(),
            )


@pytest.fixture
def room(installation: Installation) -> Room:
    return Room(installation)


def live(page: Page, state: str = "live") -> None:
    expect(page.locator("html")).to_have_attribute("data-connection", state)


def price(page: Page, text: str) -> None:
    expect(page.locator("[data-live=price]").first).to_have_text(text)


def test_tabs_share_a_stream_and_the_next_takes_over(windows: Windows, room: Room) -> None:
    first = windows.stranger()
    second = first.context.new_page()
    streams: list[str] = []
    second.on("request", lambda asked: streams.append(asked.url))
    for page in (first, second):
        page.goto(room.address)
        live(page)
    room.bid(0, 5000)
    for page in (first, second):
        price(page, "£10")
    assert not [address for address in streams if "/live/stream" in address]
    first.close()
    room.bid(1, 3000)
    price(second, "£40")
    assert [address for address in streams if "/live/stream" in address]


def test_where_streams_are_blocked_the_page_asks(windows: Windows, room: Room) -> None:
    page = windows.stranger()
    page.route("**/live/stream?*", lambda route: route.fulfill(status=503, body="no"))
    page.goto(room.address)
    live(page, "polling")
    room.bid(0, 5000)
    price(page, "£10")
    room.bid(1, 3000)
    price(page, "£40")


def test_a_page_outlives_a_killed_gateway_and_shows_what_it_missed(
    windows: Windows, room: Room, installation: Installation
) -> None:
    page = windows.stranger()
    page.goto(room.address)
    live(page)
    gateway = installation.processes.services["live"]
    gateway.kill()
    room.bid(0, 5000)
    room.bid(1, 3000)
    gateway.start()
    price(page, "£40")
    live(page)
    windows.faults[:] = [fault for fault in windows.faults if CUT_OFF not in fault]


def test_a_blocked_member_is_out_at_once_in_every_tab(
    windows: Windows, room: Room, installation: Installation
) -> None:
    email = installation.add_member("oak", "eve")
    first = windows.signed_in("oak", email)
    second = first.context.new_page()
    for page in (first, second):
        page.goto(room.address)
        live(page)
        expect(page.locator("a[href^='/account']").first).to_be_attached()
    with installation.database.house_session(room.house) as session, session.begin():
        member = member_by_email(session, email)
        block_member(session, member.id, reason="test", actor=None)
    for page in (first, second):
        expect(page.locator("a[href^='/sign-in']").first).to_be_attached(timeout=60_000)
        live(page)


def test_a_countdown_follows_the_servers_clock(windows: Windows, room: Room) -> None:
    """Seen to fail while nobody told the page the server's time."""
    page = windows.stranger()
    page.add_init_script("const now = Date.now; Date.now = () => now() + 30 * 60 * 1000;")
    page.goto(room.address)
    live(page)
    shown = page.locator("time[data-countdown]").first
    expect(shown).to_have_text(re.compile(r"^5\d min"))
