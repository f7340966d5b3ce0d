"""A browser's own bid goes the short way of scripts, and its page says what the pages would say."""

import re
import secrets
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Request, expect
from sqlalchemy import text

from auctionhouse.bidding.operations import place_bid
from auctionhouse.registrations.models import Registration
from factories.installation import Installation
from factories.sales import OpenSale, make_open_sale
from factories.windows import Windows


class Desk:
    """A sale with one lot, and a bidder registered for it, in a window that notes its bids."""

    def __init__(self, installation: Installation, windows: Windows) -> None:
        self.installation, self.windows = installation, windows
        self.reference = f"desk-{secrets.token_hex(3)}"
        house = installation.house("oak")
        self.email = installation.add_member("oak", "bidder")
        with installation.database.house_session(house) as session, session.begin():
            self.sale: OpenSale = make_open_sale(session, reference=self.reference, opening=10_000)
            client = session.execute(
                text(
                    "SELECT c.id FROM client c JOIN member m ON m.id = c.member_id"
                    " WHERE m.email = :email"
                ),
                {"email": self.email},
            ).scalar_one()
            paddle = secrets.randbelow(10**6) + 1000
            registration = Registration(
                sale_id=self.sale.sale_id, client_id=client, state="approved", paddle=paddle
            )
            session.add(registration)
        self.page = windows.signed_in("oak", self.email)
        self.bids: list[Request] = []
        self.page.on("request", self._note)

    def _note(self, asked: Request) -> None:
        if asked.method == "POST" and asked.url.endswith("/bid"):
            self.bids.append(asked)

    def address(self, path: str = "") -> str:
        return self.installation.url("oak", path or f"/sales/{self.reference}/lots/1")

    def offer(self, amount: str) -> None:
        """Type a maximum, look it over and place it."""
        self.page.locator("#maximum").fill(amount)
        self.page.locator("#maximum").press("Enter")
        self.page.get_by_role("button", name=re.compile("Place bid")).click()

    def others_bid(self, bidder: int, maximum: int) -> None:
        """Place a bid of another bidder, of so many pence."""
        client, member = self.sale.bidders[bidder]
        house = self.installation.house("oak")
        with self.installation.database.house_connection(house) as connection:
            place_bid(
                connection, lot_id=self.sale.lots[0], client_id=client,
                placed_by_member_id=member, maximum=maximum, token=uuid4(),
            )  # fmt: skip

    def told(self) -> dict[str, object]:
        """Return what the last bid was answered with."""
        answer = self.bids[-1].response()
        assert answer is not None
        told: dict[str, object] = answer.json()
        return told


@pytest.fixture
def desk(installation: Installation, windows: Windows) -> Desk:
    return Desk(installation, windows)


def says(page: Page, sentence: str) -> None:
    """Expect one message above all, and that one."""
    expect(page.locator(".flashes .flash")).to_have_text([sentence])


def test_a_bid_is_told_in_place_as_the_page_would(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.address())
    desk.offer("300")
    says(page, "Your bid is in. You lead at £100.")
    assert desk.bids[-1].headers["accept"] == "application/json"
    assert desk.told()["message"] == "Your bid is in. You lead at £100."
    expect(page.locator("[data-mine]").first).to_contain_text(re.compile("lead", re.IGNORECASE))
    expect(page.locator("dialog[open]")).to_have_count(0)
    desk.offer("400")
    says(page, "Your maximum is raised. You still lead at £100.")
    assert len(desk.bids) == 2


def test_a_refusal_stands_at_the_field_with_what_was_typed_and_its_receipt(desk: Desk) -> None:
    """Somebody else was quicker: the page that was looked over is no longer true."""
    page = desk.page
    page.goto(desk.address())
    page.locator("#maximum").fill("110")
    page.locator("#maximum").press("Enter")
    expect(page.get_by_role("button", name=re.compile("Place bid"))).to_be_visible()
    desk.others_bid(0, 50_000)
    desk.others_bid(1, 30_000)
    page.get_by_role("button", name=re.compile("Place bid")).click()
    error = page.locator("#maximum-error")
    expect(error).to_contain_text(re.compile("next bid", re.IGNORECASE))
    assert error.inner_text() == desk.told()["message"]
    field = page.locator("#maximum")
    expect(field).to_have_value("110.00")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    described = field.get_attribute("aria-describedby") or ""
    assert "maximum-error" in described
    receipt = page.get_by_role("link", name="Receipt for this refused bid")
    assert receipt.get_attribute("href") == desk.told()["receipt"]


def test_an_amount_far_above_all_is_asked_about_in_words(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.address())
    page.locator("#maximum").fill("9000")
    page.locator("#maximum").press("Enter")
    words = page.locator("#confirmation [role=alert]")
    expect(words).to_contain_text("nine thousand")
    page.get_by_role("button", name=re.compile("Place bid")).click()
    says(page, "Your bid is in. You lead at £100.")


def test_my_bids_are_raised_and_told_where_they_stand(desk: Desk) -> None:
    page = desk.page
    page.goto(desk.address())
    desk.offer("300")
    says(page, "Your bid is in. You lead at £100.")
    page.goto(desk.address("/me/bids"))
    page.locator(".my-lot-raise input[name=maximum]").fill("450")
    page.locator(".my-lot-raise input[name=maximum]").press("Enter")
    page.get_by_role("button", name=re.compile("Place bid")).click()
    says(page, "Your maximum is raised. You still lead at £100.")
    expect(page.locator("#my-bids")).to_contain_text("£450")


def test_without_scripts_the_form_does_the_same(desk: Desk) -> None:
    plain = desk.windows.signed_in("oak", desk.email, java_script_enabled=False)
    plain.goto(desk.address())
    plain.locator("#maximum").fill("300")
    plain.locator("#maximum").press("Enter")
    plain.get_by_role("button", name=re.compile("Place bid")).click()
    says(plain, "Your bid is in. You lead at £100.")
