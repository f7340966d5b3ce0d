"""The demo's simulated bidders use the same door and pages as everybody."""

import secrets
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.demo.visitor import Visitor
from factories.installation import PASSWORD, Installation
from factories.sales import OpenSale, make_open_sale

TAKEN, MISSING, TOO_LOW = 303, 302, 409


@pytest.fixture(scope="module")
def reference() -> str:
    return f"crowd-{secrets.token_hex(3)}"


@pytest.fixture(scope="module")
def sale(installation: Installation, reference: str) -> OpenSale:
    """A sale of two lots that runs for an hour."""
    with installation.database.house_session(installation.house("oak")) as session, session.begin():
        made = make_open_sale(session, reference=reference, lots=2, bidders=0)
        conditions = publish_conditions(session, "Conditions", "A bid is binding.", actor=None)
        session.execute(
            text("UPDATE sale SET conditions_id = :conditions WHERE id = :sale"),
            {"conditions": conditions.id, "sale": made.sale_id},
        )
        return made


@pytest.fixture
def visitors(installation: Installation) -> Iterator[tuple[Visitor, Visitor]]:
    """Two members who have neither signed in nor registered yet."""
    host = f"oak.localhost:{installation.environ['PORT']}"
    first, second = (
        Visitor(installation.address, host, installation.add_member("oak", name), PASSWORD)
        for name in ("una", "vera")
    )
    with closing(first), closing(second):
        yield first, second


def bids(installation: Installation, sale: OpenSale, lot: int) -> int:
    """Return how many bids a lot has."""
    with installation.database.house_connection(installation.house("oak")) as connection:
        count: int = connection.execute(
            text("SELECT bid_count FROM lot_state WHERE lot_id = :lot"), {"lot": sale.lots[lot]}
        ).scalar_one()
    return count


def test_they_sign_in_register_and_bid(
    installation: Installation, sale: OpenSale, reference: str, visitors: tuple[Visitor, Visitor]
) -> None:
    first, second = visitors
    assert first.bid(reference, "1", "50") == TAKEN
    assert second.bid(reference, "1", "30") == TAKEN
    assert second.bid(reference, "1", "20") == TOO_LOW
    assert bids(installation, sale, 0) >= 2


def test_they_come_back_after_having_been_signed_out(
    installation: Installation, sale: OpenSale, reference: str, visitors: tuple[Visitor, Visitor]
) -> None:
    visitor, _other = visitors
    assert visitor.bid(reference, "2", "50") == TAKEN
    with installation.database.house_connection(installation.house("oak")) as connection:
        connection.execute(text("UPDATE member_session SET revoked_at = clock_timestamp()"))
    assert visitor.bid(reference, "2", "60") == MISSING
    assert visitor.bid(reference, "2", "70") == TAKEN
    assert bids(installation, sale, 1) >= 1
