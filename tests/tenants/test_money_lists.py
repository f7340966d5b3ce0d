"""Lists of money: each is sorted by its columns, counted, and taken away with plain amounts."""

import csv
import io
from datetime import timedelta

import pytest

from auctionhouse.approvals.operations import ask, withdraw
from auctionhouse.banking.operations import take_file
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.invoicing.two_person import WRITE_OFF
from auctionhouse.payments.attempts import ask_for
from auctionhouse.seed import seed_house
from auctionhouse.settlement.operations.payouts import propose_run
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.resolver import Application
from auctionxchange.tenancy.setup import Addresses
from factories.houses import make_house
from factories.invoices import make_sold_sale
from factories.vendors import make_consigned, pay_all, set_payees, share
from factories.visitors import Visitor, make_member, visit

LISTS = (
    "approvals/", "consignors/", "money/bank/lines", "money/cards", "money/invoices",
    "money/overdue", "money/payouts", "money/release/", "money/statements",
)  # fmt: skip


@pytest.fixture(scope="module")
def clerk(
    web: Application, addresses: Addresses, settings: Settings, database: Database
) -> Visitor:
    """A clerk at a house of these tests' own, of whose money every list has something to tell."""
    engine = owner_engine(addresses.database_admin_url)
    schema = make_house(engine, seed_house)
    engine.dispose()
    house = Directory(database, settings).by_schema(schema)
    assert house is not None
    visitor = visit(web, settings, house)
    person = make_member(database, house, roles=("clerk",))
    visitor.sign_in(person)
    with acting_for(house), database.house_session(house) as session, session.begin():
        _paid_and_settled(session)
        _overdue(session, person.id)
    return visitor


def _paid_and_settled(session: HouseSession) -> None:
    """Settle a paid sale and put it into a payout."""
    made = make_consigned(session)
    set_payees(session, made.vendor, [share("Ann")])
    pay_all(session, made.sale)
    draft = draft_statements(session, made.sale, actor=None)[0]
    release_statement(session, draft.id, actor=None)
    day = database_now(session).date() + timedelta(days=1)
    propose_run(session, made.entity, "GBP", "hand", pay_on=day, actor=None)


def _overdue(session: HouseSession, clerk: int) -> None:
    """Invoice a sale whose buyer is late, declined by a card and paying less than is due."""
    sold = make_sold_sale(session, lots=1, price=123_450)
    sold.entity.payment_days = -40
    proforma = make_proformas(session, sold.sale.sale_id, actor=None)[0]
    invoice = release_invoice(session, proforma.id, actor=None)
    ask_for(
        session, kind="invoice", reference_id=invoice.id, client_id=invoice.client_id,
        amount=invoice.total, currency="GBP", description=str(invoice.number),
        entity=sold.entity.id, actor=None,
    )  # fmt: skip
    content = f"Date,Name,Reference,Amount\n2026-11-24,Ada,{invoice.number},99.50\n"
    take_file(session, sold.entity.id, "november.csv", content.encode(), actor=None)
    asked = ask(session, WRITE_OFF, {"invoice": invoice.id}, reason="Gone away", actor=clerk)
    withdraw(session, asked.id, actor=clerk)


def rows_of(clerk: Visitor, path: str) -> list[dict[str, str]]:
    """Take a list away and return its rows."""
    answer = clerk.get(f"/manage/{path}?as=csv")
    assert answer.mimetype == "text/csv"
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))


@pytest.mark.parametrize("path", LISTS)
def test_every_list_is_sorted_by_each_of_its_columns_and_taken_away(
    clerk: Visitor, path: str
) -> None:
    page = clerk.page(f"/manage/{path}")
    sorters = [link for link in page.links() if "order=" in link and "as=" not in link]
    assert sorters
    for link in sorters:
        assert clerk.get(f"/manage/{path}{link}").status_code == 200
        assert clerk.get(f"/manage/{path}{link}&as=csv").status_code == 200
    assert rows_of(clerk, path)


def test_amounts_are_plain_decimals_beside_their_currency(clerk: Visitor) -> None:
    late = next(row for row in rows_of(clerk, "money/invoices") if row["To be paid"] != "0.00")
    assert (late["To be paid"], late["Currency"]) == (late["Total"], "GBP")
    assert late["Total"] == "1604.86"
    overdue = rows_of(clerk, "money/overdue")
    assert [(row["Days"], row["To be paid"]) for row in overdue] == [("40", "1604.86")]
    line = rows_of(clerk, "money/bank/lines")[0]
    assert (line["Amount"], line["State"]) == ("99.50", "Waits for you")
    assert line["Why"] == "Paid by somebody who is not the buyer"


def test_lists_say_in_words_how_things_stand(clerk: Visitor) -> None:
    statement = rows_of(clerk, "money/statements")[0]
    assert (statement["Kind"], statement["State"]) == ("Settlement statement", "To be paid")
    run = rows_of(clerk, "money/payouts")[0]
    assert (run["How"], run["State"]) == ("By hand, at the bank", "Proposed")
    assert rows_of(clerk, "money/cards")[0]["State"] == "Due"
    assert rows_of(clerk, "approvals/")[0]["State"] == "Withdrawn"
    assert rows_of(clerk, "consignors/")[0]["Bank details"] == "Known"
    assert rows_of(clerk, "money/release/")[0]["State"] == "To be collected"
