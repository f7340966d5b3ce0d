"""What holds for every invoice, and what each rule does to one lot."""

import json
import os
import subprocess
import sys
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auctionhouse.money.bands import Band
from auctionhouse.money.commands import answer, answers
from auctionhouse.money.refusals import MarginForbidden, ReckoningInvalid
from auctionhouse.money.rounding import rounded
from auctionhouse.money.rules import Calculation, calculate, divided
from auctionhouse.money.terms import (
    Artist,
    Fee,
    MoneyTerms,
    Rates,
    ResaleRight,
    SalesTax,
    SoldLot,
    VendorTerms,
)
from auctionhouse.money.vat import SYMBOLS, months_after, proof_in_time, vat_inside
from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.kernel.money import currency

TODAY = date(2026, 3, 2)
PERCENTS = st.decimals(0, 40, places=3)
UNITS = st.sampled_from(["GBP", "JPY", "KWD", "EUR"])
BANDS = st.builds(
    lambda first, rest: tuple(
        Band(Fraction(start), percent)
        for start, percent in [(0, first), *((start, rate) for start, rate in sorted(rest.items()))]
    ),
    PERCENTS,
    st.dictionaries(st.integers(1, 10**7), PERCENTS, max_size=3),
)
FEES = st.lists(
    st.builds(
        Fee,
        name=st.sampled_from("abc"),
        amount=st.integers(0, 9999),
        percent=PERCENTS,
        taxed=st.booleans(),
        per=st.sampled_from(["lot", "invoice"]),
        when=st.sampled_from(["sold", "unsold", "always"]),
    ),
    max_size=2,
    unique_by=lambda fee: fee.name,
).map(tuple)
TERMS = st.builds(
    MoneyTerms,
    premium=BANDS,
    premium_minimum=st.none() | st.integers(0, 1000),
    surcharge_percent=PERCENTS,
    overhead_percent=PERCENTS,
    discount_percent=PERCENTS,
    fees=FEES,
    vat=st.builds(Rates, standard=PERCENTS, reduced=PERCENTS, premium=PERCENTS),
    sales_tax=st.none() | st.builds(SalesTax, percent=PERCENTS),
    resale_right=st.none()
    | st.builds(
        ResaleRight,
        country=st.sampled_from(["GB", "FR", "AU"]),
        rate=st.decimals("0.5", 200, places=4),
        borne_by=st.sampled_from(["buyer", "seller", "house"]),
    ),
    round=st.sampled_from(["line", "invoice"]),
)
LOTS = st.lists(
    st.builds(
        SoldLot,
        lot=st.just(""),
        hammer=st.none() | st.integers(0, 10**9),
        quantity=st.integers(1, 12),
        vat=st.sampled_from(sorted(SYMBOLS)),
        artist=st.none() | st.just(Artist(nationalities=frozenset({"FR"}))),
        premium=st.none() | BANDS,
    ),
    min_size=1,
    max_size=6,
).map(
    lambda lots: [
        SoldLot(
            lot=str(place), hammer=lot.hammer, quantity=lot.quantity, vat=lot.vat,
            artist=lot.artist, premium=lot.premium,
        )
        for place, lot in enumerate(lots)
    ]
)  # fmt: skip
VENDORS = st.builds(
    VendorTerms, commission=BANDS, minimum=st.none() | st.integers(0, 1000), fees=FEES
)


def reckon(lots: list[SoldLot], terms: MoneyTerms, **more: Any) -> Calculation:
    return calculate(lots, terms, currency("GBP"), sale_date=TODAY, **more)


@given(LOTS, TERMS, VENDORS, UNITS)
def test_lines_add_up_to_the_totals(
    lots: list[SoldLot], terms: MoneyTerms, vendor: VendorTerms, code: str
) -> None:
    found = calculate(lots, terms, currency(code), sale_date=TODAY, vendor=vendor)
    kinds = {line.kind for line in found.lines}
    assert sum(found.sum_of(kind) for kind in kinds) == found.total
    assert found.sum_of("hammer") == sum((lot.hammer or 0) * lot.quantity for lot in lots)
    named = {line.lot for line in found.lines}
    assert sum(found.lot_total(lot) for lot in named if lot is not None) + sum(
        line.amount for line in found.lines if line.lot is None
    ) == found.total  # fmt: skip
    side = found.vendor
    assert side is not None
    charged = sum(line.amount for line in side.lines)
    assert side.net == side.hammer - charged - side.resale_right
    assert all(line.rule for line in [*found.lines, *side.lines])


