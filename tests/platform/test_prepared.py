"""Statements prepared once for each house and connection, whatever happens to the connection."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import psycopg2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import make_url, text

from auctionxchange.kernel import prepared
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.folding import committing
from auctionxchange.kernel.prepared import array, run
from auctionxchange.tenancy.house import House

WRITE = (
    "INSERT INTO audit_entry (action, subject) SELECT * FROM"
    " unnest(%(actions)s::text[], %(subjects)s::text[])"
)
COUNT = "SELECT count(*) FROM audit_entry WHERE subject = %(subject)s"
PATH = "SELECT current_setting('search_path')"


@pytest.fixture
def one(settings: Settings) -> Iterator[Database]:
    """A pool of one connection, which every house has to share."""
    pool = Database(settings.database_url, pool_size=1, max_overflow=0)
    yield pool
    pool.dispose()


def note(database: Database, house: House, word: str) -> int:
    """Write a word and count it, both prepared, in one transaction."""
    with database.folded_connection(house) as connection:
        run(connection, [WRITE], {"actions": array(["note"]), "subjects": array([word])},
            along=[COUNT])  # fmt: skip
        with committing(connection) as ending:
            assert ending == "; COMMIT"
            run(connection, [COUNT], {"subject": word})
        found = run(connection, [PATH, COUNT], {"subject": word}).fetchone()
    assert found is not None
    return int(found[0])


def count(database: Database, house: House, word: str) -> int:
    with database.folded_connection(house) as connection:
        found = run(connection, [COUNT], {"subject": word}).fetchone()
    assert found is not None
    return int(found[0])


def behind_its_back(database: Database, house: House, statement: str) -> None:
    """Change what is prepared on the pool's connection, as a pooler does that exchanges it."""
    with database.house_connection(house) as connection:
        connection.exec_driver_sql(statement)


def names(database: Database, house: House) -> list[str]:
    with database.house_connection(house) as connection:
        return list(connection.execute(text("SELECT name FROM pg_prepared_statements")).scalars())


def test_two_houses_on_one_connection_see_their_own(one: Database, oak: House, elm: House) -> None:
    """Plans are kept under names that hold the house's role; each house counts its own alone."""
    words = [str(uuid4()) for _ in range(3)]
    for word in words:
        assert [count(one, house, word) for house in (oak, elm)] == [0, 0]
        with one.folded_connection(oak) as connection:
            values = {"actions": array(["note"]), "subjects": array([word])}
            with committing(connection) as ending:
                run(connection, [WRITE], values, ending=ending)
        assert [count(one, house, word) for house in (oak, elm)] == [1, 0]
    kept = names(one, oak)
    assert {name.partition(":")[0] for name in kept} == {oak.schema, elm.schema}
    assert len(kept) == len(set(kept)) == 3


@pytest.mark.parametrize("tries", [1, 2])
def test_a_connection_that_forgot_is_told_again(one: Database, oak: House, tries: int) -> None:
    """Seen to fail without the answer to InvalidSqlStatementName."""
    word = str(uuid4())
    for _ in range(tries):
        assert count(one, oak, word) == 0
        behind_its_back(one, oak, "DEALLOCATE ALL")
    assert count(one, oak, word) == 0
    assert len(names(one, oak)) == 1


def test_a_connection_that_was_told_by_another_is_asked(one: Database, oak: House) -> None:
    """Seen to fail without the answer to DuplicatePreparedStatement."""
    word = str(uuid4())
    assert count(one, oak, word) == 0
    with one.folded_connection(oak) as connection:
        connection.info.pop(prepared._KNOWN)
    assert count(one, oak, word) == 0
    assert len(names(one, oak)) == 1


def test_a_plan_that_no_longer_fits_is_left_alone(
    one: Database, oak: House, settings: Settings
) -> None:
    """Seen to fail without the answer to FeatureNotSupported."""
    table = f"of_a_type_{uuid4().hex}"
    url = make_url(str(settings.database_admin_url)).set(drivername="postgresql")
    owner = psycopg2.connect(url.render_as_string(hide_password=False))
    owner.autocommit = True
    told = owner.cursor()
    told.execute(f'CREATE TABLE "{oak.schema}".{table} (value int)')
    told.execute(f'GRANT SELECT ON "{oak.schema}".{table} TO "{oak.schema}"')
    told.execute(f'INSERT INTO "{oak.schema}".{table} VALUES (7)')
    query = f"SELECT value FROM {table}"
    found = []
    for change in ("", f'ALTER TABLE "{oak.schema}".{table} ALTER value TYPE text'):
        if change:
            told.execute(change)
        with one.folded_connection(oak) as connection:
            found.append(run(connection, [query], {}).fetchone())
    told.execute(f'DROP TABLE "{oak.schema}".{table}')
    owner.close()
    assert found == [(7,), ("7",)]


def test_a_connection_does_not_remember_for_ever(
    one: Database, oak: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepared, "MOST_ON_A_CONNECTION", 3)
    for number in range(9):
        with one.folded_connection(oak) as connection:
            run(connection, [f"SELECT {number}"], {})
    assert len(names(one, oak)) <= 5


def test_what_fails_is_rolled_back(one: Database, oak: House) -> None:
    word = str(uuid4())
    with pytest.raises(psycopg2.errors.DivisionByZero), one.folded_connection(oak) as connection:
        values = {"actions": array(["note"]), "subjects": array([word])}
        run(connection, [WRITE], values, along=["SELECT 1 / 0"])
        run(connection, ["SELECT 1 / 0"], {})
    assert count(one, oak, word) == 0


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"))),
    numbers=st.lists(st.none() | st.integers(-(2**63), 2**63 - 1)),
    octets=st.lists(st.none() | st.binary()),
    tokens=st.lists(st.none() | st.uuids()),
)
def test_whatever_is_in_a_list_arrives(
    database: Database, oak: House, texts: list[str | None], numbers: list[int | None],
    octets: list[bytes | None], tokens: list[UUID | None],
) -> None:  # fmt: skip
    query = (
        "SELECT %(texts)s::text[], %(numbers)s::bigint[], %(octets)s::bytea[],"
        " %(tokens)s::uuid[]::text[]"
    )
    lists = {
        "texts": array(texts), "numbers": array(numbers), "octets": array(octets),
        "tokens": array(tokens),
    }  # fmt: skip
    with database.folded_connection(oak) as connection:
        row = run(connection, [query], lists).fetchone()
    assert row[:2] == (texts, numbers)
    assert [None if one is None else bytes(one) for one in row[2]] == octets
    assert row[3] == [None if one is None else str(one) for one in tokens]
