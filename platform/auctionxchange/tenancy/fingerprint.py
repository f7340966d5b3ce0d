"""What a house's schema looks like, in one text that leaves out its own name.

Created, migrated and imported houses must have the same one; a difference is drift.
"""

import hashlib

from sqlalchemy import Connection, text

_CATALOGUE = text(
    """
    SELECT line FROM (
        SELECT format('column %s.%s %s null=%s default=%s identity=%s generated=%s', c.relname,
            a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
            pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated) AS line
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'r'
            AND NOT a.attisdropped
        UNION ALL
        SELECT format('constraint %s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
        FROM pg_constraint WHERE connamespace = CAST(:schema AS regnamespace) AND contype <> 'n'
        UNION ALL
        SELECT format('index %s', indexdef) FROM pg_indexes WHERE schemaname = :schema
        UNION ALL
        SELECT format('table %s options=%s comment=%s privileges=%s', c.relname, c.reloptions,
            obj_description(c.oid, 'pg_class'), (SELECT string_agg(format('%s:%s', grantee::regrole,
            privilege_type), ',' ORDER BY grantee::regrole::text, privilege_type)
            FROM aclexplode(c.relacl)))
        FROM pg_class c WHERE c.relnamespace = CAST(:schema AS regnamespace) AND c.relkind = 'r'
    ) lines ORDER BY line COLLATE "C"
    """
)


def schema_lines(connection: Connection, schema: str) -> list[str]:
    """Return one line for each column, constraint, index and table, the schema's name left out."""
    lines = connection.execute(_CATALOGUE, {"schema": schema}).scalars()
    return sorted(
        line.replace(f'"{schema}".', "").replace(f"{schema}.", "").replace(schema, "HOUSE")
        for line in lines
    )


def fingerprint(connection: Connection, schema: str) -> str:
    """Return the SHA-256 of a house's schema."""
    text_of_schema = "\n".join(schema_lines(connection, schema))
    return hashlib.sha256(text_of_schema.encode()).hexdigest()
