"""Replay files: what the command prints, what it refuses, and lots that close together."""

import json
import re
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from wsgi import create_app

from auctionhouse.bidding.replay import replay_line, replay_lines
from auctionhouse.bidding.replay_reading import LineInvalid

ROOT = Path(__file__).parents[2]
DAY = "2026-03-01"


def line(**changes: Any) -> dict[str, Any]:
    return {
        "lot": "1", "currency": "GBP", "opening": "10", "increments": [["0", "1"], ["50", "5"]],
        "starts_at": f"{DAY}T09:00:00Z", "ends_at": f"{DAY}T10:00:00Z", "submissions": [],
        **changes,
    }  # fmt: skip


def bid(who: str, maximum: str, at: str = "09:30:00") -> dict[str, str]:
    return {"at": f"{DAY}T{at}Z", "who": who, "max": maximum}


def purchase(who: str, at: str = "09:30:00") -> dict[str, Any]:
    return {"at": f"{DAY}T{at}Z", "who": who, "buy": True}


def run(lines: list[str], *options: str) -> Any:
    given = "\n".join(lines)
    return CliRunner().invoke(create_app().cli, ["bidding", "replay", "-", *options], input=given)


def test_a_lot_is_told_step_by_step() -> None:
    told = line(
        reserve="40",
        soft_close={"window_s": 120, "extend_s": 300},
        submissions=[
            bid("A", "30", "08:00:00"), bid("A", "30"), bid("B", "30"), bid("B", "30.99"),
            bid("A", "30"), bid("B", "45.50", "09:58:00"), bid("A", "99", "10:03:00"),
        ],
    )  # fmt: skip
    result = replay_line(told)
    extended = f"{DAY}T10:03:00Z"
    assert [(step["accepted"], step["reason"], step["price"]) for step in result["steps"]] == [
        (False, "early", None), (True, None, "10.00"), (True, None, "30.00"),
        (False, "too_low", "30.00"), (False, "no_change", "30.00"), (True, None, "40.00"),
        (False, "late", "40.00"),
    ]  # fmt: skip
    assert [step["asking"] for step in result["steps"][:2]] == ["10.00", "11.00"]
    assert {key: value for key, value in result.items() if key != "steps"} == {
        "lot": "1", "price": "40.00", "leader": "B", "reserve_met": True, "ends_at": extended,
    }  # fmt: skip


def test_a_lot_is_bought_at_once_and_ends() -> None:
    told = line(
        buy_now={"price": "80", "until": "20"},
        submissions=[
            purchase("A", "08:00:00"), bid("A", "90"), bid("B", "15"), purchase("C"),
            bid("A", "99"), purchase("B"),
        ],
    )  # fmt: skip
    result = replay_line(told)
    assert [(step["reason"], step["price"], step["bought"]) for step in result["steps"]] == [
        ("early", None, False), (None, "10.00", False), (None, "16.00", False),
        (None, "80.00", True), ("late", "80.00", False), ("late", "80.00", False),
    ]  # fmt: skip
    assert (result["leader"], result["ends_at"], result["outcome"]) == (
        "C", f"{DAY}T09:30:00Z", "sold",
    )  # fmt: skip


@pytest.mark.parametrize("buy_now", ["80", {"price": "80"}, {"price": "80", "until": "first_bid"}])
def test_without_a_limit_it_is_offered_until_the_first_bid(buy_now: Any) -> None:
    told = line(buy_now=buy_now, submissions=[bid("A", "10"), purchase("B")])
    assert [step["reason"] for step in replay_line(told)["steps"]] == [None, "not_offered"]
    assert replay_line(line(buy_now=buy_now, submissions=[purchase("B")]))["price"] == "80.00"


@pytest.mark.parametrize(
    ("maximum", "outcome"), [("35", "unsold"), ("36", "conditional"), ("40", "sold")]
)
def test_a_price_close_to_the_reserve_waits_for_the_seller(maximum: str, outcome: str) -> None:
    told = line(
        reserve="40", below_reserve="full_max", conditional_share=90,
        submissions=[bid("A", maximum)],
    )  # fmt: skip
    assert replay_line(told)["outcome"] == outcome
    assert "outcome" not in replay_line(line(reserve="40", submissions=[bid("A", maximum)]))


def test_without_bids_there_is_no_price() -> None:
    assert replay_line(line(reserve="10")) == {
        "lot": "1", "price": None, "leader": None, "reserve_met": False,
        "ends_at": f"{DAY}T10:00:00Z", "steps": [],
    }  # fmt: skip


def test_submissions_count_by_time_and_are_answered_where_they_stand() -> None:
    result = replay_line(line(submissions=[bid("A", "20", "09:31:00"), bid("B", "20", "09:30:00")]))
    assert result["leader"] == "B"
    assert [step["price"] for step in result["steps"]] == ["20.00", "10.00"]


