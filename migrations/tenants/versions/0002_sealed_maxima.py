"""Maxima and the salts of their commitments are stored sealed.

An amount from before keeps its eight bytes, which are read as they are.
"""

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

SEALED = (("lot_state", "maximum"), ("lot_state", "second_maximum"), ("ledger_entry", "maximum"))


def upgrade() -> None:
    for table, column in SEALED:
        op.alter_column(
            table, column, type_=sa.LargeBinary(), postgresql_using=f"int8send({column})"
        )
