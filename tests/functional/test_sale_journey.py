"""A sale from an empty catalogue to the hammer, by the people who would do it, in real windows."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect
from sqlalchemy import text

from factories.installation import Installation
from factories.pictures import jpeg
from factories.windows import Windows

REFERENCE = "harbour-views"
LOT = f"/sales/{REFERENCE}/lots/1"
LONDON = ZoneInfo("Europe/London")


def test_a_sale_from_catalogue_to_hammer(windows: Windows, installation: Installation) -> None:
    staff = windows.signed_in("oak", installation.add_member("oak", "casey", "clerk"))
    catalogue(staff, installation)
    ada_mail, ben_mail = (installation.add_member("oak", name) for name in ("ada", "ben"))
    ada = windows.signed_in("oak", ada_mail, viewport={"width": 390, "height": 844})
    ben = windows.signed_in("oak", ben_mail)
    for person in (ada, ben):
        register(person, installation)

    place(ada, "300")
    mine(ada, "leading")
    place(ben, "500")
    mine(ben, "leading")
    mine(ada, "outbid")
    assert "Lot 1" in str(installation.mail_to(ada_mail, "outbid")["subject"]).replace("lot", "Lot")

    ada.context.set_offline(True)
    raise_maximum(ben, "900")
    ada.context.set_offline(False)
    expect(ada.locator("html")).to_have_attribute("data-connection", "live")
    place(ada, "700")
    mine(ada, "outbid")
    expect(ben.locator("[data-live=price]").first).to_have_text("£750")

    let_the_time_pass(installation)
    expect(ben.locator("#bid-panel")).to_contain_text("Sold for")
    mine(ben, "won")
    assert "£750" in str(installation.mail_to(ben_mail, "won")["subject"])
    ben.goto(installation.url("oak", f"{LOT}/history"))
    expect(ben.locator("body")).to_contain_text("Sold to")


def test_a_stranger_is_told_what_is_missing(windows: Windows, installation: Installation) -> None:
    page = windows.signed_in("oak", installation.add_member("oak", "eve"))
    answer = page.goto(installation.url("oak", "/manage/"))
    assert answer is not None
    assert answer.status == 403


def catalogue(staff: Page, installation: Installation) -> None:
    """Conditions, a sale, a lot with pictures, published: all by hand in the back office."""
    go(staff, installation, "/manage/conditions/")
    staff.get_by_label("Title").fill("Conditions of sale")
    staff.locator("textarea").first.fill("A bid is binding.")
    staff.get_by_role("button", name=re.compile("Publish")).click()
    noon = datetime.now(LONDON).replace(hour=12, minute=0)
    go(staff, installation, "/manage/sales/new")
    staff.locator("[name=title]").fill("Harbour views")
    staff.locator("[name=reference]").fill(REFERENCE)
    for name, days in (("starts_at", -1), ("ends_at", 2)):
        moment = noon + timedelta(days=days)
        staff.locator(f"[name={name}]").fill(moment.strftime("%Y-%m-%dT%H:%M"))
    staff.locator("[name=increments]").fill("0: 10\n500: 50")
    staff.locator("[name=premium_percent]").fill("25")
    staff.locator("[name=conditions_id]").select_option(index=1)
    staff.locator("form[data-guarded] button").last.click()
    staff.get_by_role("link", name="Add a lot").click()
    staff.locator("[name=title]").fill("A harbour at dawn")
    staff.locator("[name=opening]").fill("200")
    staff.locator("[name=estimate_low]").fill("400")
    staff.locator("[name=estimate_high]").fill("600")
    staff.get_by_role("button", name="Save", exact=True).click()
    file = {"name": "dawn.jpg", "mimeType": "image/jpeg", "buffer": jpeg(1200, 800)}
    staff.locator("#picture-files").set_input_files([file])  # type: ignore[arg-type]
    expect(staff.locator("[data-picture-list] img").first).to_be_visible()
    staff.get_by_role("link", name="Harbour views").first.click()
    staff.get_by_role("button", name="Publish").click()
    expect(staff.locator("body")).to_contain_text("Watch the bids")


def register(person: Page, installation: Installation) -> None:
    """Go to the lot, be told to register, accept, and be led back to it."""
    go(person, installation, LOT)
    person.get_by_role("link", name="Register for this sale").first.click()
    person.locator("[name=accepted]").check()
    person.get_by_role("button", name="Register for this sale").click()
    expect(person.locator("main")).to_contain_text("You are registered. Your paddle is")
    expect(person).to_have_url(installation.url("oak", LOT))


def place(person: Page, amount: str) -> None:
    """Type a maximum and confirm it."""
    person.locator("#maximum").fill(amount)
    person.locator("#maximum").press("Enter")
    person.get_by_role("button", name=re.compile("Place bid")).click()
    expect(person.get_by_role("button", name=re.compile("Place bid"))).to_have_count(0)


raise_maximum = place


def mine(person: Page, standing: str) -> None:
    """Expect the panel to say how the person stands, without a reload."""
    said = {"leading": "lead", "outbid": "utbid", "won": "won"}[standing]
    expect(person.locator("[data-mine]").first).to_contain_text(re.compile(said, re.IGNORECASE))


def let_the_time_pass(installation: Installation) -> None:
    """Move the end to a few seconds from now, as if hours had gone by."""
    statement = text(
        "UPDATE lot_state SET ends_at = clock_timestamp() + interval '4 seconds' WHERE sale_id ="
        " (SELECT id FROM sale WHERE reference = :reference)"
    )
    with installation.database.house_connection(installation.house("oak")) as connection:
        connection.execute(statement, {"reference": REFERENCE})


def go(page: Page, installation: Installation, path: str) -> None:
    """Open a page of the house oak."""
    page.goto(installation.url("oak", path))
