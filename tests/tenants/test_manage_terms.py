"""The forms of terms: every setting kept, every mistake said at its field, nothing typed lost."""

import re
from typing import Any

import pytest

from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue import operations
from auctionhouse.catalogue.models import Lot, Sale
from auctionxchange.kernel.database import HouseSession
from factories import catalogue as make
from factories.desks import Desk

TERMS: dict[str, Any] = {
    "format": "timed",
    "bid_for": "piece",
    "increments-from": ["0", "100", ""],
    "increments-step": ["5", "10", ""],
    "bound": "inclusive",
    "pricing": "ladder",
    "own_raise": "tops_up",
    "off_ladder": "round_down",
    "below_reserve": "full_max",
    "closing": "on",
    "window_s": "60",
    "extend_s": "90",
    "counted_from": "end",
    "edge": "no",
    "cap_s": "600",
    "scope": "cascade",
    "buy_now_until": "low_estimate",
    "buy_now_share": "70",
    "offers": "every_lot",
    "conditional_share": "85",
    "offer_hours": "12",
    "offers_each": "2",
    "conditional_hours": "24",
    "retraction": "allowed",
    "retraction_hours": "6",
    "house_bidding": "below_reserve",
    "bid_limit": "5,000",
    "confirm_times_asking": "",
}
STORED: dict[str, Any] = {
    "format": "timed",
    "bid_for": "piece",
    "increments": [[0, 500], [10000, 1000]],
    "bound": "inclusive",
    "pricing": "ladder",
    "own_raise": "tops_up",
    "off_ladder": "round_down",
    "below_reserve": "full_max",
    "soft_close": {
        "window_s": 60, "extend_s": 90, "from": "end", "edge": False, "cap_s": 600,
        "scope": "cascade",
    },
    "buy_now_until": "low_estimate", "buy_now_share": 70,
    "offers": "every_lot", "conditional_share": 85,
    "offer_hours": 12, "offers_each": 2, "conditional_hours": 24,
    "retraction": "allowed", "retraction_hours": 6, "house_bidding": "below_reserve",
    "bid_limit": 500_000,
}  # fmt: skip


@pytest.fixture
def sale(work: HouseSession) -> Sale:
    made = make.make_sale(work, lots=1)
    work.commit()
    return made


def typed(sale: Sale, **changes: Any) -> dict[str, Any]:
    return {**TERMS, "version": str(sale.version), **changes}


def test_every_setting_is_kept_and_shown_again(clerk: Desk, work: HouseSession, sale: Sale) -> None:
    path = f"/manage/sales/{sale.id}/terms"
    answer = clerk.post(path, typed(sale))
    assert answer.status_code == 302, answer.text
    work.refresh(sale)
    assert {name: sale.terms[name] for name in STORED} == STORED
    page = clerk.get(path).text
    for chosen in (
        "inclusive", "ladder", "tops_up", "round_down", "full_max", "cascade", "low_estimate",
    ):  # fmt: skip
        assert re.search(rf'<input[^>]*checked[^>]*value="{chosen}"', page), chosen
    assert 'name="cap_s" type="number" value="600"' in page


