"""Check what an auction house published about its bids, without asking anybody.

Run `python verify_ledger.py FILE...` with a lot's downloaded ledger, receipts of bids, the
published heads of a sale and the house's published keys. It needs Python 3.11 or newer and
nothing else. Written by `make verifier` from the very modules that decide bids; changes to this
file are lost.
"""

import hashlib
import hmac
import io
import json
import re
import sys
from base64 import b32encode
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, get_origin, get_type_hints

# From auctionhouse.bidding.ledger

FORMAT = 1
GENESIS = bytes(32)
PSEUDONYM_LENGTH = 6
TIME_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode

KINDS = (
    "opened",
    "bid",
    "automatic",
    "raise",
    "extended",
    "paused",
    "resumed",
    "postponed",
    "terms_changed",
    "text_changed",
    "withdrawn",
    "hammer",
    "unsold",
    "retraction",
    "cancellation",
    "reopened",
    "correction",
    "outage",
    "opened_book",
    "sealed_bid",
    "sealed_withdrawn",
    "ended",
    "opening_asked",
    "bids_opened",
    "taking",
    "purchase",
    "agreement",
    "conditional",
    "choosing",
    "chosen",
    "after_sale",
    "sale_cancelled",
)


FAULTS = {
    "unreadable": "it is no JSON object of texts, whole numbers, truth values and lists",
    "canonical": "it is not written the one way that is hashed",
    "hash": "its text does not give its hash: it was changed",
    "previous": "it does not follow the entry before it: one was removed, added or exchanged",
    "sequence": "its number is not the next one",
    "time": "its time is missing or before the entry before it",
    "lot": "it belongs to another lot",
    "format": "its format is unknown to this verifier",
    "kind": "its kind is unknown to this verifier",
    "head": "the chain ends before or after the head that was published",
}


def microseconds(moment: datetime) -> int:
    """Return the microseconds since 1970 of an aware time."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(value: int) -> datetime:
    """Return the aware UTC time of microseconds since 1970."""
    return _EPOCH + value * _MICROSECOND


@lru_cache(maxsize=8192)
def iso(value: int) -> str:
    """Write microseconds since 1970 as the ledger does: UTC, six decimals, Z."""
    return f"{moment(value).isoformat(timespec='microseconds')[:-6]}Z"


def canonical(payload: Mapping[str, Any]) -> str:
    """Write a payload the one way it is hashed: sorted keys, no spaces, UTF-8."""
    return _canonical(payload)


def entry_hash(text: str) -> bytes:
    """Return the SHA-256 of a canonical payload, which names its predecessor's hash itself."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).digest()


@lru_cache(maxsize=65536)
def pseudonym(secret: bytes, client_id: int) -> str:
    """Return a bidder's name on one lot; another lot's secret gives an unrelated one."""
    return _name(secret, f"client:{client_id}")


def marks(secret: bytes, *, placed_by: int, staff: bool, house: bool) -> dict[str, Any]:
    """Return what a bid's marks commit to: the member who entered it has a name of this lot only.

    Told are whether staff entered it for a client and whether the house bid for the seller.
    """
    return {"house": house, "placed_by": member_pseudonym(secret, placed_by), "staff": staff}


@lru_cache(maxsize=65536)
def member_pseudonym(secret: bytes, member_id: int) -> str:
    """Return a member's name on one lot, of whoever acts for the house."""
    return _name(secret, f"member:{member_id}")


def _name(secret: bytes, who: str) -> str:
    digest = hmac.digest(secret, who.encode(), "sha256")
    return b32encode(digest[:5]).decode()[:PSEUDONYM_LENGTH]


def commitment_salt(secret: bytes, name: str) -> bytes:
    """Return the salt of one commitment of an entry; it tells nothing of the entry's others."""
    return hmac.digest(secret, name.encode(), "sha256")


def commitment(salt: bytes, name: str, value: Any) -> str:
    """Bind to a named value without showing it; salt and value open it later."""
    return hashlib.sha256(salt + canonical({name: value}).encode()).hexdigest()


def sale_head(heads: Iterable[tuple[str, bytes]]) -> str:
    """Return the hash over all lots' heads, given as (lot number, head) in lot order."""
    text = "".join(f"{number}:{head.hex()}\n" for number, head in heads)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Entry:
    """One row as published: its payload's text and the hash that was stored for it."""

    payload: str
    hash: bytes


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at which entry, as a code that FAULTS explains."""

    sequence: int
    fault: str

    def __str__(self) -> str:
        return f"entry {self.sequence}: {FAULTS[self.fault]}"


class Chain:
    """Builds the next payloads of one lot's chain."""

    def __init__(self, sale: str, lot: str, length: int, head: bytes, last_at: int) -> None:
        self._sale = sale
        self._lot = lot
        self.length = length
        self.head = head
        self.last_at = last_at

    def add(self, kind: str, at: int, public: Mapping[str, Any]) -> Entry:
        """Append an entry of a kind at a time (microseconds), with the fields that are public."""
        if kind not in KINDS:
            raise ValueError(f"{kind} is no kind of entry")
        text = canonical(
            {
                **public,
                "format": FORMAT,
                "sale": self._sale,
                "lot": self._lot,
                "sequence": self.length + 1,
                "kind": kind,
                "at": iso(max(at, self.last_at)),
                "previous": self.head.hex(),
            }
        )
        self.length += 1
        self.head = entry_hash(text)
        self.last_at = max(at, self.last_at)
        return Entry(text, self.head)


def verify(entries: Iterable[Entry], head: bytes | None = None) -> list[Fault]:
    """Return everything wrong with a chain, nothing where it holds.

    Only a head that was published elsewhere tells whether entries are missing at the end.
    """
    faults: list[Fault] = []
    position, before = 0, _Before(GENESIS.hex(), "", None)
    for position, entry in enumerate(entries, start=1):
        if entry_hash(entry.payload) != entry.hash:
            faults.append(Fault(position, "hash"))
        payload = _read(entry.payload)
        if payload is None:
            faults.append(Fault(position, "unreadable"))
            before = _Before(entry.hash.hex(), before.at, before.lot)
            continue
        if canonical(payload) != entry.payload:
            faults.append(Fault(position, "canonical"))
        faults += [Fault(position, fault) for fault in _faults(payload, position, before)]
        before = _Before(entry.hash.hex(), str(payload.get("at")), before.lot or _lot_of(payload))
    if head is not None and before.hash != head.hex():
        faults.append(Fault(position, "head"))
    return faults


@dataclass(frozen=True, slots=True)
class _Before:
    """What an entry must follow: the hash and time of the entry before, and the chain's lot."""

    hash: str
    at: str
    lot: tuple[Any, Any] | None


