"""Whole lines of calculation files as somebody outside writes them, against figures by hand."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from auctionhouse.money.commands import answers

FILE = Path(__file__).parent / "money_facts" / "literal_lines.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in FILE.read_text().splitlines()]
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["line"]["id"]))
def test_a_line_comes_to_what_was_reckoned_by_hand(case: dict[str, Any]) -> None:
    [found] = answers([json.dumps(case["line"]).encode()], TODAY)
    assert found.problem is None
    assert found.result is not None
    assert found.result["id"] == case["line"]["id"]
    for part in ("totals", "vendor", "margin"):
        assert found.result[part] == case[part], part


LOT = '{"lots": [{"hammer": "1000", "vat": "margin"}], "currency": "GBP"'
WRONG = [
    ("{", "This is not JSON"),
    ('[{"id": 1}]', "one JSON object a line"),
    ("\xff\xfe", "This is not JSON"),
    ('{"currency": "GBP", "lots": [{"hammer": NaN}]}', "This is not JSON"),
    ('{"currency": "GBP", "lots": [{"hammer": 1e400}]}', "lots[1].hammer"),
    (f'{{"currency": "GBP", "lots": [{{"hammer": {"9" * 5000}}}]}}', "This is not JSON"),
    (f'{{"currency": "GBP", "lots": [{{"hammer": "{"9" * 40}"}}]}}', "lots[1].hammer"),
    ('{"currency": "DOUBLOON", "lots": [{"hammer": "1"}]}', "currency"),
    ('{"currency": "GBP", "lots": {"hammer": "1"}}', "lots"),
    ('{"currency": "GBP", "lots": [{"hammer": "1", "vat": "VAT"}]}', "lots[1].vat"),
    (LOT + ', "terms": {"premium": [["0", "-5"]]}}', "terms.premium"),
    (LOT + ', "terms": {"premium": [["0", "5"], ["0", "6"]]}}', "terms.premium"),
    (LOT + ', "terms": {"premium": [["0", "5"], ["9", "6"], ["5", "7"]]}}', "terms.premium"),
    (LOT + ', "terms": {"premium": [["10", "5"]]}}', "terms.premium"),
    (LOT + ', "terms": {"round": "sometimes"}}', "terms.round"),
    (LOT + ', "vendor": {"vat_registered": true, "declaration": false}}', "margin scheme"),
]


def test_bad_lines_are_told_by_number_and_the_rest_goes_on() -> None:
    good = json.dumps(CASES[0]["line"]).encode()
    lines = [part for wrong, _said in WRONG for part in (wrong.encode("latin-1"), good)]
    found = list(answers(lines, TODAY))
    assert [one.number for one in found] == list(range(1, len(lines) + 1))
    for (_wrong, said), bad, right in zip(WRONG, found[::2], found[1::2], strict=True):
        assert bad.result is None
        assert said in (bad.problem or "")
        assert right.result is not None
