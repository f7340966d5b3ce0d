"""Named increment tables to start from, as the field uses them, in whole currency units."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from auctionxchange.kernel.money import Currency

Table = tuple[tuple[str, str], ...]


def _two_five_eight(largest: int) -> Table:
    """Build the saleroom's 2-5-8 steps: 200, 220, 250, 280, 300 … up to a power of ten."""
    bands: list[tuple[str, str]] = [("0", "5"), ("100", "10")]
    unit = 100
    while unit <= largest:
        for start in (2, 3, 4):
            base = start * unit
            bands += [
                (str(base), str(unit * 2 // 10)),
                (str(base + unit * 2 // 10), str(unit * 3 // 10)),
                (str(base + unit * 8 // 10), str(unit * 2 // 10)),
            ]
        bands += [(str(unit * 5), str(unit // 2)), (str(unit * 10), str(unit))]
        unit *= 10
    return tuple(bands)


INCREMENTS: Mapping[str, Table] = {
    "ebay-us": (
        ("0", "0.05"), ("1", "0.25"), ("5", "0.5"), ("25", "1"), ("100", "2.5"), ("250", "5"),
        ("500", "10"), ("1000", "25"), ("2500", "50"), ("5000", "100"),
    ),
    "ebay-uk": (
        ("0", "0.05"), ("1", "0.2"), ("5", "0.5"), ("15", "1"), ("60", "2"), ("150", "5"),
        ("300", "10"), ("600", "20"), ("1500", "50"), ("3000", "100"),
    ),
    "uk-saleroom": _two_five_eight(1_000_000),
    "us-saleroom": (
        ("0", "10"), ("100", "25"), ("500", "50"), ("1000", "100"), ("2000", "250"),
        ("5000", "500"), ("10000", "1000"), ("20000", "2500"), ("50000", "5000"),
        ("100000", "10000"),
    ),
    "even-steps": (("0", "10"), ("1000", "50"), ("5000", "100"), ("10000", "500")),
    "estate": (("0", "1"), ("10", "3"), ("40", "5"), ("100", "10"), ("1000", "50")),
}  # fmt: skip

INCLUSIVE = frozenset({"estate"})
"""Tables whose upper bound belongs to the lower band."""


def preset_terms(name: str, unit: Currency) -> dict[str, Any]:
    """Return a preset as stored terms in minor units; steps below one minor unit become one."""
    return {
        "increments": [
            [_minor(start, unit), max(_minor(step, unit), 1)] for start, step in INCREMENTS[name]
        ],
        "bound": "inclusive" if name in INCLUSIVE else "exclusive",
        "soft_close": {"window_s": 120, "extend_s": 120, "from": "bid", "edge": True},
    }


def _minor(amount: str, unit: Currency) -> int:
    return int(Decimal(amount).scaleb(unit.exponent))
