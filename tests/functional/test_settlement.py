"""A closed and paid sale: a statement, a payout by two people, the bank's file, in real windows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from auctionhouse.settlement.operations.payouts import propose_run
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.kernel.clock import database_now
from factories.axe import faults
from factories.installation import Installation
from factories.vendors import Consigned, german, make_consigned, pay_all, set_payees, share
from factories.windows import Windows

SPACE = {"": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


@pytest.fixture
def consigned(installation: Installation) -> Iterator[tuple[Consigned, str]]:
    """A closed sale in euro whose buyer has paid, and the address of its consignor."""
    email = installation.add_member("oak", "vera")
    with installation.database.house_session(installation.house("oak")) as session:
        made = make_consigned(session, currency="EUR")
        session.execute(text("UPDATE client SET member_id = NULL WHERE email = :e"), {"e": email})
        session.execute(
            text(
                "UPDATE client SET name = 'Vera Vendor', email = :e, member_id ="
                " (SELECT id FROM member WHERE email = :e) WHERE id = :c"
            ),
            {"e": email, "c": made.vendor},
        )
        set_payees(session, made.vendor, [share("Vera Vendor", account=german())])
        pay_all(session, made.sale)
        session.commit()
        yield made, email


def test_a_sale_is_settled_by_two_people_with_a_file_for_the_bank(
    windows: Windows, installation: Installation, consigned: tuple[Consigned, str]
) -> None:
    made, email = consigned
    clerk = windows.signed_in("oak", installation.add_member("oak", "clara", "clerk"))
    clerk.goto(installation.url("oak", f"/manage/money/statements?sale={made.sale}"))
    clerk.get_by_role("button", name="Draft statements").click()
    clerk.get_by_role("link", name="Draft", exact=True).click()
    clerk.get_by_role("button", name="Release with the next number").click()
    expect(clerk.locator("main")).to_contain_text("€1,760")
    installation.mail_to(email, "Settlement statement")

    propose(clerk, installation, made)
    expect(clerk.locator("main")).to_contain_text("waits for a second person")
    clerk.get_by_role("link", name="See the request").click()
    expect(clerk.get_by_role("button", name="Approve and do it")).to_have_count(0)

    owner = windows.signed_in("oak", "owner@oak.example")
    owner.goto(clerk.url)
    expect(owner.locator("main")).to_contain_text("Pay €1,760 to consignors")
    owner.get_by_role("button", name="Approve and do it").click()
    expect(owner.locator(".flash")).to_contain_text("Approved and done")
    owner.get_by_role("link", name="See what it is about").click()

    owner.get_by_role("button", name="Make the file").click()
    content = downloaded(owner)
    root = ET.fromstring(content)  # noqa: S314 - made here
    assert root.findtext(".//CdtTrfTxInf/Amt/InstdAmt", namespaces=SPACE) == "1760.00"
    assert root.findtext(".//CdtrAcct/Id/IBAN", namespaces=SPACE) == "DE89370400440532013000"
    owner.get_by_role("button", name="The bank has it").click()
    owner.get_by_role("button", name=re.compile("Confirm")).click()
    expect(owner.locator("main")).to_contain_text("Paid")
    assert downloaded(owner) == content

    assert "€1,760" in str(installation.mail_to(email, "is on its way")["subject"])
    vera = windows.signed_in("oak", email, viewport={"width": 390, "height": 844})
    vera.goto(installation.url("oak", "/account/selling/"))
    expect(vera.locator("main")).to_contain_text("DE•• •••• 3000")
    expect(vera.locator("main")).to_contain_text("Settled")


@pytest.mark.parametrize("size", [(1280, 900), (390, 844)])
def test_pages_of_consignors_as_axe_reads_them(
    windows: Windows,
    installation: Installation,
    consigned: tuple[Consigned, str],
    size: tuple[int, int],
) -> None:
    """Every page of consigning and paying, on a desk and on a telephone."""
    made, email = consigned
    with installation.database.house_session(installation.house("oak")) as session:
        draft = draft_statements(session, made.sale, actor=None)[0]
        statement = release_statement(session, draft.id, actor=None).id
        day = database_now(session).date() + timedelta(days=1)
        run = propose_run(session, made.entity, "EUR", "sepa", pay_on=day, actor=None).id
        session.commit()
    owner = windows.signed_in(
        "oak", "owner@oak.example", viewport={"width": size[0], "height": size[1]}
    )
    vendor, agreement = made.vendor, made.agreement.id
    paths = [
        "consignors/", f"consignors/{vendor}", f"consignors/{vendor}/agreements/new",
        f"agreements/{agreement}", f"agreements/{agreement}/edit",
        f"consignors/{vendor}/receipts/new", f"consignors/{vendor}/payees",
        f"consignors/{vendor}/account", f"consignors/{vendor}/sales/{made.sale}",
        "money/statements", f"money/statements?sale={made.sale}",
        f"money/statements/{statement}", "money/payouts", f"money/payouts/{run}", "money/paying",
        f"money/paying/{made.entity}",
    ]  # fmt: skip
    found = [one for path in paths for one in faults(owner, on(installation, f"/manage/{path}"))]
    vera = windows.signed_in("oak", email, viewport={"width": size[0], "height": size[1]})
    own = ("", f"statements/{statement}", f"sales/{made.sale}", f"agreements/{agreement}")
    found += [
        one for path in own for one in faults(vera, on(installation, f"/account/selling/{path}"))
    ]
    assert not found, "\n".join(found)


def on(installation: Installation, path: str) -> str:
    """Return an address at the house."""
    return installation.url("oak", path)


def propose(clerk: Page, installation: Installation, made: Consigned) -> None:
    """Tick the consignor and propose a payout for tomorrow."""
    clerk.goto(installation.url("oak", "/manage/money/payouts"))
    form = clerk.locator(f"form[action='/manage/money/payouts/{made.entity}/propose']")
    expect(form).to_contain_text("Vera Vendor")
    with installation.database.house_session(installation.house("oak")) as session:
        day = database_now(session).date() + timedelta(days=1)
    form.locator("[name=pay_on]").fill(day.isoformat())
    form.locator("[name=reason]").fill("The May sale is paid")
    form.get_by_role("button", name="Propose this payout").click()


def downloaded(page: Page) -> bytes:
    """Download the file a run's page offers."""
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the file").click()
    return download.value.path().read_bytes()
