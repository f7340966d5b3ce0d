"""Published ledgers of the tests' floors, read, changed and checked as a bidder would."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from auctionhouse.bidding import published
from auctionhouse.bidding.ledger import canonical, entry_hash, iso, microseconds
from auctionhouse.bidding.verifier.findings import Finding
from auctionhouse.bidding.verifier.main import check_ledger
from auctionhouse.bidding.verifier.reading import Line, read_line
from factories.floor import Floor

Change = Callable[[dict[str, Any]], None]
AFTER_THE_END = ("ended", "opening_asked", "bids_opened", "hammer", "unsold", "choosing", "chosen")


def downloaded(floor: Floor, lot: int = 0) -> str:
    """Return a lot's ledger as published, as if its end had been waited for."""
    with floor.database.house_session(floor.house) as session:
        return timely(published.download(session, floor.sale.lots[lot]))


def rewritten(text: str, change: Callable[[int, dict[str, Any]], None]) -> str:
    """Change entries, given with their sequence, and make the chain whole again."""
    lines = [json.loads(line) for line in text.splitlines()]
    previous = "0" * 64
    for number, line in enumerate(lines, start=1):
        payload = json.loads(line["payload"])
        change(number, payload)
        payload["previous"] = previous
        line["payload"] = canonical(payload)
        line["hash"] = previous = entry_hash(line["payload"]).hex()
    return "".join(json.dumps(line) + "\n" for line in lines)


def forged(text: str, sequence: int, change: Change) -> str:
    """Change one entry as only the house could."""
    return rewritten(text, lambda number, payload: change(payload) if number == sequence else None)


def timely(text: str) -> str:
    """Let what followed the end have come at it: the floor ends without waiting."""
    payloads = [json.loads(json.loads(line)["payload"]) for line in text.splitlines()]
    if not any(payload["kind"] in AFTER_THE_END for payload in payloads):
        return text
    before = [one for one in payloads if one["kind"] not in AFTER_THE_END]
    end = [one["ends_at"] for one in before if "ends_at" in one][-1]

    def put(_number: int, payload: dict[str, Any]) -> None:
        if payload["kind"] in AFTER_THE_END:
            if payload["kind"] == "choosing" and payload["at"] < end:
                payload["until"] = later(payload["until"], payload["at"], end)
            payload["at"] = max(payload["at"], end)
            if "ends_at" in payload:
                payload["ends_at"] = end

    return rewritten(text, put)


def later(time: str, since: str, now: str) -> str:
    """Move a time by as much as lies between two others."""
    moved = datetime.fromisoformat(now) - datetime.fromisoformat(since)
    return iso(microseconds(datetime.fromisoformat(time) + moved))


def read(text: str) -> list[Line]:
    """Read a published ledger."""
    return [read_line(json.loads(line)) for line in text.splitlines()]


def findings(text: str) -> list[Finding]:
    """Return everything the verifier says of a ledger."""
    return check_ledger(read(text))


def wrong(text: str) -> list[str]:
    """Return what the verifier finds wrong."""
    return [finding.text for finding in findings(text) if finding.verdict == "wrong"]


def verdicts(text: str) -> set[str]:
    """Return which verdicts the verifier gives."""
    return {finding.verdict for finding in findings(text)}