@pytest.mark.parametrize(
    ("code", "opening", "second", "price"),
    [("JPY", "300", "1000", "1005"), ("KWD", "0.300", "1.250", "2.250")],
)
def test_amounts_have_the_currencys_digits(
    code: str, opening: str, second: str, price: str
) -> None:
    told = line(
        currency=code, opening=opening, increments=[["0", "1"], ["1000", "5"]],
        submissions=[bid("A", second), bid("B", "5000")],
    )  # fmt: skip
    assert replay_line(told)["price"] == price


@pytest.mark.parametrize("ends", ["10:00:00-05:00", "10:00:00+00:00", "10:00:00", "10:00:00.25Z"])
def test_times_are_printed_as_they_were_written(ends: str) -> None:
    printed = replay_line(line(starts_at=None, ends_at=f"{DAY}T{ends}"))["ends_at"]
    assert printed == f"{DAY}T{ends}".replace(".25Z", ".250000Z")


def test_a_preset_brings_its_bound() -> None:
    told = line(increments="estate", submissions=[bid("A", "90"), bid("B", "40")])
    assert replay_line(told)["price"] == "43.00"
    assert replay_line({**told, "bound": "exclusive"})["price"] == "45.00"


def test_a_story_may_start_in_the_middle() -> None:
    told = line(standing={"who": "P", "price": "30", "max": "40"}, submissions=[bid("A", "35")])
    assert (replay_line(told)["leader"], replay_line(told)["price"]) == ("P", "36.00")


SOFT = {"window_s": 60, "extend_s": 120, "from": "end"}


@pytest.mark.parametrize(
    ("scope", "ends"),
    [
        ("lot", ["10:00", "10:03", "10:02", "10:04"]),
        ("group", ["10:00", "10:03", "10:04", "10:06"]),
        ("cascade", ["10:00", "10:03", "10:04", "10:06"]),
        ("predecessor", ["10:00", "10:03", "10:04", "10:06"]),
    ],
)
def test_lots_close_together_as_the_scope_says(scope: str, ends: list[str]) -> None:
    """The first lot is over when the second one is extended, and is not moved."""
    lots = [
        line(
            lot=str(number), ends_at=f"{DAY}T10:0{minute}:00Z", soft_close={**SOFT, "scope": scope},
            submissions=[bid("A", "20", "10:00:30")] if number == 2 else [],
        )
        for number, minute in enumerate((0, 1, 2, 4), start=1)
    ]  # fmt: skip
    printed = [json.loads(text)["ends_at"][11:16] for text in run(
        [json.dumps(lot) for lot in lots]).output.splitlines()]  # fmt: skip
    assert printed == ends


def test_a_group_moves_earlier_lots_too_and_a_later_bid_counts_against_the_moved_end() -> None:
    lots = [
        line(lot="1", group="a", ends_at=f"{DAY}T10:02:00Z", soft_close=SOFT,
             submissions=[bid("B", "30", "10:03:30")]),
        line(lot="2", group="a", soft_close=SOFT, submissions=[bid("A", "20", "09:59:30")]),
        line(lot="3", group="b", soft_close=SOFT),
    ]  # fmt: skip
    found = [
        json.loads(text) for text in run([json.dumps(lot) for lot in lots]).output.splitlines()
    ]
    assert [lot["ends_at"][11:16] for lot in found] == ["10:06", "10:02", "10:00"]