@given(LOTS, TERMS, st.sets(st.integers(0, 5)))
def test_splitting_an_invoice_never_changes_its_sum(
    lots: list[SoldLot], terms: MoneyTerms, chosen: set[int]
) -> None:
    whole = reckon(lots, terms)
    first, rest = divided(whole, [str(place) for place in chosen])
    assert first.total + rest.total == whole.total


@given(LOTS, TERMS, st.sets(st.integers(0, 5)))
def test_lots_reckoned_apart_cost_the_same_where_lines_are_rounded(
    lots: list[SoldLot], terms: MoneyTerms, chosen: set[int]
) -> None:
    own = [fee for fee in terms.fees if fee.per == "lot"]
    by_line = MoneyTerms(
        **{
            **{name: getattr(terms, name) for name in MoneyTerms.__dataclass_fields__},
            "round": "line",
            "fees": tuple(own),
        }
    )
    first = [lot for place, lot in enumerate(lots) if place in chosen]
    rest = [lot for lot in lots if lot not in first]
    assert reckon(first, by_line).total + reckon(rest, by_line).total == reckon(lots, by_line).total


@given(st.integers(1, 10**6), st.integers(2, 30), TERMS)
def test_pieces_of_a_quantity_lot_cost_all_buyers_the_same(
    price: int, pieces: int, terms: MoneyTerms
) -> None:
    plain = MoneyTerms(premium=terms.premium, vat=terms.vat, sales_tax=terms.sales_tax)
    together = reckon([SoldLot(lot="1", hammer=price, quantity=pieces)], plain)
    alone = reckon([SoldLot(lot="1", hammer=price)], plain)
    assert together.total == alone.total * pieces


@given(LOTS, TERMS)
def test_rounding_once_is_at_most_half_a_unit_from_the_exact_premium(
    lots: list[SoldLot], terms: MoneyTerms
) -> None:
    once = MoneyTerms(premium=terms.premium, round="invoice")
    found = reckon(lots, once)
    exact = Fraction()
    for lot in lots:
        table = terms.premium if lot.premium is None else lot.premium
        for place, band in enumerate(table):
            end = table[place + 1].start if place + 1 < len(table) else None
            price = Fraction(lot.hammer or 0)
            top = price if end is None else min(price, end)
            exact += max(top - band.start, Fraction()) * Fraction(band.percent) / 100 * lot.quantity
    assert abs(found.sum_of("premium") - exact) <= Fraction(1, 2)


@given(LOTS, TERMS, VENDORS)
def test_the_margin_scheme_shows_the_buyer_no_tax(
    lots: list[SoldLot], terms: MoneyTerms, vendor: VendorTerms
) -> None:
    found = reckon(lots, terms, vendor=vendor)
    under = {lot.lot for lot in lots if lot.vat == "margin"}
    assert not [line for line in found.lines if line.kind == "vat" and line.lot in under]


@pytest.mark.parametrize(
    ("value", "step", "how", "expected"),
    [
        ("0.5", 1, "half_up", 1), ("1.5", 1, "half_up", 2), ("2.4999", 1, "half_up", 2),
        ("-0.5", 1, "half_up", -1), ("-2.4", 1, "half_up", -2), ("2.9", 1, "down", 2),
        ("-2.9", 1, "down", -2), ("149", 100, "half_up", 100), ("150", 100, "half_up", 200),
        ("7.5", 5, "half_up", 10), ("0", 5, "half_up", 0),
    ],
)  # fmt: skip
def test_halves_go_up(value: str, step: int, how: Any, expected: int) -> None:
    assert rounded(Fraction(value), step, how) == expected


def told(**line: Any) -> dict[str, Any]:
    return answer({"currency": "GBP", "sale_date": "2026-03-02", **line}, 1, TODAY)


def resale(
    hammer: str, *, nationality: str = "FR", died: Any = None, bought: str | None = None,
    sold: str = "2026-03-02", unit: str = "GBP", **right: Any,
) -> str:  # fmt: skip
    lot = {
        "hammer": hammer,
        "artist": {"nationality": nationality, "died": died},
        "bought_from_artist_on": bought,
    }
    found = told(currency=unit, sale_date=sold, lots=[lot], terms={"resale_right": right})
    royalty: str = found["totals"]["resale_right"]
    return royalty


