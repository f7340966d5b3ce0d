"""Real second-price auctions of 2003 and 2004, replayed by the public command's own code.

The bids and the recorded results are the companion data of Jank and Shmueli, Modeling Online
Auctions (2010). A recorded price above second + step that equals the winner's own bid shows that a
hidden reserve of that amount was met.
"""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from auctionhouse.bidding.replay import replay_lines

OTHER_ORDER = "1650483277"
"""Two bids in one recorded second, which the site took in the other order than the file has."""
BANDS = [
    ["0.01", "0.05"], ["1", "0.25"], ["5", "0.50"], ["25", "1"], ["100", "2.50"], ["250", "5"],
    ["500", "10"], ["1000", "25"], ["2500", "50"], ["5000", "100"],
]  # fmt: skip
START = datetime(2003, 1, 1, tzinfo=UTC)
AUCTIONS = 284


def test_every_auction_ends_at_its_recorded_price_with_its_winner(data: Path) -> None:
    folder = data / "ebay_bids"
    expected = {row["auctionid"]: row for row in _rows(folder / "expected_us.csv")}
    del expected[OTHER_ORDER]
    bids: dict[str, list[dict[str, str]]] = {}
    for row in _rows(folder / "bids.csv"):
        bids.setdefault(row["auctionid"], []).append(row)
    stories = [_story(name, bids[name], result) for name, result in expected.items()]
    lines = list(replay_lines(json.dumps(story).encode() for story in stories))
    assert len(lines) == AUCTIONS
    wrong = []
    for line, (name, result) in zip(lines, expected.items(), strict=True):
        assert line.result is not None, line.problem
        found = (Decimal(line.result["price"]), line.result["leader"])
        wanted = (Decimal(result["recorded"]), result["winner"])
        if found != wanted:
            wrong.append((name, found, wanted))
    assert not wrong


def _story(name: str, bids: list[dict[str, str]], result: dict[str, str]) -> dict[str, Any]:
    return {
        "lot": name,
        "currency": "USD",
        "opening": bids[0]["openbid"],
        "increments": BANDS,
        "own_raise": "tops_up",
        "reserve": _met_reserve(result),
        "ends_at": (START + timedelta(days=30)).isoformat(),
        "submissions": [
            {"at": _moment(bid["bidtime"]), "who": bid["bidder"], "max": bid["bid"]} for bid in bids
        ],
    }


def _met_reserve(result: dict[str, str]) -> str | None:
    recorded = Decimal(result["recorded"])
    if not result["second"] or recorded != Decimal(result["top"]):
        return None
    second = Decimal(result["second"])
    step = next(Decimal(step) for start, step in reversed(BANDS) if second >= Decimal(start))
    return result["recorded"] if recorded > second + step else None


def _moment(days: str) -> str:
    return (START + timedelta(microseconds=int(Decimal(days) * 86_400_000_000))).isoformat()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)
