"""Terms set by hand and tried in the simulator; a raise from My bids: in real windows."""

import json
import re
import secrets

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from auctionhouse.bidding.replay import replay_line
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.details import SaleDetails
from auctionhouse.registrations.models import Registration
from factories.installation import Installation
from factories.sales import OpenSale, make_open_sale
from factories.windows import Windows


@pytest.fixture
def draft(installation: Installation) -> int:
    """Return a draft without terms."""
    details = SaleDetails(reference=f"draft-{secrets.token_hex(3)}", title="A draft of clocks")
    with installation.database.house_session(installation.house("oak")) as session:
        made = operations.create_sale(session, details, currency="GBP", actor=None).id
        session.commit()
    return made


def test_terms_are_set_with_examples_that_follow(
    windows: Windows, installation: Installation, draft: int
) -> None:
    page = windows.signed_in("oak", installation.add_member("oak", "tessa", "clerk"))
    page.goto(installation.url("oak", f"/manage/sales/{draft}/terms"))
    page.locator("[name=preset]").select_option("even-steps")
    page.get_by_role("button", name="Fill in").click()
    expect(page.locator("[name=increments-from]").nth(1)).to_have_value("1000")
    example = page.locator("#example-pricing")
    expect(example).to_contain_text("plus one step")
    page.locator("[name=pricing][value=ladder]").check()
    expect(example).to_contain_text("highest amount on the ladder")
    page.get_by_role("button", name="Add a row").click()
    page.locator("[name=increments-from]").last.fill("500")
    page.locator("[name=increments-step]").last.fill("5")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(page.locator(".band-wrong + tr")).to_contain_text("must start above")
    page.get_by_role("button", name=re.compile("Remove row 5")).click()
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator(".flash")).to_contain_text("The terms are saved")
    page.get_by_role("link", name="Try them in the simulator").click()
    expect(page.locator("[name=terms]")).to_have_value(f"sale:{draft}")


@pytest.mark.parametrize("scripts", ["with", "without"])
def test_a_story_is_told_downloaded_and_loaded(
    windows: Windows, installation: Installation, scripts: str
) -> None:
    clerk = installation.add_member("oak", f"sim-{scripts}", "clerk")
    page = windows.signed_in("oak", clerk, java_script_enabled=scripts == "with")
    page.goto(installation.url("oak", "/manage/simulator"))
    page.locator("[name=opening]").fill("50")
    page.get_by_role("button", name="Add rows").click()
    row = page.locator("[name=story-who]").count() - 1
    for field, typed in (("at", "17:59:30"), ("who", "Zoe"), ("max", "900")):
        page.locator(f"[name=story-{field}]").nth(row).fill(typed)
    page.get_by_role("button", name="Run the story").last.click()
    expect(page.locator("#result")).to_contain_text("Zoe")
    told = page.locator("#result").inner_text()
    expect(page.locator("#story")).to_contain_text("The bid came shortly before the end")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as a replay file").click()
    file = download.value.path()
    result = replay_line(json.loads(file.read_text("utf-8")))
    assert result["leader"] == "Zoe"
    assert f"£{result['price'].removesuffix('.00')}" in told
    page.goto(installation.url("oak", "/manage/simulator"))
    page.locator("[name=file]").set_input_files(file)
    page.get_by_role("button", name="Load the file").click()
    expect(page.locator("#result")).to_contain_text("Zoe")
    assert page.locator("#result").inner_text() == told


def test_a_bid_is_raised_from_my_bids(windows: Windows, installation: Installation) -> None:
    house = installation.house("oak")
    with installation.database.house_session(house) as session, session.begin():
        reference = f"raise-{secrets.token_hex(3)}"
        sale = make_open_sale(session, reference=reference, opening=10_000)
    bidders = {}
    for name in ("ray", "sue"):
        mail = installation.add_member("oak", name)
        register(installation, sale, mail)
        bidders[name] = windows.signed_in("oak", mail, viewport={"width": 390, "height": 844})
    ray, sue = bidders["ray"], bidders["sue"]
    for person, amount in ((ray, "200"), (sue, "300")):
        person.goto(installation.url("oak", f"/sales/{reference}/lots/1"))
        person.locator("#maximum").fill(amount)
        person.locator("#maximum").press("Enter")
        confirm(person)
    ray.goto(installation.url("oak", "/me/bids"))
    sue.goto(installation.url("oak", "/me/bids"))
    expect(ray.locator("[aria-labelledby=group-outbid]")).to_contain_text("Lot 1")
    ray.locator("[aria-labelledby=group-outbid] [data-typed]").fill("400")
    ray.get_by_role("button", name="Set", exact=True).click()
    confirm(ray)
    expect(ray.locator("[aria-labelledby=group-leading]")).to_contain_text("Lot 1")
    expect(ray.locator("#my-bids")).to_contain_text("You lead at £310")
    assert ray.url.endswith("/me/bids")
    expect(sue.locator("[aria-labelledby=group-outbid]")).to_contain_text("Lot 1")
    sue.locator("[aria-labelledby=group-outbid] [data-typed]").fill("5")
    sue.get_by_role("button", name="Set", exact=True).click()
    expect(sue.locator("#maximum-error")).to_be_visible()


def register(installation: Installation, sale: OpenSale, mail: str) -> None:
    """Register a member for the sale."""
    client = text(
        "SELECT c.id FROM client c JOIN member m ON m.id = c.member_id WHERE m.email = :e"
    )
    with installation.database.house_session(installation.house("oak")) as session:
        found = session.execute(client, {"e": mail}).scalar_one()
        paddle = secrets.randbelow(10**6) + 1000
        session.add(
            Registration(sale_id=sale.sale_id, client_id=found, state="approved", paddle=paddle)
        )
        session.commit()


def confirm(person: Page) -> None:
    """Press the one button that places the bid."""
    person.get_by_role("button", name=re.compile("Place bid|Yes, bid")).click()
    expect(person.get_by_role("button", name=re.compile("Place bid|Yes, bid"))).to_have_count(0)
