"""The rule simulator: the same story gives what the replay command gives, and mistakes are said."""

import io
import json
from typing import Any

import pytest

from auctionhouse.bidding.models import LotState
from auctionhouse.bidding.replay import replay_line, replay_lines
from auctionhouse.bidding.simulation import simulate
from auctionhouse.catalogue.models import Lot
from auctionxchange.kernel.database import HouseSession
from factories import catalogue as make
from factories.desks import Desk

PATH = "/manage/simulator"
STORY: dict[str, Any] = {
    "do": "run",
    "terms": "preset:uk-saleroom",
    "opening": "100",
    "reserve": "150",
    "ends_at": "2026-12-01T18:00",
    "story-at": ["17:30", "17:40:10", "17:59:30", ""],
    "story-who": ["Ann", "Ben", "Cleo", ""],
    "story-max": ["200", "140", "1,000", ""],
}
LINE: dict[str, Any] = {
    "lot": "7", "currency": "EUR", "opening": "10", "reserve": "60", "pricing": "ladder",
    "increments": [["0", "1"], ["50", "5"]], "own_raise": "tops_up",
    "starts_at": "2026-03-01T17:00:00Z", "ends_at": "2026-03-01T19:00:00Z",
    "soft_close": {"window_s": 60, "extend_s": 120, "from": "end"},
    "submissions": [
        {"at": "2026-03-01T16:59:00Z", "who": "early", "max": "99"},
        {"at": "2026-03-01T18:01:00Z", "who": "B", "max": "50"},
        {"at": "2026-03-01T18:00:00Z", "who": "A", "max": "52.50"},
        {"at": "2026-03-01T18:59:30Z", "who": "B", "max": "70"},
        {"at": "2026-03-01T18:59:40Z", "who": "B", "max": "90"},
        {"at": "2026-03-01T18:59:41Z", "who": "A", "max": "51"},
        {"at": "2026-03-01T19:02:00Z", "who": "A", "max": "500"},
    ],
}  # fmt: skip


def test_a_simulated_story_is_the_replayed_one() -> None:
    told = simulate(LINE, "en", str)
    assert told.result == replay_line(LINE)
    assert [step.accepted for step in told.steps] == [
        step["accepted"] for step in told.result["steps"]
    ]
    reasons = [step.why for step in told.steps]
    assert "before bidding opened" in reasons[0]
    assert "A’s earlier maximum is higher" in reasons[1], "told in the order of time"
    assert "first bid" in reasons[2]
    assert "moves from" in reasons[3]
    assert "raised their own maximum" in reasons[4]
    assert "less than" in reasons[5]
    assert "too late" in reasons[6]


def test_the_page_tells_a_story_and_its_file_replays_to_the_same(clerk: Desk) -> None:
    page = clerk.post(PATH, STORY).text
    assert "£210" in page or "£220" in page
    assert "Ann made the first bid, up to £200. It reaches the reserve" in page
    assert "moves from" in page
    file = clerk.post(PATH, {**STORY, "do": "download"})
    assert file.headers["Content-Disposition"] == 'attachment; filename="story.jsonl"'
    (line,) = replay_lines(io.BytesIO(file.data))
    assert line.result is not None
    assert line.result["leader"] == "Cleo"
    assert f"£{line.result['price'].removesuffix('.00')}" in page
    loaded = clerk.post(PATH, {**STORY, "do": "load", "file": (io.BytesIO(file.data), "s.jsonl")})
    assert loaded.status_code == 200
    assert "Ann made the first bid, up to £200. It reaches the reserve" in loaded.text


