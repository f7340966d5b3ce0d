"""How a lot changes hands beside the hammer, as people meet it in a browser."""

import re
from typing import Any

from playwright.sync_api import Page, expect

from factories.installation import Installation
from factories.rooms import Room
from factories.windows import Windows

TERMS: dict[str, Any] = {
    "increments": [[0, 1000]], "soft_close": None, "offers": "every_lot", "conditional_share": 90,
}  # fmt: skip
PHONE = {"width": 390, "height": 800}
OWNER = "owner@oak.example"


def bid(page: Page, amount: str) -> None:
    """Type a maximum, look it over and place it."""
    page.locator("#maximum").fill(amount)
    page.locator("form.bid-maximum:has(#maximum) button").click()
    page.get_by_role("button", name=re.compile("Place bid")).click()
    expect(page.locator(".flash-success")).to_be_visible()


def is_sold(page: Page, price: str) -> None:
    """Expect a lot's open page to have followed to the end by itself."""
    expect(page.locator("#bid-panel [data-live=price-words]")).to_have_text("Sold for")
    expect(page.locator("#bid-panel [data-live=price]")).to_have_text(price)


def works(page: Page, room: Room, path: str) -> None:
    """Go to a page of the back office."""
    page.goto(room.installation.url("oak", f"/manage/{path}"))


def test_a_lot_is_bought_at_once_before_everybodys_eyes(
    installation: Installation, windows: Windows
) -> None:
    """Who had the page of confirmation open a moment longer is told that the lot is gone."""
    room = Room(installation, windows, terms=TERMS, buy_now=50_000)
    ada, ben = room.bidder(0), room.bidder(1, viewport=PHONE)
    watching = windows.stranger()
    for page in (ada, ben, watching):
        room.open(page)
    expect(watching.locator("[data-live=buy-now]")).to_contain_text("Buy now for £500")
    for page in (ada, ben):
        page.get_by_role("button", name="Buy now for £500").click()
        expect(page.get_by_role("button", name="Buy for £500")).to_be_focused()
    ada.get_by_role("button", name="Buy for £500").click()
    expect(ada.locator("#bid-panel .flash-success")).to_contain_text("£500")
    is_sold(watching, "£500")
    expect(watching.locator("[data-live=buy-now]")).to_be_hidden()
    ben.get_by_role("button", name="Buy for £500").click()
    expect(ben.locator("#bid-panel [role=alert]")).to_be_visible()
    is_sold(ben, "£500")
    room.open(ada, "/me/bids")
    expect(ada.locator("[aria-labelledby=group-won]")).to_contain_text("£500")
    watching.goto(installation.url("oak", f"{room.path}/history"))
    expect(watching.locator("main")).to_contain_text("£500")


def test_an_offer_is_answered_until_both_agree(
    installation: Installation, windows: Windows
) -> None:
    room = Room(installation, windows, terms=TERMS)
    ada, owner, watching = room.bidder(0), windows.signed_in("oak", OWNER), windows.stranger()
    for page in (ada, watching):
        room.open(page)
    ada.locator("#offer-amount").fill("80")
    ada.get_by_role("button", name="Offer", exact=True).click()
    ada.get_by_role("button", name="Offer £80").click()
    expect(ada.locator("#bid-panel .flash-success")).to_contain_text("is with the house")
    works(owner, room, f"sales/{room.sale.sale_id}/offers")
    owner.get_by_role("link", name="1 · Lot 1").click()
    owner.locator("#counter").fill("95")
    owner.get_by_role("button", name="Answer with this").click()
    expect(ada.locator("#bid-panel")).to_contain_text("The house answers your offer with £95.")
    expect(watching.locator("main")).not_to_contain_text("£95")
    ada.get_by_role("link", name="Answer").click()
    ada.get_by_role("button", name="Buy for £95").click()
    expect(ada.locator("#my-offers")).to_contain_text("accepted: you bought the lot")
    is_sold(watching, "£95")


def test_what_was_not_sold_goes_to_who_bid_less(
    installation: Installation, windows: Windows
) -> None:
    """Near the reserve the seller declines, the highest bidder too, and the next one buys."""
    room = Room(installation, windows, terms=TERMS, reserve=13_000)
    ada, ben = room.bidder(0, viewport=PHONE), room.bidder(1)
    owner, watching = windows.signed_in("oak", OWNER), windows.stranger()
    for page in (ada, ben, watching):
        room.open(page)
    bid(ada, "110")
    bid(ben, "125")
    room.end()
    expect(watching.locator("#bid-panel")).to_contain_text("if the seller accepts by")
    room.open(ben, "/me/bids")
    expect(ben.locator("#my-bids")).to_contain_text("With the seller")
    works(owner, room, f"sales/{room.sale.sale_id}/offers")
    owner.get_by_role("link", name="1 · Lot 1").click()
    owner.get_by_role("button", name="The seller declines").click()
    expect(watching.locator("#bid-panel [data-live=price-words]")).to_have_text("Not sold")
    installation.mail_to(mail_of(room, 1), "did not accept")

    works(owner, room, f"sales/{room.sale.sale_id}/offers")
    owner.get_by_role("link", name="Offer it once more").click()
    expect(owner.locator("#underbidders tbody tr")).to_have_count(2)
    owner.get_by_role("button", name="Offer it", exact=True).click()
    installation.mail_to(mail_of(room, 1), "can be yours for £120")
    room.open(ben, "/me/offers")
    ben.get_by_role("link", name="Answer").click()
    ben.get_by_role("button", name="Decline").click()
    expect(ada.locator("#bid-panel")).to_contain_text("The house offers you this lot for £110.")
    ada.get_by_role("link", name="Answer").click()
    ada.get_by_role("button", name="Buy for £110").click()
    expect(ada.locator("#my-offers")).to_contain_text("accepted: you bought the lot")
    is_sold(watching, "£110")
    room.open(ada, "/me/bids")
    expect(ada.locator("[aria-labelledby=group-won]")).to_contain_text("£110")


def test_what_was_not_sold_has_a_price_for_everybody(
    installation: Installation, windows: Windows
) -> None:
    room = Room(installation, windows, terms=TERMS, reserve=30_000)
    ada, ben = room.bidder(0), room.bidder(1, viewport=PHONE)
    owner = windows.signed_in("oak", OWNER)
    for page in (ada, ben):
        room.open(page)
    bid(ada, "100")
    room.end()
    expect(ben.locator("#bid-panel [data-live=price-words]")).to_have_text("Not sold")
    works(owner, room, f"lots/{room.sale.lots[0]}/offers")
    owner.locator("#everybody-price").fill("200")
    owner.get_by_role("button", name="Offer it to everybody").click()
    expect(ada.locator("#bid-panel")).to_contain_text("can be had at this price until")
    ben.locator(".bid-bar").get_by_role("button", name="Buy for £200").click()
    ben.locator("#confirmation").get_by_role("button", name="Buy for £200").click()
    expect(ben.locator("#bid-panel .flash-success")).to_contain_text("£200")
    is_sold(ada, "£200")


def mail_of(room: Room, number: int) -> str:
    """Return a bidder's address."""
    return f"bidder{number + 1}-{room.sale.sale_id}@example.com"
