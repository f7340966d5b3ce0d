"""Lots whose pieces several buyers share: who has how many at which price, and what each owes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0027"
down_revision: str | None = "0054"
branch_labels: Sequence[str] | None = None
depends_on: Sequence[str] | None = None

_WITHIN = """
CREATE FUNCTION refuse_too_many_pieces() RETURNS trigger LANGUAGE plpgsql
SET search_path FROM CURRENT AS $$
BEGIN
    IF (SELECT sum(pieces) FROM award WHERE lot_id = NEW.lot_id)
        > (SELECT pieces FROM lot_state WHERE lot_id = NEW.lot_id)
    THEN
        RAISE EXCEPTION 'more pieces are sold than the lot has'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'award_within';
    END IF;
    RETURN NEW;
END
$$
"""
_TRIGGER = """
CREATE TRIGGER award_within AFTER INSERT OR UPDATE ON award
    FOR EACH ROW EXECUTE FUNCTION refuse_too_many_pieces()
"""
_BOUGHT = """
CREATE VIEW bought AS
SELECT s.sale_id, s.lot_id, coalesce(a.place, 0) AS place, coalesce(a.client_id, 0) AS share_of,
    coalesce(a.client_id, s.leader_client_id) AS client_id,
    coalesce(a.price, s.price) AS price, coalesce(a.pieces, s.pieces) AS pieces
FROM lot_state s LEFT JOIN award a ON a.lot_id = s.lot_id
WHERE s.status = 'closed' AND s.outcome = 'sold'
"""


def upgrade() -> None:
    op.add_column("ledger_entry", sa.Column("pieces", sa.LargeBinary(), nullable=True))
    op.create_check_constraint(
        "ledger_entry_sealed_pieces",
        "ledger_entry",
        "kind <> 'sealed_bid' OR coalesce(jsonb_typeof(payload::jsonb->'pieces'), 'string')"
        " = 'string'",
    )
    op.create_table(
        "award",
        sa.Column("lot_id", sa.BigInteger(), sa.ForeignKey("lot.id"), primary_key=True,
                  autoincrement=False),
        sa.Column("place", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), sa.ForeignKey("client.id"), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pieces > 0 AND price > 0 AND place > 0", name="award_amounts"),
    )  # fmt: skip
    op.create_index("award_client", "award", ["client_id"])
    op.execute(_WITHIN)
    op.execute(_TRIGGER)
    op.execute(_BOUGHT)
    op.add_column(
        "invoice_lot",
        sa.Column("share_of", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
    )
    op.execute("ALTER TABLE invoice_lot DROP CONSTRAINT invoice_lot_pkey,"
               " ADD PRIMARY KEY (invoice_id, lot_id, share_of)")  # fmt: skip
    op.drop_index("invoice_lot_live", "invoice_lot")
    op.create_index(
        "invoice_lot_live", "invoice_lot", ["lot_id", "share_of"], unique=True,
        postgresql_where=sa.text("live"),
    )  # fmt: skip