def _read(text: str) -> dict[str, Any] | None:
    try:
        payload = json.loads(text, parse_float=_refuse, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    return payload if isinstance(payload, dict) else None


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no whole number")


def _lot_of(payload: Mapping[str, Any]) -> tuple[Any, Any]:
    return payload.get("sale"), payload.get("lot")


def _faults(payload: Mapping[str, Any], position: int, before: _Before) -> list[str]:
    at = payload.get("at")
    wrong = {
        "previous": payload.get("previous") != before.hash,
        "sequence": payload.get("sequence") != position,
        "time": not _is_time(at) or str(at) < before.at,
        "lot": before.lot is not None and _lot_of(payload) != before.lot,
        "format": payload.get("format") != FORMAT,
        "kind": payload.get("kind") not in KINDS,
    }
    return [fault for fault, found in wrong.items() if found]


def _is_time(value: Any) -> bool:
    try:
        read = datetime.strptime(value, TIME_FORMAT).replace(tzinfo=UTC)
        return iso(microseconds(read)) == str(value)
    except (TypeError, ValueError):
        return False


# From auctionhouse.bidding.verifier.findings

Verdict = Literal["proved", "open", "wrong"]
Said = tuple[Verdict, str]
"""A verdict and its sentence."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is said about an entry: proved, open (could not be proved) or wrong."""

    sequence: int
    verdict: Verdict
    text: str


def at_of(payload: Mapping[str, Any], name: str) -> int:
    """Return a time of a payload as microseconds."""
    told = datetime.strptime(payload[name], TIME_FORMAT).replace(tzinfo=UTC)
    return microseconds(told)


# From auctionhouse.bidding.selling

Format = Literal["timed", "sealed_first", "sealed_second", "sealed_pieces", "dutch", "choice"]
FORMATS: tuple[Format, ...] = (
    "timed", "sealed_first", "sealed_second", "sealed_pieces", "dutch", "choice",
)  # fmt: skip
SEALED_FORMATS: frozenset[str] = frozenset({"sealed_first", "sealed_second", "sealed_pieces"})
STEPLESS: frozenset[str] = SEALED_FORMATS | {"dutch"}
"""Formats whose bids follow no increments."""

BidFor = Literal["lot", "piece"]
BID_FOR: tuple[BidFor, ...] = ("lot", "piece")
Changes = Literal["never", "replace", "withdraw"]
CHANGES: tuple[Changes, ...] = ("never", "replace", "withdraw")
OpenedBy = Literal["clock", "staff"]
OPENED_BY: tuple[OpenedBy, ...] = ("clock", "staff")
Pays = Literal["own_bid", "lowest_winning", "start_unless_oversubscribed"]
PAYS: tuple[Pays, ...] = ("own_bid", "lowest_winning", "start_unless_oversubscribed")
Order = Literal["price_time", "price_quantity_time"]
ORDERS: tuple[Order, ...] = ("price_time", "price_quantity_time")


@dataclass(frozen=True, slots=True)
class Sealed:
    """Bids that nobody reads before they are opened, all together, after the end.

    Changes say whether bidders may replace their bid until the end, or take it back too; count
    whether everybody sees how many have bid; opened_by whether the bids are opened by the clock,
    or by two members of staff.

    Where several buyers share a lot's pieces, pays says which price: each their own, or all the
    lowest that wins, or the opening unless more pieces are wanted than there are; order whether of
    equal bids the one for more pieces or the earlier comes first.
    """

    changes: Changes = "never"
    count: bool = True
    opened_by: OpenedBy = "clock"
    pays: Pays | None = None
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """A price that falls by a step each so many microseconds, down to the lot's opening.

    It is counted from the lot's end: at the lowest price it stands once more for as long, and then
    the lot ends. Whoever moves the end, moves the clock.
    """

    start: int
    step: int
    every: int


@dataclass(frozen=True, slots=True)
class Choice:
    """A right to choose among so many pieces, each at the hammer price, for so many microseconds.

    Who wins it takes one piece at least. Pieces go by their numbers, from 1; the first of them may
    have names.
    """

    pieces: int
    lasts: int
    names: tuple[str, ...] = ()


def choice_fault(choice: Choice, wanted: Sequence[int]) -> str | None:
    """Return what is wrong with the numbers of pieces somebody chooses: none, twice or unknown."""
    if not wanted:
        return "none"
    if len(set(wanted)) < len(wanted):
        return "twice"
    return None if all(1 <= number <= choice.pieces for number in wanted) else "unknown"


@dataclass(frozen=True, slots=True)
class Award:
    """So many of a lot's pieces that go to one buyer at a price each, and by which entry."""

    entry: int
    who: int | str
    pieces: int
    price: int


def counts_pieces(form: str, bid_for: str) -> bool:
    """Tell whether a lot's quantity is a matter of its rules: priced, shared or chosen by piece."""
    return bid_for == "piece" or form in {"sealed_pieces", "choice"}


def shares_pieces(form: str, pieces: int) -> bool:
    """Tell whether several buyers may share so many pieces of a lot sold in a format."""
    return form == "sealed_pieces" or (form == "dutch" and pieces > 1)


def in_all(price: int, pieces: int) -> int:
    """Return what a lot costs before premium where a price is paid for each of its pieces."""
    return price * pieces


# From auctionhouse.bidding.rules

Reason = Literal[
    "late", "early", "too_low", "no_change", "not_offered", "final", "nothing", "too_many"
]


@dataclass(frozen=True, slots=True)
class SoftClose:
    """A bid within the window before the end moves the end.

    Times in microseconds. The end becomes bid (or old end) + extension, never earlier than it was
    and never later than the scheduled end + cap, where there is a cap. The scope says which other
    lots move along: none, those of the lot's group, all later ones (cascade), or the later ones
    only as far as each must wait for the one before it (predecessor).
    """

    window: int
    extension: int
    counted_from: Literal["bid", "end"] = "bid"
    edge_counts: bool = True
    cap: int | None = None
    scope: Literal["lot", "group", "cascade", "predecessor"] = "lot"


@dataclass(frozen=True, slots=True)
class BuyNow:
    """A price at which the lot is had at once, beside the bidding.

    It is offered before the first bid; where there is a limit, also while the price is below it.
    """

    price: int
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The rules one lot is sold by; a price is paid for each of its pieces.

    Where the buyer chooses among them, it is bid for one: so many are bought at least.

    The conditional share is the per cent of a reserve from which on a lot that misses it is sold
    subject to the seller's consent; 0 is never.
    """

    increments: tuple[tuple[int, int], ...]
    opening: int
    bound: Literal["exclusive", "inclusive"] = "exclusive"
    pricing: Literal["to_maximum", "ladder"] = "to_maximum"
    own_raise: Literal["keeps", "tops_up"] = "keeps"
    off_ladder: Literal["accept", "round_down"] = "accept"
    reserve: int | None = None
    below_reserve: Literal["normal", "full_max"] = "normal"
    soft_close: SoftClose | None = None
    buy_now: BuyNow | None = None
    offers: Literal["never", "below_buy_now", "every_lot"] = "never"
    conditional_share: int = 0
    format: Format = "timed"
    pieces: int = 1
    sealed: Sealed | None = None
    clock: Clock | None = None
    choice: Choice | None = None
    _starts: tuple[int, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(start for start, _step in self.increments))

    @property
    def shared(self) -> bool:
        """Tell whether several buyers may share the lot's pieces."""
        return shares_pieces(self.format, self.pieces)

    def total(self, price: int) -> int:
        """Return what the lot costs in all, before premium, at a price for each piece."""
        return in_all(price, self.pieces)

    def step_at(self, amount: int) -> int:
        """Return the increment that applies at an amount."""
        return self.increments[self._band(amount)][1]

    def on_ladder(self, amount: int, foot: int | None = None) -> int:
        """Return the highest amount of the ladder that is not above an amount.

        The ladder climbs by the increments from its foot, the opening unless another is given;
        the foot itself is returned for anything below it.
        """
        rung = self.opening if foot is None else foot
        while True:
            steps = self._steps_to(rung, amount)
            if steps <= 0:
                return rung
            rung += steps * self.step_at(rung)

    def _band(self, amount: int) -> int:
        find = bisect_right if self.bound == "exclusive" else bisect_left
        return max(find(self._starts, amount) - 1, 0)

    def _steps_to(self, rung: int, amount: int) -> int:
        """Return how many equal steps lead from a rung towards an amount within the rung's band."""
        band = self._band(rung)
        step = self.increments[band][1]
        steps = (amount - rung) // step
        if band + 1 == len(self.increments):
            return steps
        room = self._starts[band + 1] - rung
        inside = room // step + 1 if self.bound == "inclusive" else -(-room // step)
        return min(steps, inside)


@dataclass(frozen=True, slots=True)
class State:
    """Where the bidding on a lot stands; before the first accepted bid there is no price."""

    opens_at: int
    ends_at: int
    scheduled_ends_at: int
    leader: int | str | None = None
    price: int | None = None
    maximum: int | None = None
    second: int | None = None
    reserve_met: bool = False
    bids: int = 0

    def asking(self, terms: Terms) -> int:
        """Return the least amount the next bidder must offer.

        Under seal, and where a clock falls, it is the opening.
        """
        if self.price is None or terms.sealed is not None or terms.clock is not None:
            return terms.opening
        return self.price + terms.step_at(self.price)

    def challenged(
        self, leader: int | str | None, price: int, maximum: int, second: int | None
    ) -> "State":
        """Return the state after a bid; written out, since replace() costs as much as the rest."""
        return State(
            self.opens_at, self.ends_at, self.scheduled_ends_at, leader, price, maximum, second,
            self.reserve_met, self.bids + 1,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a submission: the state after it, and why it was refused if it was.

    The maximum is the one that counted, which is on the ladder where amounts are rounded down; of
    a purchase it is the price.
    """

    state: State
    accepted: bool
    maximum: int
    reason: Reason | None = None
    own_raise: bool = False
    automatic: bool = False
    extended: bool = False
    bought: bool = False


def decide(terms: Terms, state: State, who: int | str, maximum: int, at: int) -> Decision:
    """Decide one submission that arrives when all earlier ones are decided."""
    if at < state.opens_at:
        return Decision(state, accepted=False, maximum=maximum, reason="early")
    if at >= state.ends_at:
        return Decision(state, accepted=False, maximum=maximum, reason="late")
    asking = state.asking(terms)
    if terms.off_ladder == "round_down" and maximum > asking:
        maximum = terms.on_ladder(maximum, asking)
    if who == state.leader:
        return _raise_own(terms, state, maximum)
    if maximum < asking:
        return Decision(state, accepted=False, maximum=maximum, reason="too_low")
    moved = _challenge(terms, state, who, maximum)
    extended = _extended(terms, moved, at)
    return Decision(
        extended,
        accepted=True,
        maximum=maximum,
        automatic=state.leader is not None and moved.leader == state.leader,
        extended=extended.ends_at != state.ends_at,
    )


def _raise_own(terms: Terms, state: State, maximum: int) -> Decision:
    """Let the leader raise the maximum; the end never moves and the price seldom."""
    assert state.maximum is not None
    assert state.price is not None
    if maximum <= state.maximum:
        return Decision(state, accepted=False, maximum=maximum, reason="no_change", own_raise=True)
    price = state.price
    if terms.own_raise == "tops_up" and state.second is not None:
        price = max(price, _second_and_step(terms, state.second, maximum))
    raised = replace(state, maximum=maximum, price=price, bids=state.bids + 1)
    decided = _against_reserve(terms, raised)
    return Decision(decided, accepted=True, maximum=maximum, own_raise=True)


def _challenge(terms: Terms, state: State, who: int | str, maximum: int) -> State:
    """Put a new maximum against the leader's; at a tie the earlier one leads."""
    if state.maximum is None or state.price is None:
        first = replace(state, leader=who, maximum=maximum, price=terms.opening, bids=1)
        return _against_reserve(terms, first)
    leads = maximum > state.maximum
    highest, second = (maximum, state.maximum) if leads else (state.maximum, maximum)
    price = max(state.price, _second_and_step(terms, second, highest))
    if state.second is not None and state.second > second:
        second = state.second
    leader = who if leads else state.leader
    return _against_reserve(terms, state.challenged(leader, price, highest, second))


def _second_and_step(terms: Terms, second: int, highest: int) -> int:
    return _priced(terms, min(second + terms.step_at(second), highest))


def _priced(terms: Terms, amount: int) -> int:
    return terms.on_ladder(amount) if terms.pricing == "ladder" else amount


def _against_reserve(terms: Terms, state: State) -> State:
    """Lift the price to a reserve the leader's maximum reaches, or show a lower one in full."""
    assert state.maximum is not None
    assert state.price is not None
    price = state.price
    if terms.reserve is not None and price < terms.reserve:
        if state.maximum >= terms.reserve:
            price = terms.reserve
        elif terms.below_reserve == "full_max":
            price = max(price, _priced(terms, state.maximum))
    met = terms.reserve is None or price >= terms.reserve
    if price == state.price and met == state.reserve_met:
        return state
    return replace(state, price=price, reserve_met=met)


def _extended(terms: Terms, state: State, at: int) -> State:
    soft = terms.soft_close
    if soft is None:
        return state
    left = state.ends_at - at
    if left > soft.window or (left == soft.window and not soft.edge_counts):
        return state
    end = (at if soft.counted_from == "bid" else state.ends_at) + soft.extension
    if soft.cap is not None:
        end = min(end, state.scheduled_ends_at + soft.cap)
    return replace(state, ends_at=max(end, state.ends_at))


@dataclass(frozen=True, slots=True)
class Closing:
    """When one of several lots ends, and when it would by the plan; in microseconds."""

    ends_at: int
    scheduled_ends_at: int


def spread(soft: SoftClose, lots: Sequence[Closing], moved: int, ends_at: int) -> list[int]:
    """Return the ends of open lots in selling order after one of them moved to a new end.

    No end comes earlier, and none goes beyond its own scheduled end + cap.
    """
    ends = [lot.ends_at for lot in lots]
    shift = ends_at - ends[moved]
    ends[moved] = ends_at
    for place, lot in enumerate(lots):
        if place == moved or soft.scope == "lot" or (place < moved and soft.scope != "group"):
            continue
        end = lot.ends_at + shift
        if soft.scope == "predecessor":
            before = lots[place - 1]
            end = ends[place - 1] + max(lot.scheduled_ends_at - before.scheduled_ends_at, 0)
        if soft.cap is not None:
            end = min(end, lot.scheduled_ends_at + soft.cap)
        ends[place] = max(end, lot.ends_at)
    return ends


def replace_reserve(terms: Terms, state: State, reserve: int | None) -> tuple[Terms, State]:
    """Put another reserve in force; the price moves to it if the leader's maximum reaches it."""
    changed = replace(terms, reserve=reserve)
    if state.maximum is None:
        return changed, replace(state, reserve_met=reserve is None)
    return changed, _against_reserve(changed, state)


# From auctionhouse.bidding.verifier.reading

SECOND_IN_MICROSECONDS = 1_000_000
UNREAD = (ValueError, TypeError, KeyError, AttributeError, RecursionError)
"""What reading text of another shape raises."""


class Unreadable(Exception):
    """A file that is none of those this program reads; the text says why."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A salt and a value that are said to be behind a commitment."""

    salt: bytes
    value: Any

    def fits(self, name: str, committed: Any) -> bool:
        """Tell whether this is what was committed to under a name."""
        return bool(commitment(self.salt, name, self.value) == committed)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a ledger: the entry, its payload read, and what was opened of it since."""

    entry: Entry
    payload: Mapping[str, Any]
    openings: Mapping[str, Opening] = field(default_factory=dict)

    def opened(self, name: str) -> Any:
        """Return the value behind a commitment where it was opened and fits, else None."""
        opening = self.openings.get(name)
        if opening is None or not opening.fits(name, self.payload.get(name)):
            return None
        return opening.value


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement with the house's signature; the private part is the bidder's own."""

    statement: Mapping[str, Any]
    text: str
    signature: bytes
    public_key: bytes
    private: Mapping[str, Opening]


@dataclass(slots=True)
class Files:
    """Everything that was given, by the names of the files."""

    ledgers: dict[str, list[Line]] = field(default_factory=dict)
    receipts: dict[str, Signed] = field(default_factory=dict)
    heads: dict[str, Signed] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)


def read_files(names: list[str]) -> Files:
    """Read files of any of the four kinds; raises Unreadable."""
    found = Files()
    for name in names:
        try:
            text = Path(name).read_text("utf-8-sig")
        except (OSError, ValueError) as error:
            raise Unreadable(f"{name} cannot be read: {error}") from error
        try:
            _sort_in(found, name, text)
        except UNREAD as error:
            raise Unreadable(
                f"{name} is no ledger, receipt, head or key file of a house ({error})"
            ) from error
    return found


def _sort_in(found: Files, name: str, text: str) -> None:
    lines = _documents(text)
    first = lines[0] if lines else {}
    if "payload" in first:
        found.ledgers[name] = [_numbered(read_line, *line) for line in enumerate(lines, start=1)]
    elif "keys" in first:
        found.keys |= {key["id"]: bytes.fromhex(key["public_key"]) for key in first["keys"]}
    elif "statement" in first:
        signed = read_signed(first)
        kinds = {"receipt": found.receipts, "head": found.heads}
        kinds[signed.statement["kind"]][name] = signed
    else:
        raise ValueError("it has no “payload”, “statement” or “keys”")


def _documents(text: str) -> list[Any]:
    """Read one JSON document, or one a line."""
    try:
        return [json.loads(text)]
    except ValueError:
        # A notice may hold what else ends a line, and JSON leaves it as it is.
        lines = [line for line in text.split("\n") if line.strip()]
        return [_numbered(json.loads, *line) for line in enumerate(lines, start=1)]


def _numbered(read: Callable[[Any], Any], number: int, line: Any) -> Any:
    """Read a line; raises ValueError that says which one cannot be read."""
    try:
        return read(line)
    except UNREAD as error:
        raise ValueError(f"line {number} cannot be read: {error!r}") from error


def read_line(line: Mapping[str, Any]) -> Line:
    """Read one line of a ledger; an unreadable payload is left to the chain's check."""
    try:
        payload = json.loads(line["payload"])
    except ValueError:
        payload = {}
    return Line(
        Entry(line["payload"], bytes.fromhex(line["hash"])),
        payload if isinstance(payload, dict) else {},
        _openings(line.get("opened", {})),
    )


def read_signed(document: Mapping[str, Any]) -> Signed:
    """Read a signed statement."""
    statement = json.loads(document["statement"])
    if canonical(statement) != document["statement"]:
        raise ValueError("its statement is not written the one way that is signed")
    return Signed(
        statement,
        document["statement"],
        bytes.fromhex(document["signature"]),
        bytes.fromhex(document["public_key"]),
        _openings(document.get("private", {})),
    )


def _openings(told: Mapping[str, Any]) -> dict[str, Opening]:
    return {name: Opening(bytes.fromhex(one["salt"]), one["value"]) for name, one in told.items()}


def read_terms(shown: Mapping[str, Any]) -> Terms:
    """Return the terms an entry shows, without a reserve; raises for what is none."""
    soft, sealed, form = shown["soft_close"], shown.get("sealed"), shown.get("format", "timed")
    if form not in FORMATS:
        raise ValueError(f"{form} is no format this program knows")
    return Terms(
        format=form,
        pieces=int(shown.get("pieces", 1)),
        sealed=None if sealed is None else Sealed(**sealed),
        clock=_clock(shown.get("clock")),
        choice=_choice(shown.get("choice")),
        increments=tuple((int(start), int(step)) for start, step in shown["increments"]),
        opening=int(shown["opening"]),
        bound=shown["bound"],
        pricing=shown["pricing"],
        own_raise=shown["own_raise"],
        off_ladder=shown["off_ladder"],
        below_reserve=shown["below_reserve"],
        buy_now=_buy_now(shown.get("buy_now")),
        offers=shown.get("offers", "never"),
        conditional_share=int(shown.get("conditional_share", 0)),
        soft_close=None
        if soft is None
        else SoftClose(
            window=soft["window_s"] * SECOND_IN_MICROSECONDS,
            extension=soft["extend_s"] * SECOND_IN_MICROSECONDS,
            counted_from=soft["from"],
            edge_counts=soft["edge"],
            cap=None if soft["cap_s"] is None else soft["cap_s"] * SECOND_IN_MICROSECONDS,
            scope=soft.get("scope", "lot"),
        ),
    )


def _clock(shown: Mapping[str, Any] | None) -> Clock | None:
    """Return the clock a lot is sold by, which no other format has."""
    if shown is None:
        return None
    every = int(shown["every_s"]) * SECOND_IN_MICROSECONDS
    return Clock(int(shown["start"]), int(shown["step"]), every)


def _choice(shown: Mapping[str, Any] | None) -> Choice | None:
    """Return the right to choose that a lot is bid for."""
    if shown is None:
        return None
    lasts = int(shown["hours"]) * 3600 * SECOND_IN_MICROSECONDS
    return Choice(int(shown["pieces"]), lasts, tuple(shown["names"]))


def _buy_now(shown: Mapping[str, Any] | None) -> BuyNow | None:
    """Return for what a lot can be had at once; ledgers from before there was that show nothing."""
    if shown is None:
        return None
    until = shown["until"]
    return BuyNow(int(shown["price"]), None if until is None else int(until))


# From auctionhouse.bidding.redecide


@dataclass(frozen=True, slots=True)
class Submission:
    """A maximum that was accepted."""

    sequence: int
    who: int | str
    maximum: int


@dataclass(frozen=True, slots=True)
class Lowered:
    """Somebody lowered their own maximum; what they had submitted before counts up to it."""

    sequence: int
    who: int | str
    maximum: int


@dataclass(frozen=True, slots=True)
class NewReserve:
    """The reserve from here on."""

    sequence: int
    reserve: int | None


Event = Submission | Lowered | NewReserve


def redecide(
    terms: Terms, state: State, events: Sequence[Event], cancelled: Collection[int]
) -> State:
    """Return the state the events give in their order, the cancelled submissions left out.

    Terms carry the reserve the lot opened with; the state tells its times, which stay.
    """
    rules = replace(terms, soft_close=None)
    again = State(
        opens_at=state.opens_at,
        ends_at=state.ends_at,
        scheduled_ends_at=state.scheduled_ends_at,
        reserve_met=terms.reserve is None,
    )
    bids = 0
    for event in events:
        if isinstance(event, NewReserve):
            rules, again = replace_reserve(rules, again, event.reserve)
        elif isinstance(event, Submission) and event.sequence not in cancelled:
            maximum = counted(event, events)
            again = decide(rules, again, event.who, maximum, state.opens_at).state
            bids += 1
    return replace(again, bids=bids)


def counted(submission: Submission, events: Iterable[Event]) -> int:
    """Return how far a submission counts, its bidder's later lowering taken into account."""
    return min(
        [submission.maximum]
        + [
            event.maximum
            for event in events
            if isinstance(event, Lowered)
            and event.who == submission.who
            and event.sequence > submission.sequence
        ]
    )


def standing(events: Iterable[Event], cancelled: Collection[int]) -> list[Submission]:
    """Return the submissions that count, in their order."""
    return [
        event
        for event in events
        if isinstance(event, Submission) and event.sequence not in cancelled
    ]


# From auctionhouse.bidding.verifier.again

CLOSED = 1 << 60
"""Stands for a maximum nobody told: above every amount there is."""
UNREACHED = 1 << 62
"""Stands for a reserve that was not met, above the former."""


@dataclass(slots=True)
class Story:
    """The submissions so far and what no longer counts of them, as the ledger tells it."""

    opening_reserve: int | None = None
    reserve_closed: bool = False
    events: list[Event] = field(default_factory=list)
    gone: set[int] = field(default_factory=set)
    rounded: bool = False
    """Whether an amount stands for a maximum that was rounded down before it was shown."""

    def submitted(self, sequence: int, who: str, maximum: int | None) -> None:
        """Note a submission; None is a maximum that stays closed."""
        self.events.append(Submission(sequence, who, CLOSED if maximum is None else maximum))

    def reserve_changed(self, sequence: int, reserve: int | None, *, closed: bool) -> None:
        """Note another reserve."""
        self.reserve_closed |= closed
        self.events.append(NewReserve(sequence, reserve))

    def fault(self, kind: str, payload: Mapping[str, Any]) -> str | None:
        """Say why an act cannot take back what it names; None where it can."""
        placed = {bid.sequence: bid.who for bid in standing(self.events, self.gone)}
        named = payload.get("retracts", [])
        if kind != "reopened" and bool(payload.get("lowers")) == bool(named):
            return "it neither takes a bid back nor lowers a maximum"
        if len(set(named)) != len(named) or any(placed.get(n) != payload["who"] for n in named):
            return "it takes back what is no standing bid of the bidder it names"
        if payload.get("lowers") and payload["who"] != payload["leader"]:
            return "only the leader can lower a maximum to the price"
        if not set(payload.get("lapsed", ())) <= placed.keys():
            return "bids are said to lapse that do not stand"
        return None

    def take_back(self, sequence: int, payload: Mapping[str, Any]) -> None:
        """Note what an act takes back, lets lapse or lowers."""
        self.gone.update(payload.get("retracts", ()), payload.get("lapsed", ()))
        if payload.get("lowers"):
            self.events.append(Lowered(sequence, payload["who"], payload["price"]))

    def again(
        self, terms: Terms, state: State, leader: str | None, reserve: int | None
    ) -> tuple[State, bool] | None:
        """Return the state that remains, and whether all it follows from is known.

        None where it depends on a maximum that stays closed. The reserve given stands for the
        lot's where that stays closed.
        """
        events = self.events
        closed = {bid.who for bid in standing(events, self.gone) if counted(bid, events) >= CLOSED}
        if not closed <= {leader}:
            return None
        if self.reserve_closed:
            events = [event for event in events if not isinstance(event, NewReserve)]
            terms = replace(terms, reserve=reserve)
        else:
            terms = replace(terms, reserve=self.opening_reserve)
        known = not (closed or self.reserve_closed or self.rounded)
        return redecide(terms, state, events, self.gone), known


# From auctionhouse.bidding.buying

Result = Literal["sold", "conditional", "unsold"]
PERCENT = 100


def buy_now_price(terms: Terms, state: State) -> int | None:
    """Return the price for which the lot is had at once as it stands, or None where it is not."""
    return offered_at(terms.buy_now, state.price, state.asking(terms))


def offered_at(offer: BuyNow | None, price: int | None, asking: int) -> int | None:
    """Return the price of a buy-now where the bidding stands so, or None where it is over.

    Once somebody has bid it is offered below its limit only, and never for less than the next bid.
    """
    if offer is None or price is None:
        return None if offer is None else offer.price
    within = offer.until is not None and price < offer.until
    return offer.price if within and asking <= offer.price else None


def buy(terms: Terms, state: State, who: int | str, at: int) -> Decision:
    """Decide who takes the lot at its buy-now price; the lot ends with it, whoever led."""
    price = buy_now_price(terms, state)
    if at < state.opens_at:
        return _not_bought(terms, state, "early")
    if at >= state.ends_at:
        return _not_bought(terms, state, "late")
    if price is None:
        return _not_bought(terms, state, "not_offered")
    return Decision(
        sold_to(terms, state, who, price, at), accepted=True, maximum=price, bought=True
    )


def sold_to(terms: Terms, state: State, who: int | str, price: int, at: int) -> State:
    """Return the state of a lot that went to somebody at a price; one that still ran ends now."""
    met = terms.reserve is None or price >= terms.reserve
    ends_at = min(state.ends_at, at)
    return replace(state, leader=who, price=price, maximum=price, reserve_met=met, ends_at=ends_at)


def result(terms: Terms, state: State) -> Result:
    """Return what becomes of a lot whose end has come."""
    if state.leader is None or state.price is None:
        return "unsold"
    if state.reserve_met:
        return "sold"
    if not terms.conditional_share or terms.reserve is None:
        return "unsold"
    return "conditional" if state.price >= conditional_from(terms, terms.reserve) else "unsold"


def conditional_from(terms: Terms, reserve: int) -> int:
    """Return the least price at which a lot that misses its reserve is sold subject to consent."""
    return -(-reserve * terms.conditional_share // PERCENT)


def _not_bought(
    terms: Terms, state: State, reason: Literal["early", "late", "not_offered"]
) -> Decision:
    price = 0 if terms.buy_now is None else terms.buy_now.price
    return Decision(state, accepted=False, maximum=price, reason=reason)


# From auctionhouse.bidding.verifier.results

RESULTS = (
    "hammer", "unsold", "withdrawn", "conditional", "choosing", "chosen", "purchase", "agreement",
    "after_sale", "sale_cancelled",
)  # fmt: skip


class Standing(Protocol):
    """What of a lot is looked at: its terms, its state, and what is known of its bidders."""

    terms: Terms
    state: State
    asking: int
    reserve: int | None
    reserve_closed: bool
    ended: str
    paused: bool
    bidders: set[str]
    house: set[str]


@dataclass(frozen=True, slots=True)
class Offered:
    """A price that stands until a time, as an entry tells it."""

    who: str | None
    price: int
    until: int


class Results:
    """Whether a lot is sold, waits for its seller, or is offered after the sale."""

    def __init__(self) -> None:
        self.sold = False
        self.pending: Offered | None = None
        self.offered: Offered | None = None

    def take(self, lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Take an entry that says what becomes of a lot, and say what it proves."""
        if kind == "sale_cancelled":
            yield from self._cancelled(payload, lot)
        elif kind == "after_sale":
            yield from self._after_sale(lot, payload)
        elif self.sold:
            yield "wrong", "the lot had been sold before"
        elif kind in {"purchase", "agreement"}:
            yield from self._bought(lot, kind, payload)
        elif kind == "chosen":
            yield from self._chosen(lot, payload)
        elif self.pending is not None and lot.terms.choice is None and kind in {"hammer", "unsold"}:
            yield from self._decided(self.pending, kind, payload)
        elif lot.ended:
            yield "wrong", f"the lot had ended before ({lot.ended})"
        elif kind == "withdrawn":
            yield "proved", "the house withdrew the lot"
        else:
            yield from _closed(lot, kind, payload)
        self._remember(kind, payload)

    def _remember(self, kind: str, payload: Mapping[str, Any]) -> None:
        if kind in {"hammer", "chosen", "purchase", "agreement"}:
            self.sold, self.pending, self.offered = True, None, None
        elif kind in {"conditional", "choosing"}:
            self.pending = Offered(payload["who"], payload["price"], at_of(payload, "until"))
        elif kind == "unsold":
            self.pending = None
        elif kind == "after_sale":
            ended = payload["price"] is None
            self.offered = (
                None if ended else Offered(None, payload["price"], at_of(payload, "until"))
            )

    def put_right(self, kind: str, payload: Mapping[str, Any]) -> None:
        """Begin anew with an act that overrules what became of the lot before."""
        if kind in {"correction", "reopened"}:
            self.sold = kind == "correction" and payload.get("who") is not None
            self.pending = self.offered = None

    def _decided(self, pending: Offered, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check what the seller decided of a lot sold subject to consent."""
        decision, late = payload["decision"], at_of(payload, "at") >= pending.until
        accepted = decision == "accepted"
        if accepted != (kind == "hammer") or late != (decision == "lapsed"):
            yield "wrong", "the result is not what was decided, or not within its time"
        elif payload["price"] != pending.price or (accepted and payload["who"] != pending.who):
            yield "wrong", f"{pending.who} had been told to have it for {pending.price}"
        else:
            yield "proved", "it ends as the entry says that waited for the seller"

    def _chosen(self, lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check what the winner chose, or was given once the time had passed."""
        pending, choice, numbers = self.pending, lot.terms.choice, payload["chosen"]
        if pending is None or choice is None:
            yield "wrong", "nobody had won the right to choose"
            return
        late = at_of(payload, "at") >= pending.until
        if (payload["who"], payload["price"]) != (pending.who, pending.price):
            yield "wrong", f"{pending.who} had won the right to choose, at {pending.price}"
        elif not all(type(one) is int for one in numbers) or choice_fault(choice, numbers):
            yield "wrong", "what was chosen is not one piece at least, each once and of the lot"
        elif payload["by"] not in {"buyer", "house", "clock"}:
            yield "wrong", "who chose is not told"
        elif late != (payload["by"] == "clock") or (late and numbers != [1]):
            yield "wrong", "the winner chooses in its time; after it the first piece is theirs"
        else:
            yield "proved", f"the winner bought {len(numbers)} of {choice.pieces} pieces"

    def _bought(self, lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
        """Check who took a lot, at once or by agreement, while it ran or after it was unsold."""
        at = at_of(payload, "at")
        if self.pending is not None:
            yield "wrong", "the seller had not decided yet"
        elif lot.ended and lot.ended != "unsold":
            yield "wrong", f"the lot had ended before ({lot.ended})"
        elif lot.paused and not lot.ended:
            yield "wrong", "it was sold while the sale was paused"
        else:
            terms = replace(lot.terms, reserve=lot.reserve)
            after = sold_to(terms, lot.state, payload["who"], payload["price"], at)
            if not _shows(payload, after, lot):
                yield "wrong", "the state after it is not that of a lot that went to its buyer"
            elif kind == "purchase":
                yield from self._price(lot, payload, at)
            else:
                yield from _agreed(lot, payload)

    def _price(self, lot: Standing, payload: Mapping[str, Any], at: int) -> Iterator[Said]:
        """Check that a purchase was at the price everybody was offered, in its time."""
        if lot.ended:
            offered = self.offered
            fits = offered is not None and payload["price"] == offered.price and at < offered.until
        else:
            decision = buy(lot.terms, lot.state, payload["who"], at)
            fits = decision.accepted and payload["price"] == decision.maximum
        if fits:
            yield "proved", "it was offered to everybody at this price, and is sold"
        else:
            yield "wrong", "it was not offered at this price at this time"

    def _after_sale(self, lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
        if self.sold or self.pending is not None or lot.ended != "unsold":
            yield "wrong", "only a lot that was not sold is offered after the sale"
        elif payload["price"] is None:
            yield "proved", "the lot is no longer offered after the sale"
        elif payload["price"] <= 0 or at_of(payload, "until") <= at_of(payload, "at"):
            yield "wrong", "no price, or a time that had passed"
        else:
            yield "proved", "the unsold lot is offered to everybody at this price"

    def _cancelled(self, payload: Mapping[str, Any], lot: Standing) -> Iterator[Said]:
        state = lot.state
        if not self.sold or (payload["who"], payload["price"]) != (state.leader, state.price):
            yield "wrong", "there was no such sale to cancel"
        else:
            yield "open", "the sale was cancelled; the reason is the house's to tell"
        self.sold = False


def _closed(lot: Standing, kind: str, payload: Mapping[str, Any]) -> Iterator[Said]:
    """Check what a lot's end made of it."""
    state = lot.state
    early = at_of(payload, "at") < state.ends_at
    fell = state.leader is not None and state.reserve_met
    choice = lot.terms.choice
    if payload["price"] != state.price:
        yield "wrong", f"the price was {state.price}, not {payload['price']}"
    elif kind != "unsold" and payload["who"] != state.leader:
        yield "wrong", f"{state.leader} led, not {payload['who']}"
    elif early and not lot.paused:
        yield "wrong", "it was closed before its end"
    elif kind == "conditional" and at_of(payload, "until") <= at_of(payload, "at"):
        yield "wrong", "the seller was given no time to decide"
    elif (choice is None and kind == "choosing") or (choice is not None and kind == "hammer"):
        yield "wrong", "the winner chooses among pieces exactly where the terms say so"
    elif choice is not None and kind == "conditional":
        yield "wrong", "by its terms the lot is not sold subject to consent"
    elif kind == "choosing" and at_of(payload, "until") != at_of(payload, "at") + (
        0 if choice is None else choice.lasts
    ):
        yield "wrong", "the winner was given another time to choose than the terms say"
    elif fell != (kind in {"hammer", "choosing"}):
        yield "wrong", "whether it is sold does not follow from leader and reserve"
    else:
        yield from _near(lot, kind)


def _near(lot: Standing, kind: str) -> Iterator[Said]:
    """Check whether a lot that missed its reserve came near enough for the seller to be asked."""
    state, share = lot.state, lot.terms.conditional_share
    asked = bool(share) and state.leader is not None and state.leader not in lot.house
    if kind in {"hammer", "choosing"} or not asked:
        if kind == "conditional":
            yield "wrong", "by its terms the lot is not sold subject to consent"
        else:
            yield "proved", "the end had come; price and winner follow from the last bid"
    elif lot.reserve is None:
        yield "open", "how near the price came to the reserve is not told; the end had come"
    elif (kind == "conditional") == (
        (state.price or 0) >= conditional_from(lot.terms, lot.reserve)
    ):
        yield "proved", "the end had come, and the seller is asked exactly where the terms say so"
    else:
        yield "wrong", "the terms say otherwise whether the seller is asked"


def _agreed(lot: Standing, payload: Mapping[str, Any]) -> Iterator[Said]:
    """Check that an agreement could be made; its price is between two."""
    if lot.ended and payload["who"] not in lot.bidders:
        yield "wrong", "after the sale it is offered to those who bid, and the buyer did not"
    elif not lot.ended and (lot.terms.offers == "never" or lot.state.price is not None):
        yield "wrong", "by its terms the lot took no offers"
    else:
        yield "proved", "the lot was free to be sold to its buyer"
        yield "open", "the price was agreed between the house and the buyer"


def _shows(payload: Mapping[str, Any], after: State, lot: Standing) -> bool:
    """Tell whether an entry shows a state; a closed reserve may be met or not."""
    shown = (payload["price"], payload["leader"], payload["asking"], payload["bids"])
    expected = (after.price, after.leader, after.asking(lot.terms), after.bids)
    met = lot.reserve_closed or payload["reserve_met"] == after.reserve_met
    return shown == expected and met and at_of(payload, "ends_at") == after.ends_at


# From auctionhouse.bidding.verifier.counted

SHOWN = ("price", "leader", "asking", "reserve_met", "bids", "ends_at")


class Counted:
    """A lot's terms and state; what is closed is told apart from what is not there."""

    def __init__(self) -> None:
        self.sequence = 0
        self.terms = Terms(increments=((0, 1),), opening=1)
        self.state = State(0, 0, 0)
        self.asking = 0
        self.reserve: int | None = None
        self.reserve_closed = False
        self.ended = ""
        self.paused = False
        self.bidders: set[str] = set()
        self.house: set[str] = set()
        self.results = Results()

    def proved(self, text: str) -> Finding:
        """Say that an entry is proved."""
        return Finding(self.sequence, "proved", text)

    def unproved(self, text: str) -> Finding:
        """Say what of an entry could not be proved."""
        return Finding(self.sequence, "open", text)

    def wrong(self, text: str) -> Finding:
        """Say what is wrong with an entry."""
        return Finding(self.sequence, "wrong", text)

    def adopt(self, payload: Mapping[str, Any]) -> None:
        """Take the state an entry shows."""
        self.asking = payload["asking"]
        self.state = replace(
            self.state,
            price=payload["price"],
            leader=payload["leader"],
            reserve_met=payload["reserve_met"],
            bids=payload["bids"],
            ends_at=at_of(payload, "ends_at"),
        )

    def same(self, payload: Mapping[str, Any], *but: str) -> bool:
        """Tell whether an entry shows the state as it was, some parts left out."""
        state = self.state
        was = (
            state.price, state.leader, self.asking, state.reserve_met, state.bids, state.ends_at,
        )  # fmt: skip
        for name, value in zip(SHOWN, was, strict=True):
            told = at_of(payload, name) if name == "ends_at" else payload[name]
            if name not in but and told != value:
                return False
        return True


# From auctionhouse.bidding.verifier.ends

MOVES_THE_END = ("paused", "resumed", "postponed", "outage", "extended")


class Ends(Counted):
    """A lot whose end is followed."""

    def __init__(self) -> None:
        super().__init__()
        self.outage_rule: Mapping[str, Any] | None = None

    def moved_end(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Take an entry that moves the end and say what it proves."""
        end = at_of(payload, "ends_at")
        shift = end - self.state.ends_at
        self.paused = kind == "paused" or (self.paused and kind != "resumed")
        if not self.same(payload, "ends_at"):
            yield self.wrong("moving an end must not change price or leader")
        elif shift < 0:
            yield self.wrong("the end was moved earlier")
        elif kind == "outage":
            yield from self._outage(payload, shift)
        elif kind == "extended":
            yield from self._extended(payload, end, shift)
        else:
            yield self.proved("price and leader stayed, and the end is no earlier")
        scheduled = self.state.scheduled_ends_at + (0 if kind == "extended" else shift)
        self.state = replace(self.state, ends_at=end, scheduled_ends_at=scheduled)

    def _extended(self, payload: Mapping[str, Any], end: int, shift: int) -> Iterator[Finding]:
        """Check an end moved by a bid on this lot, or by a lot with which this one closes."""
        soft, latest = self.terms.soft_close, self.state.scheduled_ends_at
        if "by" not in payload:
            yield (
                self.wrong("it tells another end than the bid before it")
                if shift
                else self.proved("the bid before it moved the end")
            )
        elif soft is None or soft.scope == "lot":
            yield self.wrong("by its terms no other lot moves this one")
        elif shift == 0 or (soft.cap is not None and end > latest + soft.cap):
            yield self.wrong("the end moved not at all, or beyond what the terms allow")
        elif soft.scope != "predecessor" and shift > soft.extension:
            yield self.wrong("the end moved by more than one bid can move it")
        else:
            yield self.proved("price and leader stayed, and the end moved with the other lot's")

    def _outage(self, payload: Mapping[str, Any], shift: int) -> Iterator[Finding]:
        lasted = at_of(payload, "until") - at_of(payload, "from")
        if self.outage_rule is None:
            yield self.wrong("by its terms this sale gives no time back for an outage")
            return
        least = max(lasted, self.outage_rule["at_least_s"] * SECOND_IN_MICROSECONDS)
        if not at_of(payload, "from") < self.state.ends_at:
            yield self.wrong("the lot had ended before the service was out of reach")
        elif shift < least or lasted <= 0:
            yield self.wrong("the end moved by less than the terms give for this outage")
        else:
            yield self.proved("the end moved by at least as long as the service was out of reach")


# From auctionhouse.bidding.dutch.rules

MOST_STEPS = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """Who wants how many pieces, and at most for what each."""

    who: int | str
    pieces: int
    limit: int


@dataclass(frozen=True, slots=True)
class Taking:
    """What became of somebody's wish for so many pieces: at which price each, or why not."""

    state: State
    price: int
    reason: Reason | None = None


def clock_of(terms: Terms) -> Clock:
    """Return the clock of a lot that is sold by one."""
    assert terms.clock is not None
    return terms.clock


def steps_of(terms: Terms) -> int:
    """Return how many times a lot's clock falls; the last step may be shorter."""
    clock = clock_of(terms)
    return -(-(clock.start - terms.opening) // clock.step)


def lasts(terms: Terms) -> int:
    """Return how long a lot's clock runs in all."""
    return (steps_of(terms) + 1) * clock_of(terms).every


def begins_at(terms: Terms, ends_at: int) -> int:
    """Return when the clock begins to run, given when the lot ends by it."""
    return ends_at - lasts(terms)


def price_after(terms: Terms, steps: int) -> int:
    """Return the price once the clock has fallen so many times, never below the lowest."""
    clock = clock_of(terms)
    return max(clock.start - steps * clock.step, terms.opening)


def price_at(terms: Terms, ends_at: int, at: int) -> int:
    """Return what the clock shows at an instant: its start before it runs, the lowest after."""
    gone = (at - begins_at(terms, ends_at)) // clock_of(terms).every
    return price_after(terms, max(gone, 0))


def falls_at(terms: Terms, ends_at: int, at: int) -> int | None:
    """Return when the clock falls next after an instant, or None where it stands at the lowest."""
    every, begins = clock_of(terms).every, begins_at(terms, ends_at)
    gone = max((at - begins) // every, 0) + 1
    return begins + gone * every if gone <= steps_of(terms) else None


def passes_before(terms: Terms) -> int:
    """Return how long before the clock's end the lot passes: once its price is below a reserve."""
    if terms.reserve is None or terms.reserve <= terms.opening:
        return 0
    clock = clock_of(terms)
    return lasts(terms) - ((clock.start - terms.reserve) // clock.step + 1) * clock.every


def stops_at(terms: Terms, ends_at: int) -> int:
    """Return when nothing is sold any more, given when the lot ends by its clock."""
    return ends_at - passes_before(terms)


def take(terms: Terms, state: State, wish: Wish, at: int, *, left: int) -> Taking:
    """Decide a wish for some of so many pieces that are left.

    Taken is at the price of the clock at that instant, which falls for nobody else: who comes
    first is served first. The last piece ends the lot.
    """
    price = price_at(terms, state.ends_at, at)
    if at < max(state.opens_at, begins_at(terms, state.ends_at)):
        return Taking(state, price, "early")
    if at >= stops_at(terms, state.ends_at):
        return Taking(state, price, "late")
    if wish.limit < price:
        return Taking(state, price, "too_low")
    if wish.pieces > left:
        return Taking(state, price, "too_many")
    leader = wish.who if state.leader is None else state.leader
    after = replace(
        state, leader=leader, price=price, maximum=price, reserve_met=True, bids=state.bids + 1,
        ends_at=at if wish.pieces == left else state.ends_at,
    )  # fmt: skip
    return Taking(after, price)


# From auctionhouse.bidding.verifier.shapes

_DIGEST = re.compile("[0-9a-f]{64}")
_NAME = re.compile("[A-Z2-7]{6}")
_CURRENCY = re.compile("[A-Z]{3}")


def is_commitment(value: Any) -> bool:
    """Tell whether a value can be what somebody committed to."""
    return isinstance(value, str) and _DIGEST.fullmatch(value) is not None


def is_name(value: Any) -> bool:
    """Tell whether a value can be what somebody is called on a lot."""
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def terms_problems(shown: Mapping[str, Any]) -> Iterator[str]:
    """Say what keeps terms from being ones a lot can be sold by."""
    yield from _strange(shown, Terms)
    bands = shown["increments"]
    starts = [start for start, _step in bands]
    numbers = [number for band in bands for number in band]
    if not all(type(number) is int for number in (*numbers, shown["opening"])):
        yield "increments and opening are not whole numbers"
    elif starts[:1] != [0] or any(later <= earlier for earlier, later in pairwise(starts)):
        yield "the increments do not begin at 0 and rise"
    elif any(step <= 0 for _start, step in bands) or shown["opening"] <= 0:
        yield "a step or the opening is not above zero"
    if shown.get("conditional_share", 0) not in range(100):
        yield "the share of the reserve is no per cent from 0 to 99"
    soft, sealed = shown["soft_close"], shown.get("sealed")
    if soft is not None:
        yield from _soft_problems(soft)
    if sealed is not None:
        yield from _strange(sealed, Sealed)
    clock = shown.get("clock")
    if (clock is not None) != (shown.get("format") == "dutch"):
        yield "a clock belongs to a lot that is sold by one, and to no other"
    elif clock is not None:
        yield from _clock_problems(clock, shown["opening"])
    yield from _choice_problems(shown)


def _soft_problems(soft: Mapping[str, Any]) -> Iterator[str]:
    names = {"counted_from": soft["from"], "scope": soft.get("scope", "lot")}
    yield from _strange(names, SoftClose)
    window, extension, cap = soft["window_s"], soft["extend_s"], soft["cap_s"]
    if type(soft["edge"]) is not bool:
        yield "whether the window's edge counts is neither true nor false"
    if not all(type(number) is int and number > 0 for number in (window, extension, cap or 1)):
        yield "the soft close has times that are no whole seconds"


def _clock_problems(clock: Mapping[str, Any], opening: int) -> Iterator[str]:
    start, step, every = clock["start"], clock["step"], clock["every_s"]
    if not all(type(number) is int and number > 0 for number in (start, step, every)):
        yield "the clock has amounts or seconds that are no whole numbers above zero"
    elif step > start - opening:
        yield "the clock does not fall from its start to the opening"


def _choice_problems(shown: Mapping[str, Any]) -> Iterator[str]:
    choice = shown.get("choice")
    if (choice is not None) != (shown.get("format") == "choice"):
        yield "a right to choose belongs to a lot that is sold by one, and to no other"
    if choice is None:
        return
    pieces, hours = choice["pieces"], choice["hours"]
    if type(pieces) is not int or type(hours) is not int or pieces <= 1 or hours <= 0:
        yield "there is nothing to choose among, or no time to choose in"
    elif len(choice["names"]) > pieces:
        yield "more pieces have names than there are"


def _strange(shown: Mapping[str, Any], rules: type) -> Iterator[str]:
    for name, hint in get_type_hints(rules).items():
        for kind in (hint, *get_args(hint)):
            known = get_args(kind)
            if get_origin(kind) is Literal and shown.get(name, known[0]) not in known:
                yield f"{name} is none of {', '.join(known)}"


def opening_problems(payload: Mapping[str, Any]) -> Iterator[str]:
    """Say what is wrong with the entry a lot begins with, beside its terms."""
    code, outage = payload["currency"], payload["outage"]
    if not (isinstance(code, str) and _CURRENCY.fullmatch(code)):
        yield "its currency is none"
    if outage is not None and type(outage["at_least_s"]) is not int:
        yield "its rule for outages has no whole seconds"


# From auctionhouse.bidding.verifier.falling_clock

TAKING = "taking"


class FallingClock:
    """The pieces of a lot that were taken, as far as its entries were read."""

    kinds: tuple[str, ...] = (TAKING, "bid", "raise", "automatic", "cancellation", "reopened")

    def __init__(self) -> None:
        self.taken: list[Award] = []

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        payload = line.payload
        if kind == TAKING:
            yield from self._taking(lot, payload)
        elif kind == "reopened":
            yield from self._reopened(lot, payload)
        else:
            yield lot.wrong("by its terms the lot is sold by a falling clock")
        lot.adopt(payload)
        lot.state = replace(lot.state, maximum=payload["price"])

    def _taking(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        terms, at, who = (
            replace(lot.terms, reserve=lot.reserve),
            at_of(payload, "at"),
            payload["who"],
        )
        pieces = payload["taken"] if lot.terms.shared else lot.terms.pieces
        left = lot.terms.pieces - sum(one.pieces for one in self.taken)
        shown = price_at(terms, lot.state.ends_at, at)
        taking = take(terms, lot.state, Wish(who, pieces, shown), at, left=left)
        lot.bidders.add(who)
        bound = [payload["maximum"], *([payload["pieces"]] if lot.terms.shared else [])]
        if not all(is_commitment(one) for one in bound):
            yield lot.wrong("it commits to no amount, or to no pieces")
        if lot.paused or lot.ended:
            yield lot.wrong("something was taken while the clock stood still")
        elif taking.reason == "too_many" or pieces < 1:
            yield lot.wrong(f"{pieces} pieces were taken, and {left} were left")
        elif taking.reason is not None:
            yield lot.wrong("something was taken outside the time of the clock")
        elif payload["amount"] != shown:
            yield lot.wrong(f"the clock showed {shown} at this instant, not {payload['amount']}")
        else:
            yield from _stands(lot, payload, taking.state)
        self.taken.append(Award(lot.sequence, who, pieces, payload["amount"]))

    def _reopened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        sold = lot.ended == "hammer"
        lot.ended = ""
        lot.results.put_right("reopened", payload)
        self.taken = []
        if sold or payload["price"] is not None or payload["bids"]:
            yield lot.wrong("what was taken at the clock was sold, and the lot runs again")
        else:
            yield lot.proved("the clock runs again, with nothing taken")

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say whether the pieces went to who took them, and whether the clock may have stopped."""
        if kind == "withdrawn" and self.taken:
            yield lot.wrong("the lot was withdrawn although some of it was sold")
        if kind == "hammer" and lot.terms.shared:
            if payload["awards"] == [asdict(one) for one in self.taken]:
                yield lot.proved("the pieces went to who took them, each at the clock's price")
            else:
                yield lot.wrong("the pieces did not go to who took them")
        at, state = at_of(payload, "at"), lot.state
        if kind not in {"hammer", "unsold"} or at >= state.ends_at:
            return
        passed = stops_at(replace(lot.terms, reserve=lot.reserve), state.ends_at)
        if not lot.reserve_closed and at >= passed:
            yield lot.proved("the clock had fallen below the reserve, so it stopped")
        elif lot.reserve_closed:
            yield lot.unproved("the clock is said to have fallen below a reserve that stays closed")
        lot.state = replace(
            state, ends_at=at if lot.reserve_closed or at >= passed else state.ends_at
        )


def _stands(lot: Counted, payload: Mapping[str, Any], after: Any) -> Iterator[Finding]:
    """Check the state a taking left."""
    shown = (payload["price"], payload["leader"], payload["asking"], payload["bids"])
    expected = (after.price, after.leader, lot.terms.opening, after.bids)
    if shown != expected or at_of(payload, "ends_at") != after.ends_at:
        yield lot.wrong("the state after it is not that of a lot that was taken from so")
    elif not payload["reserve_met"]:
        yield lot.wrong("the clock sells nothing below the reserve, so it is met")
    elif lot.reserve_closed:
        yield lot.unproved("it was at the clock's price; that the reserve was met is not told")
    else:
        yield lot.proved("it was taken at the clock's price, of what was left")


# From auctionhouse.bidding.sealed.rules


@dataclass(frozen=True, slots=True)
class Envelope:
    """A sealed bid, by the place of its entry in time; for how many pieces, if shared."""

    entry: int
    who: int | str
    amount: int
    pieces: int = 1


@dataclass(frozen=True, slots=True)
class Opened:
    """What the opened bids led to; nobody leads where there are none."""

    leader: int | str | None = None
    price: int | None = None
    best: int | None = None
    second: int | None = None
    reserve_met: bool = False
    awards: tuple[Award, ...] = ()


def sealed_refusal(
    terms: Terms, state: State, own: Envelope | None, bid: Envelope, at: int
) -> Reason | None:
    """Return why a sealed bid is not taken, or None; own is the bidder's that stands already."""
    if at < state.opens_at:
        return "early"
    if at >= state.ends_at:
        return "late"
    if own is not None and (terms.sealed is None or terms.sealed.changes == "never"):
        return "final"
    if bid.amount < terms.opening:
        return "too_low"
    if bid.pieces > terms.pieces:
        return "too_many"
    same = own is not None and (own.amount, own.pieces) == (bid.amount, bid.pieces)
    return "no_change" if same else None


def withdrawal_refusal(terms: Terms, state: State, own: Envelope | None, at: int) -> Reason | None:
    """Return why a sealed bid is not taken back, or None."""
    if at >= state.ends_at:
        return "late"
    if own is None:
        return "nothing"
    return None if terms.sealed is not None and terms.sealed.changes == "withdraw" else "final"


def ranked(bids: Iterable[Envelope]) -> list[Envelope]:
    """Return bids from the best: the higher first, of equal ones the earlier."""
    return sorted(bids, key=lambda bid: (-bid.amount, bid.entry))


def decide_opened(terms: Terms, bids: Iterable[Envelope]) -> Opened:
    """Decide a lot by its opened bids, in whatever order they were opened."""
    if terms.format == "sealed_pieces":
        return _shared(terms, bids)
    order = ranked(bids)
    if not order:
        return Opened(reserve_met=terms.reserve is None)
    first = order[0]
    second = order[1].amount if len(order) > 1 else None
    met = terms.reserve is None or first.amount >= terms.reserve
    price = first.amount
    if met and terms.format == "sealed_second":
        price = max(second or 0, terms.reserve or 0, terms.opening)
    return Opened(first.who, price, first.amount, second, met)


def _shared(terms: Terms, bids: Iterable[Envelope]) -> Opened:
    """Share a lot's pieces; it leads who is served first, and the price is the lowest paid."""
    awards = tuple(allot(terms, bids))
    if not awards:
        return Opened(reserve_met=terms.reserve is None)
    price = min(award.price for award in awards)
    return Opened(awards[0].who, price, reserve_met=True, awards=awards)


def allot(terms: Terms, bids: Iterable[Envelope]) -> list[Award]:
    """Share a lot's pieces among bids that reach opening and reserve, the best served first."""
    least = max(terms.opening, terms.reserve or 0)
    good = [bid for bid in bids if bid.amount >= least]
    left, served = terms.pieces, []
    for bid in sorted(good, key=lambda bid: _rank(terms, bid)):
        pieces = min(left, bid.pieces)
        left -= pieces
        if pieces:
            served.append(Award(bid.entry, bid.who, pieces, bid.amount))
    pays = None if terms.sealed is None else terms.sealed.pays
    if not served or pays in {None, "own_bid"}:
        return served
    wanted = sum(bid.pieces for bid in good)
    plenty = pays == "start_unless_oversubscribed" and wanted <= terms.pieces
    price = least if plenty else min(award.price for award in served)
    return [replace(award, price=price) for award in served]


def _rank(terms: Terms, bid: Envelope) -> tuple[int, int, int]:
    """Return by what bids are served: the price, the pieces where the terms say so, and time."""
    by_pieces = terms.sealed is not None and terms.sealed.order == "price_quantity_time"
    return -bid.amount, -bid.pieces if by_pieces else 0, bid.entry


# From auctionhouse.bidding.verifier.shared_pieces


def shared_out(
    lot: Counted, bids: Sequence[Envelope], payload: Mapping[str, Any], kind: str
) -> Iterator[Finding]:
    """Check a result, given the opened bids; raises KeyError where it tells no awards."""
    awards = payload["awards"] if kind == "hammer" else []
    served = [bid.amount for bid in bids for one in awards if one["entry"] == bid.entry]
    reserve = lot.reserve
    if lot.reserve_closed:
        reserve = min(served, default=1 + max((bid.amount for bid in bids), default=0))
    expected = [asdict(award) for award in allot(replace(lot.terms, reserve=reserve), bids)]
    if awards != expected:
        yield lot.wrong("the pieces did not go where the rules give them")
    elif lot.reserve_closed and len(awards) < len(bids):
        yield lot.unproved("the best bids were served; whether others missed the reserve is closed")
    else:
        yield lot.proved("the pieces went to the best bids, at the prices the terms give")
    leader = awards[0]["who"] if awards else None
    price = min((one["price"] for one in awards), default=None)
    if (lot.state.leader, lot.state.price) != (leader, price):
        yield lot.wrong("leader and price are not those of who was served")


# From auctionhouse.bidding.verifier.sealed_bids

OPENED = "bids_opened"
OF_SEALED = ("sealed_bid", "sealed_withdrawn", "ended", "opening_asked", OPENED)


class SealedBids:
    """The sealed bids of a lot that stand, by bidder, as far as its entries were taken."""

    kinds: tuple[str, ...] = (*OF_SEALED, "bid", "raise", "automatic", "cancellation", "reopened")

    def __init__(self, terms: Sealed) -> None:
        self.terms = terms
        self.standing: dict[str, tuple[int, str, str | None]] = {}
        self.bids: list[Envelope] = []
        self.ended = False
        self.asked: str | None = None
        self.opened = False

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        payload = line.payload
        checks = {
            "sealed_bid": self._handed_in, "sealed_withdrawn": self._withdrawn,
            "ended": self._ended, "opening_asked": self._asked, OPENED: self._opened,
            "cancellation": self._cancelled, "reopened": self._reopened,
        }  # fmt: skip
        if kind not in checks:
            yield lot.wrong("by its terms the lot is sold by sealed bids")
        elif self.opened and kind != "reopened":
            yield lot.wrong("the sealed bids had been opened before")
        else:
            yield from checks[kind](lot, payload)
            yield from self._shown(lot, payload, kind)
        lot.adopt(payload)

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say whether a result may come now; a lot that is withdrawn keeps its bids unread."""
        if not self.opened and kind != "withdrawn":
            yield lot.wrong("there is a result although the sealed bids were not opened")
        elif lot.terms.shared and kind in {"hammer", "unsold"}:
            yield from shared_out(lot, self.bids, payload, kind)

    def _shown(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Check the state beside an entry: nothing of the bids but how many stand."""
        counted = len(self.standing) if self.terms.count or kind == OPENED else None
        if payload["bids"] != counted:
            yield lot.wrong(f"{counted} sealed bids stand, not {payload['bids']}")
        if payload["asking"] != lot.terms.opening:
            yield lot.wrong("the least bid is the opening, as long as bids are sealed")
        if kind not in {OPENED, "reopened"} and not lot.same(payload, "bids"):
            yield lot.wrong("a sealed bid moves neither price nor leader nor the end")
        if kind == OPENED and at_of(payload, "ends_at") != lot.state.ends_at:
            yield lot.wrong("the opening does not move the end")

    def _handed_in(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        who, at = payload["who"], at_of(payload, "at")
        early = at < lot.state.opens_at and not payload.get("in_advance")
        if not is_commitment(payload["maximum"]):
            yield lot.wrong("it commits to no amount")
        if self.ended or lot.paused or early or at >= lot.state.ends_at:
            yield lot.wrong("a sealed bid was taken outside the time for bids")
        elif who in self.standing and self.terms.changes == "never":
            yield lot.wrong("a sealed bid was replaced, which the terms forbid")
        else:
            yield lot.proved("a bid was handed in under seal")
        lot.bidders.add(who)
        self.standing[who] = (lot.sequence, payload["maximum"], payload.get("pieces"))

    def _withdrawn(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        known = self.standing.pop(payload["who"], None)
        if known is None or self.ended:
            yield lot.wrong("there was no sealed bid to take back")
        elif self.terms.changes != "withdraw":
            yield lot.wrong("a sealed bid was taken back, which the terms forbid")
        else:
            yield lot.proved("a sealed bid was taken back")

    def _cancelled(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        gone = set(payload["retracts"])
        known = {bid[0] for bid in self.standing.values()}
        self.standing = {who: bid for who, bid in self.standing.items() if bid[0] not in gone}
        if gone <= known:
            yield lot.proved("the house cancelled a sealed bid, unread")
        else:
            yield lot.wrong("there was no such sealed bid")

    def _reopened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        lot.ended, self.ended, self.asked = "", False, None
        lot.results.put_right("reopened", payload)
        if self.opened and self.standing:
            yield lot.wrong("sealed bids are taken again although the former ones were opened")
        else:
            yield lot.proved("the lot takes sealed bids again")
        self.opened = False

    def _ended(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.ended = True
        if self.terms.opened_by != "staff":
            yield lot.wrong("by its terms the clock opens the bids of this lot")
        elif at_of(payload, "at") < lot.state.ends_at and not lot.paused:
            yield lot.wrong("it was ended before its end")
        else:
            yield lot.proved("the bids wait, still sealed, for two members of staff")

    def _asked(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.asked = payload["by"]
        if self.ended:
            yield lot.proved("the first of two members of staff asked for the opening")
        else:
            yield lot.wrong("the opening was asked for before the end")

    def _opened(self, lot: Counted, payload: Mapping[str, Any]) -> Iterator[Finding]:
        self.opened = True
        by = payload["by"]
        staff = self.terms.opened_by == "staff"
        if staff != (by is not None) or (staff and (by[0] != self.asked or by[0] == by[1])):
            yield lot.wrong("the bids were not opened by those the terms say")
        if at_of(payload, "at") < lot.state.ends_at and not lot.paused:
            yield lot.wrong("the bids were opened before the end")
        told = {bid["who"]: bid for bid in payload["opened"]}
        if len(told) != len(payload["opened"]) or told.keys() != self.standing.keys():
            yield lot.wrong("the bids opened are not those that were handed in")
            return
        for who, sealed in self.standing.items():
            if _shown_by(told[who]) != sealed:
                yield lot.wrong(f"the bid opened for {who} is not the one that was sealed")
                return
        yield lot.proved(f"all {len(told)} sealed bids were opened, each as it was handed in")
        self.bids = [
            Envelope(bid["entry"], bid["who"], bid["amount"], bid.get("pieces", 1))
            for bid in payload["opened"]
        ]
        if not lot.terms.shared:
            yield from self._led_to(lot, payload, self.bids)

    def _led_to(
        self, lot: Counted, shown: Mapping[str, Any], bids: list[Envelope]
    ) -> Iterator[Finding]:
        """Check price and leader; a reserve that stays closed leaves some of it open."""
        reserve = None if lot.reserve_closed else lot.reserve
        decided = decide_opened(replace(lot.terms, reserve=reserve), bids)
        lot.state = replace(lot.state, maximum=decided.best, second=decided.second)
        if shown["leader"] != decided.leader:
            yield lot.wrong(f"by the rules {decided.leader} leads, not {shown['leader']}")
        elif lot.reserve_closed:
            yield from self._bounded(lot, shown, bids, decided)
        elif (shown["price"], shown["reserve_met"]) == (decided.price, decided.reserve_met):
            yield lot.proved("the best bid leads, of equal ones the earliest, at the right price")
        else:
            yield lot.wrong(f"by the rules the price is {decided.price}, not {shown['price']}")

    def _bounded(
        self, lot: Counted, shown: Mapping[str, Any], bids: list[Envelope], least: Opened
    ) -> Iterator[Finding]:
        """Check what holds whatever the closed reserve is."""
        missed = decide_opened(replace(lot.terms, reserve=UNREACHED), bids)
        price = shown["price"]
        if not shown["reserve_met"] and price == missed.price:
            yield lot.unproved(
                "who leads is proved; that the reserve was missed is as the house says"
            )
        elif shown["reserve_met"] and price == least.price:
            yield lot.unproved("leader and price are proved; that the reserve was met is not")
        elif shown["reserve_met"] and (least.price or 0) < price <= (least.best or 0):
            yield lot.unproved("who leads is proved; the price is said to be the closed reserve")
        else:
            yield lot.wrong("no reserve there may be gives this price")


def _shown_by(bid: Mapping[str, Any]) -> tuple[int, str, str | None]:
    """Return what an opened bid was committed to by, if it is the one that was handed in."""
    amount = commitment(bytes.fromhex(bid["salt"]), "maximum", bid["amount"])
    if "pieces" not in bid:
        return bid["entry"], amount, None
    return (
        bid["entry"],
        amount,
        commitment(bytes.fromhex(bid["pieces_salt"]), "pieces", bid["pieces"]),
    )


# From auctionhouse.bidding.verifier.otherwise

NOT_OF_TIMED = (*OF_SEALED, TAKING)


class Checker(Protocol):
    """Takes the entries of its kinds, and says whether a result may come."""

    kinds: tuple[str, ...]

    def take(self, lot: Counted, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry of the lot and say what it proves."""
        ...

    def ending(self, lot: Counted, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Say what is wrong with a result that comes now, or proved by it beside its price."""
        ...


def checker_of(lot: Counted) -> Checker | None:
    """Return what checks a lot that is not sold by timed bidding."""
    if lot.terms.clock is not None:
        return FallingClock()
    if lot.terms.sealed is None:
        return None
    if not lot.terms.sealed.count:
        lot.state = replace(lot.state, bids=None)  # type: ignore[arg-type] # as entries show it
    return SealedBids(lot.terms.sealed)


# From auctionhouse.bidding.verifier.recount

TAKES_BACK = ("retraction", "cancellation", "reopened")
BIDDING = ("bid", "raise", "automatic", "extended")
NONSENSE = (
    KeyError, TypeError, ValueError, AttributeError, IndexError, AssertionError, ArithmeticError,
    RecursionError,
)  # fmt: skip
"""What taking an entry of another shape raises."""


def recount(lines: list[Line], lot: "Recount | None" = None) -> Iterator[Finding]:
    """Go through a lot's entries and say what each proves; the lot given stands there after."""
    lot = lot or Recount()
    for line in lines:
        try:
            yield from lot.take(line)
        except NONSENSE:
            yield lot.wrong("it lacks what an entry of its kind tells, or tells nonsense")
    if lot.expects:
        yield lot.wrong(f"what a bid leads to is missing after it ({lot.expects[0]})")


class Recount(Ends):
    """A lot whose entries are taken one after the other; what they prove is said as they come."""

    def __init__(self) -> None:
        super().__init__()
        self.maximum_known = True
        self.second_known = True
        self.other: Checker | None = None
        self.story = Story()
        self.expects: list[str] = []

    def take(self, line: Line) -> Iterator[Finding]:
        """Take the next entry."""
        self.sequence += 1
        payload = line.payload
        kind = str(payload["kind"])
        yield from self._placed(payload, kind)
        yield from self._openings(line)
        if self.ended and kind in BIDDING:
            yield self.wrong(f"the lot had ended before ({self.ended})")
        yield from self._taken(line, kind)
        if self.other is None and "asking" in payload:
            yield from self._asking(payload)
        if type(payload.get("reserve_met", False)) is not bool:
            yield self.wrong("whether the reserve is met is not told")

    def _taken(self, line: Line, kind: str) -> Iterator[Finding]:
        """Take an entry as its kind wants it."""
        payload = line.payload
        if self.other is not None and kind in self.other.kinds:
            yield from self.other.take(self, line, kind)
        elif kind in NOT_OF_TIMED:
            yield self.wrong("by its terms the lot is not sold this way")
        elif kind in {"bid", "raise"}:
            yield from self._submission(line, kind)
        elif kind in RESULTS:
            yield from self._result(payload, kind)
        elif kind in MOVES_THE_END:
            yield from self.moved_end(payload, kind)
        elif kind == "automatic":
            yield from self._automatic(payload)
        elif kind in {"opened", "terms_changed"}:
            yield from self._terms(line, kind)
        elif kind in TAKES_BACK:
            yield from self._taken_back(payload, kind)
        else:
            yield from self._told(payload, kind)

    def _placed(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Check that an entry stands where one of its kind can."""
        if (kind == "opened") != (self.sequence == 1):
            yield self.wrong("a ledger begins with the lot's opening, which comes once")
        answers = kind == "automatic" or (kind == "extended" and "by" not in payload)
        expected = self.expects.pop(0) if self.expects else None
        if expected is not None and (not answers or kind != expected):
            yield self.wrong(f"what the bid led to is missing before it ({expected})")
            self.expects = []
        elif answers and expected is None:
            yield self.wrong("no bid before it led to this")

    def _asking(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        if payload["asking"] != replace(self.state, price=payload["price"]).asking(self.terms):
            yield self.wrong("the next asking price is not one step above the price")

    def _openings(self, line: Line) -> Iterator[Finding]:
        for name, opening in line.openings.items():
            if not opening.fits(name, line.payload.get(name)):
                yield self.wrong(f"the {name} shown now is not the one that was committed to")
            elif name == "marks" and opening.value.get("house"):
                self.house.add(line.payload["who"])
                yield self.proved("it was a bid of the house for the seller, as now shown")

    # Opening and terms

    def _terms(self, line: Line, kind: str) -> Iterator[Finding]:
        payload = line.payload
        problems = list(terms_problems(payload["terms"]))
        if problems:
            yield self.wrong(f"nothing can be sold by these terms: {problems[0]}")
        else:
            self.terms = read_terms(payload["terms"])
        committed = payload["reserve"] is not None
        if committed and not is_commitment(payload["reserve"]):
            yield self.wrong("it commits to no reserve")
        self.reserve = line.opened("reserve")
        self.reserve_closed = committed and self.reserve is None
        if kind == "opened":
            yield from map(self.wrong, opening_problems(payload))
            start, end = at_of(payload, "starts_at"), at_of(payload, "ends_at")
            self.state = State(start, end, end, reserve_met=not committed)
            self.asking = self.terms.opening
            self.outage_rule = payload["outage"]
            self.other = checker_of(self)
            self.story = Story(self.reserve, self.reserve_closed)
            yield self.proved("the terms are fixed from here on")
            return
        before = self.state
        self.story.reserve_changed(self.sequence, self.reserve, closed=self.reserve_closed)
        self.adopt(payload)
        if not self.reserve_closed and payload["reserve_met"] != self._reached():
            yield self.wrong("whether the reserve is met is told wrongly")
        if before.price == self.state.price and before.leader == self.state.leader:
            yield self.proved("the terms changed; price and leader did not")
        else:
            yield from self._lowered(before)

    def _reached(self) -> bool:
        return self.reserve is None or (self.state.price or 0) >= self.reserve

    def _lowered(self, before: State) -> Iterator[Finding]:
        """Check a price that moved because the reserve was lowered to what was offered."""
        price = self.state.price or 0
        if before.leader != self.state.leader or price < (before.price or 0):
            yield self.wrong("a change of the reserve took the lead or lowered the price")
        elif self.reserve is not None and price == self.reserve:
            yield self.proved("the price went to the lowered reserve")
        elif self.reserve is not None and self.terms.below_reserve == "normal":
            yield self.wrong("the price is not the lowered reserve")
        elif not self.reserve_closed and self.reserve is None:
            yield self.wrong("without a reserve nothing moves the price but bids")
        else:
            yield self.unproved("the price is said to have gone to a reserve that stays closed")

    # Bids

    def _submission(self, line: Line, kind: str) -> Iterator[Finding]:
        payload = line.payload
        who, maximum = payload["who"], line.opened("maximum")
        if self.state.reserve_met and not payload["reserve_met"]:
            yield self.wrong("the reserve had been met before")
        if self.paused:
            yield self.wrong("a bid was taken while the sale was paused")
        if not is_commitment(payload["maximum"]) or not is_name(who):
            yield self.wrong("it commits to no maximum, or is nobody's")
        if (kind == "raise") != (who == self.state.leader):
            yield self.wrong("a raise is the leader's own, and the leader's own is no bid")
        if maximum is None and kind == "bid" and payload["leader"] != who:
            # Who did not get the lead is shown with all they offered.
            maximum = payload["amount"]
            self.story.rounded |= self.terms.off_ladder == "round_down"
        self.bidders.add(who)
        self.story.submitted(self.sequence, who, maximum)
        decision = self._decided(who, maximum, payload)
        yield from self._compared(payload, maximum, decision)
        yield from self._amount(payload, kind, decision)
        moved = at_of(payload, "ends_at") != self.state.ends_at
        self.expects = ["automatic"] if decision and decision.automatic else []
        self.expects += ["extended"] if moved else []
        self._learn(payload, who, maximum, decision)

    def _decided(
        self, who: str, maximum: int | None, payload: Mapping[str, Any]
    ) -> Decision | None:
        """Decide by the rules with stand-ins for what is closed; None where that tells nothing."""
        state = self.state
        overtaken = state.leader is not None and payload["leader"] == who != state.leader
        tops_up = payload["kind"] == "raise" and self.terms.own_raise == "tops_up"
        if tops_up and not self.second_known:
            return None
        if not self.maximum_known:
            if overtaken:
                return None
            stands = state.price if who == state.leader else CLOSED
            state = replace(state, maximum=stands)
        reserve = self._reserve_for(payload, known=self.maximum_known and maximum is not None)
        terms = replace(self.terms, reserve=reserve)
        bid = CLOSED if maximum is None else maximum
        return decide(terms, state, who, bid, self._came(payload))

    def _came(self, payload: Mapping[str, Any]) -> int:
        """Return when a bid counts as handed in."""
        at = at_of(payload, "at")
        return max(at, self.state.opens_at) if payload.get("in_advance") else at

    def _reserve_for(self, payload: Mapping[str, Any], *, known: bool) -> int | None:
        if self.reserve is not None and (known or payload["reserve_met"]):
            return self.reserve
        if self.reserve is None and not self.reserve_closed:
            return None
        return None if payload["reserve_met"] else UNREACHED

    def _compared(
        self, payload: Mapping[str, Any], maximum: int | None, decision: Decision | None
    ) -> Iterator[Finding]:
        if decision is None:
            yield from self._in_time(payload)
            yield from self._bounded(payload, maximum, CLOSED)
            return
        if not decision.accepted:
            yield self.wrong(f"by the rules this bid had to be refused ({decision.reason})")
            return
        expected, shown = decision.state, payload
        yield from self._end_of_bid(shown, expected)
        if shown["leader"] != expected.leader:
            yield self.wrong(f"by the rules {expected.leader} leads, not {shown['leader']}")
        if shown["bids"] != expected.bids:
            yield self.wrong(f"it is bid {expected.bids}, not {shown['bids']}")
        if shown["price"] == expected.price:
            yield from self._met(shown, expected)
        else:
            yield from self._other_price(shown, maximum, expected)

    def _in_time(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        """Check when a bid came, and the end after it, where its price cannot be decided."""
        state = self.state
        lot = State(state.opens_at, state.ends_at, state.scheduled_ends_at)
        fresh = decide(self.terms, lot, payload["who"], CLOSED, self._came(payload))
        if not fresh.accepted:
            yield self.wrong(f"by the rules this bid had to be refused ({fresh.reason})")
        yield from self._end_of_bid(payload, lot if payload["kind"] == "raise" else fresh.state)

    def _end_of_bid(self, shown: Mapping[str, Any], expected: State) -> Iterator[Finding]:
        if at_of(shown, "ends_at") != expected.ends_at:
            yield self.wrong("the end after it is not the one the soft close gives")

    def _met(self, shown: Mapping[str, Any], expected: State) -> Iterator[Finding]:
        if shown["reserve_met"] == expected.reserve_met:
            yield self.proved("price, leader and end are what the rules give")
        elif self.reserve_closed and not self.state.reserve_met:
            yield self.unproved("price and leader are proved; whether the reserve is met is not")
        else:
            yield self.wrong("whether the reserve is met is told wrongly")

    def _other_price(
        self, shown: Mapping[str, Any], maximum: int | None, expected: State
    ) -> Iterator[Finding]:
        price, by_rule = shown["price"], expected.price or 0
        reserve_reached = shown["reserve_met"] and not self.state.reserve_met
        if self.reserve_closed and reserve_reached and price > by_rule:
            yield self.unproved("the price is said to be the reserve, which stays closed")
        elif self.maximum_known and maximum is not None:
            yield self.wrong(f"the rules give the price {by_rule}, not {price}")
        else:
            yield from self._bounded(shown, maximum, by_rule)

    def _bounded(
        self, shown: Mapping[str, Any], maximum: int | None, highest: int
    ) -> Iterator[Finding]:
        """Say what holds of a price that depends on a maximum that is closed."""
        lowest = self.terms.opening if self.state.price is None else self.state.price
        if maximum is not None and shown["leader"] == shown["who"]:
            highest = min(highest, maximum)
        if not lowest <= shown["price"] <= highest:
            yield self.wrong(f"the price must lie from {lowest} to {highest}")
        elif shown["bids"] != self.state.bids + 1:
            yield self.wrong(f"it is bid {self.state.bids + 1}, not {shown['bids']}")
        else:
            yield self.unproved("the price depends on a maximum that is closed; its bounds hold")

    def _amount(
        self, payload: Mapping[str, Any], kind: str, decision: Decision | None
    ) -> Iterator[Finding]:
        if kind != "bid":
            return
        leads = payload["leader"] == payload["who"]
        counted = None if decision is None else decision.maximum
        if payload["amount"] != (payload["price"] if leads else counted):
            yield self.wrong("the amount shown for the bidder is not what the rules show")

    def _learn(
        self, payload: Mapping[str, Any], who: str, maximum: int | None, decision: Decision | None
    ) -> None:
        """Go on from what is published, knowing what can be known of the leader's maximum."""
        self.adopt(payload)
        took = payload["leader"] == who
        if took:
            self.maximum_known = maximum is not None
            counted = CLOSED if decision is None or maximum is None else decision.maximum
            self.state = replace(self.state, maximum=counted)
        self.second_known = decision is not None and decision.accepted
        if decision is not None:
            self.state = replace(self.state, second=decision.state.second)

    def _automatic(self, payload: Mapping[str, Any]) -> Iterator[Finding]:
        if payload["who"] != self.state.leader:
            yield self.wrong("no earlier maximum had to answer here")
        elif self.same(payload) and payload["amount"] == self.state.price:
            yield self.proved("the leader's earlier maximum answered the bid before")
        else:
            yield self.wrong("it shows another state than the bid it answers")

    # Endings

    def _result(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        if self.other is not None and not self.ended:
            yield from self.other.ending(self, payload, kind)
        for verdict, text in self.results.take(self, kind, payload):
            yield Finding(self.sequence, verdict, text)
        if "leader" in payload:
            self.adopt(payload)
            self.state = replace(self.state, maximum=payload["price"])
            self.maximum_known = True
        if kind not in {"after_sale", "sale_cancelled"}:
            self.ended = kind
        elif kind == "sale_cancelled":
            self.ended = "unsold"

    def _taken_back(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Decide again without what no longer counts."""
        fault = self.story.fault(kind, payload)
        if fault is not None:
            yield self.wrong(fault)
        self.story.take_back(self.sequence, payload)
        if payload.get("lapsed"):
            yield self.unproved("that bids lapse beside it is told by the house alone")
        reserve = self._reserve_for(payload, known=False)
        found = self.story.again(self.terms, self.state, payload["leader"], reserve)
        again, known = found or (None, False)
        names = ("price", "leader", "bids", "reserve_met")
        shown = tuple(payload[name] for name in names)
        ends = at_of(payload, "ends_at") - self.state.ends_at
        self.adopt(payload)
        self.results.put_right(kind, payload)
        self.ended = ""
        if ends < 0 or (ends and kind != "reopened"):
            yield self.wrong("taking bids back does not move the end")
        if kind == "reopened":
            self.state = replace(self.state, scheduled_ends_at=self.state.ends_at)
        if payload["leader"] is not None and payload["leader"] not in self.bidders:
            yield self.wrong("who leads after it has never bid")
        if again is not None and shown == tuple(getattr(again, name) for name in names):
            maximum = again.maximum or 0
            self.maximum_known, self.second_known = maximum < CLOSED, True
            self.state = replace(self.state, maximum=again.maximum, second=again.second)
            yield self.proved("what remains, decided again, gives this price and leader")
        elif again is not None and known:
            yield self.wrong("what remains, decided again, gives another price or leader")
        else:
            self.maximum_known = self.second_known = payload["leader"] is None
            yield self.unproved("the price after it depends on maxima or a reserve that are closed")

    def _told(self, payload: Mapping[str, Any], kind: str) -> Iterator[Finding]:
        """Take an act that the rules do not give; what the house writes of it is taken over."""
        if "leader" not in payload:
            yield self.proved(f"an act of the house that moves no price ({kind})")
            return
        if kind != "correction" and self.same(payload):
            yield self.proved(f"an act of the house after which the lot stands as before ({kind})")
            return
        self.adopt(payload)
        self.results.put_right(kind, payload)
        self.ended = "unsold" if kind == "correction" and payload.get("who") is None else ""
        self.maximum_known = self.second_known = payload["leader"] is None
        yield self.unproved(f"an act of the house ({kind}); what follows is as the house says")


# From auctionhouse.bidding.verifier.ed25519

_P = 2**255 - 19
_ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
_SQRT_MINUS_ONE = pow(2, (_P - 1) // 4, _P)
_KEY_BYTES, _SIGNATURE_BYTES = 32, 64

Point = tuple[int, int, int, int]
"""Extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z."""


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether a signature of a message is by the owner of a public key."""
    if len(public_key) != _KEY_BYTES or len(signature) != _SIGNATURE_BYTES:
        return False
    key, commitment_point = _decoded(public_key), _decoded(signature[:32])
    scalar = int.from_bytes(signature[32:], "little")
    if key is None or commitment_point is None or scalar >= _ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public_key + message).digest()
    challenge = int.from_bytes(digest, "little") % _ORDER
    return _equal(_times(scalar, _BASE), _added(commitment_point, _times(challenge, key)))


def _added(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = _added(result, point)
        point = _added(point, point)
        scalar >>= 1
    return result


def _equal(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % _P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % _P == 0


def _decoded(text: bytes) -> Point | None:
    """Return the point that 32 bytes stand for, or None where they stand for none."""
    value = int.from_bytes(text, "little")
    odd, y = value >> 255, value & ((1 << 255) - 1)
    x = _x_of(y, odd) if y < _P else None
    return None if x is None else (x, y, 1, x * y % _P)


def _x_of(y: int, odd: int) -> int | None:
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    if square == 0:
        return None if odd else 0
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_MINUS_ONE % _P
    if (x * x - square) % _P:
        return None
    return _P - x if x & 1 != odd else x


_BASE_Y = 4 * pow(5, -1, _P) % _P
_BASE_X = _x_of(_BASE_Y, 0) or 0
_BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)


# From auctionhouse.bidding.verifier.statements

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


# From auctionhouse.bidding.verifier.main

USAGE = """usage: python verify_ledger.py FILE...

Checks what an auction house published, without asking anybody. Files, in any order:
  a lot's ledger        (downloaded from its page of bids)
  a receipt of a bid    (downloaded from "my bids")
  a sale's heads        (published by the house; keep a copy)
  the house's keys      (published by the house)
"""
SIGNS = {"proved": "holds", "open": "open ", "wrong": "WRONG"}


def check_ledger(lines: list[Line]) -> list[Finding]:
    """Check one lot's ledger: its chain first, then every price, leader and end."""
    found = [
        Finding(fault.sequence, "wrong", FAULTS[fault.fault])
        for fault in verify(line.entry for line in lines)
    ]
    return found + list(recount(lines)) + list(_ended(lines))


def _ended(lines: list[Line]) -> Iterator[Finding]:
    """Maxima and marks are shown once a lot is closed, so that its end must be there too."""
    kinds = [line.payload.get("kind") for line in lines]
    if any(line.openings for line in lines) and not any(kind in RESULTS for kind in kinds):
        yield Finding(
            len(lines), "wrong", "what was committed to is opened, but the lot's end is missing"
        )


def told(line: Line) -> str:
    """Return an entry's kind, time and what it shows, as it stands in the file."""
    payload = line.payload
    parts = [str(payload.get("at", "?")), str(payload.get("kind", "?"))]
    if payload.get("who"):
        parts.append(f"by {payload['who']}")
    if payload.get("price") is not None:
        parts.append(f"price {payload['price']}")
    return "  ".join(parts)


def say_ledger(name: str, lines: list[Line]) -> Iterator[str]:
    """Say of a ledger, entry by entry, what holds."""
    first = lines[0].payload
    unit = first.get("currency", "?")
    yield f"{name}: lot {first.get('lot')} of sale {first.get('sale')}, {len(lines)} entries"
    yield f"  (amounts are the smallest units of {unit})"
    findings = check_ledger(lines)
    for number, line in enumerate(lines, start=1):
        yield f"  {number:>4}  {told(line)}"
        for finding in findings:
            if finding.sequence == number:
                yield f"        {SIGNS[finding.verdict]}  {finding.text}"
    yield from _ceiling(lines)
    yield from summed(findings)


def _ceiling(lines: list[Line]) -> Iterator[str]:
    """Say what stays closed of a lot that is sold."""
    last = lines[-1].payload
    if last.get("kind") != "hammer":
        return
    closed = [
        line
        for line in lines
        if line.payload.get("who") == last.get("who")
        and line.payload.get("kind") in {"bid", "raise"}
        and line.opened("maximum") is None
    ]
    if closed:
        yield (
            "  The winner's ceiling stays closed. It is proved that it moved no price but upheld"
            f" the bid at {last.get('price')}; how high it was is not told."
        )


def summed(findings: Iterable[Finding]) -> Iterator[str]:
    """Say how much was proved, how much could not be and how much is wrong."""
    counts = Counter(finding.verdict for finding in findings)
    yield (
        f"  {counts['proved']} statements proved, {counts['open']} could not be proved,"
        f" {counts['wrong']} wrong"
    )


def say_signed(name: str, signed: Signed, findings: list[Finding]) -> Iterator[str]:
    """Say of a signed statement what holds."""
    told = signed.statement
    what = f"receipt for a bid on lot {told['lot']}" if told["kind"] == "receipt" else "heads"
    yield f"{name}: {what}, sale {told['sale']}, signed for {told['house']} at {told['at']}"
    if told["kind"] == "receipt":
        reason = f" ({told['reason']})" if told["reason"] else ""
        yield f"  the bid of {told['who']} was {told['outcome']}{reason}"
    for finding in findings:
        yield f"        {SIGNS[finding.verdict]}  {finding.text}"


def check(files: Files) -> tuple[list[str], bool]:
    """Return everything there is to say, and whether anything is wrong."""
    said: list[str] = []
    wrong = False
    for name, lines in files.ledgers.items():
        said += say_ledger(name, lines)
        wrong |= any(finding.verdict == "wrong" for finding in check_ledger(lines))
    for kind, statements in ((head, files.heads), (receipt, files.receipts)):
        for name, signed in statements.items():
            findings = list(as_findings(kind(signed, files)))
            said += say_signed(name, signed, findings)
            wrong |= any(finding.verdict == "wrong" for finding in findings)
    said.append("TAMPERED WITH: see the lines marked WRONG." if wrong else "Everything holds.")
    return said, wrong


def main(arguments: Sequence[str]) -> int:
    """Check the files named and print what holds."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not arguments or arguments[0] in {"-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0 if arguments else 2
    try:
        said, wrong = check(read_files(list(arguments)))
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except NONSENSE as error:
        sys.stderr.write(f"a signed statement lacks what its kind tells: {error!r}\n")
        return 2
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
