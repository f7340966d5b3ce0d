"""Card numbers in what people type: they are refused, so that none is ever kept here.

A number is 13 to 19 digits (ISO/IEC 7812-1), perhaps in groups with spaces or dashes between them,
whose last digit is Luhn's check digit. One written with + before it is a telephone's.
"""

import re

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _

_GROUPS = re.compile(r"(?<![\d+])\d+(?:[ \-\u00a0\u2010-\u2015]{1,2}\d+)*")
_GROUP = re.compile(r"\d+")
SHORTEST, LONGEST = 13, 19


class CardNumberTyped(Invalid):
    """Somebody typed a card number where words belong."""

    code = "card_number_typed"

    def message(self) -> str:
        return _(
            "This looks like a card number. Please never write one here: cards are typed on"
            " Stripe’s page alone."
        )


def holds_card_number(text: str) -> bool:
    """Tell whether a text contains a card number: whole groups of digits beside each other."""
    return any(
        _checked([int(digit) for digit in "".join(groups[first:last])])
        for found in _GROUPS.finditer(text)
        for groups in [_GROUP.findall(found[0])]
        for first in range(len(groups))
        for last in range(first + 1, min(len(groups), first + LONGEST) + 1)
        if SHORTEST <= sum(map(len, groups[first:last])) <= LONGEST
    )


def _checked(digits: list[int]) -> bool:
    """Tell whether the last digit is the check digit of the others; nothing but zeros is none."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if place % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004 - Luhn's own
    return total % 10 == 0 and any(digits)


def refuse_card_numbers(*texts: str | None) -> None:
    """Raise CardNumberTyped where one of some texts contains a card number."""
    if any(text and holds_card_number(text) for text in texts):
        raise CardNumberTyped


def without_card_numbers(text: str) -> str:
    """Return a text that others wrote, such as a bank, with card numbers left out."""
    return _GROUPS.sub(lambda found: "…" if holds_card_number(found[0]) else found[0], text)
