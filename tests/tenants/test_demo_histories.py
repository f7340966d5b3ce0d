"""Real bid histories on the demo's lots: in time, in money, and different from lot to lot."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from auctionhouse.demo.bidders import CATCHING_UP_SECONDS, CATCHING_UP_SHARE, from_now
from auctionhouse.demo.histories import Stage, acts, histories, rounded
from auctionhouse.demo.programme import QUICK, reached

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
BIDDERS = 8


def stage(name: str = "oak/quick/1", *, low: int | None = 80_000, lasts: int = 240) -> Stage:
    return Stage(
        name=name,
        starts_at=START,
        ends_at=START + timedelta(seconds=lasts),
        opening=16_000,
        estimate=(low, None if low is None else low * 3 // 2),
        minor=100,
    )


def stages() -> list[Stage]:
    return [stage(f"{slug}/quick/{lot}") for slug in ("oak", "hudson") for lot in range(1, 200)]


def test_bids_come_while_the_lot_is_open() -> None:
    for each in stages():
        moments = [act.at for act in acts(each, BIDDERS)]
        assert moments == sorted(moments)
        assert each.starts_at <= moments[0]
        assert moments[-1] < each.ends_at


def test_amounts_run_from_the_opening_to_what_the_lot_reaches() -> None:
    for each in stages():
        maxima = [act.maximum for act in acts(each, BIDDERS)]
        assert min(maxima) >= each.opening
        assert all(maximum % each.minor == 0 for maximum in maxima)
        final = next(iter(histories()[each.number % len(histories())]["bids"][-1:]))[2]
        if final == histories()[each.number % len(histories())]["final"]:
            assert maxima[-1] == pytest.approx(each.aim, rel=0.11)


def test_some_lots_stay_below_their_reserve_and_some_fly() -> None:
    reached = [each.aim / 80_000 for each in stages()]
    assert min(reached) < 0.8
    assert max(reached) > 2


def test_a_lot_reaches_what_the_programme_says() -> None:
    """Near its reserve, short of it, or as it comes; nothing of others."""
    assert reached("quick-3", QUICK.near[0], 100_000) == 85_000
    assert reached("quick", QUICK.short[0], 100_000) == 45_000
    assert reached("quick", 1, 100_000) is reached("elsewhere", 3, 100_000) is None
    assert replace(stage(), reaches=64_000).aim == 64_000
    assert replace(stage(), reaches=1).aim == stage().opening


def test_houses_do_not_play_the_same_story() -> None:
    shown = {tuple(acts(stage(f"{slug}/quick/1"), BIDDERS)) for slug in ("oak", "hudson", "elm")}
    assert len(shown) > 1


def test_a_lot_without_an_estimate_is_played_too() -> None:
    assert list(acts(stage(low=None), BIDDERS))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(16_000, 16_000), (123_456, 120_000), (99_999, 99_000), (950, 900), (1_234_567, 1_200_000)],
)
def test_people_bid_round_amounts(amount: int, expected: int) -> None:
    assert rounded(amount, 100) == expected


def test_a_currency_without_small_change_is_rounded_alike() -> None:
    assert rounded(12_345, 1) == 12_000


def test_what_is_past_is_caught_up_with_soon_and_not_all_at_once() -> None:
    now = START.timestamp() + 120
    begun = [next(from_now(each, now, begun=False))[0] - now for each in stages()]
    assert all(0 <= moment <= 120 * CATCHING_UP_SHARE for moment in begun)
    assert len(set(begun)) > len(begun) / 10
    days = stage(lasts=4 * 86_400)
    past = sum(act.at.timestamp() <= now for act in acts(days, BIDDERS))
    moments = [at - now for at, _act in from_now(days, now, begun=False)][:past]
    assert all(0 <= moment <= CATCHING_UP_SECONDS for moment in moments)


def test_every_bid_is_placed_once_and_what_was_played_not_again() -> None:
    now = START.timestamp() + 120
    for each in stages():
        told = list(acts(each, BIDDERS))
        assert [act for _at, act in from_now(each, now, begun=False)] == told
        later = [act for act in told if act.at.timestamp() > now]
        assert [act for _at, act in from_now(each, now, begun=True)] == later
