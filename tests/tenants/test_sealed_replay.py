"""Told stories of sealed bids: the replay command, the simulator and the worked examples."""

from typing import Any

import pytest

from auctionhouse.bidding.replay import replay_line, replay_lines
from auctionhouse.bidding.replay_reading import LineInvalid
from auctionhouse.bidding.simulation import simulate

DAY = "2026-03-01"


def line(**changes: Any) -> dict[str, Any]:
    return {
        "lot": "1", "currency": "GBP", "opening": "10", "format": "sealed_first",
        "starts_at": f"{DAY}T09:00:00Z", "ends_at": f"{DAY}T10:00:00Z", "submissions": [],
        **changes,
    }  # fmt: skip


def bid(who: str, amount: str | None, at: str = "09:30:00") -> dict[str, Any]:
    return {"at": f"{DAY}T{at}Z", "who": who, "max": amount}


def test_a_sealed_lot_is_told_with_its_opening() -> None:
    told = line(
        sealed={"changes": "withdraw"}, reserve="25",
        submissions=[
            bid("A", "30"), bid("B", "9"), bid("B", "40", "09:31:00"), bid("A", "30", "09:32:00"),
            bid("B", None, "09:33:00"), bid("C", "30", "09:34:00"), bid("D", None, "09:35:00"),
            bid("C", "99", "10:00:00"), bid("A", "20", "08:00:00"),
        ],
    )  # fmt: skip
    result = replay_line(told)
    assert [(step["accepted"], step["reason"]) for step in result["steps"]] == [
        (True, None), (False, "too_low"), (True, None), (False, "no_change"), (True, None),
        (True, None), (False, "nothing"), (False, "late"), (False, "early"),
    ]  # fmt: skip
    assert {step["price"] for step in result["steps"]} == {None}
    assert {step["asking"] for step in result["steps"]} == {"10.00"}
    assert result["opened"] == [{"who": "A", "amount": "30.00"}, {"who": "C", "amount": "30.00"}]
    assert (result["leader"], result["price"], result["reserve_met"]) == ("A", "30.00", True)
    second = replay_line({**told, "format": "sealed_second", "reserve": "30"})
    assert (second["leader"], second["price"]) == ("A", "30.00")
    lower = replay_line({**told, "reserve": "31"})
    assert (lower["price"], lower["reserve_met"]) == ("30.00", False)


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"format": "raffle"}, "format"),
        ({"format": 7}, "format"),
        ({"format": "timed"}, "increments"),
        ({"sealed": {"changes": "always"}}, "changes"),
        ({"sealed": "yes"}, "changes"),
        ({"pieces": 0}, "pieces"),
        ({"pieces": "6"}, "pieces"),
        ({"submissions": [{"at": f"{DAY}T09:30:00Z", "who": "A"}]}, "submissions[1].max"),
    ],
)
def test_a_bad_line_names_its_key(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(LineInvalid) as refused:
        replay_line(line(**changes))
    assert refused.value.fields["key"] == key
    assert refused.value.message().endswith((".", "”."))


def test_sealed_and_timed_lots_stand_in_one_file() -> None:
    lines = [
        b'{"format": "sealed_second", "currency": "GBP", "opening": "1", "submissions": []}',
        b'{"currency": "GBP", "opening": "1", "increments": [["0", "1"]], "submissions": []}',
        b'{"format": "none", "currency": "GBP", "opening": "1"}',
    ]
    found = list(replay_lines(lines))
    assert [one.result is None for one in found] == [False, False, True]
    assert found[2].problem is not None
    assert "sealed_second" in found[2].problem, "it says which formats there are"


def test_the_simulator_tells_each_step_and_the_opening() -> None:
    told = line(
        format="sealed_second", sealed={"changes": "withdraw"},
        submissions=[
            bid("Ann", "30"), bid("Ben", "20", "09:31:00"), bid("Ann", "40", "09:32:00"),
            bid("Ben", None, "09:33:00"), bid("Cleo", "25", "09:34:00"), bid("Dora", "5"),
        ],
    )  # fmt: skip
    story = simulate(told, "en", lambda moment: f"{moment:%H:%M}")
    assert [step.why for step in story.steps] == [
        "Ann handed in £30 under seal.",
        "Ben handed in £20 under seal.",
        "Ann replaced the sealed bid: now £40.",
        "Ben took the sealed bid back.",
        "Cleo handed in £25 under seal.",
        "Dora offered £5, less than the least bid of £10: not taken.",
    ]
    assert story.ending[0] == "The bids are opened: Ann £40, Cleo £25."
    assert story.ending[-1].endswith("Ann buys for £25.")
    assert (story.price, story.leader) == ("£25", "Ann")
    empty = simulate(line(), "en", lambda moment: f"{moment:%H:%M}")
    assert empty.ending == ["Nobody bid."]
