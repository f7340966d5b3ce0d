"""What a calculation is told: the lots, the sale's money terms, and the vendor's.

Values only; amounts are minor units of one currency and rates per cent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from auctionhouse.money.bands import Band
from auctionhouse.money.rounding import Round, Rounding

Treatment = Literal[
    "standard", "premium_only", "margin", "import_reduced", "import_standard", "zero", "outside"
]
Bearer = Literal["buyer", "seller", "house"]
ZERO = Decimal(0)
STOCK_LIMIT = Fraction(10_000)
"""Whole units; up to this price a seller who bought from the artist lately owes no royalty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A charge beside premium or commission: an amount, a share of the hammer price, or both.

    Of a vendor's fees, when says whether it is due on sold lots, on unsold ones, on either
    (always), or on those that were withdrawn.
    """

    name: str
    amount: int = 0
    percent: Decimal = ZERO
    taxed: bool = True
    per: Literal["lot", "invoice"] = "lot"
    when: Literal["sold", "unsold", "withdrawn", "always"] = "sold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """VAT in per cent: on goods, on imported goods at the reduced rate, on the house's services."""

    standard: Decimal = ZERO
    reduced: Decimal = ZERO
    premium: Decimal = ZERO
    rounding: Rounding = "half_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTax:
    """A tax added to the price of some charges, as states of the US have it."""

    percent: Decimal
    on: frozenset[str] = frozenset({"hammer", "premium", "fees"})
    places: Mapping[str, Decimal] = field(default_factory=dict)
    """Place of delivery → its own rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """A resale royalty's table; amounts are whole units of its own currency, as fractions."""

    bands: tuple[Band, ...]
    threshold: Fraction = Fraction()
    cap: Fraction | None = None
    stock_limit: Fraction = STOCK_LIMIT
    stock_limit_counts: bool = True
    """Whether a price at the very limit is still exempt for a seller who bought from the artist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResaleRight:
    """By which table the resale right is reckoned, and who bears it.

    Without limits the country's own count, but for a threshold and a cap that are given; without
    a country the directive's, in the sale's currency; rate is how much of the sale's currency one
    unit of the limits' currency is worth.
    """

    limits: Limits | None = None
    threshold: Fraction | None = None
    cap: Fraction | None = None
    country: str | None = None
    rate: Decimal | None = None
    borne_by: Bearer = "buyer"
    nationalities: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artist:
    """Whose work a lot is, as far as the resale right asks."""

    nationalities: frozenset[str]
    died: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SoldLot:
    """A lot with its hammer price for each piece; an unsold or withdrawn one has none."""

    lot: str
    hammer: int | None
    quantity: int = 1
    vat: Treatment = "standard"
    artist: Artist | None = None
    bought_from_artist_on: date | None = None
    bought_for: int | None = None
    export_proof_on: date | None = None
    premium: tuple[Band, ...] | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyTerms:
    """What the conditions of a sale say about money."""

    premium: tuple[Band, ...] = ()
    premium_minimum: int | None = None
    premium_maximum: int | None = None
    surcharge_percent: Decimal = ZERO
    overhead_percent: Decimal = ZERO
    discount_percent: Decimal = ZERO
    fees: tuple[Fee, ...] = ()
    vat: Rates = field(default_factory=Rates)
    sales_tax: SalesTax | None = None
    place: str | None = None
    resale_right: ResaleRight | None = None
    round: Round = "line"
    round_to: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorTerms:
    """What a consignor has agreed to, and how they stand to VAT."""

    commission: tuple[Band, ...] = ()
    minimum: int | None = None
    maximum: int | None = None
    fees: tuple[Fee, ...] = ()
    vat_registered: bool = False
    declaration: bool = True
