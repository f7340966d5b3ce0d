"""Everything stands: each part answers at its address and a person can look around."""

import httpx
from playwright.sync_api import expect

from factories.installation import Installation
from factories.windows import Windows


def test_all_parts_say_that_they_serve(installation: Installation) -> None:
    answer = httpx.get(
        f"{installation.address}/healthz",
        headers={"Host": f"localhost:{installation.environ['PORT']}"},
    )
    assert answer.json()["status"] == "ok"


def test_unknown_hosts_are_nobody(installation: Installation) -> None:
    answer = httpx.get(installation.address, headers={"Host": "nobody.localhost"})
    assert answer.status_code == 404


def test_apex_houses_and_mail_have_pages(windows: Windows, installation: Installation) -> None:
    page = windows.stranger()
    page.goto(installation.url(""))
    expect(page.locator("h1").first).to_be_visible()
    page.goto(installation.url("oak"))
    expect(page.locator("body")).to_contain_text("House of Oak")
    page.goto(installation.url("elm"))
    assert page.locator("html").get_attribute("lang") in {"en", "fr"}
    page.goto(installation.url("mail"))
    expect(page.locator("h1")).to_have_text("Mail that was sent")


def test_a_member_signs_in_at_one_house_only(windows: Windows, installation: Installation) -> None:
    email = installation.add_member("oak", "robin")
    page = windows.signed_in("oak", email)
    page.goto(installation.url("oak", "/me/bids"))
    assert page.url.endswith("/me/bids")
    page.goto(installation.url("elm", "/me/bids"))
    assert "/sign-in" in page.url


def test_an_operator_signs_in_at_the_console(windows: Windows, installation: Installation) -> None:
    page = windows.signed_in("console", installation.add_operator())
    expect(page.locator("body")).to_contain_text("House created")