def test_a_file_keeps_its_own_terms_and_currency(clerk: Desk) -> None:
    content = json.dumps(LINE).encode()
    loaded = clerk.post(PATH, {**STORY, "do": "load", "file": (io.BytesIO(content), "s.jsonl")})
    assert loaded.status_code == 200
    assert 'name="story-max" value="52.50"' in loaded.text
    assert "€" in loaded.text
    result = replay_line(LINE)
    assert f"€{result['price'].removesuffix('.00')}" in loaded.text


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"story-at": ["half past", "17:40", "17:59", ""]}, "Write the time as"),
        ({"story-at": ["25:30", "17:40", "17:59", ""]}, "Write the time as"),
        ({"story-who": ["", "Ben", "Cleo", ""]}, "Say who bids"),
        ({"story-max": ["a lot", "140", "9", ""]}, "Type the amount"),
        ({"opening": "0"}, "above zero"),
        ({"opening": ""}, "fill this in"),
        ({"reserve": "50"}, "reserve may not be below"),
        ({"terms": "sale:999999"}, "Not a valid choice"),
        ({"do": "load"}, "Choose a replay file"),
    ],
)
def test_a_mistake_is_said_and_the_story_stays(
    clerk: Desk, change: dict[str, Any], complaint: str
) -> None:
    sent = {**STORY, **change}
    answer = clerk.post(PATH, sent)
    assert answer.status_code == 422
    assert complaint in answer.text
    for name in ("story-at", "story-who", "story-max"):
        for value in sent[name]:
            assert f'name="{name}" value="{value}"' in answer.text


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe", b'{"currency": "???"}'])
def test_what_is_no_replay_file_is_refused(clerk: Desk, content: bytes) -> None:
    answer = clerk.post(PATH, {**STORY, "do": "load", "file": (io.BytesIO(content), "x")})
    assert answer.status_code == 422
    assert 'name="story-who" value="Cleo"' in answer.text


def test_rows_are_pasted_added_and_removed(clerk: Desk) -> None:
    pasted = "time\twho\tmaximum\n17:45\tDora\t300\n17:46\tEve\t320\n"
    page = clerk.post(PATH, {**STORY, "do": "paste", "paste": pasted}).text
    assert 'name="story-who" value="Dora"' in page
    assert "Eve offered up to" in page
    assert 'value="who"' not in page
    assert clerk.post(PATH, {**STORY, "do": "add"}).text.count('name="story-who"') == 8
    gone = clerk.post(PATH, {**STORY, "do": "remove-1"}).text
    assert 'value="Ben"' not in gone


def test_a_purchase_is_told_as_well(clerk: Desk) -> None:
    story = {**STORY, "reserve": "", "buy_now": "500", "story-max": ["200", "buy", "1,000", ""]}
    page = clerk.post(PATH, {**story, "buy_now_until": "300"}).text
    assert "Ben bought the lot at once for £500" in page
    assert "too late" in page
    assert "Sold" in page
    gone = clerk.post(PATH, {**story, "buy_now_until": ""}).text
    assert "which is no longer offered" in gone
    file = clerk.post(PATH, {**story, "buy_now_until": "300", "do": "download"})
    loaded = clerk.post(PATH, {**STORY, "do": "load", "file": (io.BytesIO(file.data), "s.jsonl")})
    assert "Ben bought the lot at once for £500" in loaded.text
    assert 'name="story-max" value="buy"' in loaded.text
    wrong = clerk.post(PATH, {**story, "buy_now": "50", "buy_now_until": ""})
    assert wrong.status_code == 422
    assert "must be above the opening bid" in wrong.text


def test_a_lots_terms_are_tried_and_the_lot_is_not_touched(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=1)
    work.commit()
    lot = work.query(Lot).filter_by(sale_id=sale.id).one()
    lot.terms = {"pricing": "ladder"}
    work.commit()
    page = clerk.get(f"{PATH}?terms=lot:{lot.id}").text
    assert f'selected value="lot:{lot.id}"' in page
    line = json.loads(clerk.post(PATH, {**STORY, "terms": f"lot:{lot.id}", "do": "download"}).text)
    assert line["pricing"] == "ladder"
    assert line["increments"] == [["0.00", "10.00"], ["100.00", "20.00"]]
    assert line["soft_close"]["window_s"] == 180
    assert work.get(LotState, lot.id) is None
