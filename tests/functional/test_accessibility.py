"""Every main page of every theme and of both planes, as axe reads it (WCAG 2.2 AA and its advice).

A theme has a house of its own with a sale that runs: pictures, prices, a long title, a lot without
a picture. Light everywhere, dark where colours meet states.
"""

import io
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser

from auctionhouse.bidding.operations import place_bid
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.catalogue.pictures import add_picture
from auctionxchange.kernel.storage import make_storage
from factories.axe import faults
from factories.installation import Installation
from factories.pictures import jpeg
from factories.sales import OpenSale, make_open_sale
from factories.windows import Windows

THEMES = ("base", "manor", "galerie", "nocturne")
LONG_TITLE = "A title that goes on without an end and an Unbreakablelongwordofthegermankind " * 3
PUBLIC = (
    "/", "/sales/{sale}/", "/sales/{sale}/?view=list", "/sales/{sale}/?q=zebra",
    "/sales/{sale}/lots/1", "/sales/{sale}/lots/2", "/sales/{sale}/lots/1/history", "/sign-in",
    "/register", "/reset", "/confirm", "/nowhere",
)  # fmt: skip
MEMBERS = (
    "/account/", "/account/password", "/account/email", "/account/invoices/", "/me/bids",
    "/sales/{sale}/lots/1", "/sales/{sale}/register",
)  # fmt: skip
STAFF = (
    "", "sales/", "sales/new", "sales/{id}/", "sales/{id}/edit", "sales/{id}/terms",
    "sales/{id}/money", "sales/{id}/outages", "sales/{id}/room", "sales/{id}/bid",
    "sales/{id}/lots/new", "lots/{lot}", "lots/{lot}/bids", "lots/{lot}/terms", "lots/{lot}/book",
    "lots/{lot}/money", "lots/{lot}/withdraw", "registrations/", "registrations/1", "clients/",
    "clients/new", "clients/1", "members/", "members/1", "conditions/", "audit/", "simulator",
    "search?q=lot", "money/invoices", "money/entities", "money/entities/new", "money/try",
    "money/artists", "money/cards",
)  # fmt: skip
OPERATORS = (
    "/console/", "/console/houses/", "/console/houses/new/", "/console/migrations/",
    "/console/audit/", "/console/operators/", "/console/operators/1/", "/console/stripe-accounts/",
    "/console/stripe-events/", "/console/account/password",
)  # fmt: skip


@pytest.fixture(scope="module")
def sales(installation: Installation) -> dict[str, OpenSale]:
    """A house for each theme, with a sale that runs and has a bid."""
    return {theme: _furnish(installation, theme) for theme in THEMES}


def _furnish(installation: Installation, theme: str) -> OpenSale:
    house = installation.add_house(theme, theme=theme)
    storage = make_storage(installation.settings)
    with installation.database.house_session(house) as session, session.begin():
        made = make_open_sale(session, lots=3, reserve=50_000, description="Oil on *canvas*.")
        conditions = publish_conditions(session, "Conditions", "## Paying\n\nAt once.", actor=None)
        session.get_one(Sale, made.sale_id).conditions_id = conditions.id
        session.get_one(Lot, made.lots[1]).title = LONG_TITLE
        picture = io.BytesIO(jpeg())
        add_picture(session, storage, made.lots[0], picture, "A river", name="river.jpg")
    client, member = made.bidders[0]
    with installation.database.house_connection(house) as connection:
        place_bid(
            connection,
            lot_id=made.lots[0],
            client_id=client,
            placed_by_member_id=member,
            maximum=12_345_678_00,
            token=uuid4(),
        )
    return made


@pytest.fixture
def quiet(browser: Browser, installation: Installation) -> Iterator[Windows]:
    """Windows whose pages may say 404, which is looked at too."""
    opened = Windows(browser, installation)
    yield opened
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("theme", THEMES)
def test_a_houses_public_pages(
    quiet: Windows,
    installation: Installation,
    sales: dict[str, OpenSale],
    theme: str,
    scheme: str,
) -> None:
    """Seen to fail with a heading left out of the catalogue."""
    assert sales
    stranger = quiet.stranger(color_scheme=scheme)
    paths = PUBLIC if scheme == "light" else PUBLIC[:6]
    found = [
        one
        for path in paths
        for one in faults(stranger, installation.url(theme, path.format(sale="spring")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("theme", THEMES)
def test_a_members_pages_on_a_telephone(
    quiet: Windows, installation: Installation, sales: dict[str, OpenSale], theme: str
) -> None:
    """Seen to fail with the account's table as wide as its longest address."""
    assert sales
    member = installation.add_member(theme, "mary")
    page = quiet.signed_in(theme, member, viewport={"width": 390, "height": 844})
    found = [
        one
        for path in MEMBERS
        for one in faults(page, installation.url(theme, path.format(sale="spring")))
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_back_office(
    quiet: Windows, installation: Installation, sales: dict[str, OpenSale], width: int
) -> None:
    sale = sales["manor"]
    window = {"viewport": {"width": width, "height": 900}}
    page = quiet.signed_in("manor", "owner@manor.example", **window)
    found = [
        one
        for path in STAFF
        for one in faults(
            page,
            installation.url("manor", f"/manage/{path.format(id=sale.sale_id, lot=sale.lots[0])}"),
        )
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_exchange_and_its_console(
    quiet: Windows, installation: Installation, width: int
) -> None:
    window = {"viewport": {"width": width, "height": 900}}
    stranger = quiet.stranger(**window)
    found = [
        *faults(stranger, installation.url("")),
        *faults(stranger, installation.url("", "/nowhere")),
    ]
    found += faults(stranger, installation.url("console", "/console/sign-in"))
    page = quiet.signed_in("console", installation.add_operator(), **window)
    for path in OPERATORS:
        found += faults(page, installation.url("console", path))
    assert not found, "\n".join(found)
