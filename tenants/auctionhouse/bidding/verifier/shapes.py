"""What entries may look like at all: whatever is of another shape, no service has written."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, Literal, get_args, get_origin, get_type_hints

from auctionhouse.bidding.rules import SoftClose, Terms
from auctionhouse.bidding.selling import Sealed

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
