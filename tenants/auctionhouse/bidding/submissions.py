"""What is submitted to a lot, and the part of the lot's read that brings the bidders along."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from auctionhouse.bidding.browsers import Browser
from auctionxchange.accounts.browsers import SEEN_EVERY
from auctionxchange.kernel.prepared import array

COLUMNS = """,
       r.state, r.bid_limit,
       t.lot_id, t.client_id, t.maximum, t.sequence,
       c.member_id,
       (SELECT member_id FROM client WHERE id = s.leader_client_id),
       r.limited, c.for_house, l.estimate_high,
       (SELECT true FROM member_role m JOIN role n ON n.id = m.role_id
        WHERE m.member_id = c.member_id AND n.name <> 'bidder' LIMIT 1),
       t.pieces, w.client_id, w.member_id, w.locale"""
PIECES = 12
"""Where the pieces of a former submission under the same token stand among the columns, sealed."""

BROWSER_COLUMNS = 3
"""How many of the columns, the last ones, tell who is signed in with the browser that bids."""
JOINS = """
JOIN unnest(%(lots)s::bigint[], %(clients)s::bigint[], %(tokens)s::uuid[], %(browsers)s::uuid[],
    %(accounts)s::text[]) WITH ORDINALITY AS a (lot, client, token, browser, account, place)
    ON a.lot = s.lot_id
LEFT JOIN LATERAL (SELECT c.id AS client_id, m.id AS member_id, m.locale
    FROM member_session b JOIN member m ON m.id = b.member_id JOIN client c ON c.member_id = m.id
    WHERE b.id = a.browser AND b.revoked_at IS NULL AND m.active AND m.fs_uniquifier = a.account
    AND b.last_seen_at > clock_timestamp() - %(seen_every)s::interval) w ON true
LEFT JOIN LATERAL (SELECT member_id, for_house FROM client
    WHERE id = coalesce(a.client, w.client_id)) c ON true
LEFT JOIN LATERAL (SELECT state, bid_limit, spending_limit IS NOT NULL OR links_lots AS limited
    FROM registration
    WHERE sale_id = s.sale_id AND client_id = coalesce(a.client, w.client_id)) r ON true
LEFT JOIN LATERAL (SELECT lot_id, client_id, maximum, sequence, pieces FROM ledger_entry
    WHERE token = a.token) t ON true
WHERE"""
ORDER = "ORDER BY a.place"
HOLD_LIMITED = """
SELECT 1 FROM registration WHERE client_id = ANY (ARRAY(
        SELECT unnest(%(clients)s::bigint[])
        UNION ALL SELECT c.id FROM member_session b JOIN client c ON c.member_id = b.member_id
        WHERE b.id = ANY (%(browsers)s::uuid[])))
    AND sale_id = (SELECT sale_id FROM lot_state WHERE lot_id = %(lot)s)
    AND (spending_limit IS NOT NULL OR links_lots) ORDER BY client_id FOR NO KEY UPDATE"""
"""Holds the registrations of the bidders who have limits of their own, before the lot."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A maximum in minor units that a client offers; the locale is that of the sentences.

    Where a browser offers it, client, member and locale are found with the lot. One that is not
    confirmed is asked about where it is far above what was to be expected.
    """

    client_id: int
    placed_by_member_id: int
    maximum: int
    token: UUID
    locale: str = "en"
    browser: Browser | None = None
    confirmed: bool = True
    pieces: int = 1
    """How many are wanted, where bidders may share a lot's pieces; the amount is for each."""


def asked_of(submissions: Sequence[tuple[int, Submission]]) -> dict[str, Any]:
    """Return what the read is asked for: one place in each list for a lot's submission."""
    ones = [submission for _lot, submission in submissions]
    return {
        "lots": array(lot for lot, _submission in submissions),
        "clients": array(None if one.browser else one.client_id for one in ones),
        "tokens": array(one.token for one in ones),
        "browsers": array(one.browser and one.browser.id for one in ones),
        "accounts": array(one.browser and one.browser.account for one in ones),
        "seen_every": SEEN_EVERY,
    }