def test_a_countrys_own_table_is_used_where_none_is_given() -> None:
    assert resale("210000", country="GB") == "6600.00"
    assert resale("999.99", country="GB") == "0.00"
    assert resale("3000000", country="GB") == "12500.00"
    assert resale("749.99", unit="EUR", country="FR") == "0.00"
    assert resale("750", unit="EUR", country="FR") == "30.00"
    assert resale("1000000", unit="AUD", country="AU") == "50000.00"
    assert resale("50000", unit="EUR", country="DK") == "2500.00"


def test_british_limits_were_in_euros_before_april_2024() -> None:
    with pytest.raises(ReckoningInvalid, match="rate"):
        resale("1000", sold="2024-03-31", country="GB")
    assert resale("860", sold="2024-03-31", country="GB", rate="0.86") == "34.40"
    assert resale("859.99", sold="2024-03-31", country="GB", rate="0.86") == "0.00"


@pytest.mark.parametrize(
    ("died", "due"),
    [(1955, "0.00"), ("1956-01-01", "40.00"), (1956, "40.00"), (None, "40.00")],
)
def test_the_right_lasts_through_the_seventieth_year_after_death(died: Any, due: str) -> None:
    assert resale("1000", died=died, country="GB") == due


def test_only_artists_of_countries_that_grant_the_right_share() -> None:
    assert resale("1000", nationality="US", country="GB") == "0.00"
    assert resale("1000", nationality="NO", country="GB") == "40.00"
    assert resale("1000", nationality="US", country="GB", nationalities=["US"]) == "40.00"
    assert resale("1000", nationality="US", bands=[["0", "4"]]) == "40.00"


@pytest.mark.parametrize(
    ("bought", "hammer", "due"),
    [
        ("2023-03-03", "10000", "0.00"),
        ("2023-03-02", "10000", "400.00"),
        ("2025-01-01", "10000.01", "400.00"),
        (None, "10000", "400.00"),
    ],
)
def test_a_seller_who_bought_from_the_artist_lately_owes_nothing_up_to_a_limit(
    bought: str | None, hammer: str, due: str
) -> None:
    assert resale(hammer, bought=bought, country="GB") == due


@pytest.mark.parametrize(
    ("bearer", "buyer", "seller"),
    [("buyer", "40.00", "0.00"), ("seller", "0.00", "40.00"), ("house", "0.00", "0.00")],
)
def test_the_royalty_is_borne_by_whom_the_conditions_say(
    bearer: str, buyer: str, seller: str
) -> None:
    found = told(
        lots=[{"hammer": "1000", "artist": {"nationality": "GB"}}],
        terms={"resale_right": {"country": "GB", "borne_by": bearer}},
        vendor={},
    )
    assert found["totals"]["resale_right"] == buyer
    assert found["vendor"]["resale_right"] == seller
    assert Decimal(found["vendor"]["net"]) == 1000 - Decimal(seller)


@pytest.mark.parametrize(
    ("vat", "hammer_tax", "service_tax"),
    [
        ("standard", "200.00", "50.00"), ("premium_only", "0", "50.00"), ("margin", "0", "0"),
        ("import_reduced", "50.00", "50.00"), ("import_standard", "200.00", "50.00"),
        ("zero", "0", "0"), ("outside", "0", "0"),
    ],
)  # fmt: skip
def test_each_treatment_taxes_what_it_says(vat: str, hammer_tax: str, service_tax: str) -> None:
    found = told(
        lots=[{"hammer": "1000", "vat": vat}],
        terms={"premium": [["0", "25"]], "vat": {"standard": "20", "reduced": "5"}},
    )
    assert Decimal(found["totals"]["vat"]) == Decimal(hammer_tax) + Decimal(service_tax)


def test_a_registered_vendor_needs_a_declaration_for_the_margin_scheme() -> None:
    lots = [SoldLot(lot="7", hammer=100, vat="margin")]
    for registered, declared in [(False, False), (False, True), (True, True)]:
        reckon(
            lots, MoneyTerms(), vendor=VendorTerms(vat_registered=registered, declaration=declared)
        )
    with pytest.raises(MarginForbidden) as refused:
        reckon(lots, MoneyTerms(), vendor=VendorTerms(vat_registered=True, declaration=False))
    assert "Lot 7" in refused.value.message()


def test_a_registered_vendors_own_tax_is_told_beside_the_net() -> None:
    lots = [SoldLot(lot="7", hammer=1000, vat="standard"), SoldLot(lot="8", hammer=1000)]
    terms = MoneyTerms(vat=Rates(standard=Decimal(20), premium=Decimal(20)))
    found = reckon(lots, terms, vendor=VendorTerms(vat_registered=True)).vendor
    assert found is not None
    assert (found.net, found.hammer_vat) == (2000, 400)


