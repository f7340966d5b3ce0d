"""A copy of a house made the way an import would make it: same rows, new schema, new secret."""

from sqlalchemy import Engine, text

from auctionhouse.seed import seed_house
from factories.houses import make_house


def copy_house(superuser: Engine, source: str, *, slug: str, owner: Engine) -> str:
    """Make a house with all rows of another and return its schema."""
    schema = make_house(owner, seed_house, slug=slug)
    with superuser.begin() as connection:
        tables = connection.execute(
            text(
                "SELECT relname FROM pg_class WHERE relnamespace = CAST(:s AS regnamespace)"
                " AND relkind = 'r' AND relname <> 'alembic_version_tenant'"
            ),
            {"s": source},
        ).scalars()
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in list(tables):
            columns = connection.execute(
                text(
                    "SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute WHERE"
                    " attrelid = to_regclass(:t) AND attnum > 0 AND NOT attisdropped"
                    " AND attgenerated = ''"
                ),
                {"t": f'"{source}"."{table}"'},
            ).scalar_one()
            connection.exec_driver_sql(f'DELETE FROM "{schema}"."{table}"')
            connection.exec_driver_sql(
                f'INSERT INTO "{schema}"."{table}" ({columns}) OVERRIDING SYSTEM VALUE'
                f' SELECT {columns} FROM "{source}"."{table}"'
            )
    return schema
