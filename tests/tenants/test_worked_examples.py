"""Worked examples: made for whatever terms can be sold by, and true to what the engine answers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auctionhouse.bidding.examples import (
    EXAMPLES,
    OF_THE_FORMAT,
    asked_about,
    usual_opening,
    worked_examples,
)
from auctionhouse.bidding.policies import Policies
from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.rules import BuyNow, Terms
from auctionhouse.bidding.terms import CHOICES, SCOPES, build_terms
from auctionhouse.bidding.way_examples import assumed_buy_now
from auctionhouse.bidding.ways import WAY_CHOICES
from auctionxchange.kernel.money import currency

GBP = currency("GBP")
amounts = st.integers(1, 10**9)


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    """Draw terms of any kind the forms accept."""
    starts = [0, *sorted(draw(st.sets(amounts, max_size=4)))]
    soft = {
        "window_s": draw(st.integers(1, 10**12)),
        "extend_s": draw(st.integers(1, 24 * 3600)),
        "from": draw(st.sampled_from(["bid", "end"])),
        "edge": draw(st.booleans()),
        "cap_s": draw(st.one_of(st.none(), st.integers(24 * 3600, 10**12))),
        "scope": draw(st.sampled_from(SCOPES)),
    }
    stored: dict[str, Any] = {
        "increments": [[start, draw(amounts)] for start in starts],
        "soft_close": draw(st.sampled_from([None, soft])),
        "conditional_share": draw(st.integers(0, 99)),
        **{name: draw(st.sampled_from(known)) for name, known in CHOICES.items()},
    }
    opening = draw(amounts)
    reserve = draw(st.one_of(st.none(), st.integers(opening, 10**10)))
    least = max(opening + 1, reserve or 0)
    prices = st.builds(BuyNow, st.integers(least, 10**11), st.one_of(st.none(), amounts))
    return build_terms(stored, None, opening, reserve, buy_now=draw(st.one_of(st.none(), prices)))


@given(any_terms())
def test_examples_are_made_for_any_terms(terms: Terms) -> None:
    made = worked_examples(terms, GBP, "en")
    assert set(made) == {*EXAMPLES, *OF_THE_FORMAT}
    for name in ("increments", "bound", "pricing", "own_raise", "off_ladder", "tie"):
        assert all(made[name]), name
    asked_about(terms, Policies(confirm_times_asking=1000), GBP, "en")


@pytest.mark.parametrize("preset", list(INCREMENTS))
@pytest.mark.parametrize(("locale", "unit"), [("en", "GBP"), ("fr", "EUR"), ("ja", "JPY")])
def test_presets_are_explained_in_every_currency(preset: str, locale: str, unit: str) -> None:
    stored = preset_terms(preset, currency(unit))
    terms = build_terms(stored, None, usual_opening(stored), None)
    assert worked_examples(terms, currency(unit), locale)["increments"]


def test_a_setting_changes_its_example() -> None:
    stored = preset_terms("uk-saleroom", GBP)
    for name, known in CHOICES.items():
        said = {
            "".join(
                worked_examples(
                    build_terms({**stored, name: value}, None, 10_000, 50_000), GBP, "en"
                )[name]
            )
            for value in known
        }
        assert len(said) == len(known), f"{name} shows no difference"


def test_an_assumed_price_can_be_sold_by() -> None:
    stored = {**preset_terms("uk-saleroom", GBP), "buy_now_until": "low_estimate"}
    for opening, low, high in ((100, None, None), (10_000, 20_000, 900_000)):
        offer = assumed_buy_now(stored, opening, low, high)
        terms = build_terms(stored, None, opening, None, buy_now=offer)
        assert len(worked_examples(terms, GBP, "en")["buy_now"]) == 4


def test_each_choice_of_offers_and_of_consent_is_shown() -> None:
    def said(name: str, **more: object) -> str:
        stored = {**preset_terms("uk-saleroom", GBP), **more}
        terms = build_terms(stored, None, 10_000, 50_000)
        return " ".join(worked_examples(terms, GBP, "en")[name])

    told = {choice: said("offers", offers=choice) for choice in WAY_CHOICES["offers"]}
    assert len(set(told.values())) == len(told)
    assert "An offer of £200 waits for you." in told["every_lot"]
    assert "£449.99" not in said("conditional_share")
    assert "the lot is not sold at £449.99" in said("conditional_share", conditional_share=90)
    assert "£450 buys the lot if the seller" in said("conditional_share", conditional_share=90)


def test_who_is_asked_once_more_is_told() -> None:
    terms = build_terms(preset_terms("uk-saleroom", GBP), None, 10_000, None)
    assert "£500" in asked_about(terms, Policies(confirm_times_asking=5), GBP, "en")[0]
    assert asked_about(terms, Policies(confirm_times_asking=0), GBP, "en") == []
