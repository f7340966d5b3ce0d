"""Through a pooler that hands one server connection from house to house, nothing leaks."""

import asyncio
import secrets
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import psycopg2
import pytest
from sqlalchemy import text
from werkzeug.test import Client
from wsgi import build_application

from auctionhouse.bidding.gathering import Gathering
from auctionhouse.bidding.operations import place_bid
from auctionhouse.bidding.submissions import Submission
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, house_scope
from auctionxchange.live.tail import Outbox
from auctionxchange.tenancy.house import House
from factories.floor import make_floor
from factories.sales import make_open_sale

ROUNDS = 40


def raw(url: str, statement: str) -> tuple[object, ...]:
    """Run one statement outside any house's transaction and return its first row."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            row = cursor.fetchone()
            assert row is not None
            return row
    finally:
        connection.close()


def whoever_is_left(url: str) -> tuple[object, ...]:
    return raw(url, "SELECT current_user = session_user, current_setting('search_path')")


def note(database: Database, house: House, word: str) -> int:
    """Write a row as one house, and count what of the word this house can see."""
    with database.house_session(house) as session, session.begin():
        session.execute(
            text("INSERT INTO audit_entry (action, subject) VALUES ('note', :word)"),
            {"word": word},
        )
        user, path = session.execute(
            text("SELECT current_user, current_setting('search_path')")
        ).one()
        assert (user, path) == (house.schema, house.schema)
        query = text("SELECT count(*) FROM audit_entry WHERE subject = :word")
        return int(session.execute(query, {"word": word}).scalar_one())


def test_there_is_one_server_connection(pooled_url: str) -> None:
    assert len({raw(pooled_url, "SELECT pg_backend_pid()") for _ in range(5)}) == 1


def test_failure_01_houses_that_share_a_connection_see_their_own(
    pooled: Database, oak: House, elm: House
) -> None:
    words = {oak: secrets.token_hex(8), elm: secrets.token_hex(8)}
    turns = [oak, elm] * ROUNDS
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda house: note(pooled, house, words[house]), turns))
    assert max(seen) == ROUNDS
    with pooled.house_session(elm) as session, session.begin():
        query = text("SELECT count(*) FROM audit_entry WHERE subject = :word")
        assert session.execute(query, {"word": words[oak]}).scalar_one() == 0


def test_failure_01_nothing_of_a_house_is_left_behind(
    pooled: Database, pooled_url: str, oak: House
) -> None:
    """Seen to fail with LOCAL taken out of the opening statement."""
    note(pooled, oak, "committed")
    assert whoever_is_left(pooled_url) == (True, '""')
    with pytest.raises(ZeroDivisionError), pooled.house_connection(oak):
        raise ZeroDivisionError
    assert whoever_is_left(pooled_url) == (True, '""')
    vanishing = psycopg2.connect(pooled_url)
    vanishing.autocommit = True
    vanishing.cursor().execute(house_scope(oak.schema).opening)
    vanishing.close()
    assert whoever_is_left(pooled_url) == (True, '""')


def test_pages_of_two_houses_take_turns(
    pooled: Database, settings: Settings, pooled_url: str, oak: House, elm: House
) -> None:
    application = build_application(replace(settings, database_url=pooled_url), pooled)

    def shown(house: House) -> bool:
        page = Client(application).get("/", headers={"Host": f"{house.slug}.localhost:8000"})
        other = elm if house is oak else oak
        words = page.get_data(as_text=True)
        return page.status_code == 200 and house.name in words and other.name not in words

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(shown, [oak, elm] * ROUNDS))


def test_a_bid_is_placed_and_told(
    pooled: Database, database: Database, pooled_url: str, oak: House
) -> None:
    with database.house_session(oak) as session, session.begin():
        sale = make_open_sale(session, reference=f"pooled-{secrets.token_hex(3)}")
    client, member = sale.bidders[0]
    with pooled.house_connection(oak) as connection:
        result = place_bid(
            connection,
            lot_id=sale.lots[0],
            client_id=client,
            placed_by_member_id=member,
            maximum=5000,
            token=uuid.uuid4(),
        )
    assert result.you_lead

    async def told() -> list[str]:
        outbox = Outbox(pooled_url, pooled.platform_scope.role)
        events = [await outbox.recent(50) for _ in range(10)][-1]
        await outbox.close()
        return [event.channel for event in events]

    assert f"sale:{sale.sale_id}" in asyncio.run(told())


def test_bids_of_two_houses_are_planned_on_one_connection_whoever_prepared_them(
    pooled: Database, settings: Settings, pooled_url: str, oak: House, elm: House
) -> None:
    """Two pools of ours know different things of the one server connection they get in turns."""
    second = Database(pooled_url, secret_key=settings.secret_key)
    floors = [make_floor(pooled, house) for house in (oak, elm)]
    desks = [Gathering(pooled), Gathering(second)]
    for turn in range(6):
        for floor in floors:
            client, member = floor.sale.bidders[turn % 2]
            submission = Submission(client, member, 5000 + turn * 1000, uuid.uuid4())
            desks[turn // 2 % 2].place(floor.house, floor.sale.lots[0], submission)
        if turn == 3:
            raw(pooled_url, "DEALLOCATE ALL; SELECT 1")
    second.dispose()
    for floor in floors:
        assert floor.state().bid_count == 6
        assert floor.entries().count("bid") == 6
