"""Transactions that always belong to a house or to the platform, never to nobody.

The driver runs in autocommit and every transaction is opened by one statement that also sets
role and search path, LOCAL to it. A connection without a scope cannot begin, so code that
forgets its house fails instead of reading another's rows.
"""

import re
import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from psycopg2 import extensions as driver
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session

from auctionxchange.kernel.errors import HouseSwitched, NoHouse
from auctionxchange.kernel.folding import FOLD_OPTION, Fold, fold_of, is_over, opening_of
from auctionxchange.kernel.sealing import Keyring

_SCHEMA = re.compile(r"t_[a-z0-9]{12,40}")
SCOPE_OPTION = "auctionxchange_scope"

RECYCLE_SECONDS = 600
"""A backend's catalogue cache grows with every house it serves; a fresh one starts small."""


class HouseBase(DeclarativeBase):
    """Tables of one house; the search path says whose."""


class PlatformBase(DeclarativeBase):
    """Tables all houses share, in schema exchange."""


class HasSchema(Protocol):
    """Whatever names a house's schema, which is also its role."""

    @property
    def schema(self) -> str:
        """Return the schema's name."""
        ...


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose transaction it is: the role it runs as and the only schema on its path."""

    role: str
    path: str

    @property
    def opening(self) -> str:
        """Return the one statement that opens a transaction in this scope."""
        return f"BEGIN; {self.settings}"

    @property
    def settings(self) -> str:
        """Return what puts a transaction into this scope, for as long as it lasts."""
        return f'SET LOCAL ROLE "{self.role}"; SET LOCAL search_path = {self.path}'


def house_scope(schema: str) -> Scope:
    """Build the scope of a house; raises NoHouse for anything but a house's schema."""
    if not _SCHEMA.fullmatch(schema):
        raise NoHouse(f"{schema!r} is not a house's schema")
    return Scope(role=schema, path=f'"{schema}"')


class HouseSession(Session):
    """A session that is one house's for life."""

    def __init__(self, engine: Engine, house: HasSchema, keys: Mapping[str, Any]) -> None:
        self._schema = house.schema
        scoped = engine.execution_options(**{SCOPE_OPTION: house_scope(house.schema)}, **keys)
        super().__init__(bind=scoped, expire_on_commit=False)

    @property
    def schema(self) -> str:
        """Return the schema this session is bound to."""
        return self._schema

    def require(self, house: HasSchema) -> None:
        """Raise HouseSwitched unless the session is this house's."""
        if house.schema != self._schema:
            raise HouseSwitched(f"a session of {self._schema} was asked for {house.schema}")


class PlatformSession(Session):
    """A session on the shared tables alone."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        super().__init__(
            bind=engine.execution_options(**{SCOPE_OPTION: scope}), expire_on_commit=False
        )


def driver_url(url: str) -> str:
    """Name our driver in a PostgreSQL address, whatever prefix it came with."""
    return re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql+psycopg2://", url)


class Database:
    """The pool of one database and the two kinds of session on it.

    With the installation's secret key, a house's transactions carry the keys of that house.
    """

    def __init__(
        self,
        url: str,
        *,
        secret_key: str | None = None,
        pool_size: int = 5,
        max_overflow: int = 5,
    ) -> None:
        self._keyring = Keyring(secret_key)
        self.engine = create_engine(
            driver_url(url),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_recycle=RECYCLE_SECONDS,
            pool_use_lifo=True,
            pool_timeout=10,
            hide_parameters=True,
            connect_args={"application_name": "auctionxchange", "connect_timeout": 5},
        )
        self.platform_scope = Scope(f"{make_url(url).username}_platform", "''")
        install_transactions(self.engine)

    def house_session(self, house: HasSchema) -> HouseSession:
        """Open a session for one house."""
        return HouseSession(self.engine, house, self._keyring.options(house))

    def platform_session(self) -> PlatformSession:
        """Open a session on the shared tables."""
        return PlatformSession(self.engine, self.platform_scope)

    @contextmanager
    def house_connection(self, house: HasSchema) -> Iterator[Connection]:
        """Run one house transaction without the ORM: commits on leaving, rolls back on error."""
        scoped = self.engine.execution_options(
            **{SCOPE_OPTION: house_scope(house.schema)}, **self._keyring.options(house)
        )
        with scoped.begin() as connection:
            yield connection

    @contextmanager
    def folded_connection(self, house: HasSchema) -> Iterator[Connection]:
        """Run a house transaction whose opening travels with its first statement.

        Its last one may bring the commit along: see kernel.folding.
        """
        scoped = self.engine.execution_options(
            **{SCOPE_OPTION: house_scope(house.schema), FOLD_OPTION: Fold()},
            **self._keyring.options(house),
        )
        with scoped.begin() as connection:
            yield connection

    @contextmanager
    def platform_connection(self) -> Iterator[Connection]:
        """Run one platform transaction without the ORM."""
        with self.engine.execution_options(
            **{SCOPE_OPTION: self.platform_scope}
        ).begin() as connection:
            yield connection

    def dispose(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()


def install_transactions(engine: Engine) -> None:
    """Make an engine open, end and clean transactions our way."""
    event.listen(engine, "connect", _drive_ourselves)
    event.listen(engine, "checkout", _refuse_dead)
    event.listen(engine, "reset", _roll_back_leftovers)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _send_opening, retval=True)
    event.listen(engine, "commit", _commit)
    event.listen(engine, "rollback", _rollback)
    event.listen(engine, "set_connection_execution_options", _guard_options)
    event.listen(engine, "set_engine_execution_options", _guard_options)


def _drive_ourselves(connection: Any, _record: Any) -> None:
    connection.autocommit = True


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Replace a connection the server has closed: an idle socket has nothing to read."""
    if connection.closed:
        raise DisconnectionError
    watch = select.poll()
    watch.register(connection.fileno(), select.POLLIN)
    if watch.poll(0):
        raise DisconnectionError


def _roll_back_leftovers(connection: Any, _record: Any, _state: Any) -> None:
    if connection.closed:
        return
    if connection.info.transaction_status != driver.TRANSACTION_STATUS_IDLE:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")


def _begin(connection: Connection) -> None:
    scope = connection.get_execution_options().get(SCOPE_OPTION)
    if scope is None:
        raise NoHouse("a transaction was opened for nobody")
    fold = fold_of(connection)
    if fold is None:
        connection.exec_driver_sql(scope.opening)
    else:
        fold.opening = f"{scope.opening}; "


def _send_opening(
    connection: Connection, _cursor: Any, statement: str, parameters: Any, *_rest: Any
) -> tuple[str, Any]:
    return opening_of(connection) + statement, parameters


def _commit(connection: Connection) -> None:
    if is_over(connection):
        return
    result = connection.exec_driver_sql("COMMIT")
    if result.cursor is not None and result.cursor.statusmessage != "COMMIT":
        raise RuntimeError("the transaction had failed and was rolled back")


def _rollback(connection: Connection) -> None:
    """Roll back, unless the server has gone and taken the transaction with it."""
    if is_over(connection):
        return
    if not connection.invalidated:
        connection.exec_driver_sql("ROLLBACK")


def _guard_options(bound: Connection | Engine, options: dict[str, Any]) -> None:
    """Refuse what would escape the scope: autocommit levels and a second house."""
    if "isolation_level" in options:
        raise NoHouse("isolation levels would run statements outside a house's transaction")
    scope = options.get(SCOPE_OPTION)
    current = bound.get_execution_options().get(SCOPE_OPTION)
    if scope is not None and current is not None and scope != current:
        raise HouseSwitched(f"{current.role} cannot become {scope.role}")
