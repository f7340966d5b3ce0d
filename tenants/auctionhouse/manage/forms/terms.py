"""The increment table as staff type it: one line a band, "from price: step", in major units."""

import re
from collections.abc import Sequence
from itertools import pairwise

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.money import AmountInvalid, Currency, decimal_string, parse_amount

Ladder = list[list[int]]
"""Pairs [from price, step] in minor units, rising from zero."""

_LINE = re.compile(r"([^\s:=]+)\s*[:=\s]\s*([^\s:=]+)")


class LadderInvalid(ValueError):
    """The text is no increment table; the message names the line."""


def ladder_from_text(text: str, unit: Currency) -> Ladder:
    """Read an increment table; raises LadderInvalid."""
    rows = [line.strip() for line in text.splitlines() if line.strip()]
    ladder: Ladder = [_band(number, row, unit) for number, row in enumerate(rows, start=1)]
    if not ladder:
        raise LadderInvalid(_("Write at least one line, such as 0: 10."))
    if ladder[0][0] != 0:
        raise LadderInvalid(_("The first line must start from 0."))
    for number, (before, band) in enumerate(pairwise(ladder), start=2):
        if band[0] <= before[0]:
            raise LadderInvalid(_("Line %(n)s must start above the line before it.", n=number))
    return ladder


def _band(number: int, row: str, unit: Currency) -> list[int]:
    found = _LINE.fullmatch(row)
    if found is None:
        raise LadderInvalid(_("Line %(n)s: write price and step, such as 100: 10.", n=number))
    try:
        start, step = (parse_amount(part, unit) for part in found.groups())
    except AmountInvalid as error:
        raise LadderInvalid(_("Line %(n)s: write plain numbers.", n=number)) from error
    if step <= 0:
        raise LadderInvalid(_("Line %(n)s: the step must be more than nothing.", n=number))
    return [start, step]


def ladder_as_text(ladder: Sequence[Sequence[int]], unit: Currency) -> str:
    """Write an increment table as it is typed."""
    return "\n".join(f"{_short(start, unit)}: {_short(step, unit)}" for start, step in ladder)


def _short(minor: int, unit: Currency) -> str:
    text = decimal_string(minor, unit)
    whole, _point, cents = text.partition(".")
    return whole if not cents.strip("0") else text
