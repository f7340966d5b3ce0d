"""Which channels a reader may follow, asked of the house's own app."""

import secrets
import time
from typing import Any

import pytest
from sqlalchemy import text
from wsgi import build_application

from auctionhouse.live.views import MOST_CHANNELS
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.errors import Forbidden
from auctionxchange.live.tokens import read_token
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.resolver import Application
from factories.sales import make_open_sale
from factories.visitors import Visitor, make_member, visit


@pytest.fixture(scope="module")
def web(settings: Settings, database: Database) -> Application:
    return build_application(settings, database)


@pytest.fixture
def visitor(web: Application, settings: Settings, oak: House) -> Visitor:
    return visit(web, settings, oak)


def publish(database: Database, house: House) -> int:
    with database.house_session(house) as session, session.begin():
        return make_open_sale(session, reference=f"t{secrets.token_hex(4)}").sale_id


def asked(visitor: Visitor, *channels: str) -> Any:
    answer = visitor.get(f"/live/token?channels={','.join(channels)}")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_json()


def test_a_stranger_follows_published_sales_only(
    visitor: Visitor, database: Database, oak: House
) -> None:
    sale, draft = publish(database, oak), publish(database, oak)
    with database.house_connection(oak) as connection:
        connection.execute(text("UPDATE sale SET state = 'draft' WHERE id = :id"), {"id": draft})
    wishes = (f"sale:{sale}", f"sale:{draft}", "sale:999999999", "houses", "member:1", "sale:x")
    body = asked(visitor, *wishes)
    assert body["channels"] == [f"sale:{sale}"]
    assert abs(body["now"] / 1000 - time.time()) < 60
    assert 0 < body["expires_at"] - body["now"] <= 60_000


def test_a_member_follows_their_own_channel_and_nobody_elses(
    visitor: Visitor, database: Database, settings: Settings, oak: House, elm: House
) -> None:
    person, other = make_member(database, oak), make_member(database, oak)
    visitor.sign_in(person)
    body = asked(visitor, f"member:{other.id}")
    assert body["channels"] == [f"member:{person.id}"]
    permission = read_token(settings, oak, body["token"])
    assert (permission.channels, permission.member) == ((f"member:{person.id}",), person.id)
    with pytest.raises(Forbidden):
        read_token(settings, elm, body["token"])


def test_a_reader_who_follows_nothing_still_learns_the_time(visitor: Visitor) -> None:
    assert asked(visitor)["channels"] == []


def test_too_many_wishes_are_refused(visitor: Visitor) -> None:
    wishes = ",".join(f"sale:{number}" for number in range(MOST_CHANNELS + 1))
    assert visitor.get(f"/live/token?channels={wishes}").status_code == 422
