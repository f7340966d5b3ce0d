"""A function that tells whether bidding terms can be sold by, for the houses' own constraints."""

from collections.abc import Sequence

from alembic import op

revision: str = "0010"
down_revision: str | None = "0001"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SOUND = """
CREATE FUNCTION exchange.terms_sound(terms jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT coalesce(terms->'soft_close' IS NULL OR jsonb_typeof(terms->'soft_close') = 'null' OR (
            (terms->'soft_close'->>'window_s')::bigint > 0
            AND (terms->'soft_close'->>'extend_s')::bigint BETWEEN 1 AND 86400), false)
        AND (terms->'increments' IS NULL OR (
            jsonb_array_length(terms->'increments') > 0
            AND terms->'increments'->0->>0 = '0'
            AND (SELECT bool_and(step > 0 AND (sooner IS NULL OR sooner < start)) FROM (
                SELECT (band->>0)::bigint AS start, (band->>1)::bigint AS step,
                    lag((band->>0)::bigint) OVER (ORDER BY place) AS sooner
                FROM jsonb_array_elements(terms->'increments') WITH ORDINALITY e(band, place)
            ) bands)))
$$
"""


def upgrade() -> None:
    op.execute(_SOUND)
