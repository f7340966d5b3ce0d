"""What is killed or away does not lose a bid, close a lot twice, or need a hand to recover."""

import secrets
import time
from collections.abc import Callable, Iterator

import httpx
import psycopg2
import pytest
from sqlalchemy import make_url, select, text

from auctionhouse.bidding.queries import verify_lot
from auctionhouse.demo.visitor import Visitor
from auctionhouse.members.models import Client
from auctionhouse.registrations.models import Registration
from factories.installation import PASSWORD, Installation
from factories.sales import OpenSale, end_lots_now, make_open_sale

PLACED = 303
CLOSING = 'data-live="phase"><span class="state state-closing"'


@pytest.fixture
def reference() -> str:
    return f"fault-{secrets.token_hex(3)}"


@pytest.fixture
def sale(installation: Installation, reference: str) -> OpenSale:
    """A published sale of oak with one lot."""
    house = installation.house("oak")
    with installation.database.house_session(house) as session, session.begin():
        return make_open_sale(session, reference=reference, bidders=1)


@pytest.fixture
def bidder(installation: Installation, sale: OpenSale) -> Iterator[Visitor]:
    """Somebody with an approved registration, at the front door."""
    email = installation.add_member("oak", "ada")
    house = installation.house("oak")
    with installation.database.house_session(house) as session, session.begin():
        client = session.scalars(select(Client).where(Client.email == email)).one()
        session.add(
            Registration(sale_id=sale.sale_id, client_id=client.id, state="approved", paddle=999)
        )
    visitor = Visitor(installation.address, host(installation), email, PASSWORD)
    yield visitor
    visitor.close()


@pytest.fixture
def mended(installation: Installation) -> Iterator[None]:
    """Bring back whatever a test took away."""
    yield
    installation.processes.restart_missing()
    installation.wait_until_serving()


def host(installation: Installation) -> str:
    return f"oak.localhost:{installation.environ['PORT']}"


def page(installation: Installation, path: str) -> httpx.Response:
    return httpx.get(
        f"{installation.address}{path}", headers={"Host": host(installation)}, timeout=60
    )


def eventually(happened: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def entries(installation: Installation, lot: int) -> list[str]:
    """Return the kinds of a lot's ledger entries, once the chain was found whole."""
    with installation.database.house_session(installation.house("oak")) as session:
        assert verify_lot(session, lot) == []
        query = text("SELECT kind FROM ledger_entry WHERE lot_id = :lot ORDER BY sequence")
        return list(session.execute(query, {"lot": lot}).scalars())


@pytest.mark.usefixtures("mended")
def test_an_acknowledged_bid_outlives_the_killed_web(
    installation: Installation, sale: OpenSale, bidder: Visitor, reference: str
) -> None:
    assert bidder.bid(reference, "1", "30") == PLACED
    installation.processes.services["web"].kill()
    assert page(installation, "/").status_code == 503
    assert entries(installation, sale.lots[0]).count("bid") == 1
    installation.processes.services["web"].start()
    installation.wait_until_serving()
    assert bidder.bid(reference, "1", "50") == PLACED


@pytest.mark.usefixtures("mended")
def test_a_lot_whose_end_the_worker_missed_shows_closing_and_closes_once(
    installation: Installation, sale: OpenSale, bidder: Visitor, reference: str
) -> None:
    assert bidder.bid(reference, "1", "30") == PLACED
    installation.processes.services["worker"].kill()
    with installation.database.house_session(installation.house("oak")) as session:
        end_lots_now(session, sale.sale_id)
        session.commit()
    lot = f"/sales/{reference}/lots/1"
    assert CLOSING in page(installation, lot).text
    assert bidder.bid(reference, "1", "70") != PLACED
    installation.processes.services["worker"].start()
    eventually(lambda: "hammer" in entries(installation, sale.lots[0]))
    assert CLOSING not in page(installation, lot).text
    assert entries(installation, sale.lots[0]).count("hammer") == 1


def test_pages_say_503_while_the_database_is_away_and_recover(
    installation: Installation, superuser_url: str
) -> None:
    name = make_url(installation.settings.database_url).database
    assert page(installation, "/").status_code == 200
    command(superuser_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
    try:
        command(
            superuser_url,
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            f" WHERE datname = '{name}'",
        )
        answer = page(installation, "/")
        assert answer.status_code == 503
        assert int(answer.headers["Retry-After"]) > 0
    finally:
        command(superuser_url, f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
    eventually(lambda: page(installation, "/").status_code == 200)
    installation.wait_until_serving()


def command(url: str, statement: str) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()
