"""Lot numbers, references, states and the check before publishing."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auctionhouse.catalogue import rules

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
SALE = rules.SaleFacts(
    title="Spring",
    starts_at=NOW,
    ends_at=NOW + timedelta(days=1),
    conditions_published=True,
    has_increments=True,
)
LOT = rules.LotFacts(
    label="1",
    title="A view",
    reserve=None,
    estimate_low=1000,
    estimate_on_request=False,
    pictures=1,
    pictures_without_text=0,
    withdrawn=False,
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("27", (27, "")), (" 27a ", (27, "A")), ("1AB", (1, "AB"))],
)
def test_a_lot_number_is_read_as_printed(text: str, expected: tuple[int, str]) -> None:
    assert rules.parse_lot_label(text) == expected


@pytest.mark.parametrize("text", ["", "0", "A", "-1", "12345678", "1ABC", "٢٧", "2 7"])
def test_what_is_no_lot_number_is_refused(text: str) -> None:
    assert rules.parse_lot_label(text) is None


@pytest.mark.parametrize(
    ("text", "good"),
    [("spring-2026", True), ("Spring", False), ("a--b", False), ("-a", False), ("a" * 61, False)],
)
def test_a_reference_fits_an_address(text: str, good: bool) -> None:  # noqa: FBT001
    assert rules.is_reference(text) is good


def test_a_sale_is_published_once_and_never_drawn_back() -> None:
    assert rules.next_state("draft", "publish") == "published"
    assert rules.next_state("published", "publish") is None
    assert "draft" not in {
        state for acts in rules.SALE_TRANSITIONS.values() for state in acts.values()
    }


def test_a_complete_sale_has_no_findings() -> None:
    assert rules.check_before_publishing(SALE, [LOT], NOW) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"title": " "}, "title"),
        ({"ends_at": None}, "times"),
        ({"ends_at": NOW}, "ended"),
        ({"conditions_published": False}, "conditions"),
        ({"has_increments": False}, "increments"),
    ],
)
def test_a_sale_that_lacks_something_is_held_back(change: dict[str, object], code: str) -> None:
    findings = rules.check_before_publishing(replace(SALE, **change), [LOT], NOW)  # type: ignore[arg-type]
    assert [(finding.code, finding.blocking) for finding in findings] == [(code, True)]


def test_only_what_harms_bidders_blocks_and_comes_first() -> None:
    bad = replace(LOT, label="2", pictures=0, title=" ")
    findings = rules.check_before_publishing(SALE, [LOT, bad], NOW)
    assert [(finding.code, finding.blocking, finding.lots) for finding in findings] == [
        ("lot_title", True, ("2",)),
        ("no_picture", False, ("2",)),
    ]


def test_a_sale_of_withdrawn_lots_has_none() -> None:
    findings = rules.check_before_publishing(SALE, [replace(LOT, withdrawn=True)], NOW)
    assert [finding.code for finding in findings] == ["no_lots"]
