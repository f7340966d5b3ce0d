"""From the hammer to the money: cards kept, winners charged, a link paid, a part refunded."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from auctionhouse.bidding.presets import preset_terms
from auctionhouse.catalogue.models import Conditions, Sale
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import currency
from factories.installation import Installation
from factories.sales import make_open_sale
from factories.windows import Windows

REFERENCE = "money-journey"
PAYS, ASKS = "4242424242424242", "4000002760003184"
LIMITS = {"confirm_times_asking": 0, "confirm_times_estimate": 0}


@pytest.fixture
def sale(installation: Installation) -> str:
    """A running sale of two lots, with conditions to accept."""
    terms = {**preset_terms("even-steps", currency("GBP")), **LIMITS}
    with installation.database.house_session(installation.house("oak")) as session, session.begin():
        made = make_open_sale(session, reference=REFERENCE, lots=2, bidders=0, terms=terms)
        conditions = Conditions(
            version=900, title="Conditions", body="Pay.", published_at=database_now(session)
        )
        session.add(conditions)
        session.flush()
        found = session.get_one(Sale, made.sale_id)
        found.conditions_id, found.premium_percent = conditions.id, 25  # type: ignore[assignment]
        found.ends_at = database_now(session) + timedelta(hours=2)
    return REFERENCE


def test_from_the_hammer_to_the_money(
    windows: Windows, installation: Installation, sale: str
) -> None:
    owner = windows.signed_in("oak", "owner@oak.example")
    set_up(owner, installation)
    ada_mail, ben_mail = (installation.add_member("oak", name) for name in ("ada", "ben"))
    ada = windows.signed_in("oak", ada_mail, viewport={"width": 390, "height": 844})
    ben = windows.signed_in("oak", ben_mail)
    for person, lot, card in ((ada, 1, PAYS), (ben, 2, ASKS)):
        register_with_card(person, installation, card)
        bid(person, installation, lot)

    let_the_time_pass(installation)
    expect(ada.locator("#bid-panel")).to_contain_text("Sold for")
    expect(ben.locator("#bid-panel")).to_contain_text("Sold for")
    installation.do("oak", "collecting.closed_sales")
    installation.mail_to(ada_mail, "Invoice")
    installation.mail_to(ben_mail, "Invoice")
    installation.do("oak", "collecting.round")

    installation.mail_to(ada_mail, "Paid, thank you")
    go(ada, installation, "/account/invoices/")
    expect(ada.locator("main")).to_contain_text("Paid")
    ada.get_by_role("link", name=re.compile("^J-")).click()
    expect(ada.locator("main")).to_contain_text("Show this code")

    asked = installation.mail_to(ben_mail, "Please confirm your payment")
    pay_by_link(ben, installation, asked["name"])

    refund_a_part(owner, installation)
    casey = windows.signed_in("oak", installation.add_member("oak", "casey", "clerk"))
    approve(casey, installation)
    go(owner, installation, "/manage/money/cards")
    expect(row_of(owner, "Ada")).to_contain_text("£1")


def set_up(owner: Page, installation: Installation) -> None:
    """A company, its Stripe account, and cards charged by themselves."""
    go(owner, installation, "/manage/money/entities/new")
    filled = {
        "name": "Oak Ltd", "address": "1 High Street", "country": "GB", "series": "J-",
        "credit_series": "JC-", "currency": "GBP", "payment_days": "7",
    }  # fmt: skip
    for name, value in filled.items():
        owner.locator(f"[name={name}]").fill(value)
    owner.get_by_role("button", name="Save").click()
    owner.get_by_role("link", name="How it collects").first.click()
    owner.locator("[name=at_close]").select_option("release")
    owner.locator("[name=charge]").select_option("invoice")
    owner.locator("[name=charge_up_to]").fill("5000")
    owner.locator("[name=charge_after_hours]").fill("0")
    owner.get_by_role("button", name="Save").click()
    go(owner, installation, "/manage/money/cards")
    owner.get_by_role("button", name="Connect Stripe").click()
    expect(owner.locator("body")).to_contain_text("TEST")
    owner.locator("form button").first.click()
    expect(owner.locator("main")).to_contain_text("cards can be charged")


def register_with_card(person: Page, installation: Installation, card: str) -> None:
    """Accept the conditions, and type a card on Stripe's own page."""
    go(person, installation, f"/sales/{REFERENCE}/register")
    person.locator("[name=accepted]").check()
    person.get_by_role("button", name="Register for this sale").click()
    person.get_by_role("link", name="Keep a card on file").click()
    person.get_by_role("button", name="Keep a card on file").click()
    type_card(person, card, "Keep this card")
    expect(person.locator("main")).to_contain_text(card[-4:])


