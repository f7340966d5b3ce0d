"""VAT: which charges of a lot are taxed at which rate, and what is told beside the lot.

Under the margin scheme the tax is the house's own figure and never stands on a buyer's invoice
(https://www.gov.uk/guidance/using-the-auctioneers-vat-margin-scheme).
"""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from auctionhouse.money.rounding import hundredth
from auctionhouse.money.terms import Rates, Treatment

SERVICES = frozenset({"premium", "surcharge", "overhead", "fee"})
EVERYTHING = SERVICES | {"hammer"}
EXPORT_MONTHS = 3
"""Within which proof of export brings the VAT back."""

SYMBOLS: Mapping[Treatment, str] = {
    "standard": "†",
    "premium_only": "",
    "margin": "",
    "import_reduced": "*",
    "import_standard": "Ω",
    "zero": "◊",
    "outside": "",
}
"""What stands beside a lot's number and price; the sale's page says what each means."""


def symbol(treatment: str | None) -> str:
    """Return the sign of a treatment; none for one that is not named."""
    return {str(name): sign for name, sign in SYMBOLS.items()}.get(treatment or "", "")


@dataclass(frozen=True, slots=True)
class Tax:
    """A rate on some kinds of charges, with the rule that says so."""

    rule: str
    percent: Decimal
    on: frozenset[str]


def taxes(treatment: Treatment, rates: Rates) -> list[Tax]:
    """Return the taxes a buyer's invoice itemises for a lot."""
    hammer = frozenset({"hammer"})
    services = Tax("vat_premium", rates.premium, SERVICES)
    itemised: dict[Treatment, list[Tax]] = {
        "standard": [Tax("vat_standard", rates.standard, hammer), services],
        "premium_only": [services],
        "import_reduced": [Tax("import_vat_reduced", rates.reduced, hammer), services],
        "import_standard": [Tax("import_vat_standard", rates.standard, hammer), services],
        "zero": [Tax("vat_zero", Decimal(0), EVERYTHING)],
    }
    if treatment == "standard" and rates.standard == rates.premium:
        return [Tax("vat_standard", rates.standard, EVERYTHING)]
    return itemised.get(treatment, [])


def vat_inside(gross: int, percent: Decimal) -> Fraction:
    """Return the tax a gross amount contains, exact: at 20 per cent one sixth."""
    return gross * hundredth(percent) / (1 + hundredth(percent))


def proof_in_time(sale_date: date, proof_on: date) -> bool:
    """Tell whether a proof of export came within the months after the sale."""
    return sale_date <= proof_on <= months_after(sale_date, EXPORT_MONTHS)


def months_after(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
