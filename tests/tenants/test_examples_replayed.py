"""Published numbers told as lines of a replay file, as whoever audits a sale would write them."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from auctionhouse.bidding.replay import replay_lines
from factories.published import EXAMPLES, NOT_EXPRESSED

DAY = "2026-03-01"


def amount(told: str) -> str:
    """Return the number of “GBP 9.50”; JPY and what names no currency come as the source has it."""
    return told.split()[1]


def at(time: str) -> str:
    return f"{DAY}T{time}Z"


def replayed(line: dict[str, Any]) -> dict[str, Any]:
    """Replay one line as it would stand in a file."""
    [found] = replay_lines([json.dumps(line).encode()])
    assert found.result is not None, found.problem
    return dict(found.result)


def bands(given: dict[str, Any]) -> list[list[str]]:
    return [[amount(start), amount(step)] for start, step in given["ladder"]]


def bound(given: dict[str, Any]) -> str:
    return "inclusive" if given.get("boundary") == "upper_inclusive" else "exclusive"


def proxy(given: dict[str, Any], expected: dict[str, Any]) -> None:
    before = given.get("opening")
    result = replayed(
        {
            "currency": given["start"].split()[0], "opening": amount(given["start"]),
            "increments": bands(given), "bound": bound(given),
            "reserve": amount(given["reserve"]) if given.get("reserve") else None,
            "below_reserve": given.get("below_reserve"),
            "standing": before and {
                "who": before["leader"], "price": amount(before["price"]),
                "max": amount(before["max"]),
            },
            "submissions": [
                {"at": at("12:00:00"), "who": bid["bidder"], "max": amount(bid["max"])}
                for bid in given["bids"]
            ],
        }
    )  # fmt: skip
    for found, wanted in zip(result["steps"], expected["steps"], strict=True):
        assert found["leader"] == wanted["leader"]
        assert Decimal(found["price"]) == Decimal(amount(wanted["price"]))
        assert "next_min" not in wanted or (
            Decimal(found["asking"]) == Decimal(amount(wanted["next_min"]))
        )
    if "sold" in expected:
        assert result["reserve_met"] == expected["sold"]
    met = [step["reserve_met"] for step in expected["steps"] if "reserve_met" in step]
    assert not met or result["reserve_met"] == met[-1]


def min_bid(given: dict[str, Any], expected: dict[str, Any]) -> None:
    for current, least in zip(given["current"], expected["min_next"], strict=True):
        result = replayed(
            {
                "currency": current.split()[0], "opening": amount(current),
                "increments": bands(given), "bound": bound(given),
                "submissions": [{"at": at("12:00:00"), "who": "A", "max": amount(current)}],
            }
        )  # fmt: skip
        assert Decimal(result["steps"][0]["asking"]) == Decimal(amount(least))


def normalize(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit = given["bid"].split()[0]
    result = replayed(
        {
            "currency": unit, "opening": amount(given["minimum"]), "off_ladder": "round_down",
            "increments": [["0", amount(given["increment"])]],
            "submissions": [
                {"at": at("12:00:00"), "who": "A", "max": amount(given["bid"])},
                {"at": at("12:01:00"), "who": "B", "max": "1000000"},
            ],
        }
    )  # fmt: skip
    step = Decimal(amount(given["increment"]))
    assert Decimal(result["price"]) - step == Decimal(amount(expected["normalized"]))


def soft_close(given: dict[str, Any], expected: dict[str, Any]) -> None:
    result = replayed(
        {
            "currency": "GBP", "opening": "1", "increments": [["0", "1"]],
            "ends_at": at(given["scheduled_close"]), "soft_close": soft(given),
            "submissions": [
                {"at": at(bid), "who": str(place), "max": str(10 + 10 * place)}
                for place, bid in enumerate(given["bids"])
            ],
        }
    )  # fmt: skip
    ends = [step["ends_at"] for step in result["steps"]]
    assert ends == [at(close) for close in expected["close_after_bid"]]
    assert result["ends_at"] == at(expected["final_close"])


def soft(given: dict[str, Any]) -> dict[str, Any]:
    latest = given.get("latest_close")
    return {
        "window_s": given["window_s"],
        "extend_s": given["extension_s"],
        "from": "bid" if given.get("extend_from") == "bid" else "end",
        "edge": given.get("window_edge_counts", True),
        "cap_s": seconds(latest) - seconds(given["scheduled_close"]) if latest else None,
    }


def seconds(time: str) -> int:
    total = 0
    for part in time.split(":"):
        total = total * 60 + int(part)
    return total


def remaining(given: dict[str, Any], expected: dict[str, Any]) -> None:
    pairs = zip(given["remaining"], expected["remaining_after_bid"], strict=True)
    for before, after in pairs:
        moment = at(f"12:{59 - seconds(before) // 60:02}:{60 - seconds(before) % 60:02}")
        result = replayed(
            {
                "currency": "GBP", "opening": "1", "increments": [["0", "1"]],
                "ends_at": at("13:00:00"), "soft_close": soft(given),
                "submissions": [{"at": moment, "who": "A", "max": "1"}],
            }
        )  # fmt: skip
        moved = seconds(result["ends_at"][11:19]) - seconds("13:00:00")
        assert moved + seconds(before) == seconds(after)


REPLAYED: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "proxy": proxy,
    "min_bid": min_bid,
    "normalize": normalize,
    "soft_close": soft_close,
    "remaining": remaining,
}
"""A stagger is the plan of a whole sale and no rule of a lot: a file tells each lot's own end."""


@pytest.mark.parametrize(
    "example",
    [
        example
        for example in EXAMPLES
        if example["kind"] in REPLAYED and example["id"] not in NOT_EXPRESSED
    ],
    ids=lambda example: str(example["id"]),
)
def test_a_published_example_comes_out_of_a_file(example: dict[str, Any]) -> None:
    REPLAYED[example["kind"]](example["input"], example["expected"])
