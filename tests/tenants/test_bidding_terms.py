"""Terms as stored: merged, checked with a sentence that says how to mend them, shown and preset."""

from typing import Any

import pytest

from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.rules import SoftClose, Terms
from auctionhouse.bidding.term_errors import TermsInvalid
from auctionhouse.bidding.terms import CHOICES, SECOND, build_terms, public_terms
from auctionxchange.kernel.money import currency

PLAIN: dict[str, Any] = {"increments": [[0, 100], [1000, 500]]}
SOFT: dict[str, Any] = {"window_s": 120, "extend_s": 60}


def soft(**changes: Any) -> dict[str, Any]:
    return {**PLAIN, "soft_close": {**SOFT, **changes}}


@pytest.mark.parametrize(
    ("stored", "setting", "problem"),
    [
        ({}, "increments", "increments_empty"),
        ({"increments": []}, "increments", "increments_empty"),
        ({"increments": [[100, 10]]}, "increments", "increments_start"),
        ({"increments": [[0, 10], [50, 20], [50, 30]]}, "increments", "increments_order"),
        ({"increments": [[0, 10], [90, 20], [50, 30]]}, "increments", "increments_order"),
        ({"increments": [[0, 0]]}, "increments", "increments_step"),
        ({"increments": [[0, 10], [50, -1]]}, "increments", "increments_step"),
        ({"increments": [[0]]}, "increments", "increments_shape"),
        ({"increments": [0, 10]}, "increments", "increments_shape"),
        ({"increments": [["0", "10"]]}, "increments", "increments_shape"),
        ({"increments": [[0, 0.5]]}, "increments", "increments_shape"),
        ({"increments": [[0, True]]}, "increments", "increments_shape"),
        ({**PLAIN, "bound": "both"}, "bound", "choice"),
        ({**PLAIN, "pricing": None}, "pricing", "choice"),
        ({**PLAIN, "format": "raffle"}, "format", "choice"),
        ({**PLAIN, "bid_for": "dozen"}, "bid_for", "choice"),
        (soft(window_s=0), "soft_close", "window"),
        (soft(extend_s=0), "soft_close", "extension"),
        (soft(extend_s=365 * 24 * 3600), "soft_close", "extension"),
        (soft(cap_s=59), "soft_close", "cap"),
        (soft(window_s="120"), "soft_close", "seconds"),
        (soft(**{"from": "start"}), "soft_close", "choice"),
        ({**PLAIN, "soft_close": {"window_s": 120}}, "soft_close", "seconds"),
        ({**PLAIN, "soft_close": "yes"}, "soft_close", "seconds"),
    ],
)
def test_what_cannot_be_sold_by_is_refused_with_its_setting(
    stored: dict[str, Any], setting: str, problem: str
) -> None:
    with pytest.raises(TermsInvalid) as refused:
        build_terms(stored, None, 1000, None)
    fields = refused.value.fields
    assert (fields["setting"], fields["problem"]) == (setting, problem)
    assert refused.value.message().endswith(".")


@pytest.mark.parametrize(
    ("opening", "reserve", "setting"),
    [(0, None, "opening"), (-5, None, "opening"), (1000, 999, "reserve")],
)
def test_a_lots_own_amounts_are_checked(opening: int, reserve: int | None, setting: str) -> None:
    with pytest.raises(TermsInvalid) as refused:
        build_terms(PLAIN, None, opening, reserve)
    assert refused.value.fields["setting"] == setting


def test_what_is_not_said_is_as_usual() -> None:
    assert build_terms(PLAIN, None, 1000, None) == Terms(((0, 100), (1000, 500)), opening=1000)
    assert build_terms(soft(), None, 1000, None).soft_close == SoftClose(120 * SECOND, 60 * SECOND)


def test_a_lots_terms_go_before_its_sales_key_by_key() -> None:
    sale = {**soft(), "pricing": "ladder", "own_raise": "tops_up"}
    terms = build_terms(sale, {"increments": [[0, 7]], "soft_close": None}, 10, 20)
    assert (terms.increments, terms.soft_close) == (((0, 7),), None)
    assert (terms.pricing, terms.own_raise, terms.reserve) == ("ladder", "tops_up", 20)


def test_what_the_ledger_shows_gives_the_same_terms_again() -> None:
    stored = {
        **soft(cap_s=600, edge=False, **{"from": "end"}),
        **{name: choices[-1] for name, choices in CHOICES.items()},
    }
    terms = build_terms(stored, None, 1000, None)
    shown = public_terms(terms)
    assert build_terms(shown, None, shown["opening"], None) == terms


def test_the_ledger_never_shows_a_reserve() -> None:
    shown = public_terms(build_terms(PLAIN, None, 1000, 54321))
    assert "54321" not in str(shown)


@pytest.mark.parametrize("code", ["GBP", "JPY", "KWD"])
@pytest.mark.parametrize("name", INCREMENTS)
def test_a_preset_can_be_sold_by_in_any_currency(name: str, code: str) -> None:
    terms = build_terms(preset_terms(name, currency(code)), None, 1, None)
    whole = 10 ** currency(code).exponent
    assert terms.step_at(1000 * whole) >= whole


def climbed(terms: Terms, start: int, rungs: int) -> list[int]:
    climbed = [start]
    for _ in range(rungs):
        climbed.append(climbed[-1] + terms.step_at(climbed[-1] * 100) // 100)
    return climbed


def test_british_salerooms_go_up_in_twos_fives_and_eights() -> None:
    terms = build_terms(preset_terms("uk-saleroom", currency("GBP")), None, 1, None)
    assert climbed(terms, 200, 11) == [200, 220, 250, 280, 300, 320, 350, 380, 400, 420, 450, 480]
    assert climbed(terms, 480, 4) == [480, 500, 550, 600, 650]
    assert climbed(terms, 950, 4) == [950, 1000, 1100, 1200, 1300]
    assert climbed(terms, 1900, 5) == [1900, 2000, 2200, 2500, 2800, 3000]
    assert climbed(terms, 4800, 3) == [4800, 5000, 5500, 6000]


def test_american_salerooms_take_round_steps() -> None:
    terms = build_terms(preset_terms("us-saleroom", currency("USD")), None, 1, None)
    assert climbed(terms, 450, 4) == [450, 475, 500, 550, 600]


def test_a_house_clearance_goes_on_in_the_lower_step_at_a_bound() -> None:
    terms = build_terms(preset_terms("estate", currency("CAD")), None, 1, None)
    assert climbed(terms, 9, 3) == [9, 10, 11, 14]
