"""Selling formats beside timed bidding, as people meet them in a browser."""

import secrets
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from auctionxchange.accounts.passwords import hashed
from factories.installation import PASSWORD, Installation
from factories.sales import OpenSale, end_lots_now, make_open_sale
from factories.windows import Windows


class Room:
    """A sale of some format with one lot, and its bidders' browsers."""

    def __init__(self, installation: Installation, windows: Windows, **sale: Any) -> None:
        self.installation, self.windows = installation, windows
        self.reference = f"way-{secrets.token_hex(3)}"
        self.house = installation.house("oak")
        with installation.database.house_session(self.house) as session, session.begin():
            self.sale: OpenSale = make_open_sale(session, reference=self.reference, **sale)

    @property
    def path(self) -> str:
        return f"/sales/{self.reference}/lots/1"

    def open(self, page: Page, path: str | None = None) -> None:
        """Open the lot's page and wait until it is live."""
        page.goto(self.installation.url("oak", path or self.path))
        expect(page.locator("html")).to_have_attribute("data-connection", "live")

    def bidder(self, number: int, **options: Any) -> Page:
        """Open the window of a bidder who is registered for the sale."""
        _client, member = self.sale.bidders[number]
        with self.installation.database.house_connection(self.house) as connection:
            email: str = connection.execute(
                text("UPDATE member SET confirmed_at = now(), password = :hash WHERE id = :id"
                     " RETURNING email"), {"hash": hashed(PASSWORD), "id": member},
            ).scalar_one()  # fmt: skip
        return self.windows.signed_in("oak", email, **options)

    def end(self) -> None:
        """Let the end have come; the worker closes the lot."""
        with self.installation.database.house_session(self.house) as session, session.begin():
            end_lots_now(session, self.sale.sale_id)


@pytest.fixture
def sealed(installation: Installation, windows: Windows) -> Room:
    terms = {
        "increments": [[0, 1000]], "format": "sealed_second", "sealed": {"changes": "withdraw"},
    }  # fmt: skip
    return Room(installation, windows, terms=terms)


def hand_in(page: Page, amount: str) -> None:
    """Type a sealed bid, look it over, hand it in."""
    page.locator("#maximum").fill(amount)
    page.get_by_role("button", name="Look it over").click()
    page.get_by_role("button", name="Hand in sealed bid").click()
    expect(page.locator(".flash-success")).to_contain_text("Your sealed bid is handed in")


def test_sealed_bids_from_the_first_to_the_hammer(sealed: Room, windows: Windows) -> None:
    ada, ben = sealed.bidder(0), sealed.bidder(1, viewport={"width": 390, "height": 800})
    watching = windows.stranger()
    for page in (ada, ben, watching):
        sealed.open(page)
    hand_in(ada, "40")
    expect(watching.locator("#bid-panel [data-live=bids]")).to_have_text("1 bid")
    expect(watching.locator("#bid-panel")).not_to_contain_text("£40")
    hand_in(ada, "45")
    expect(ada.locator(".bid-mine")).to_contain_text("Your sealed bid is £45.")
    ben.locator(".bid-bar a").click()
    hand_in(ben, "30")
    expect(watching.locator("#bid-panel [data-live=bids]")).to_have_text("2 bids")
    ada.get_by_role("link", name="Take your sealed bid back").click()
    ada.get_by_role("button", name="Take it back").click()
    expect(ada.locator("#bid-panel")).to_contain_text("Your sealed bid is taken back.")
    sealed.open(ada)
    hand_in(ada, "50")
    sealed.open(ada, "/me/bids")
    expect(ada.locator("#my-bids")).to_contain_text("Under seal")
    sealed.end()
    expect(watching.locator("#bid-panel [data-live=price]")).to_have_text("£30")
    expect(watching.locator("#history")).to_contain_text("£50")
    expect(ada.locator("[aria-labelledby=group-won]")).to_contain_text("£30")
    expect(ben.locator("#bid-panel .bid-mine")).to_contain_text("Not won")
