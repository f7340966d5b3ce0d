"""Roles and schemas of an installation, made once from a superuser's address.

Four roles: the owner (owns objects, may create roles; used by migration and provisioning alone),
the login (powerless by itself, NOINHERIT; used by web, worker and gateway) and two groups the
login may become or houses belong to. Names start with the installation's, since roles are the
whole server's.
"""

import secrets
from dataclasses import dataclass

from psycopg2 import sql
from sqlalchemy import URL, create_engine, make_url

from auctionxchange.kernel.database import driver_url

WITHOUT_INHERITANCE_SINCE = 160_000
"""PostgreSQL 16 decides inheritance at each grant; before, the login's NOINHERIT does."""


@dataclass(frozen=True, slots=True)
class RoleNames:
    """The names of an installation's roles."""

    login: str

    @property
    def owner(self) -> str:
        """Return the role that owns every object."""
        return f"{self.login}_owner"

    @property
    def platform(self) -> str:
        """Return the role of transactions on the shared tables."""
        return f"{self.login}_platform"

    @property
    def houses(self) -> str:
        """Return the group every house's role belongs to."""
        return f"{self.login}_house"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a set-up prints: the two addresses the processes are configured with."""

    database_url: str
    database_admin_url: str


def set_up(superuser_url: str, name: str = "auctionxchange") -> Addresses:
    """Make database, roles and schemas; running it again sets new passwords and changes no data."""
    names = RoleNames(name)
    passwords = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
    url = make_url(driver_url(superuser_url))
    _run(url, [*_roles(names, passwords)])
    if not _exists(url, name):
        statement = sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0")
        _run(url, [statement.format(sql.Identifier(name), sql.Identifier(names.owner))])
    inside = url.set(database=name)
    _run(inside, _privileges(names, name))
    return Addresses(
        database_url=_address(inside, names.login, passwords[0]),
        database_admin_url=_address(inside, names.owner, passwords[1]),
    )


def _address(url: URL, role: str, password: str) -> str:
    address = url.set(drivername="postgresql", username=role, password=password)
    return address.render_as_string(hide_password=False)


def _run(url: URL, statements: list[sql.Composable]) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            cursor = connection.connection.cursor()
            for statement in statements:
                cursor.execute(statement)
    finally:
        engine.dispose()


def _exists(url: URL, name: str) -> bool:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            return connection.exec_driver_sql(query, (name,)).first() is not None
    finally:
        engine.dispose()


def _roles(names: RoleNames, passwords: tuple[str, str]) -> list[sql.Composable]:
    made = [_create_if_absent(role) for role in (names.login, names.owner)]
    made += [_create_if_absent(role) for role in (names.platform, names.houses)]
    login, owner = sql.Identifier(names.login), sql.Identifier(names.owner)
    platform, houses = sql.Identifier(names.platform), sql.Identifier(names.houses)
    return [
        *made,
        sql.SQL("ALTER ROLE {} LOGIN NOINHERIT NOCREATEROLE NOCREATEDB PASSWORD {}").format(
            login, sql.Literal(passwords[0])
        ),
        sql.SQL("ALTER ROLE {} LOGIN CREATEROLE NOSUPERUSER PASSWORD {}").format(
            owner, sql.Literal(passwords[1])
        ),
        sql.SQL("ALTER ROLE {} SET search_path = ''").format(login),
        sql.SQL("ALTER ROLE {} SET statement_timeout = '30s'").format(login),
        sql.SQL("ALTER ROLE {} SET idle_in_transaction_session_timeout = '60s'").format(login),
        sql.SQL("ALTER ROLE {} SET timezone = 'UTC'").format(login),
        sql.SQL("ALTER ROLE {} SET timezone = 'UTC'").format(owner),
        sql.SQL("GRANT {} TO {}").format(platform, login),
        _without_inheritance(names),
        sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(houses, owner),
    ]


def _create_if_absent(role: str) -> sql.Composable:
    return sql.SQL(
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {}) "
        "THEN CREATE ROLE {} NOLOGIN; END IF; END $$"
    ).format(sql.Literal(role), sql.Identifier(role))


def _without_inheritance(names: RoleNames) -> sql.Composable:
    """Grant the platform's role without inheritance where the server decides it per grant."""
    grant = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(
        sql.Identifier(names.platform), sql.Identifier(names.login)
    )
    return sql.SQL(
        "DO $$ BEGIN IF current_setting('server_version_num')::int >= {} "
        "THEN EXECUTE {}; END IF; END $$"
    ).format(sql.Literal(WITHOUT_INHERITANCE_SINCE), _as_literal(grant))


def _as_literal(statement: sql.Composed) -> sql.Composable:
    parts = [
        '"' + part.string.replace('"', '""') + '"'
        if isinstance(part, sql.Identifier)
        else str(part.string)
        for part in statement
        if isinstance(part, sql.Identifier | sql.SQL)
    ]
    return sql.Literal("".join(parts))


def _privileges(names: RoleNames, database: str) -> list[sql.Composable]:
    place, owner = sql.Identifier(database), sql.Identifier(names.owner)
    platform, houses = sql.Identifier(names.platform), sql.Identifier(names.houses)
    login = sql.Identifier(names.login)
    everyone = [
        sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(place),
        sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC"),
        sql.SQL("GRANT CONNECT, CREATE ON DATABASE {} TO {}").format(place, owner),
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(place, login),
    ]
    schemas = [
        sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(sql.Identifier(s), owner)
        for s in ("exchange", "jobs", "ext")
    ]
    usage = [
        sql.SQL("GRANT USAGE ON SCHEMA exchange, jobs, ext TO {}").format(platform),
        sql.SQL("GRANT USAGE ON SCHEMA exchange, ext TO {}").format(houses),
    ]
    return everyone + schemas + usage
