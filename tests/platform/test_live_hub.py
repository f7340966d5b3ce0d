"""Who gets which event, what is remembered, and who is let go."""

import asyncio
import time
from typing import Any

import pytest

from auctionxchange.live import hub as hub_module
from auctionxchange.live.hub import WAITING, Hub, Viewer
from auctionxchange.live.wire import Event, Position, make_event, read_position

OAK, ELM, PLATFORM = "t_oak", "t_elm", "app_platform"


def event(number: int, channel: str = "sale:1", house: str = OAK, **payload: Any) -> Event:
    return make_event(Position(10, number), house, channel, {"type": "lot", "lot": 1, **payload})


@pytest.fixture
def hub() -> Hub:
    return Hub(PLATFORM)


def joined(hub: Hub, *channels: str, house: str = OAK) -> Viewer:
    viewer = Viewer(house, channels)
    hub.join(viewer)
    return viewer


async def taken(viewer: Viewer) -> bytes:
    return await viewer.take(asyncio.get_running_loop().time() + 0.05)


async def test_followers_of_a_channel_get_the_same_bytes(hub: Hub) -> None:
    one, two, other = joined(hub, "sale:1"), joined(hub, "sale:1"), joined(hub, "sale:2")
    said = event(1)
    hub.publish(said)
    assert await taken(one) is said.frame
    assert await taken(two) is said.frame
    assert await taken(other) == b""


async def test_the_same_channel_of_another_house_is_another(hub: Hub) -> None:
    stranger = joined(hub, "sale:1", house=ELM)
    hub.publish(event(1))
    assert await taken(stranger) == b""
    assert hub.since(stranger, Position(0, 0)) == []
    assert hub.latest(ELM, ["sale:1"]) == []


async def test_a_slow_viewer_is_let_go_and_loses_nothing(hub: Hub) -> None:
    """Seen to fail when only the oldest frame was dropped: the position went past it."""
    viewer = joined(hub, "sale:1")
    for number in range(WAITING + 1):
        hub.publish(event(number))
    assert viewer.closing == "renew"
    assert await taken(viewer) == b""
    assert len(hub.since(viewer, Position(0, 0))) == WAITING + 1


async def test_what_waits_is_sent_before_the_end(hub: Hub) -> None:
    viewer = joined(hub, "member:7")
    hub.publish(event(1, "member:7", type="signed_out"))
    assert b"signed_out" in await taken(viewer)


async def test_only_the_member_signed_out_is_closed(hub: Hub) -> None:
    before = time.time()
    other, same_number = joined(hub, "member:8"), joined(hub, "member:7", house=ELM)
    hub.publish(event(1, "member:7", type="signed_out"))
    assert other.closing is None
    assert same_number.closing is None
    assert hub.signed_out_since(OAK, 7, before)
    assert not hub.signed_out_since(OAK, 7, time.time() + 1)
    assert not hub.signed_out_since(ELM, 7, before)
    assert not hub.signed_out_since(OAK, None, before)


@pytest.mark.parametrize("status", ["suspended", "closing", "deleted"])
async def test_a_house_off_the_air_has_no_viewers(hub: Hub, status: str) -> None:
    mine, others = joined(hub, "sale:1"), joined(hub, "sale:1", house=ELM)
    off = make_event(Position(10, 2), PLATFORM, "houses", {"type": status, "house": OAK})
    hub.publish(off)
    assert mine.closing == "renew"
    assert others.closing is None


async def test_a_house_cannot_put_another_off_the_air(hub: Hub) -> None:
    viewer = joined(hub, "sale:1")
    hub.publish(make_event(Position(10, 1), ELM, "houses", {"type": "suspended", "house": OAK}))
    assert viewer.closing is None


def test_the_oldest_is_forgotten_first(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "REMEMBERED", 3)
    for number, channel in enumerate(["sale:1", "sale:2", "sale:1", "sale:3", "sale:2"]):
        hub.remember(event(number, channel))
    assert hub.oldest == Position(10, 2)
    viewer = Viewer(OAK, ["sale:1", "sale:2", "sale:3"])
    rows = [found.position.row for found in hub.since(viewer, Position(10, 1))]
    assert rows == [2, 3, 4]
    assert len(hub._channels) == 3


def test_a_fresh_page_gets_the_latest_of_each_lot(hub: Hub) -> None:
    for number, lot in enumerate([1, 2, 1]):
        hub.remember(event(number, lot=lot))
    hub.remember(event(3, type="sale"))
    assert [found.position.row for found in hub.latest(OAK, ["sale:1"])] == [1, 2]


async def test_who_left_is_forgotten(hub: Hub) -> None:
    viewer = joined(hub, "sale:1", "member:7")
    hub.leave(viewer)
    assert not hub._viewers


@pytest.mark.parametrize(
    "text",
    [None, "", "5", "5-", "-5", "a-5", "5-b", "٥-٥", "5-5-5", "1-99999999999999999999", "9" * 90],
)
def test_a_position_that_is_none_is_read_as_none(text: str | None) -> None:
    assert read_position(text) is None


def test_positions_go_through_text() -> None:
    assert read_position(str(Position(12, 7))) == Position(12, 7)