def test_a_dealers_margin_is_on_what_the_house_paid_and_never_negative_in_tax() -> None:
    terms = {"premium": [["0", "20"]], "vat": {"standard": "20"}}
    lots = [{"hammer": "1000", "vat": "margin", "bought_for": "600"},
            {"hammer": "100", "vat": "margin", "bought_for": "500"}]  # fmt: skip
    assert told(lots=lots, terms=terms)["margin"] == {
        "selling_price": "1320.00", "purchase_price": "1100.00", "margin": "220.00",
        "tax": "100.00",
    }  # fmt: skip


def test_vat_inside_an_amount() -> None:
    assert vat_inside(12000, Decimal(20)) == 2000
    assert rounded(vat_inside(11000, Decimal("17.5"))) == 1638


def test_unsold_lots_cost_their_vendor_what_was_agreed() -> None:
    found = told(
        lots=[{"hammer": None}, {"hammer": "1000"}],
        terms={"vat": {"standard": "20"}},
        vendor={
            "commission": [["0", "10"]],
            "minimum": "25",
            "fees": [
                {"name": "unsold", "amount": "15", "when": "unsold"},
                {"name": "photography", "amount": "5", "when": "always"},
                {"name": "insurance", "percent": "1.5"},
            ],
        },
    )
    assert found["vendor"] == {
        "commission": "100.00", "fees": "40.00", "vat": "28.00", "resale_right": "0.00",
        "net": "832.00",
    }  # fmt: skip


def test_proof_of_export_in_time_brings_the_vat_back() -> None:
    lot = {"hammer": "1000", "vat": "standard", "export_proof_on": "2026-06-02"}
    terms = {"premium": [["0", "25"]], "vat": {"standard": "20"}}
    assert told(lots=[lot], terms=terms)["totals"]["total"] == "1250.00"
    late = {**lot, "export_proof_on": "2026-06-03"}
    assert told(lots=[late], terms=terms)["totals"]["total"] == "1500.00"
    assert proof_in_time(date(2025, 11, 30), date(2026, 2, 28))
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_sales_tax_depends_on_where_the_goods_go() -> None:
    tax = {"percent": "6", "places": {"NY": "8.875", "OR": "0"}}
    lots = [{"hammer": "100", "vat": "outside"}]
    due = {
        place: told(lots=lots, terms={"sales_tax": tax, "place": place})["totals"]["sales_tax"]
        for place in ("NY", "OR", "PA")
    }
    assert due == {"NY": "8.88", "OR": "0.00", "PA": "6.00"}


def test_a_discount_lowers_what_tax_is_on() -> None:
    found = told(
        lots=[{"hammer": "100"}],
        terms={"premium": [["0", "20"]], "discount_percent": "5", "vat": {"standard": "20"}},
    )
    assert found["totals"]["discount"] == "-6.00"
    assert (found["totals"]["vat"], found["totals"]["total"]) == ("22.80", "136.80")


def test_lines_are_rounded_each_or_once() -> None:
    lots = [{"hammer": "0.12"} for _ in range(3)]
    terms = {"vat": {"standard": "20"}}
    assert told(lots=lots, terms={**terms, "round": "line"})["totals"]["vat"] == "0.06"
    assert told(lots=lots, terms={**terms, "round": "invoice"})["totals"]["vat"] == "0.07"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"currency": None}, "currency"),
    ({"currency": "ABC"}, "currency"),
    ({"lots": []}, "lots"),
    ({"lots": [{}]}, "lots[1].hammer"),
    ({"lots": [{"hammer": "-1"}]}, "negative"),
    ({"lots": [{"hammer": "1.001"}]}, "2 decimals"),
    ({"lots": [{"hammer": "1e3"}]}, "lots[1].hammer"),
    ({"lots": [{"hammer": "9999999999999999"}]}, "lots[1].hammer"),
    ({"lots": [{"hammer": True}]}, "lots[1].hammer"),
    ({"lots": [{"hammer": "1", "vat": "normal"}]}, "lots[1].vat"),
    ({"lots": [{"hammer": "1", "quantity": 0}]}, "quantity"),
    ({"lots": [{"hammer": "1", "hamer": "2"}]}, "lots[1].hamer"),
    ({"lots": [{"hammer": "1", "bought_from_artist_on": "2027-01-01"}]}, "after the sale"),
    ({"lots": [{"hammer": "1", "artist": {"nationality": "French"}}]}, "two letters"),
    ({"sale_date": "2026-02-30"}, "sale_date"),
    ({"terms": []}, "terms"),
    ({"terms": {"premium": [["0", "-5"]]}}, "negative"),
    ({"terms": {"premium": [["100", "5"]]}}, "starts at 0"),
    ({"terms": {"premium": [["0", "25"], ["0", "20"]]}}, "overlap"),
    ({"terms": {"premium": [["0", "25"], ["500", "20"], ["400", "10"]]}}, "overlap"),
    ({"terms": {"premium": [["0"]]}}, "two numbers"),
    ({"terms": {"premium_minimum": "5", "premium_maximum": "4"}}, "below the minimum"),
    ({"terms": {"vat": {"standard": "-20"}}}, "terms.vat.standard"),
    ({"terms": {"vat": {"normal": "20"}}}, "terms.vat.normal"),
    ({"terms": {"sales_tax": {"percent": "6", "on": ["price"]}}}, "terms.sales_tax.on"),
    ({"terms": {"fees": [{"name": "x"}]}}, "fees[1].amount"),
    ({"terms": {"round": "never"}}, "terms.round"),
    ({"terms": {"resale_right": {"borne_by": "artist"}}}, "borne_by"),
    ({"vendor": {"commission": [["0", "x"]]}}, "vendor.commission[1]"),
    ({"vendor": {"vat_registered": "no"}}, "true or false"),
]  # fmt: skip


