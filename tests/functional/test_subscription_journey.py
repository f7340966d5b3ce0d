"""A house's own subscription: tried, paid, the card fails, warned, suspended, open again."""

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from auctionxchange.kernel.outbox import enqueue
from factories.installation import Installation
from factories.windows import Windows

SLUG, OWNER = "ash", "owner@ash.example"
PAYS, DECLINES = "4242424242424242", "4000000000000341"
MONTH = 31 * 86400
TRIES = 60


@pytest.fixture
def ash(installation: Installation) -> str:
    """A house of the test's own: it is suspended on the way."""
    return installation.add_house(SLUG).schema


def test_from_the_trial_to_a_suspension_and_back(
    windows: Windows, installation: Installation, ash: str
) -> None:
    operator = windows.signed_in("console", installation.add_operator())
    operator.goto(installation.url("console", f"/console/houses/{ash}/"))
    operator.get_by_text("Change the plan", exact=True).first.click()
    operator.locator("[name=plan]").select_option("house")
    operator.locator("form[action$='/plan'] [name=reason]").fill("Signed up at the fair")
    operator.get_by_role("button", name="Change the plan").click()
    expect(operator.locator("main")).to_contain_text("On trial")

    owner = windows.signed_in(SLUG, OWNER)
    wait_for(owner, installation.url(SLUG, "/manage/plan"), "On trial")
    owner.get_by_role("link", name="Subscription and payment").click()
    billing = owner.url
    owner.get_by_role("button", name="Subscribe at Stripe").click()
    expect(owner.locator("body")).to_contain_text("TEST")
    owner.locator("select[name=card]").select_option(PAYS)
    owner.get_by_role("button", name="Subscribe").click()
    expect(owner.locator("main")).to_contain_text("On trial")
    pass_time(installation, MONTH)
    wait_for(owner, billing, "Paid until")

    use_card(owner, billing, DECLINES)
    pass_time(installation, MONTH)
    wait_for(owner, installation.url(SLUG, "/manage/plan"), "Payment overdue")
    expect(owner.locator("main")).to_contain_text("the house is suspended on")
    installation.mail_to(OWNER, "is not paid")

    fifteen_days_pass(installation, ash)
    installation.mail_to(OWNER, "is suspended")
    wait_for(operator, operator.url, "The subscription has not been paid.")
    wait_for(owner, billing, "The house is suspended.")

    use_card(owner, billing, PAYS)
    installation.mail_to(OWNER, "is open again")
    wait_for(owner, installation.url(SLUG, "/manage/plan"), "Paid until")


def use_card(owner: Page, billing: str, card: str) -> None:
    """Change the card on the portal's page."""
    owner.goto(billing)
    owner.get_by_role("button", name="Pay, change card, invoices").click()
    expect(owner.locator("body")).to_contain_text("Your subscription")
    owner.locator("select[name=card]").select_option(card)
    owner.get_by_role("button", name="Use this card").click()
    expect(owner.locator("body")).to_contain_text("Your subscription")


def pass_time(installation: Installation, seconds: int) -> None:
    """Move the sandbox's clock."""
    address = f"{installation.environ['STRIPE_API_BASE']}/sandbox/clock"
    httpx.post(address, json={"seconds": seconds}).raise_for_status()


def fifteen_days_pass(installation: Installation, schema: str) -> None:
    """Let the warnings' days go by, and the worker look twice: warned first, then suspended."""
    statement = text(
        "UPDATE exchange.subscription SET failed_at = failed_at - interval '15 days'"
        " WHERE house_schema = :schema"
    )
    with installation.database.platform_session() as session, session.begin():
        session.execute(statement, {"schema": schema})
        enqueue(session, "billing.round")
        enqueue(session, "billing.round")


def wait_for(page: Page, address: str, words: str) -> None:
    """Open a page until it says something: webhooks and jobs take their moment."""
    for _try in range(TRIES):
        page.goto(address)
        if words in page.locator("body").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{address} never said “{words}”: {page.locator('body').inner_text()}")
