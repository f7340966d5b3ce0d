"""Buyer's choice: lots of several pieces whose winner chooses how many, and which."""

from collections.abc import Sequence

from alembic import op

revision: str = "0110"
down_revision: str | None = "0091"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WITHIN = """
CREATE OR REPLACE FUNCTION refuse_too_many_pieces() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF (SELECT sum(pieces) FROM award WHERE lot_id = NEW.lot_id)
        > (SELECT CASE WHEN s.format = 'choice' THEN l.quantity ELSE s.pieces END
            FROM lot_state s JOIN lot l ON l.id = s.lot_id WHERE s.lot_id = NEW.lot_id)
    THEN
        RAISE EXCEPTION 'more pieces are sold than the lot has'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_within';
    END IF;
    RETURN NEW;
END
$$
"""


def upgrade() -> None:
    op.execute(_WITHIN)
    op.create_check_constraint(
        "lot_choice",
        "lot",
        "terms->>'format' IS DISTINCT FROM 'choice' OR (quantity >= 2"
        " AND coalesce(jsonb_array_length(terms->'choice'->'names'), 0) <= quantity)",
    )
    op.create_check_constraint(
        "lot_state_choosing",
        "lot_state",
        "outcome IS DISTINCT FROM 'choosing'"
        " OR (format = 'choice' AND status = 'closed' AND leader_client_id IS NOT NULL)",
    )
    op.drop_constraint("lot_state_outcome", "lot_state")
    op.create_check_constraint(
        "lot_state_outcome",
        "lot_state",
        "outcome IN ('sold', 'unsold', 'conditional', 'choosing')",
    )
    op.drop_constraint("lot_offer_kind", "lot_offer")
    op.create_check_constraint(
        "lot_offer_kind",
        "lot_offer",
        "kind IN ('best', 'conditional', 'choosing', 'underbidder', 'everybody')",
    )
    op.create_index(
        "lot_offer_one_choice", "lot_offer", ["lot_id"], unique=True,
        postgresql_where="ended_at IS NULL AND kind = 'choosing'",
    )  # fmt: skip
