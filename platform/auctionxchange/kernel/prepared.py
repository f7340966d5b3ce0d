"""Statements whose plans the server keeps, for each house on each of its connections.

Planning a statement of many joins costs the server more than running it. In a folded transaction
the statements are prepared once under a name that holds the house's role and the text's hash, so
that a plan made for one house is never asked for by another. A pooler may hand us a connection on
which they are not prepared, or are already: both are answered by trying again, in a transaction
that had done nothing yet. Anywhere else the text itself is sent.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from psycopg2.errors import (
    DuplicatePreparedStatement,
    FeatureNotSupported,
    InvalidSqlStatementName,
)
from sqlalchemy import Connection

from auctionxchange.kernel.database import SCOPE_OPTION, Database, HasSchema, Scope, house_scope
from auctionxchange.kernel.folding import fold_of

MOST_ON_A_CONNECTION = 256
"""Past it all are forgotten: a plan takes memory, and a connection may serve many houses."""

_TRIES = 3
_KNOWN = "auctionxchange_prepared"
_ONE_PLAN = "SET LOCAL plan_cache_mode = force_generic_plan; "
"""A list of one would have each list planned anew."""


@dataclass(frozen=True, slots=True)
class _Numbered:
    """A statement with its parameters numbered, in the order of their names."""

    text: str
    names: tuple[str, ...]
    digest: str


class _Numbers(dict[str, str]):
    def __missing__(self, name: str) -> str:
        self[name] = f"${len(self) + 1}"
        return self[name]


@lru_cache(maxsize=64)
def _numbered(statement: str) -> _Numbered:
    numbers = _Numbers()
    text = statement % numbers
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    return _Numbered(text, tuple(numbers), digest)


def run(
    connection: Connection,
    statements: Sequence[str],
    values: Mapping[str, Any],
    *,
    along: Sequence[str] = (),
    ending: str = "",
) -> Any:
    """Send statements in one string and return the cursor, which holds what the last one gave.

    Their parameters are named, as in %(lot)s, and their types must follow from the text. Along are
    those that come later in the same transaction: they are prepared now, since a statement that
    fails for not being prepared would spoil what was done before it.
    """
    cursor, fold = _cursor(connection), fold_of(connection)
    if fold is None:
        cursor.execute(f"{_joined(statements)}{ending}", values)
        return cursor
    scope: Scope = connection.get_execution_options()[SCOPE_OPTION]
    calls = _calls(scope.role, cursor, statements, values) + ending
    if fold.opening:
        opening, wanted, fold.opening = fold.opening, (*statements, *along), ""
        if _sent(cursor, _known_on(connection.info, scope), wanted, opening, calls):
            fold.prepared = frozenset(wanted)
        else:
            cursor.execute(f"{opening}{_joined(statements)}{ending}", values)
    elif fold.prepared.issuperset(statements):
        cursor.execute(calls)
    else:
        cursor.execute(f"{_joined(statements)}{ending}", values)
    return cursor


def ask(
    database: Database, house: HasSchema, statement: str, values: Mapping[str, Any]
) -> list[tuple[Any, ...]]:
    """Read with one statement of a house in one round trip, which is its whole transaction.

    Raises the driver's errors.
    """
    scope = house_scope(house.schema)
    connection = database.engine.raw_connection()
    try:
        cursor, opening = connection.cursor(), f"{scope.settings}; "
        calls = _calls(scope.role, cursor, [statement], values)
        if not _sent(cursor, _known_on(connection.info, scope), [statement], opening, calls):
            cursor.execute(f"{opening}{statement}", values)
        return list(cursor.fetchall())
    finally:
        connection.close()


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


class _Known(NamedTuple):
    """Whose transaction it is, and what the connection was told, by anybody."""

    role: str
    names: set[str]


def _known_on(notes: MutableMapping[Any, Any], scope: Scope) -> _Known:
    return _Known(scope.role, notes.setdefault(_KNOWN, set()))


def _sent(cursor: Any, known: _Known, wanted: Sequence[str], opening: str, calls: str) -> bool:
    """Send calls of prepared statements behind an opening; tell whether that could be done."""
    names = {_name(known.role, one): one for one in wanted}
    for _ in range(_TRIES):
        missing = {name: one for name, one in names.items() if name not in known.names}
        told = f"{_room(known.names)}{_preparing(missing)}"
        try:
            cursor.execute(f"{opening}{_ONE_PLAN}{told}{calls}")
        except InvalidSqlStatementName:
            known.names.difference_update(names)
        except DuplicatePreparedStatement:
            known.names.update(names)
        except FeatureNotSupported:  # a column became of another type: the plan is of no use now
            break
        else:
            known.names.update(names)
            return True
        cursor.execute("ROLLBACK")
    cursor.execute("ROLLBACK")
    return False


def _room(known: set[str]) -> str:
    if len(known) <= MOST_ON_A_CONNECTION:
        return ""
    known.clear()
    return "DEALLOCATE ALL; "


def _name(role: str, statement: str) -> str:
    """Name a statement of one house: the transaction's role, whose name is also its schema's."""
    return f"{role}:{_numbered(statement).digest}"


def _preparing(missing: Mapping[str, str]) -> str:
    return "".join(f'PREPARE "{name}" AS {_numbered(one).text}; ' for name, one in missing.items())


def _calls(role: str, cursor: Any, statements: Iterable[str], values: Mapping[str, Any]) -> str:
    calls = []
    for one in statements:
        names = _numbered(one).names
        form = f"({', '.join(['%s'] * len(names))})" if names else ""
        asked = cursor.mogrify(form, [values[name] for name in names]).decode() if names else ""
        calls.append(f'EXECUTE "{_name(role, one)}"{asked}')
    return "; ".join(calls)


def _joined(statements: Sequence[str]) -> str:
    return ";\n".join(statements)


def array(values: Iterable[Any]) -> str:
    """Write a list as PostgreSQL reads an array: one literal, whatever it holds."""
    written = [_WRITTEN.get(type(value), str)(value) for value in values]
    return "{" + ",".join(written) + "}"


def _null(_value: None) -> str:
    return "NULL"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _octets(value: bytes) -> str:
    return f'"\\\\x{value.hex()}"'


_WRITTEN: Mapping[type, Callable[[Any], str]] = {
    type(None): _null,
    str: _text,
    bytes: _octets,
}
"""Whatever else comes is written without characters that mean something in an array."""
