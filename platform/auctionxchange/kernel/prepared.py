"""Statements whose plans the server keeps, for each house on each of its connections.

Planning a statement of many joins costs the server more than running it. In a folded transaction
the statements are prepared once under a name that holds the house's role and the text's hash, so
that a plan made for one house is never asked for by another. A pooler may hand us a connection on
which they are not prepared, or are already: both are answered by trying again, in a transaction
that had done nothing yet. Anywhere else the text itself is sent.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from psycopg2.errors import (
    DuplicatePreparedStatement,
    FeatureNotSupported,
    InvalidSqlStatementName,
)
from sqlalchemy import Connection

from auctionxchange.kernel.database import SCOPE_OPTION
from auctionxchange.kernel.folding import Fold, fold_of

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
    cursor = _cursor(connection)
    fold = fold_of(connection)
    if fold is not None and fold.opening:
        calls = _calls(connection, cursor, statements, values) + ending
        if not _opened(connection, cursor, fold, calls, (*statements, *along)):
            cursor.execute(f"{_opening(connection)}{_joined(statements)}{ending}", values)
    elif fold is not None and fold.prepared.issuperset(statements):
        cursor.execute(_calls(connection, cursor, statements, values) + ending)
    else:
        cursor.execute(f"{_joined(statements)}{ending}", values)
    return cursor


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _opened(
    connection: Connection, cursor: Any, fold: Fold, calls: str, wanted: Sequence[str]
) -> bool:
    """Open the transaction with calls of prepared statements; tell whether that could be done."""
    opening, fold.opening = f"{fold.opening}{_ONE_PLAN}", ""
    known: set[str] = connection.info.setdefault(_KNOWN, set())
    names = {_name(connection, one): one for one in wanted}
    for _ in range(_TRIES):
        missing = {name: one for name, one in names.items() if name not in known}
        try:
            cursor.execute(f"{opening}{_room(known)}{_preparing(missing)}{calls}")
        except InvalidSqlStatementName:
            known.difference_update(names)
        except DuplicatePreparedStatement:
            known.update(names)
        except FeatureNotSupported:  # a column became of another type: the plan is of no use now
            break
        else:
            known.update(names)
            fold.prepared = frozenset(wanted)
            return True
        cursor.execute("ROLLBACK")
    cursor.execute("ROLLBACK")
    return False


def _room(known: set[str]) -> str:
    if len(known) <= MOST_ON_A_CONNECTION:
        return ""
    known.clear()
    return "DEALLOCATE ALL; "


def _name(connection: Connection, statement: str) -> str:
    """Name a statement of one house: the transaction's role, whose name is also its schema's."""
    role = connection.get_execution_options()[SCOPE_OPTION].role
    return f"{role}:{_numbered(statement).digest}"


def _opening(connection: Connection) -> str:
    return f"{connection.get_execution_options()[SCOPE_OPTION].opening}; "


def _preparing(missing: Mapping[str, str]) -> str:
    return "".join(f'PREPARE "{name}" AS {_numbered(one).text}; ' for name, one in missing.items())


def _calls(
    connection: Connection, cursor: Any, statements: Iterable[str], values: Mapping[str, Any]
) -> str:
    calls = []
    for one in statements:
        names = _numbered(one).names
        form = f"({', '.join(['%s'] * len(names))})" if names else ""
        asked = cursor.mogrify(form, [values[name] for name in names]).decode() if names else ""
        calls.append(f'EXECUTE "{_name(connection, one)}"{asked}')
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
