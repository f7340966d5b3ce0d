"""Checking what a house signed: receipts of bids, and the published heads of a sale's lots."""

from collections.abc import Iterator, Mapping
from typing import Any

from auctionhouse.bidding.buying import buy_now_price
from auctionhouse.bidding.dutch.rules import begins_at, price_at
from auctionhouse.bidding.ledger import GENESIS, sale_head
from auctionhouse.bidding.rules import State
from auctionhouse.bidding.verifier.counted import SHOWN
from auctionhouse.bidding.verifier.ed25519 import signature_holds
from auctionhouse.bidding.verifier.findings import Finding, Said, at_of
from auctionhouse.bidding.verifier.reading import Files, Line, Signed, read_terms
from auctionhouse.bidding.verifier.results import RESULTS

ENDED = frozenset(RESULTS) - {"after_sale", "sale_cancelled"}
SUBMITTED = ("bid", "raise", "sealed_bid", "purchase", "taking")
REASONS = {
    "bid_too_low": "it offered less than the asking price",
    "not_a_raise": "the bidder led already and offered no more than before",
    "lot_closed": "it came when the lot had ended",
    "lot_not_open": "it came before the lot opened",
    "sale_paused": "the sale was paused",
    "clock_above": "the clock stood above what was offered",
    "clock_not_started": "the clock did not run yet",
    "clock_passed": "the clock had stopped",
    "buy_now_gone": "it could no longer be bought at once",
}


def signature(signed: Signed, keys: Mapping[str, bytes]) -> Iterator[Said]:
    """Check who signed a statement."""
    if not signature_holds(signed.public_key, signed.text.encode(), signed.signature):
        yield "wrong", "the signature does not fit: the text or the signature was changed"
        return
    name = signed.statement["key"]
    known = keys.get(name)
    if known is None:
        yield "proved", "the signature fits the key it comes with"
        yield "open", f"whether key {name} is the house's: give its published key file too"
    elif known == signed.public_key:
        yield "proved", f"it is signed by the house's published key {name}"
    else:
        yield "wrong", f"the key it comes with is not the published key {name}"


def head(signed: Signed, files: Files) -> Iterator[Said]:
    """Check a sale's published heads against themselves and the ledgers at hand."""
    told = signed.statement
    yield from signature(signed, files.keys)
    heads = [(lot["lot"], bytes.fromhex(lot["hash"])) for lot in told["lots"]]
    if sale_head(heads) != told["head"]:
        yield "wrong", "the sale's head is not the hash over its lots' heads"
    else:
        yield "proved", f"the sale's head covers {len(heads)} lots"
    entries = {lot["lot"]: (lot["entries"], lot["hash"]) for lot in told["lots"]}
    here = {
        name: lines
        for name, lines in files.ledgers.items()
        if lines[0].payload.get("sale") == told["sale"]
    }
    for name, lines in here.items():
        yield from _covers(name, lines, entries.get(lines[0].payload.get("lot")))
    if files.ledgers and not here:
        yield "open", "none of the ledgers given is of this sale"


def _covers(name: str, lines: list[Line], published: tuple[int, str] | None) -> Iterator[Said]:
    if published is None:
        yield "wrong", f"{name} is of a lot the published heads do not know"
        return
    count, expected = published
    if count > len(lines):
        yield "wrong", f"{name} lacks entries at its end: {count} were published"
    elif _hash_at(lines, count) != expected:
        yield "wrong", f"{name} is not the ledger whose head was published (entry {count})"
    elif count < len(lines):
        yield "proved", f"{name} holds to its published head, and goes on after it"
    else:
        yield "proved", f"{name} is complete: it ends with its published head"


def _hash_at(lines: list[Line], count: int) -> str:
    return lines[count - 1].entry.hash.hex() if count else GENESIS.hex()


def receipt(signed: Signed, files: Files) -> Iterator[Said]:
    """Check a receipt against itself and its lot's ledger."""
    told = signed.statement
    yield from signature(signed, files.keys)
    yield from _own_part(signed)
    lines = _ledger_of(told, files)
    if lines is None:
        yield "open", "whether the ledger holds it: give the lot's ledger too"
    elif told["sequence"] is None:
        yield from _by_hash(signed, lines)
    elif told["sequence"] > len(lines):
        yield "wrong", f"the ledger lacks entry {told['sequence']}, which the receipt names"
    elif _hash_at(lines, told["sequence"]) != told["hash"]:
        yield "wrong", f"entry {told['sequence']} of the ledger is not the one of the receipt"
    elif told["outcome"] == "accepted":
        yield from _accepted(told, lines[told["sequence"] - 1], told["sequence"])
    else:
        yield from _refused(signed, lines)


def _own_part(signed: Signed) -> Iterator[Said]:
    """Check what the bidder alone was given beside the receipt."""
    told = signed.statement
    shown = {"maximum": "the bidder's own part shows what was offered: {} in minor units",
             "pieces": "the bidder's own part shows for how many pieces: {}"}  # fmt: skip
    for name, text in shown.items():
        opening = signed.private.get(name)
        if opening is not None and opening.fits(name, told.get(name)):
            yield "proved", text.format(opening.value)
        elif opening is not None:
            yield "wrong", f"the own part shows another number behind the {name}"


