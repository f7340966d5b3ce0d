"""The demo's stories: real histories on real works, at amounts and moments of the lot."""

from datetime import UTC, datetime, timedelta

from auctionhouse.demo.bidders import from_now
from auctionhouse.demo.histories import acts, histories
from auctionhouse.demo.houses import HOUSES
from auctionhouse.demo.people import BIDDERS
from auctionhouse.demo.sales import long_plans, quick_plan
from auctionhouse.demo.works import works
from auctionxchange.theming.themes import theme_names

START = datetime(2026, 11, 24, 12, tzinfo=UTC)
END = START + timedelta(minutes=6)


def test_a_history_fills_the_lots_time_and_meets_its_estimate() -> None:
    for number in range(len(histories())):
        told = list(
            acts(number, START, END, opening=100_00, aim=500_00, step=10_00, bidders=BIDDERS)
        )
        assert len(told) >= 3
        assert all(START <= act.at < END for act in told)
        assert [act.at for act in told] == sorted(act.at for act in told)
        assert {act.bidder for act in told} <= set(range(1, BIDDERS + 1))
        assert all(act.maximum > 0 and act.maximum % 10_00 == 0 for act in told)


def test_what_is_past_is_played_soon_once_and_what_is_to_come_at_its_moment() -> None:
    told = list(acts(0, START, END, opening=100_00, aim=500_00, step=10_00, bidders=BIDDERS))
    now = told[len(told) // 2].at.timestamp()
    first = list(from_now(told, now, begun=False))
    again = list(from_now(told, now, begun=True))
    assert [act for _at, act in first] == told
    assert all(at >= now for at, _act in first)
    assert again == [(act.at.timestamp(), act) for act in told if act.at.timestamp() > now]


def test_every_work_has_a_record_and_a_picture() -> None:
    assert len(works()) >= 170
    for work in works():
        assert work.picture.stat().st_size > 0
        assert work.title
        assert work.alt


def test_houses_differ_and_share_no_work() -> None:
    assert len({house.new.currency for house in HOUSES}) == 3
    assert len({house.new.theme for house in HOUSES}) == 3
    assert {house.new.theme for house in HOUSES} <= set(theme_names())
    shown = [
        work.picture
        for place, house in enumerate(HOUSES)
        for plan in [*long_plans(house, place), quick_plan(house, 1, works()[place::3])]
        for work in plan.pictures
    ]
    assert len(shown) == len(set(shown))


def test_the_quick_sale_is_over_within_ten_minutes() -> None:
    plan = quick_plan(HOUSES[0], 1, works())
    last = plan.ends + timedelta(seconds=plan.interval * (len(plan.pictures) - 1))
    assert plan.longest_extension is not None
    assert last + timedelta(seconds=plan.longest_extension) <= timedelta(minutes=10)
