"""What is taken off a released invoice afterwards, with the tax that goes with it. Pure.

Taxes shrink in proportion to the charges they are on, so that a charge that is taken off in several
steps takes off exactly the tax it brought. Amounts are minor units.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from auctionhouse.invoicing.account_rules import OFFICE_WRITTEN_OFF, covered_by_house
from auctionhouse.invoicing.rules import (
    CLIENT_BANK,
    CLIENT_BUYERS,
    OF_KIND,
    OFFICE_BANK,
    OFFICE_DUE,
    Entry,
    Waiting,
    tidy,
)
from auctionhouse.money.rounding import rounded

OFFICE_ALLOWED = "office.allowances"
TAXES = frozenset({"vat", "sales_tax"})
"""Kinds of lines that follow others."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line of an invoice, or what is left of it; base is what a rate is on."""

    lot: int | None
    kind: str
    rule: str
    percent: Decimal | None
    amount: int
    base: int | None = None


Covers = Callable[[Piece, Piece], bool]
"""Whether a tax or a discount is on a charge."""


def standing(lines: Iterable[Piece]) -> list[Piece]:
    """Add up an invoice's lines and those of what was taken off it, in the invoice's order."""
    sums: dict[Piece, Piece] = {}
    for line in lines:
        key = replace(line, amount=0, base=None)
        known = sums.get(key, key)
        base = known.base if line.base is None else (known.base or 0) + line.base
        sums[key] = replace(known, amount=known.amount + line.amount, base=base)
    return list(sums.values())


def is_charge(piece: Piece) -> bool:
    """Tell whether something may be taken off by itself; taxes and discounts follow."""
    return piece.kind not in TAXES | {"discount"}


def taken_off(
    charged: Sequence[Piece], left: Sequence[Piece], place: int, amount: int, covers: Covers
) -> list[Piece]:
    """Return the lines, negative, that take an amount off what is left at a place of both."""
    after = list(left)
    after[place] = replace(left[place], amount=left[place].amount - amount)
    for number, (whole, piece) in enumerate(zip(charged, left, strict=True)):
        if not is_charge(piece) and covers(whole, charged[place]):
            pairs = [
                (was, now)
                for was, now in zip(charged, after, strict=True)
                if is_charge(was) and covers(whole, was)
            ]
            after[number] = _shrunk(whole, piece, pairs)
    return _off(left, after)


def _shrunk(whole: Piece, left: Piece, pairs: Sequence[tuple[Piece, Piece]]) -> Piece:
    """Return what is left of a tax or a discount once the charges it is on are what they are."""
    before, now = (sum(pair[place].amount for pair in pairs) for place in (0, 1))
    share = Fraction(now, before) if before else Fraction(1)
    base = None if whole.base is None else rounded(whole.base * share)
    return replace(
        left,
        amount=_nearer(rounded(whole.amount * share), left.amount),
        base=base if base is None or left.base is None else _nearer(base, left.base),
    )


def _nearer(one: int, other: int) -> int:
    """Return what is nearer to nothing: what was taken off already is not put back."""
    return one if abs(one) <= abs(other) else other


def without_vat(left: Sequence[Piece], lots: Iterable[int]) -> list[Piece]:
    """Return the lines, negative, that take the VAT off some lots."""
    wanted = set(lots)
    after = [
        replace(piece, amount=0, base=None if piece.base is None else 0)
        if piece.kind == "vat" and piece.lot in wanted
        else piece
        for piece in left
    ]
    return _off(left, after)


def carried(
    was: Sequence[Piece], left: Sequence[Piece], fresh: Sequence[Piece], covers: Covers
) -> list[Piece]:
    """Return the lines, negative, that take off a fresh invoice what was taken off another.

    The same charge of the same lot bears it, at most until nothing of it is left; covers tells of
    the fresh invoice's taxes, which follow.
    """
    notes = list[Piece]()
    for whole, rest in zip(was, left, strict=True):
        off = whole.amount - rest.amount if is_charge(whole) else 0
        for place in _alike(whole, fresh):
            after = standing([*fresh, *notes])
            amount = min(off, after[place].amount)
            if amount > 0:
                notes += taken_off(fresh, after, place, amount, covers)
                off -= amount
    return standing(notes)


def _alike(wanted: Piece, pieces: Sequence[Piece]) -> list[int]:
    """Return the places of a charge on another invoice, the one at the same rate first."""
    found = [
        place
        for place, one in enumerate(pieces)
        if (one.lot, one.kind, one.rule) == (wanted.lot, wanted.kind, wanted.rule)
    ]
    return sorted(found, key=lambda place: pieces[place].percent != wanted.percent)


def _off(left: Sequence[Piece], after: Sequence[Piece]) -> list[Piece]:
    return [
        replace(
            then,
            amount=then.amount - now.amount,
            base=None if then.base is None or now.base is None else then.base - now.base or None,
        )
        for now, then in zip(left, after, strict=True)
        if now != then
    ]


def allowed(
    pieces: Sequence[Piece], due: int, waiting: Sequence[Waiting], buyer: int, *, given_up: int = 0
) -> list[Entry]:
    """Take negative lines off what a buyer owes; what was paid already becomes their credit.

    What was given_up by a write-off was never paid: that much is written off no longer, before
    anything becomes credit. Vendors keep their hammer prices: the house bears what is taken off
    them, and covers what no money covers once nothing is due any more.
    """
    total = -sum(piece.amount for piece in pieces)
    entries = [Entry(OFFICE_DUE, -total, buyer)]
    for piece in pieces:
        account = OFFICE_ALLOWED if piece.kind == "hammer" else OF_KIND[piece.kind]
        entries.append(Entry(account, -piece.amount, None, piece.lot))
    if due <= total:
        entries += covered_by_house(waiting)
        over = total - due
        back = min(over, given_up)
        entries += [
            Entry(OFFICE_DUE, over, buyer),
            Entry(OFFICE_WRITTEN_OFF, -back, buyer),
            Entry(OFFICE_BANK, back - over),
            Entry(CLIENT_BANK, over - back),
            Entry(CLIENT_BUYERS, back - over, buyer),
        ]
    return tidy(entries)