@pytest.mark.parametrize(
    ("change", "field", "complaint"),
    [
        ({"increments-from": ["0", "100", "50"], "increments-step": ["5", "10", "20"]},
         "increments", "must start above the one before it, 100"),
        ({"increments-from": ["0", "100"], "increments-step": ["5", "100"],
          "increments-none": "x", "window_s": "0"}, "window_s", "above zero seconds"),
        ({"increments-from": ["0", "100"], "increments-step": ["5", "0"]}, "increments",
         "more than nothing"),
        ({"increments-from": ["10", "100"], "increments-step": ["5", "10"]}, "increments",
         "must start from 0"),
        ({"increments-from": ["0", "100"], "increments-step": ["5", ""]}, "increments",
         "Give both"),
        ({"increments-from": ["0", "ten"], "increments-step": ["5", "10"]}, "increments",
         "Type the amount"),
        ({"increments-from": ["", ""], "increments-step": ["", ""]}, "increments",
         "at least one increment"),
        ({"increments-from": ["0", "0.001"], "increments-step": ["5", "10"]}, "increments",
         "Type the amount"),
        ({"extend_s": "0"}, "extend_s", "from one second to one day"),
        ({"extend_s": str(365 * 24 * 3600)}, "extend_s", "from one second to one day"),
        ({"extend_s": "soon"}, "extend_s", "Not a valid integer"),
        ({"window_s": "-5"}, "window_s", "above zero seconds"),
        ({"confirm_times_asking": "99999"}, "confirm_times_asking", "whole number from 0"),
        ({"bid_limit": "0"}, "bid_limit", "above zero"),
        ({"staff_bidding": "always"}, "staff_bidding", "Not a valid choice"),
        ({"cap_s": "10"}, "cap_s", "at least one extension"),
        ({"pricing": "guess"}, "pricing", "Not a valid choice"),
        ({"buy_now_until": "never"}, "buy_now_until", "Not a valid choice"),
        ({"buy_now_share": "0"}, "buy_now_share", "whole per cent from 1 to 200"),
        ({"buy_now_share": "some"}, "buy_now_share", "Not a valid integer"),
        ({"offers": "perhaps"}, "offers", "Not a valid choice"),
        ({"conditional_share": "100"}, "conditional_share", "whole per cent from 0 to 99"),
        ({"offer_hours": "0"}, "offer_hours", "whole number from 1"),
        ({"conditional_hours": "-1"}, "conditional_hours", "whole number from 1"),
        ({"format": "raffle"}, "format", "Not a valid choice"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_at_its_field_and_nothing_is_lost(
    clerk: Desk, work: HouseSession, sale: Sale, change: dict[str, Any], field: str, complaint: str
) -> None:
    before = dict(sale.terms)
    sent = typed(sale, **change)
    answer = clerk.post(f"/manage/sales/{sale.id}/terms", sent)
    assert answer.status_code == 422
    page = answer.text.replace("&#39;", "’")
    assert complaint in page
    assert f'href="#{field}"' in page, "the summary leads to the field"
    for name in ("increments-from", "increments-step"):
        for value in sent[name]:
            assert f'name="{name}" value="{value}"' in page
    work.refresh(sale)
    assert sale.terms == before


def test_a_sale_of_sealed_bids_needs_no_increments(clerk: Desk, work: HouseSession) -> None:
    sale = make.make_sale(work, lots=1, terms={})
    work.commit()
    blank = {"increments-from": ["0", ""], "increments-step": ["", ""], "closing": "off"}
    path = f"/manage/sales/{sale.id}/terms"
    assert clerk.post(path, typed(sale, **blank)).status_code == 422
    answer = clerk.post(path, typed(sale, format="sealed_first", **blank))
    assert answer.status_code == 302, answer.text
    work.refresh(sale)
    assert sale.terms["format"] == "sealed_first"
    assert "increments" not in sale.terms
    assert "Set the bidding increments" not in clerk.get(f"/manage/sales/{sale.id}/").text
    assert "£" in example(clerk.get(path).text, "format")


def test_rows_come_and_go_without_saving_and_a_preset_fills_them(
    clerk: Desk, work: HouseSession, sale: Sale
) -> None:
    path, before = f"/manage/sales/{sale.id}/terms", dict(sale.terms)
    added = clerk.post(path, typed(sale, do="add")).text
    assert added.count('name="increments-from"') == 4
    removed = clerk.post(path, typed(sale, do="remove-1")).text
    assert 'name="increments-from" value="100"' not in removed
    assert 'name="increments-from" value="0"' in removed
    filled = clerk.post(path, typed(sale, do="preset", preset="estate")).text
    assert 'name="increments-from" value="40"' in filled
    assert re.search(r'checked[^>]*value="inclusive"', filled)
    work.refresh(sale)
    assert sale.terms == before


def test_examples_follow_what_stands_in_the_form(clerk: Desk, sale: Sale) -> None:
    path = f"/manage/sales/{sale.id}/terms"
    ladder = clerk.post(path, typed(sale, do="look", pricing="ladder")).text
    free = clerk.post(path, typed(sale, do="look", pricing="to_maximum")).text
    assert example(ladder, "pricing") != example(free, "pricing")
    assert "highest amount on the ladder" in example(ladder, "pricing")
    assert "£" in example(free, "increments")
    assert "until" not in example(ladder, "buy_now")
    once = clerk.post(path, typed(sale, do="look", buy_now_until="first_bid")).text
    assert example(once, "buy_now") != example(ladder, "buy_now")
    assert "takes offers of any sum" in example(ladder, "offers")
    assert "if the seller accepts it" in example(ladder, "conditional_share")
    never = clerk.post(path, typed(sale, do="look", offers="never", conditional_share="0")).text
    assert "No lot takes offers" in example(never, "offers")
    assert "if the seller accepts it" not in example(never, "conditional_share")
    broken = clerk.post(path, typed(sale, do="look", **{"increments-step": ["5", "x", ""]})).text
    assert "Worked out" not in broken


def test_a_published_sale_keeps_its_terms_and_says_why(
    clerk: Desk, work: HouseSession, sale: Sale
) -> None:
    sale.conditions_id = operations.publish_conditions(work, "Ours", "Pay.", actor=None).id
    work.commit()
    clerk.post(f"/manage/sales/{sale.id}/publish", {}, page=f"/manage/sales/{sale.id}/")
    work.refresh(sale)
    assert sale.state == "published"
    before, path = dict(sale.terms), f"/manage/sales/{sale.id}/terms"
    assert "bidders have read them" in clerk.get(path).text
    refused = clerk.post(path, typed(sale))
    assert refused.status_code == 422
    assert "bidders have read them" in refused.text
    lot = work.query(Lot).filter_by(sale_id=sale.id).one()
    page = clerk.get(f"/manage/lots/{lot.id}/terms").text
    assert '<fieldset class="form-section" disabled>' in page
    assert clerk.post(f"/manage/lots/{lot.id}/terms", {"closing": "off"}).status_code == 422
    work.refresh(sale)
    assert sale.terms == before
    assert work.get(LotState, lot.id) is not None


def test_a_lot_overrides_its_sale_key_by_key(clerk: Desk, work: HouseSession, sale: Sale) -> None:
    lot = work.query(Lot).filter_by(sale_id=sale.id).one()
    path = f"/manage/lots/{lot.id}/terms"
    follows = dict.fromkeys(
        ("format", "bid_for", "bound", "pricing", "own_raise", "off_ladder", "below_reserve",
         "buy_now_until", "offers"),
        "sale",
    ) | {"buy_now_share": "", "conditional_share": ""}  # fmt: skip
    form = {**TERMS, **follows, "version": str(lot.version), "own_increments": "sale",
            "closing": "sale", "closing_group": "silver"}  # fmt: skip
    answer = clerk.post(path, {**form, "pricing": "ladder"})
    assert answer.status_code == 302, answer.text
    work.refresh(lot)
    assert (lot.terms, lot.closing_group) == ({"pricing": "ladder"}, "silver")
    form["version"] = str(lot.version)
    ways = {"buy_now_until": "first_bid", "offers": "never"}
    assert clerk.post(path, {**form, **ways, "conditional_share": "0"}).status_code == 302
    work.refresh(lot)
    assert lot.terms == {**ways, "conditional_share": 0}
    form["version"] = str(lot.version)
    own = clerk.post(path, {**form, "own_increments": "own", "closing": "off"})
    assert own.status_code == 302, own.text
    work.refresh(lot)
    assert lot.terms == {"increments": [[0, 500], [10000, 1000]], "soft_close": None}
    form["version"] = str(lot.version)
    assert clerk.post(path, {**form, "increments-step": ["0", "0", ""]}).status_code == 302
    work.refresh(lot)
    assert lot.terms is None, "a table the lot does not use is not looked at"


def test_two_editors_do_not_overwrite_each_other(
    clerk: Desk, work: HouseSession, sale: Sale
) -> None:
    path = f"/manage/sales/{sale.id}/terms"
    first = typed(sale)
    assert clerk.post(path, first).status_code == 302
    second = clerk.post(path, {**first, "pricing": "to_maximum"})
    assert second.status_code == 422
    assert "Somebody else changed this" in second.text
    work.refresh(sale)
    assert sale.terms["pricing"] == "ladder"


def example(page: str, name: str) -> str:
    """Return a worked example as it stands in a page."""
    found = re.search(rf'id="example-{name}".*?</div>', page, re.DOTALL)
    assert found is not None
    return found.group()
