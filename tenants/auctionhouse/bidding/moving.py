"""The one statement that moves lots: their states, their ledgers and what leaves by the outbox.

It fails, and so does the transaction, unless each lot's version is still the one that was read.
"""

MOVE = """
WITH moved AS (
    UPDATE lot_state s SET status = v.status, ends_at = v.ends_at,
        scheduled_ends_at = v.scheduled_ends_at, starts_at = v.starts_at,
        leader_client_id = v.leader, price = v.price, maximum = v.maximum,
        second_maximum = v.second, asking = v.asking, reserve_met = v.reserve_met,
        bid_count = v.bids, outcome = v.outcome, version = s.version + 1,
        chain_length = v.chain_length, chain_head = v.chain_head, last_at = v.last_at
    FROM (VALUES {states}) v (lot, version, status, ends_at, scheduled_ends_at, starts_at, leader,
        price, maximum, second, asking, reserve_met, bids, outcome, chain_length, chain_head,
        last_at)
    WHERE s.lot_id = v.lot AND s.version = v.version RETURNING s.lot_id
), entries AS (
    INSERT INTO ledger_entry (lot_id, sequence, at, kind, payload, hash, client_id,
        placed_by_member_id, maximum, reason, token, salt)
    SELECT v.* FROM (VALUES {entries}) v (lot_id) JOIN moved USING (lot_id)
), events AS (
    INSERT INTO exchange.outbox (kind, topic, payload) VALUES {events}
)
SELECT 1 / (count(*) = {lots})::int FROM moved
"""
STATE = (
    "(%(lot)s::bigint, %(version)s::int, %(status)s::text, %(ends_at)s::timestamptz,"
    " %(scheduled_ends_at)s::timestamptz, %(starts_at)s::timestamptz, %(leader)s::bigint,"
    " %(price)s::bigint, %(maximum)s::bytea, %(second)s::bytea, %(asking)s::bigint,"
    " %(reserve_met)s::boolean, %(bids)s::int, %(outcome)s::text, %(chain_length)s::int,"
    " %(chain_head)s::bytea, %(last_at)s::timestamptz)"
)
ENTRY = (
    "(%s::bigint, %s::int, %s::timestamptz, %s::text, %s::text, %s::bytea, %s::bigint, %s::bigint,"
    " %s::bytea, %s::text, %s::uuid, %s::bytea)"
)
EVENT = "(%s::text, %s::text, %s::jsonb)"
