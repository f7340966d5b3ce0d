"""What a reader is told about a lot, from its state and the time alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from auctionhouse.storefront.rules import (
    my_state,
    phase_of,
    reserve_state,
    sale_phase,
    split_label,
    steps_near,
    takes_bids,
)

NOON = datetime(2026, 12, 4, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class LotTimes:
    status: str = "open"
    outcome: str | None = None
    starts_at: datetime = NOON
    ends_at: datetime = NOON + HOUR
    scheduled_ends_at: datetime = NOON + HOUR


@dataclass(frozen=True)
class Sale:
    state: str = "published"
    starts_at: datetime | None = NOON
    ends_at: datetime | None = NOON + HOUR
    paused_at: datetime | None = None
    closed_at: datetime | None = None


@pytest.mark.parametrize(
    ("lot", "minutes", "paused", "phase"),
    [
        (LotTimes("scheduled"), -1, False, "scheduled"),
        (LotTimes("scheduled"), 0, False, "open"),
        (LotTimes(), 59, False, "open"),
        (LotTimes(), 60, False, "closing"),
        (LotTimes(), 600, False, "closing"),
        (LotTimes(ends_at=NOON + 2 * HOUR), 60, False, "extended"),
        (LotTimes(), 30, True, "paused"),
        (LotTimes("closed", "sold"), 30, True, "sold"),
        (LotTimes("closed", "unsold"), 61, False, "unsold"),
        (LotTimes("withdrawn"), 30, False, "withdrawn"),
    ],
)
def test_a_lot_is_in_one_phase(lot: LotTimes, minutes: int, paused: bool, phase: str) -> None:  # noqa: FBT001 - a case
    assert phase_of(lot, NOON + timedelta(minutes=minutes), paused=paused) == phase


def test_bids_are_offered_only_where_they_may_be_taken() -> None:
    phases = {"scheduled", "open", "extended", "closing", "paused", "sold", "unsold", "withdrawn"}
    assert {phase for phase in phases if takes_bids(phase)} == {"open", "extended"}


@pytest.mark.parametrize(
    ("sale", "minutes", "phase"),
    [
        (Sale(), -1, "scheduled"),
        (Sale(), 0, "open"),
        (Sale(), 60, "closing"),
        (Sale(paused_at=NOON), 30, "paused"),
        (Sale(closed_at=NOON + 2 * HOUR), 180, "closed"),
        (Sale(state="archived"), 30, "closed"),
        (Sale(starts_at=None), 30, "scheduled"),
    ],
)
def test_a_sale_is_in_one_phase(sale: Sale, minutes: int, phase: str) -> None:
    assert sale_phase(sale, NOON + timedelta(minutes=minutes)) == phase


@pytest.mark.parametrize(
    ("phase", "bid", "lead", "state"),
    [
        ("open", True, True, "leading"),
        ("closing", True, False, "outbid"),
        ("sold", True, True, "won"),
        ("sold", True, False, "lost"),
        ("unsold", True, True, "lost"),
        ("withdrawn", True, True, None),
        ("open", False, False, None),
    ],
)
def test_a_bidder_stands_somewhere(phase: str, bid: bool, lead: bool, state: str | None) -> None:  # noqa: FBT001 - a case
    assert my_state(phase, bid=bid, lead=lead) == state


def test_the_reserve_is_told_without_its_amount() -> None:
    assert reserve_state(has_reserve=False, met=True) == "no_reserve"
    assert reserve_state(has_reserve=True, met=False) == "reserve_not_met"
    assert reserve_state(has_reserve=True, met=True) == "reserve_met"


@pytest.mark.parametrize(
    ("label", "parts"),
    [("27", (27, "")), ("27a", (27, "A")), (" 007 ", (7, "")), ("0", None), ("A1", None),
     ("27ABC", None), ("٣", None), ("1" * 9, None), ("", None), ("1 OR 1", None)],
)  # fmt: skip
def test_a_lot_number_is_read_as_printed(label: str, parts: tuple[int, str] | None) -> None:
    assert split_label(label) == parts


def test_bid_steps_are_shown_from_the_next_bid_upwards() -> None:
    table = [(0, 5), (100, 10), (200, 20), (500, 50)]
    assert steps_near(table, 0, 2) == [(0, 5), (100, 10)]
    assert steps_near(table, 200) == [(200, 20), (500, 50)]
    assert steps_near(table, 9999) == [(500, 50)]