def type_card(person: Page, card: str, verb: str) -> None:
    """Choose a test card on the page marked TEST, and be the cardholder if the bank asks."""
    expect(person.locator("body")).to_contain_text("TEST")
    person.locator("select[name=card]").select_option(card)
    person.get_by_role("button", name=verb).click()
    if card == ASKS:
        person.get_by_role("button", name="It is me").click()


def bid(person: Page, installation: Installation, lot: int) -> None:
    """Place a bid on a lot of one's own."""
    go(person, installation, f"/sales/{REFERENCE}/lots/{lot}")
    person.locator("#maximum").fill("100")
    person.locator("#maximum").press("Enter")
    person.get_by_role("button", name=re.compile("Place bid")).click()
    expect(person.get_by_role("button", name=re.compile("Place bid"))).to_have_count(0)


def let_the_time_pass(installation: Installation) -> None:
    """Move the ends to a moment from now, as if hours had gone by."""
    statement = text(
        "UPDATE lot_state SET ends_at = clock_timestamp() + interval '3 seconds' WHERE sale_id ="
        " (SELECT id FROM sale WHERE reference = :reference)"
    )
    with installation.database.house_connection(installation.house("oak")) as connection:
        connection.execute(statement, {"reference": REFERENCE})


def pay_by_link(person: Page, installation: Installation, mail: str) -> None:
    """Open the mail's link, go on to Stripe's page, and confirm at the bank."""
    person.goto(installation.url("mail", f"/messages/{mail}"))
    found = re.search(r"http://\S+/pay/\S+", person.locator("pre").inner_text())
    assert found is not None, mail
    person.goto(found[0])
    person.get_by_role("button", name="Go on to the card page").click()
    type_card(person, ASKS, "Pay")
    expect(person.locator("main")).to_contain_text("This is paid")
    go(person, installation, "/account/invoices/")
    expect(person.locator("main")).to_contain_text("Paid")


def row_of(page: Page, name: str) -> Locator:
    """Return the row of somebody's payment."""
    return page.locator("tr", has_text=name).first


def refund_a_part(owner: Page, installation: Installation) -> None:
    """Ask for a pound of Ada's payment to be given back."""
    go(owner, installation, "/manage/money/cards")
    row_of(owner, "Ada").get_by_role("link").first.click()
    owner.locator("[name=amount]").fill("1")
    owner.locator("[name=reason]").fill("The frame was damaged")
    owner.get_by_role("button", name="Give back").click()
    expect(owner.locator("main")).to_contain_text("waits for approval")


def approve(casey: Page, installation: Installation) -> None:
    """Approve what somebody else asked for, and see it done."""
    go(casey, installation, "/manage/approvals/")
    casey.get_by_role("link", name=re.compile("Refund £1")).first.click()
    casey.get_by_role("button", name="Approve and do it").click()
    expect(casey.locator("body")).to_contain_text("Approved and done")


def go(page: Page, installation: Installation, path: str) -> None:
    """Open a page of the house oak."""
    page.goto(installation.url("oak", path))
