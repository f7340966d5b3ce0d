"""Selling formats beside timed bidding, as people meet them in a browser."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from factories.installation import Installation
from factories.rooms import Room
from factories.windows import Windows


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


@pytest.fixture
def falling(installation: Installation, windows: Windows) -> Room:
    """Return two pieces whose clock has begun: from £90 by £10 every four seconds, to £10."""
    terms = {
        "format": "dutch", "bid_for": "piece",
        "clock": {"start": 9000, "step": 1000, "every_s": 4},
    }  # fmt: skip
    return Room(
        installation, windows, terms=terms, quantity=2, lasts=timedelta(seconds=36),
        started=timedelta(hours=1),
    )  # fmt: skip


def pounds(shown: str) -> int:
    return int(shown.strip().removeprefix("£"))


def test_a_clock_falls_on_the_page_and_is_taken_at_by_touch_and_by_key(
    falling: Room, windows: Windows
) -> None:
    ada, ben = falling.bidder(0), falling.bidder(1, viewport={"width": 390, "height": 800})
    for page in (ada, ben):
        falling.open(page)
    price = ada.locator(".bid-price [data-clock-price]")
    before = pounds(price.inner_text())
    expect(price).to_have_text(f"£{before - 10}", timeout=15_000)
    expect(ada.locator("#take button")).to_contain_text(f"£{before - 10}")
    ada.locator("#take button").focus()
    ada.keyboard.press("Enter")
    expect(ada.locator("#bid-panel .flash-success")).to_contain_text("It is yours, at £")
    paid = pounds(ada.locator("#bid-panel .flash-success").inner_text().split("at ")[1].rstrip("."))
    assert paid <= before - 10
    expect(ben.locator("#bid-panel")).to_contain_text("1 of 2 left")
    ben.locator(".bid-bar a").click()
    ben.locator("#take button").click()
    expect(ben.locator("#bid-panel")).to_contain_text("Sold for")
    expect(ada.locator("#bid-panel")).to_contain_text("2 of 2 pieces")
    expect(ada.locator("#bid-panel .bid-mine")).to_contain_text(f"1 piece for £{paid}.")


@pytest.fixture
def choice(installation: Installation, windows: Windows) -> Room:
    """Return four pieces to choose among, two of them with names."""
    terms = {
        "increments": [[0, 1000]], "format": "choice",
        "choice": {"hours": 24, "names": ["No. 1, oval", "No. 2, round"]},
    }  # fmt: skip
    return Room(installation, windows, terms=terms, quantity=4)


def test_the_winner_of_a_buyers_choice_ticks_pieces_by_touch_and_by_key(
    choice: Room, windows: Windows
) -> None:
    ada, watching = choice.bidder(0, viewport={"width": 390, "height": 800}), windows.stranger()
    for page in (ada, watching):
        choice.open(page)
    expect(watching.locator("#bid-panel")).to_contain_text("the winner chooses from 1 to 4")
    ada.locator("#maximum").fill("30")
    ada.locator("#maximum").press("Enter")
    ada.get_by_role("button", name=re.compile("Place bid")).click()
    expect(watching.locator("#bid-panel [data-live=bids]")).to_have_text("1 bid")
    choice.end()
    expect(watching.locator("#bid-panel")).to_contain_text("The winner chooses")
    choice.open(ada)
    choice.open(watching)
    expect(watching.locator("#bid-panel")).to_contain_text("The winner chooses among 4 pieces by")
    expect(watching.locator("#choose")).to_have_count(0)
    ada.get_by_label("No. 2, round").check()
    ada.get_by_label("Piece 4").focus()
    ada.keyboard.press("Space")
    ada.get_by_role("button", name="What would these cost?").click()
    expect(ada.locator("#choose")).to_contain_text("2 pieces: £")
    expect(ada.get_by_label("Piece 4")).to_be_checked()
    ada.get_by_role("button", name="Buy these pieces").click()
    expect(ada.locator(".flash-success")).to_contain_text("You bought 2 pieces.")
    expect(ada.locator("#bid-panel")).to_contain_text(
        "2 of 4 pieces were chosen: No. 2, round; Piece 4."
    )
    expect(ada.locator("#bid-panel .bid-mine")).to_contain_text("Won")