@pytest.mark.parametrize(("wrong", "said"), BAD, ids=lambda value: str(value)[:40])
def test_what_cannot_be_reckoned_is_refused_by_its_key(wrong: dict[str, Any], said: str) -> None:
    line = {"lots": [{"hammer": "1"}], **wrong}
    with pytest.raises((ReckoningInvalid, MarginForbidden)) as refused:
        told(**line)
    assert said in refused.value.message()


def test_a_country_without_a_known_law_needs_its_own_table() -> None:
    for country in ("US", "PL"):
        with pytest.raises(ReckoningInvalid, match="country"):
            resale("1000", country=country)
    assert resale("1000", unit="EUR", country="PL", threshold="100") == "40.00"


def test_a_threshold_and_a_cap_may_be_given_beside_a_countrys_bands() -> None:
    assert resale("2000", country="GB", threshold="2000.01") == "0.00"
    assert resale("3000000", country="GB", cap="5000") == "5000.00"
    assert resale("210000") == "6600.00"
    assert resale("3000000") == "12500.00"


def test_lots_and_fees_of_the_same_name_are_reckoned_each() -> None:
    found = told(
        lots=[{"lot": "1", "hammer": "11.31"}] * 10,
        terms={
            "vat": {"standard": "20"},
            "fees": [{"name": "x", "amount": "1"}, {"name": "x", "amount": "2", "taxed": False}],
        },
        vendor={"fees": [{"amount": "2", "taxed": False}, {"amount": "1"}]},
    )
    assert found["totals"]["vat"] == "24.60"
    assert found["totals"]["fees"] == "30.00"
    assert found["vendor"]["vat"] == "2.00"
    assert {line["lot"] for line in found["lines"]} == {"1"}


@settings(max_examples=300)
@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(line: bytes) -> None:
    list(answers([line], TODAY))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 10**20) | st.text(max_size=8)
    | st.sampled_from(["0", "25", "GBP", "2026-01-01", "1.5"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(
        "lots terms vendor hammer premium vat fees sales_tax resale_right bands name amount".split()
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["lots", "terms", "vendor", "sale_date"]), VALUES))
def test_no_json_breaks_the_reader(line: dict[str, Any]) -> None:
    told_line = {"currency": "GBP", "lots": [{"hammer": "1"}], **line}
    list(answers([json.dumps(told_line).encode()], TODAY))


def test_the_command_needs_no_setting_and_goes_on_after_bad_lines() -> None:
    lines = (
        '{"id":1,"currency":"JPY","lots":[{"hammer":"1000"}],"terms":{"premium":[["0","12.5"]]}}\n'
    )
    program = [sys.executable, "-m", "flask", "--app", "wsgi", "money", "calculate", "-"]
    done = subprocess.run(
        program,
        input=f"{lines}nonsense\n\n{lines}",
        cwd=REPOSITORY,
        env={"PYTHONPATH": os.pathsep.join(("platform", "tenants", ".")), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert [json.loads(line)["totals"]["total"] for line in done.stdout.splitlines()] == [
        "1125"
    ] * 2
    assert done.stderr.startswith("line 2:")
    assert len(done.stderr.splitlines()) == 1
