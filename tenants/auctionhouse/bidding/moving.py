"""The one statement of a decision: states and ledgers of lots, refusals, and what leaves.

It fails, and so does the transaction, unless each lot's version is still the one that was read. Its
text is always the same, whatever it writes, so that the server plans it once: rows come as one
array for each column.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from auctionxchange.kernel.prepared import array

STATE = {
    "lot": "bigint", "version": "int", "status": "text", "ends_at": "timestamptz",
    "scheduled_ends_at": "timestamptz", "starts_at": "timestamptz", "leader": "bigint",
    "price": "bigint", "maximum": "bytea", "second": "bytea", "asking": "bigint",
    "reserve_met": "boolean", "bids": "int", "outcome": "text", "chain_length": "int",
    "chain_head": "bytea", "last_at": "timestamptz",
}  # fmt: skip
ENTRY = {
    "lot_id": "bigint", "sequence": "int", "at": "timestamptz", "kind": "text", "payload": "text",
    "hash": "bytea", "client_id": "bigint", "placed_by_member_id": "bigint", "maximum": "bytea",
    "reason": "text", "token": "uuid", "salt": "bytea", "pieces": "bytea",
}  # fmt: skip
EVENT = {"kind": "text", "topic": "text", "payload": "jsonb"}
REFUSAL = {
    "reference": "uuid", "lot_id": "bigint", "sequence": "int", "client_id": "bigint",
    "at": "timestamptz", "reason": "text", "statement": "text", "maximum": "bytea",
    "salt": "bytea",
}  # fmt: skip


def _rows(name: str, columns: Mapping[str, str]) -> str:
    """Return rows given as arrays, as a table of a name with the columns' names."""
    arrays = ", ".join(f"%({name}_{column})s::{kind}[]" for column, kind in columns.items())
    return f"unnest({arrays}) {name} ({', '.join(columns)})"


MOVE = f"""
WITH moved AS (
    UPDATE lot_state s SET status = v.status, ends_at = v.ends_at,
        scheduled_ends_at = v.scheduled_ends_at, starts_at = v.starts_at,
        leader_client_id = v.leader, price = v.price, maximum = v.maximum,
        second_maximum = v.second, asking = v.asking, reserve_met = v.reserve_met,
        bid_count = v.bids, outcome = v.outcome, version = s.version + 1,
        chain_length = v.chain_length, chain_head = v.chain_head, last_at = v.last_at
    FROM {_rows("v", STATE)}
    WHERE s.lot_id = v.lot AND s.version = v.version RETURNING s.lot_id
), entries AS (
    INSERT INTO ledger_entry ({", ".join(ENTRY)})
    SELECT e.* FROM {_rows("e", ENTRY)} JOIN moved USING (lot_id)
), events AS (
    INSERT INTO exchange.outbox ({", ".join(EVENT)}) SELECT * FROM {_rows("o", EVENT)}
), refusals AS (
    INSERT INTO refused_bid ({", ".join(REFUSAL)}) SELECT * FROM {_rows("r", REFUSAL)}
)
SELECT 1 / (count(*) = %(lots)s)::int FROM moved
"""  # noqa: S608 - constants


def moves(
    states: Sequence[Mapping[str, Any]],
    entries: Iterable[Sequence[Any]],
    events: Iterable[Sequence[Any]],
    refusals: Iterable[Sequence[Any]],
) -> dict[str, Any]:
    """Return what MOVE is asked with: states by column, the others' rows in columns' order."""
    return {
        "lots": len(states),
        **{f"v_{column}": array(state[column] for state in states) for column in STATE},
        **_columns("e", ENTRY, entries),
        **_columns("o", EVENT, events),
        **_columns("r", REFUSAL, refusals),
    }


def _columns(
    name: str, columns: Mapping[str, str], rows: Iterable[Sequence[Any]]
) -> dict[str, str]:
    turned = list(zip(*rows, strict=True)) or [()] * len(columns)
    return {
        f"{name}_{column}": array(values) for column, values in zip(columns, turned, strict=True)
    }
