"""Making a house: one transaction from nothing to a schema at head, seeded and active.

The row in the registry is written first, as provisioning, so that a failure can be seen; nothing
else of a half-made house ever exists, and it is not routable before it is active.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg2 import sql
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from auctionxchange.kernel.database import driver_url, house_scope
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.histories import HOUSES, head, house_script
from auctionxchange.tenancy.setup import WITHOUT_INHERITANCE_SINCE, RoleNames
from auctionxchange.tenancy.slugs import checked_slug
from auctionxchange.tenancy.validation import checked_profile

Seed = Callable[[Connection, "NewHouse"], None]
"""Fills a house's own tables at birth, inside the transaction that makes it."""


@dataclass(frozen=True, slots=True)
class NewHouse:
    """What is asked to create a house."""

    slug: str
    name: str
    currency: str
    time_zone: str
    country: str
    language: str
    owner_email: str
    languages: tuple[str, ...] = ()
    theme: str = "base"


class SlugTaken(Conflict):
    """Another house has this short name."""

    code = "slug_taken"

    def message(self) -> str:
        return _("“%(slug)s” is taken. Choose another name.", **self.fields)


def owner_engine(admin_url: str) -> Engine:
    """Connect as the role that owns the objects; for short command-line and worker use."""
    return create_engine(driver_url(admin_url), poolclass=NullPool)


def owner_role_names(engine: Engine) -> RoleNames:
    """Tell an installation's role names from the owner's address."""
    return RoleNames(str(make_url(engine.url).username).removesuffix("_owner"))


def create_house(engine: Engine, new: NewHouse, seed: Seed, *, actor: str) -> str:
    """Make a house and return its schema; raises SlugTaken and the checks' errors."""
    with engine.begin() as connection:
        schema = register_house(connection, new, actor=actor)
    try:
        provision(engine, schema, new, seed)
    except BaseException:
        _forget(engine, schema)
        raise
    return schema


def register_house(connection: Connection | Session, new: NewHouse, *, actor: str) -> str:
    """Write the registry row in state provisioning and return the schema's name.

    The owner's or the platform's role may do it: no object is made yet.
    """
    checked_slug(new.slug)
    checked_profile(new)
    schema = f"t_{secrets.token_hex(8)}"
    values = {
        **_profile(new),
        "schema": schema,
        "secret": secrets.token_urlsafe(32),
        "actor": actor,
    }
    try:
        with connection.begin_nested():
            connection.execute(_REGISTER, values)
    except IntegrityError as error:
        raise SlugTaken(slug=new.slug) from error
    connection.execute(_AUDIT_CREATION, values)
    return schema


def provision(engine: Engine, schema: str, new: NewHouse, seed: Seed) -> None:
    """Make role, schema, tables and first rows of a registered house and open it."""
    names = owner_role_names(engine)
    script = house_script()
    with engine.begin() as connection:
        cursor = connection.connection.cursor()
        cursor.execute(_role_and_schema(names, schema))
        cursor.execute(script)
        grant_tables(cursor, schema)
        seed(connection, new)
        cursor.execute(
            "UPDATE exchange.house SET status = 'active', version = version + 1 WHERE schema = %s",
            (schema,),
        )
        cursor.execute(_LEDGER, (schema, head(HOUSES)))


def provision_registered(engine: Engine, schema: str, seed: Seed) -> bool:
    """Provision a house that was registered earlier and tell whether there was anything to do.

    What fails is written into the ledger of migrations and raised again.
    """
    new = _registered(engine, schema)
    if new is None:
        return False
    try:
        provision(engine, schema, new, seed)
    except Exception as error:
        with engine.begin() as connection:
            connection.execute(_FAILURE, {"schema": schema, "error": f"{error}"[:2000]})
        raise
    return True


def _registered(engine: Engine, schema: str) -> NewHouse | None:
    with engine.connect() as connection:
        row = connection.execute(_WAITING, {"schema": schema}).mappings().first()
    return None if row is None else NewHouse(**{**row, "languages": tuple(row["languages"])})


def _forget(engine: Engine, schema: str) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("DELETE FROM exchange.house WHERE schema = :schema AND status = 'provisioning'"),
            {"schema": schema},
        )


