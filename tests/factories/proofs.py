"""What a lot's ledger proves: to a bidder from what is published, to the house from everything."""

import json
from dataclasses import replace
from typing import Any

from sqlalchemy import text

from auctionhouse.bidding import published
from auctionhouse.bidding.ledger import (
    GENESIS,
    Entry,
    canonical,
    entry_hash,
    iso,
    pseudonym,
    verify,
)
from auctionhouse.bidding.verifier.findings import at_of
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.bidding.verifier.reading import Line, read_line
from auctionhouse.bidding.verifier.recount import Recount, recount
from factories.floor import Floor

ENDS = ("hammer", "unsold", "conditional", "choosing", "bids_opened")
_STATES = text("SELECT * FROM lot_state WHERE sale_id = :sale ORDER BY lot_id")


def published_lines(floor: Floor, lot: int = 0) -> list[Line]:
    """Return a lot's ledger as anybody may have it, timely."""
    with floor.database.house_session(floor.house) as session:
        told = published.download(session, floor.sale.lots[lot]).splitlines()
    return timely([read_line(json.loads(line)) for line in told])


def verdicts(floor: Floor, lot: int = 0) -> list[str]:
    """Return what a bidder's own check says of a lot's published ledger."""
    return [finding.verdict for finding in check_ledger(published_lines(floor, lot))]


def holds(floor: Floor) -> bool:
    """Tell whether every chain holds and every ledger leads to the state that is stored."""
    with floor.database.house_session(floor.house) as session:
        states = session.execute(_STATES, {"sale": floor.sale.sale_id}).all()
        return all(_agrees(row, published.full_lines(session, row.lot_id)) for row in states)


def _agrees(row: Any, lines: list[Line]) -> bool:
    lot = Recount()
    wrong = [one for one in recount(timely(lines), lot) if one.verdict == "wrong"]
    leader, state = row.leader_client_id, lot.state
    name = None if leader is None else pseudonym(bytes(row.secret), leader)
    stored = (row.price, name, row.asking, row.bid_count, row.reserve_met, row.outcome == "sold")
    told = (
        state.price, state.leader, lot.asking, state.bids, state.reserve_met, lot.results.sold,
    )  # fmt: skip
    faults = verify([line.entry for line in lines], bytes(row.chain_head))
    return not wrong and not faults and stored == told


def timely(lines: list[Line]) -> list[Line]:
    """Let a lot have ended when its ledger says: a floor ends its lots without waiting.

    What came after the end is as much later and shows the ledger's end, and the chain is made anew.
    """
    shift, end, previous = 0, 0, GENESIS.hex()
    moved = []
    for line in lines:
        payload = dict(line.payload)
        if payload["kind"] in ENDS and not shift:
            shift = max(end - at_of(payload, "at"), 0)
        if shift and payload["kind"] in {"purchase", "agreement", "bids_opened"}:
            payload["ends_at"] = iso(end)
        end = at_of(payload, "ends_at") if "ends_at" in payload else end
        for name in ("at", "until"):
            if payload.get(name) is not None and payload["kind"] != "outage":
                payload[name] = iso(at_of(payload, name) + shift)
        told = canonical({**payload, "previous": previous})
        previous = entry_hash(told).hex()
        entry = Entry(told, bytes.fromhex(previous))
        moved.append(replace(line, entry=entry, payload=json.loads(told)))
    return moved
