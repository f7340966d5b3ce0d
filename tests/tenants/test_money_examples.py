"""Figures that houses, authorities and societies publish, run through the calculation."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from auctionhouse.money.commands import answer

FACTS = Path(__file__).parent / "money_facts" / "worked_examples.jsonl"
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in FACTS.read_text().splitlines()]
SOLD_ON = date(2026, 3, 2)


def plain(amount: str) -> str:
    """Return the number of “GBP 9.50”."""
    return amount.split()[1]


def bands(tiers: list[list[Any]]) -> list[list[str]]:
    """Turn pairs of upper limit and rate into pairs of start and rate."""
    starts = ["0", *(plain(limit) for limit, _rate in tiers if limit)]
    return [[start, rate] for start, (_limit, rate) in zip(starts, tiers, strict=True)]


def reckoned(currency: str, lot: dict[str, Any], **told: Any) -> dict[str, Any]:
    line = {"currency": currency, "sale_date": SOLD_ON.isoformat(), "lots": [lot], **told}
    return answer(json.loads(json.dumps(line)), 1, SOLD_ON)


def amount_of(found: dict[str, Any], kind: str, **wanted: str) -> Decimal:
    """Add up the lines of a kind; wanted rules and rates narrow them."""
    return sum(
        (
            Decimal(line["amount"])
            for line in found["lines"]
            if line["kind"] == kind and all(line[key] == value for key, value in wanted.items())
        ),
        Decimal(0),
    )


def treatment(taxes: list[dict[str, Any]]) -> tuple[str, dict[str, str]]:
    """Return the VAT treatment and the rates that taxes on named parts come to."""
    on_hammer = [tax for tax in taxes if "hammer" in tax["on"]]
    on_rest = [tax for tax in taxes if "hammer" not in tax["on"]]
    if on_hammer and on_rest:
        return "import_reduced", {"reduced": on_hammer[0]["rate"], "premium": on_rest[0]["rate"]}
    if on_hammer:
        return "standard", {"standard": on_hammer[0]["rate"]}
    return ("premium_only", {"premium": on_rest[0]["rate"]}) if on_rest else ("outside", {})


def run_invoice(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit, hammer = given["hammer"].split()
    sales = [tax for tax in given["taxes"] if tax["name"] == "sales_tax"]
    vat, rates = treatment([tax for tax in given["taxes"] if tax not in sales])
    taxed = {name for tax in given["taxes"] for name in tax["on"]}
    fees = [
        {
            "name": fee["name"],
            "amount": plain(fee["amount"]) if "amount" in fee else None,
            "percent": fee.get("percent_of_hammer"),
            "taxed": fee["name"] in taxed,
        }
        for fee in given.get("fees", [])
    ]
    terms = {
        "premium": bands(given["premium_tiers"]),
        "fees": fees,
        "vat": rates,
        "sales_tax": {"percent": sales[0]["rate"], "on": sales[0]["on"]} if sales else None,
        "discount_percent": given.get("discount_percent_of_total"),
    }
    found = reckoned(unit, {"hammer": hammer, "vat": vat}, terms=terms)
    totals = {name: Decimal(amount) for name, amount in found["totals"].items()}
    untaxed = totals["total"] - totals["vat"] - totals["sales_tax"]
    rules = {"import_vat": "import_vat_reduced"} if vat == "import_reduced" else {}
    for name, amount in expected.get("taxes", {}).items():
        kind = "sales_tax" if name == "sales_tax" else "vat"
        narrowed = {"rule": rules.get(name, "vat_premium")} if rules else {}
        assert amount_of(found, kind, **narrowed) == Decimal(plain(amount))
    for name, amount in expected.get("fees", {}).items():
        assert amount_of(found, "fee", rule=name) == Decimal(plain(amount))
    reached = {"premium": totals["premium"], "net": untaxed, "total": totals["total"]}
    assert {key: reached[key] for key in reached if key in expected} == {
        key: Decimal(plain(expected[key])) for key in reached if key in expected
    }
    if "total_whole_units" in expected:
        whole = reckoned(unit, {"hammer": hammer, "vat": vat}, terms={**terms, "round_to": "1"})
        assert whole["totals"]["total"] == plain(expected["total_whole_units"])


def run_premium_table(given: dict[str, Any], expected: dict[str, Any]) -> None:
    terms = {
        "premium": bands(given["premium_tiers"]),
        "overhead_percent": given.get("overhead_percent"),
    }
    for hammer, premium in zip(given["hammers"], expected["premiums"], strict=True):
        unit, price = hammer.split()
        found = reckoned(unit, {"hammer": price}, terms=terms)
        totals = found["totals"]
        assert Decimal(totals["premium"]) + Decimal(totals["overhead"]) == Decimal(plain(premium))


def run_vendor(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit, hammer = given["hammer"].split()
    vendor = {
        "commission": bands(given.get("commission_tiers", []))
        if "commission_tiers" in given
        else [],
        "minimum": plain(given["commission_min"]) if "commission_min" in given else None,
        "fees": [
            {"name": f"deduction {place}", "amount": plain(amount), "taxed": False}
            for place, amount in enumerate(given.get("deductions", []))
        ],
    }
    vat = {"standard": given.get("commission_vat", "0")}
    found = reckoned(unit, {"hammer": hammer}, terms={"vat": vat}, vendor=vendor)["vendor"]
    assert {key: found[key] for key in expected} == {
        key: plain(amount) for key, amount in expected.items()
    }


def run_settlement(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit, hammer = given["hammer"].split()
    found = reckoned(
        unit,
        {"hammer": hammer, "vat": "outside"},
        terms={
            "premium": [["0", given["premium"]]],
            "sales_tax": {"percent": given["sales_tax"], "on": ["hammer", "premium"]},
        },
        vendor={"commission": [["0", given["commission"]]]},
    )
    totals, vendor = found["totals"], found["vendor"]
    reached = {
        "buyer_pays": totals["total"],
        "seller_net": vendor["net"],
        "house_earns": str(Decimal(totals["premium"]) + Decimal(vendor["commission"])),
        "tax": totals["sales_tax"],
        "taxable": str(Decimal(totals["hammer"]) + Decimal(totals["premium"])),
    }
    assert {key: reached[key] for key in expected} == {
        key: plain(amount) for key, amount in expected.items()
    }


def run_auctioneers_scheme(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit, hammer = given["hammer"].split()
    part, whole = map(int, given["vat_fraction"].split("/"))
    found = reckoned(
        unit,
        {"hammer": hammer, "vat": "margin"},
        terms={
            "premium": [["0", given["premium"]]],
            "vat": {"standard": str(Decimal(100 * part) / (whole - part))},
        },
        vendor={"commission": [["0", given["commission"]]]},
    )
    margin = {**found["margin"], "output_tax": found["margin"]["tax"]}
    assert {key: margin[key] for key in expected} == {
        key: plain(amount) for key, amount in expected.items()
    }
    assert found["totals"]["vat"] == "0.00"


def run_round_amount(given: dict[str, Any], expected: dict[str, Any]) -> None:
    vat = {"standard": given["value"], "premium": "0", "rounding": given["how"]}
    found = reckoned(given["currency"], {"hammer": "100"}, terms={"vat": vat})
    assert found["totals"]["vat"] == plain(expected["rounded"])


def run_vat_lines(given: dict[str, Any], expected: dict[str, Any]) -> None:
    unit, price = given["unit_net"].split()
    found = reckoned(
        unit,
        {"hammer": price, "quantity": given["quantity"]},
        terms={"vat": {"standard": given["rate"]}, "round": given["round_each"]},
    )
    assert found["totals"]["vat"] == plain(expected["vat"])
    assert found["totals"]["total"] == plain(expected["total"])


def royalty(price: str, lot: dict[str, Any] | None = None, **right: Any) -> dict[str, Any]:
    unit, hammer = price.split()
    artist = {"nationality": "FR", "died": None}
    return reckoned(
        unit,
        {"hammer": hammer, "artist": artist, **(lot or {})},
        terms={"resale_right": right, "round_to": right.pop("round_to", None)},
    )


def run_arr(given: dict[str, Any], expected: dict[str, Any]) -> None:
    for price, due in zip(given["prices"], expected["royalties"], strict=True):
        found = royalty(
            price,
            bands=bands(given["bands"]),
            threshold=plain(given["threshold"]),
            cap=plain(given["cap"]) if "cap" in given else None,
        )
        assert found["totals"]["resale_right"] == plain(due)


def run_arr_converted(given: dict[str, Any], expected: dict[str, Any]) -> None:
    right = {
        "bands": bands(given["bands"]), "cap": plain(given["cap"]), "rate": given["rate"],
    }  # fmt: skip
    found = royalty(given["price"], **right, round_to=plain(given["round_to"]))
    parts = [line["amount"] for line in found["lines"] if line["kind"] == "resale_right"]
    assert parts == [plain(part) for part in expected["parts"]]
    assert found["totals"]["resale_right"] == plain(expected["royalty"])
    assert royalty(given["price"], **right)["totals"]["resale_right"] == plain(expected["royalty"])


def run_convert(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """An amount is seen converted as the cap of a royalty that would be far higher."""
    for amount, value in zip(given["amounts"], expected["values"], strict=True):
        found = royalty(
            f"{given['to']} 900000000", bands=[["0", "50"]], cap=plain(amount), rate=given["rate"]
        )
        assert found["totals"]["resale_right"] == plain(value)


def run_arr_stock_exempt(given: dict[str, Any], expected: dict[str, Any]) -> None:
    years = given["years_since_bought_from_artist"]
    bought = SOLD_ON.replace(year=SOLD_ON.year - years) - timedelta(days=1)
    found = royalty(
        given["price"],
        {"bought_from_artist_on": bought.isoformat()},
        bands=[["0", "4"]],
        stock_limit=plain(given["limit"]),
        stock_limit_rule=given["limit_rule"],
    )
    assert (found["totals"]["resale_right"] == "0.00") is expected["exempt"]


def run_share(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """The society keeps its share as a commission."""
    unit, due = given["royalty"].split()
    vendor = {"commission": [["0", given["society_percent"]]]}
    found = reckoned(unit, {"hammer": due}, vendor=vendor)["vendor"]
    assert found["commission"] == plain(expected["deducted"])
    assert found["net"] == plain(expected["paid_out"])


RUNS: dict[str, Callable[[dict[str, Any], dict[str, Any]], None]] = {
    "invoice": run_invoice,
    "premium_table": run_premium_table,
    "vendor": run_vendor,
    "settlement": run_settlement,
    "auctioneers_scheme": run_auctioneers_scheme,
    "round_amount": run_round_amount,
    "vat_lines": run_vat_lines,
    "arr": run_arr,
    "arr_converted": run_arr_converted,
    "convert": run_convert,
    "arr_stock_exempt": run_arr_stock_exempt,
    "share": run_share,
}


@pytest.mark.parametrize("case", EXAMPLES, ids=lambda case: str(case["id"]))
def test_a_published_figure(case: dict[str, Any]) -> None:
    RUNS[case["kind"]](case["input"], case["expected"])