def _profile(new: NewHouse) -> dict[str, Any]:
    languages = new.languages or (new.language,)
    return {
        "slug": new.slug,
        "name": new.name,
        "currency": new.currency,
        "time_zone": new.time_zone,
        "country": new.country,
        "language": new.language,
        "languages": json.dumps(list(languages)),
        "theme": new.theme,
        "owner_email": new.owner_email,
    }


_REGISTER = text(
    "INSERT INTO exchange.house (schema, slug, name, currency, time_zone, country, language,"
    " languages, theme, secret, owner_email) VALUES (:schema, :slug, :name, :currency, :time_zone,"
    " :country, :language, CAST(:languages AS jsonb), :theme, :secret, :owner_email)"
)
_AUDIT_CREATION = text(
    "INSERT INTO exchange.audit (actor, action, subject, after) VALUES (:actor, 'house.create',"
    " :slug, jsonb_build_object('name', CAST(:name AS text), 'currency', CAST(:currency AS text)))"
)
_WAITING = text(
    "SELECT slug, name, currency, time_zone, country, language, languages, theme, owner_email"
    " FROM exchange.house WHERE schema = :schema AND status = 'provisioning'"
)
_LEDGER = (
    "INSERT INTO exchange.migration (house_schema, revision, state, finished_at)"
    " VALUES (%s, %s, 'done', clock_timestamp()) ON CONFLICT (house_schema) DO UPDATE"
    " SET revision = excluded.revision, state = 'done', error = NULL,"
    " finished_at = excluded.finished_at"
)
_FAILURE = text(
    "INSERT INTO exchange.migration (house_schema, state, error, finished_at)"
    " SELECT schema, 'failed', :error, clock_timestamp() FROM exchange.house"
    " WHERE schema = :schema AND status = 'provisioning' ON CONFLICT (house_schema)"
    " DO UPDATE SET state = 'failed', error = :error, finished_at = clock_timestamp()"
)


def _role_and_schema(names: RoleNames, schema: str) -> sql.Composable:
    house_scope(schema)
    role, login = sql.Identifier(schema), sql.Identifier(names.login)
    return sql.SQL(
        "CREATE ROLE {role} NOLOGIN;"
        " GRANT {houses} TO {role};"
        " GRANT {role} TO {login};"
        " {without_inheritance};"
        " CREATE SCHEMA {role};"
        " GRANT USAGE ON SCHEMA {role} TO {role};"
        " SET LOCAL search_path = {role}"
    ).format(
        role=role,
        login=login,
        houses=sql.Identifier(names.houses),
        without_inheritance=_grant_without_inheritance(schema, names.login),
    )


def _grant_without_inheritance(role: str, login: str) -> sql.Composable:
    grant = f'GRANT "{role}" TO "{login}" WITH INHERIT FALSE, SET TRUE'
    return sql.SQL(
        "DO $$ BEGIN IF current_setting('server_version_num')::int >= {} "
        "THEN EXECUTE {}; END IF; END $$"
    ).format(sql.Literal(WITHOUT_INHERITANCE_SINCE), sql.Literal(grant))


def grant_tables(cursor: Any, schema: str) -> None:
    """Give a house's role its tables: rows only, and no changes to what is append-only.

    A table is append-only where its comment says so; the version table is nobody's but ours.
    """
    cursor.execute(_GRANTS, {"schema": schema})


_GRANTS = """
DO $grants$
DECLARE
    house text := %(schema)s;
    relation record;
BEGIN
    EXECUTE format(
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %%I TO %%I', house, house);
    EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %%I TO %%I', house, house);
    EXECUTE format('REVOKE ALL ON %%I.alembic_version_tenant FROM %%I', house, house);
    FOR relation IN
        SELECT c.relname FROM pg_catalog.pg_class c
        WHERE c.relnamespace = house::regnamespace AND c.relkind = 'r'
          AND pg_catalog.obj_description(c.oid, 'pg_class') = 'append-only'
    LOOP
        EXECUTE format(
            'REVOKE UPDATE, DELETE, TRUNCATE ON %%I.%%I FROM %%I', house, relation.relname, house);
    END LOOP;
END
$grants$
"""
