"""How much a bidder may have to pay in a sale, and what is left of their own limits. Pure.

A lot somebody leads counts with their maximum, a lot they bought with its price. Of lots of which
they want only one, the dearest counts. Amounts are minor units.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """What a bidder set for one sale: a sum for all lots, and which lots are a choice of one.

    Choices tell the number of a lot's choice; lots with the same number exclude each other.
    """

    spending: int | None = None
    choices: Mapping[int, int] = field(default_factory=dict)


def exposure(limits: Limits, held: Mapping[int, int]) -> int:
    """Return the most the lots held would cost, given as lot and amount."""
    alone = 0
    dearest: dict[int, int] = {}
    for lot, amount in held.items():
        choice = limits.choices.get(lot)
        if choice is None:
            alone += amount
        else:
            dearest[choice] = max(amount, dearest.get(choice, 0))
    return alone + sum(dearest.values())


def room(limits: Limits, held: Mapping[int, int], lot: int) -> int | None:
    """Return the highest maximum on a lot that keeps the limit, or None where there is none."""
    if limits.spending is None:
        return None
    others = {other: amount for other, amount in held.items() if other != lot}
    return max(limits.spending - exposure(limits, others), 0)


def chosen_instead(limits: Limits, held: Mapping[int, int], lot: int) -> int | None:
    """Return the lot of the same choice that is led or bought already, or None."""
    choice = limits.choices.get(lot)
    if choice is None:
        return None
    same = (other for other in held if other != lot and limits.choices.get(other) == choice)
    return next(same, None)
