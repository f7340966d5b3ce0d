"""Numbers published about sealed bids, many pieces and falling clocks, run through the rules."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auctionhouse.bidding.replay import replay_line
from auctionhouse.bidding.rules import Terms
from auctionhouse.bidding.sealed.rules import Envelope, decide_opened
from auctionhouse.bidding.selling import Sealed

FACTS = Path(__file__).parent / "bidding_facts" / "sealed_and_multi_unit.jsonl"
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in FACTS.read_text().splitlines()]
FORMATS = {"first": "sealed_first", "second": "sealed_second"}


def minor(amount: str) -> int:
    """Read “GBP 9.50” as hundredths."""
    return int(Decimal(amount.split()[1]) * 100)


def at(place: int) -> str:
    return f"2026-03-01T09:{place:02}:00Z"


def run_sealed(given: dict[str, Any], expected: dict[str, Any]) -> None:
    form: Any = FORMATS[given["pays"]]
    terms = Terms(((0, 1),), opening=1, format=form, sealed=Sealed())
    bids = [
        Envelope(entry, who, minor(amount))
        for entry, (who, (amount,)) in enumerate(given["bids"].items())
    ]
    decided = decide_opened(terms, bids)
    assert (decided.leader, decided.price) == (expected["winner"], minor(expected["price"]))
    code = expected["price"].split()[0]
    replayed = replay_line(
        {
            "currency": code, "opening": "0.01", "format": form,
            "submissions": [
                {"at": at(place), "who": who, "max": amount.split()[1]}
                for place, (who, (amount,)) in enumerate(given["bids"].items())
            ],
        }
    )  # fmt: skip
    assert (replayed["leader"], f"{code} {replayed['price']}") == (
        expected["winner"],
        expected["price"],
    )


def run_multi_unit(given: dict[str, Any], expected: dict[str, Any]) -> None:
    code = given["start"].split()[0]
    replayed = replay_line(
        {
            "currency": code, "opening": given["start"].split()[1], "format": "sealed_pieces",
            "pieces": given["units"], "sealed": {"pays": given["pays"], "order": given["order"]},
            "submissions": [
                {"at": at(place), "who": bid["bidder"], "max": bid["price"].split()[1],
                 "pieces": bid["qty"]}
                for place, bid in enumerate(given["bids"])
            ],
        }
    )  # fmt: skip
    awards = replayed["awards"]
    assert {award["who"]: award["pieces"] for award in awards} == expected["allocated"]
    paid = {award["who"]: f"{code} {award['price']}" for award in awards}
    uniform = expected["price"]
    assert paid == (uniform if isinstance(uniform, dict) else dict.fromkeys(paid, uniform))


def run_descending(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Let the clock fall once a minute to one step below what was accepted, and take it there."""
    code, start = given["start"].split()
    step, accepted = given["decrement"].split()[1], given["accepted_at"].split()[1]
    shown = [
        f"{code} {Decimal(start) - place * Decimal(step)}"
        for place in range(len(expected["shown"]))
    ]
    assert shown == expected["shown"]
    line: dict[str, Any] = {
        "currency": code, "format": "dutch", "opening": str(Decimal(accepted) - Decimal(step)),
        "clock": {"start": start, "step": step, "every_s": 60}, "starts_at": at(0),
    }  # fmt: skip
    for place, price in enumerate(expected["shown"]):
        taken = replay_line({**line, "submissions": [{"at": at(place), "who": "A"}]})
        assert f"{code} {taken['price']}" == price
    assert f"{code} {taken['price']}" == expected["price"]


RUN: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "sealed": run_sealed,
    "multi_unit": run_multi_unit,
    "descending": run_descending,
}


@pytest.mark.parametrize(
    "example",
    EXAMPLES,
    ids=lambda example: str(example["id"]),
)
def test_a_published_example_comes_out(example: dict[str, Any]) -> None:
    RUN[example["kind"]](example["input"], example["expected"])