def test_a_limit_holds_for_each_lot() -> None:
    lots = [
        line(lot="1", cap_s=130, soft_close={**SOFT, "scope": "cascade"},
             submissions=[bid("A", "20", "09:59:30"), bid("B", "30", "10:01:30")]),
        line(lot="2", cap_s=150, soft_close={**SOFT, "scope": "cascade"}),
    ]  # fmt: skip
    found = [
        json.loads(text) for text in run([json.dumps(lot) for lot in lots]).output.splitlines()
    ]
    assert [lot["ends_at"][11:19] for lot in found] == ["10:02:10", "10:02:10"]


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"currency": "ZZZ"}, "currency"), ({"currency": None}, "currency"),
        ({"opening": "1.005"}, "opening"), ({"opening": "-1"}, "opening"),
        ({"opening": "0"}, "opening"), ({"opening": None}, "opening"),
        ({"increments": "none-such"}, "increments"), ({"increments": []}, "increments"),
        ({"increments": [["20", "1"]]}, "increments"),
        ({"increments": [["0", "0"]]}, "increments"),
        ({"increments": [["0", "1"], ["0", "2"]]}, "increments"),
        ({"increments": [["0", "1"], ["9"]]}, "increments[2]"),
        ({"reserve": "9"}, "reserve"), ({"reserve": "x"}, "reserve"),
        ({"ends_at": f"{DAY}T09:00:00Z"}, "ends_at"), ({"ends_at": "tomorrow"}, "ends_at"),
        ({"ends_at": "9999-12-31T23:59:59Z"}, "ends_at"),
        ({"bound": "open"}, "bound"), ({"own_raise": 3}, "own_raise"),
        ({"soft_close": {"window_s": 60, "extend_s": 0}}, "soft_close"),
        ({"soft_close": {"window_s": 60, "extend_s": 31_536_000}}, "soft_close"),
        ({"soft_close": {"window_s": 60}}, "soft_close"), ({"soft_close": []}, "soft_close"),
        ({"soft_close": {**SOFT, "edge": "yes"}}, "soft_close"),
        ({"group": 4}, "group"), ({"lot": []}, "lot"), ({"submissions": {}}, "submissions"),
        ({"standing": {"who": "A", "price": "20", "max": "10"}}, "standing.max"),
        ({"submissions": [{"at": "x", "who": "A", "max": "1"}]}, "submissions[1].at"),
        ({"submissions": [bid("", "20")]}, "submissions[1].who"),
        ({"submissions": [bid("\ud800", "20")]}, "submissions[1].who"), ({"lot": "\udfff"}, "lot"),
        ({"submissions": [bid("A", "2e1")]}, "submissions[1].max"),
        ({"submissions": [bid("A", "٣")]}, "submissions[1].max"),
        ({"submissions": [{**bid("A", "20"), "buy": True}]}, "submissions[1].buy"),
        ({"submissions": [{**purchase("A"), "buy": 1}]}, "submissions[1].buy"),
        ({"buy_now": "10"}, "buy_now"), ({"buy_now": "x"}, "buy_now"), ({"buy_now": []}, "buy_now"),
        ({"buy_now": "30", "reserve": "40"}, "buy_now"),
        ({"buy_now": {"until": "20"}}, "buy_now.price"),
        ({"buy_now": {"price": "30", "until": "soon"}}, "buy_now.until"),
        ({"conditional_share": 100}, "conditional_share"),
        ({"conditional_share": "90"}, "conditional_share"),
    ],
)  # fmt: skip
def test_a_bad_line_names_its_key(changes: dict[str, Any], key: str) -> None:
    with pytest.raises(LineInvalid) as refused:
        replay_line(line(**changes))
    assert refused.value.fields["key"] == key


def test_a_bad_line_is_reported_by_number_and_the_rest_goes_on(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    lines = [json.dumps(line()), "", "{", "[]", json.dumps(line(lot="9", opening="x"))]
    result = run([*lines, json.dumps(line(lot="2"))], "--out", str(out))
    assert result.exit_code == 1
    assert re.findall(r"^line (\d+): ", result.stderr, re.MULTILINE) == ["3", "4", "5"]
    assert [json.loads(text)["lot"] for text in out.read_text().splitlines()] == ["1", "2"]
    assert run([json.dumps(line())]).exit_code == 0


def test_the_command_needs_no_setting_at_all() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "bidding", "replay", "-"],
        input=json.dumps(line()), capture_output=True, text=True, check=True, cwd=ROOT,
        env={"PYTHONPATH": "platform:tenants:."},
    )  # fmt: skip
    assert json.loads(done.stdout)["price"] is None


def test_results_are_utf_8_on_a_terminal_that_is_not() -> None:
    told = json.dumps(line(submissions=[bid("Łucja", "20")]))
    done = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "bidding", "replay", "-"],
        input=told.encode(), capture_output=True, check=True, cwd=ROOT,
        env={"PYTHONPATH": "platform:tenants:.", "PYTHONIOENCODING": "latin-1"},
    )  # fmt: skip
    assert json.loads(done.stdout)["leader"] == "Łucja"


def test_the_documented_example_is_what_comes_out() -> None:
    text = (ROOT / "docs" / "replay-format.md").read_text()
    told = re.search(r"echo '(.*?)'", text, re.DOTALL)
    assert told is not None
    printed = [found for found in text.splitlines() if found.startswith('{"lot"')]
    assert run([told[1].replace("\n", "")]).output.splitlines() == printed


@given(st.binary(max_size=40), st.recursive(st.none() | st.integers() | st.text(), st.lists))
def test_nothing_makes_it_fail(text: bytes, value: Any) -> None:
    lines = [text.replace(b"\n", b""), json.dumps(line(submissions=value, lot=value)).encode()]
    for number, found in zip(count(1), replay_lines(lines), strict=False):
        assert (found.result is None) == (found.problem is not None)
        assert number <= len(lines)
