"""Lots with sealed bids: ended before they are opened, and nothing read before that."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0026"
down_revision: str | None = "0053"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_SEALED = """
format NOT LIKE 'sealed%' OR status = 'closed' OR (leader_client_id IS NULL
AND price IS NULL AND maximum IS NULL AND second_maximum IS NULL)
"""
_EARLY = """
CREATE FUNCTION refuse_early_opening() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
DECLARE
    members jsonb := NEW.payload::jsonb->'by';
BEGIN
    IF EXISTS (SELECT FROM lot_state WHERE lot_id = NEW.lot_id AND ends_at > clock_timestamp())
    THEN
        RAISE EXCEPTION 'sealed bids are not opened before the end'
            USING ERRCODE = 'check_violation';
    END IF;
    IF jsonb_typeof(members) = 'array'
        AND (jsonb_array_length(members) <> 2 OR members->0 = members->1)
    THEN
        RAISE EXCEPTION 'staff open sealed bids by two'
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END
$$
"""
_TRIGGER = """
CREATE TRIGGER ledger_entry_opening BEFORE INSERT ON ledger_entry
    FOR EACH ROW WHEN (NEW.kind = 'bids_opened') EXECUTE FUNCTION refuse_early_opening()
"""


def upgrade() -> None:
    op.add_column(
        "lot_state",
        sa.Column("hides_bids", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.drop_constraint("lot_state_status", "lot_state")
    op.create_check_constraint(
        "lot_state_status",
        "lot_state",
        "status IN ('scheduled','open','ended','closed','withdrawn')",
    )
    op.create_check_constraint("lot_state_sealed", "lot_state", _SEALED)
    op.create_check_constraint(
        "ledger_entry_sealed",
        "ledger_entry",
        "kind <> 'sealed_bid' OR NOT payload::jsonb ? 'amount'",
    )
    op.execute(_EARLY)
    op.execute(_TRIGGER)
