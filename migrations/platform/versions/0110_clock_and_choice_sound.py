"""What terms of a falling clock and of a right to choose must be, for the houses' constraints."""

from collections.abc import Sequence

from alembic import op

revision: str = "0110"
down_revision: str | None = "0051"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SOUND = """
CREATE OR REPLACE FUNCTION exchange.terms_sound(terms jsonb) RETURNS boolean
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
        AND coalesce(terms->>'format', 'timed') IN
            ('timed', 'sealed_first', 'sealed_second', 'sealed_pieces', 'dutch', 'choice')
        AND coalesce(terms->>'bid_for', 'lot') IN ('lot', 'piece')
        AND (coalesce(jsonb_typeof(terms->'sealed'), 'null') = 'null' OR (
            jsonb_typeof(terms->'sealed') = 'object'
            AND coalesce(terms->'sealed'->>'changes', 'never') IN ('never', 'replace', 'withdraw')
            AND coalesce(terms->'sealed'->>'opened_by', 'clock') IN ('clock', 'staff')
            AND coalesce(jsonb_typeof(terms->'sealed'->'count'), 'boolean') = 'boolean'
            AND coalesce(terms->'sealed'->>'pays', 'own_bid') IN
                ('own_bid', 'lowest_winning', 'start_unless_oversubscribed')
            AND coalesce(terms->'sealed'->>'order', 'price_time') IN
                ('price_time', 'price_quantity_time')))
        AND (coalesce(jsonb_typeof(terms->'clock'), 'null') = 'null' OR coalesce(
            (terms->'clock'->>'every_s')::bigint BETWEEN 1 AND 86400
            AND (terms->'clock'->>'step')::bigint > 0
            AND (terms->'clock'->>'step')::bigint < (terms->'clock'->>'start')::bigint, false))
        AND (coalesce(jsonb_typeof(terms->'choice'), 'null') = 'null' OR coalesce(
            (terms->'choice'->>'hours')::bigint BETWEEN 1 AND 336
            AND coalesce(jsonb_typeof(terms->'choice'->'names'), 'array') = 'array', false))
$$
"""


def upgrade() -> None:
    op.execute(_SOUND)