def _by_hash(signed: Signed, lines: list[Line]) -> Iterator[Said]:
    """Check a receipt that was given while nobody might count the lot's bids."""
    told = signed.statement
    places = [place for place, line in enumerate(lines, 1) if line.entry.hash.hex() == told["hash"]]
    published = any(line.payload.get("kind") in ENDED for line in lines)
    if told["outcome"] != "accepted":
        yield "open", f"why it was refused ({told['reason']}) is not told by the ledger alone"
    elif places:
        yield from _accepted(told, lines[places[0] - 1], places[0])
    elif published:
        yield "wrong", "the ledger lacks the entry which the receipt names"
    else:
        yield "open", "whether the ledger holds it: bids are sealed and not even counted yet"


def _ledger_of(told: Mapping[str, Any], files: Files) -> list[Line] | None:
    lot = (told["sale"], told["lot"])
    for lines in files.ledgers.values():
        if lines and (lines[0].payload.get("sale"), lines[0].payload.get("lot")) == lot:
            return lines
    return None


def _accepted(told: Mapping[str, Any], line: Line, place: int) -> Iterator[Said]:
    names = ("who", "maximum", "pieces", "at", *SHOWN)
    other = [name for name in names if told.get(name) != line.payload.get(name)]
    kind = str(line.payload.get("kind"))
    if other or kind not in SUBMITTED:
        yield "wrong", f"the ledger's entry tells otherwise: {', '.join(other) or 'its kind'}"
    else:
        what = "bid" if "bid" in kind or kind == "raise" else kind
        yield "proved", f"the {what} stands in the ledger as entry {place}"


def _refused(signed: Signed, lines: list[Line]) -> Iterator[Said]:
    """Check a refusal where the ledger shows the reason."""
    told, place = signed.statement, signed.statement["sequence"]
    before = lines[place - 1].payload if place else {}
    after = lines[place].payload if place < len(lines) else None
    if str(before.get("at", "")) > told["at"] or (after is not None and after["at"] < told["at"]):
        yield "wrong", "the time of the receipt is not that of its place in the ledger"
        return
    shown = _shown_until(lines[:place])
    opening = signed.private.get("maximum")
    offered = None if opening is None else opening.value
    follows = _follows(told, shown, offered)
    reason = REASONS.get(told["reason"])
    if reason is None or follows is None:
        yield "open", f"why it was refused ({told['reason']}) is not told by the ledger alone"
    elif follows:
        yield "proved", f"it was refused because {reason}, as the ledger shows"
    else:
        yield "wrong", f"it is said that {reason}, but the ledger shows otherwise"


def _shown_until(lines: list[Line]) -> dict[str, Any]:
    """Return what the ledger showed after some entries."""
    shown: dict[str, Any] = {"leader": None, "paused": False, "ended": False}
    for line in lines:
        payload = line.payload
        kind = payload["kind"]
        if "terms" in payload:
            shown["terms"] = read_terms(payload["terms"])
        if kind == "opened":
            shown |= {"asking": shown["terms"].opening, "price": None}
            shown |= {name: payload[name] for name in ("starts_at", "ends_at")}
        shown |= {name: payload[name] for name in SHOWN if name in payload}
        shown["paused"] = kind == "paused" or (shown["paused"] and kind != "resumed")
        shown["ended"] = kind in ENDED or (shown["ended"] and kind != "reopened")
    return shown


def _follows(told: Mapping[str, Any], shown: Mapping[str, Any], offered: int | None) -> bool | None:
    """Tell whether a refusal follows from what was shown; None where that is not told."""
    at, reason = at_of(told, "at"), told["reason"]
    if reason.startswith("clock_"):
        return _by_the_clock(reason, at, shown, offered)
    if reason == "bid_too_low":
        return None if offered is None else bool(offered < shown["asking"])
    tests = {
        "not_a_raise": told["who"] == shown["leader"],
        "lot_closed": shown["ended"] or at >= at_of(shown, "ends_at"),
        "lot_not_open": at < at_of(shown, "starts_at"),
        "sale_paused": shown["paused"],
        "buy_now_gone": buy_now_price(shown["terms"], State(0, 0, 0, price=shown["price"])) is None,
    }
    return tests.get(reason)


def _by_the_clock(
    reason: str, at: int, shown: Mapping[str, Any], offered: int | None
) -> bool | None:
    """Tell whether a clock says what a refusal says; a hidden reserve may have stopped it."""
    terms, ends_at = shown["terms"], at_of(shown, "ends_at")
    if terms.clock is None:
        return False
    if reason == "clock_above":
        return None if offered is None else offered < price_at(terms, ends_at, at)
    if reason == "clock_not_started":
        return at < begins_at(terms, ends_at)
    return True if shown["ended"] or at >= ends_at else None


def as_findings(said: Iterator[Said]) -> Iterator[Finding]:
    """Number what is said of a statement as findings without an entry."""
    return (Finding(0, verdict, text) for verdict, text in said)
