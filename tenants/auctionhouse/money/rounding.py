"""The one place where money is rounded: halves up, once for each group of parts.

Amounts are exact fractions of minor units until they come here.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

Rounding = Literal["half_up", "down"]
Round = Literal["line", "invoice"]
"""Whether each line of an invoice is rounded, or each kind of charge once for the invoice."""


def rounded(value: Fraction, step: int = 1, how: Rounding = "half_up") -> int:
    """Return a value as a whole multiple of a step of minor units; halves go up.

    A deduction is rounded as the charge of the same size, so that it can undo it. “down” cuts off
    what is beyond the last whole step, as HMRC allows for the VAT of invoices (VATREC12010).
    """
    size = abs(value) / step
    whole = size.numerator // size.denominator
    if how == "half_up" and size - whole >= Fraction(1, 2):
        whole += 1
    return whole * step if value >= 0 else -whole * step


def hundredth(percent: Decimal) -> Fraction:
    """Return a percentage as the fraction it multiplies by."""
    return Fraction(percent) / 100


@dataclass(frozen=True, slots=True)
class Part:
    """An exact share of a charge, to be rounded together with the others of its group.

    exact is in minor units for one piece of a lot; times is how many equal pieces there are.
    """

    lot: str | None
    kind: str
    rule: str
    exact: Fraction
    percent: Decimal | None = None
    base: int | None = None
    times: int = 1
    group: str = ""
    taxed: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """A line of an invoice or a statement: an amount, and the rule and rate that made it."""

    lot: str | None
    kind: str
    amount: int
    percent: Decimal | None
    base: int | None
    rule: str
    times: int = 1
    taxed: bool = True
    """Whether a tax on its kind of charge is on this one too."""


def settle(
    parts: Sequence[Part], by: Round, step: int = 1, how: Rounding = "half_up"
) -> list[Line]:
    """Round parts into lines whose sum is the rounded sum of each group.

    By line, a group is one kind of charge on one piece of a lot; by invoice, on the whole invoice.
    The running sum is rounded, so no part is more than one step away from its exact value. A
    step above the minor unit is for what a rate made; amounts somebody fixed stay as they are.
    """
    exact: dict[Hashable, Fraction] = {}
    given: dict[Hashable, int] = {}
    lines = []
    for part in parts:
        whole = by == "invoice"
        group = (part.kind, part.group) if whole else (part.lot, part.kind, part.group, part.times)
        times = 1 if whole else part.times
        exact[group] = exact.get(group, Fraction()) + part.exact * (part.times if whole else 1)
        coarse = 1 if part.percent is None else step
        amount = rounded(exact[group], coarse, how) - given.get(group, 0)
        given[group] = given.get(group, 0) + amount
        lines.append(
            Line(
                part.lot, part.kind, amount * times, part.percent, part.base, part.rule, times,
                part.taxed,
            )
        )  # fmt: skip
    return lines
