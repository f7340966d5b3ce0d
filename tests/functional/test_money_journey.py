"""From the hammer to the money, and from there to the consignor.

Cards are kept, winners charged, a link is paid, a part refunded; a dispute freezes one lot of a
settlement, the rest is paid out with a file, and Stripe's books are the house's.
"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import text

from auctionhouse.bidding.presets import preset_terms
from auctionhouse.catalogue.models import Conditions, Sale
from auctionhouse.consignors.operations.settings import set_vendor_settings
from auctionhouse.settlement.operations.payer import save_payer
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.money import currency
from factories.installation import Installation
from factories.sales import make_open_sale
from factories.vendors import british, make_agreement, make_client, set_payees, share
from factories.windows import Windows

SLUG, OWNER = "yew", "owner@yew.example"
REFERENCE = "money-journey"
PAYS, ASKS, DISPUTES = "4242424242424242", "4000002760003184", "4000000000000259"
TRIES = 60
PAID_OUT = "00000000900"
"""Nine pounds in pence, as Standard 18 writes an amount: the hammer price less ten per cent."""
LIMITS = {"confirm_times_asking": 0, "confirm_times_estimate": 0}


@pytest.fixture
def sale(installation: Installation) -> int:
    """A running sale of three lots at a house of the test's own, with conditions to accept."""
    installation.add_house(SLUG)
    terms = {**preset_terms("even-steps", currency("GBP")), **LIMITS}
    with installation.database.house_session(installation.house(SLUG)) as session, session.begin():
        made = make_open_sale(session, reference=REFERENCE, lots=3, bidders=0, terms=terms)
        conditions = Conditions(
            version=900, title="Conditions", body="Pay.", published_at=database_now(session)
        )
        session.add(conditions)
        session.flush()
        found = session.get_one(Sale, made.sale_id)
        found.conditions_id, found.premium_percent = conditions.id, 25  # type: ignore[assignment]
        found.ends_at = database_now(session) + timedelta(hours=2)
        return found.id


def test_from_the_hammer_to_the_money(
    windows: Windows, installation: Installation, sale: int
) -> None:
    owner = windows.signed_in(SLUG, OWNER)
    set_up(owner, installation)
    consign(installation, sale)
    ada_mail, ben_mail, dan_mail = (
        installation.add_member(SLUG, name) for name in ("ada", "ben", "dan")
    )
    ada = windows.signed_in(SLUG, ada_mail, viewport={"width": 390, "height": 844})
    ben = windows.signed_in(SLUG, ben_mail)
    dan = windows.signed_in(SLUG, dan_mail)
    for person, lot, card in ((ada, 1, PAYS), (ben, 2, ASKS), (dan, 3, DISPUTES)):
        register_with_card(person, installation, card)
        bid(person, installation, lot)

    let_the_time_pass(installation)
    for person in (ada, ben, dan):
        expect(person.locator("#bid-panel")).to_contain_text("Sold for")
    installation.do(SLUG, "collecting.closed_sales")
    for mail in (ada_mail, ben_mail, dan_mail):
        installation.mail_to(mail, "Invoice")
    installation.do(SLUG, "collecting.round")

    installation.mail_to(ada_mail, "Paid, thank you")
    go(ada, installation, "/account/invoices/")
    expect(ada.locator("main")).to_contain_text("Paid")
    ada.get_by_role("link", name=re.compile("^J-")).click()
    expect(ada.locator("main")).to_contain_text("Show this code")

    asked = installation.mail_to(ben_mail, "Please confirm your payment")
    pay_by_link(ben, installation, asked["name"])

    refund_a_part(owner, installation)
    casey = windows.signed_in(SLUG, installation.add_member(SLUG, "casey", "clerk"))
    approve(casey, installation, "Refund £1")
    go(owner, installation, "/manage/money/cards")
    expect(row_of(owner, "Ada")).to_contain_text("£1")

    settle(owner, installation, sale)
    pay_out(owner, casey, installation)
    compare(owner, installation)


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


def consign(installation: Installation, sale: int) -> None:
    """Give the lots to a consignor under an agreement, whose account has been known for a while."""
    with installation.database.house_session(installation.house(SLUG)) as session, session.begin():
        entity = session.scalar(text("SELECT id FROM legal_entity")) or 0
        vera = make_client(session, "Vera Vendor", "vera@vendor.example").id
        agreement = make_agreement(session, vera, entity).id
        set_payees(session, vera, [share("Vera Vendor")])
        save_payer(
            session, entity, series="JS-", holder="Oak Ltd", account=british("12345678"),
            bacs_user="123456", actor=None,
        )  # fmt: skip
        set_vendor_settings(
            session, reserve_days=0, bank_days=10, pay_when="invoice_paid", actor=None
        )
        session.execute(
            text("UPDATE lot SET consignor_client_id = :c, agreement_id = :a WHERE sale_id = :s"),
            {"c": vera, "a": agreement, "s": sale},
        )


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
    with installation.database.house_connection(installation.house(SLUG)) as connection:
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


def approve(casey: Page, installation: Installation, what: str) -> None:
    """Approve what somebody else asked for, and see it done."""
    go(casey, installation, "/manage/approvals/")
    casey.get_by_role("link", name=re.compile(what)).first.click()
    casey.get_by_role("button", name="Approve and do it").click()
    expect(casey.locator("body")).to_contain_text("Approved and done")


def settle(owner: Page, installation: Installation, sale: int) -> None:
    """Release the consignor's statement: the disputed lot is frozen, and one is not paid whole."""
    wait_for(owner, installation, "/manage/money/cards", "Disputes to answer")
    go(owner, installation, f"/manage/money/statements?sale={sale}")
    owner.get_by_role("button", name="Draft statements").click()
    owner.get_by_role("link", name="Draft", exact=True).click()
    owner.get_by_role("button", name="Release with the next number").click()
    expect(owner.locator("main")).to_contain_text("The buyer disputes the payment")
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Print as PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def pay_out(owner: Page, casey: Page, installation: Installation) -> None:
    """Pay what is payable, by two people, with a file for the bank."""
    go(owner, installation, "/manage/money/payouts")
    expect(row_of(owner, "Vera Vendor")).to_contain_text("The buyer disputes the payment")
    owner.locator("[name=reason]").fill("The sale is paid")
    owner.get_by_role("button", name="Propose this payout").click()
    expect(owner.locator("main")).to_contain_text("waits for a second person")
    run = owner.url
    approve(casey, installation, "to consignors")
    owner.goto(run)
    owner.get_by_role("button", name="Make the file").click()
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Download the file").click()
    assert PAID_OUT in download.value.path().read_text("ascii")


def compare(owner: Page, installation: Installation) -> None:
    """Compare Stripe's books with ours: nothing differs."""
    go(owner, installation, "/manage/money/reconciliation")
    owner.get_by_role("button", name="Compare now").click()
    wait_for(owner, installation, "/manage/money/reconciliation", "Books agree")
    expect(owner.locator(".figures")).to_contain_text(re.compile(r"Differences\s*0"))


def wait_for(page: Page, installation: Installation, path: str, words: str) -> None:
    """Open a page until it says something: webhooks and jobs take their moment."""
    for _try in range(TRIES):
        go(page, installation, path)
        if words in page.locator("main").inner_text():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{path} never said “{words}”: {page.locator('main').inner_text()}")


def go(page: Page, installation: Installation, path: str) -> None:
    """Open a page of the house."""
    page.goto(installation.url(SLUG, path))
