"""Which invoice a line of the bank pays: sure matches, and for the rest why a person must look."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from auctionhouse.banking.lines import Line, plain

MOST_GUESSES = 6


@dataclass(frozen=True, slots=True)
class OpenInvoice:
    """An invoice somebody still has to pay; due in minor units."""

    id: int
    number: str
    due: int
    names: tuple[str, ...]
    paddle: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a line is taken for: an invoice it pays exactly, or a reason to look at the guesses.

    reason is over, under, split, third_party, unsure, unknown or outgoing.
    """

    invoice: int | None
    reason: str = ""
    guesses: tuple[int, ...] = ()


def judge(line: Line, invoices: Sequence[OpenInvoice]) -> Verdict:
    """Match a line by number, paddle, name and amount; only what leaves no doubt is a match."""
    if line.amount <= 0:
        return Verdict(None, "outgoing")
    named = [one for one in invoices if mentions(line.reference, one.number)]
    if len(named) > 1:
        return Verdict(None, "split", _ids(named))
    if named:
        return _by_number(line, named[0])
    return _without_number(line, invoices)


def _by_number(line: Line, found: OpenInvoice) -> Verdict:
    if line.payer and not alike(line.payer, found.names):
        return Verdict(None, "third_party", (found.id,))
    if line.amount == found.due:
        return Verdict(found.id)
    return Verdict(None, "over" if line.amount > found.due else "under", (found.id,))


def _without_number(line: Line, invoices: Sequence[OpenInvoice]) -> Verdict:
    known = [one for one in invoices if line.payer and alike(line.payer, one.names)]
    paddled = [one for one in invoices if _paddle(line.reference, one.paddle)]
    exact = [one for one in (paddled or known) if one.due == line.amount]
    sure = [one for one in exact if one in known or (paddled and not line.payer)]
    if len(sure) == 1:
        return Verdict(sure[0].id)
    if known and sum(one.due for one in known) == line.amount and len(known) > 1:
        return Verdict(None, "split", _ids(known))
    same = [one for one in invoices if one.due == line.amount]
    guesses = _ids([*exact, *paddled, *known, *same])
    return Verdict(None, "unsure" if guesses else "unknown", guesses)


def _ids(invoices: Sequence[OpenInvoice]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(one.id for one in invoices))[:MOST_GUESSES]


def mentions(text: str, number: str) -> bool:
    """Tell whether a reference names an invoice, however its spaces and dashes are written."""
    parts = re.findall(r"[A-Z]+|[0-9]+", number.upper())
    wanted = r"[^0-9A-Z]*".join(map(re.escape, parts))
    found = re.search(rf"(?<![0-9A-Z]){wanted}(?![0-9A-Z])", text.upper())
    return bool(parts) and found is not None


def _paddle(text: str, paddle: int | None) -> bool:
    words = r"(?:PADDLE|BIDDER|PAD|NUMERO|BIETER|NR)"
    return (
        paddle is not None
        and re.search(rf"{words}[^0-9A-Z]*{paddle}(?![0-9])", text.upper()) is not None
    )


def alike(payer: str, names: Sequence[str]) -> bool:
    """Tell whether a payer is the buyer: every word of the shorter name stands in the longer."""
    wanted = _words(payer)
    return any(_within(wanted, _words(name)) for name in names if name)


def _within(first: set[str], second: set[str]) -> bool:
    small, large = sorted((first, second), key=len)
    return bool(small) and small <= large and any(len(word) > 1 for word in small)


def _words(name: str) -> set[str]:
    bare = unicodedata.normalize("NFKD", name)
    letters = "".join(c for c in bare if not unicodedata.combining(c)).upper()
    titles = {"MR", "MRS", "MS", "DR", "HERR", "FRAU", "M", "MME", "LTD", "LIMITED", "GMBH", "SA"}
    return set(re.findall(r"[0-9A-Z]+", letters)) - titles


def same_account(told: str, bank: str) -> bool:
    """Tell whether a statement's account is the one the entity names; either may name none."""
    mine, theirs = plain(bank), plain(told)
    return not theirs or not re.search("[0-9]", mine) or theirs in mine or _tail(theirs) in mine


def _tail(account: str) -> str:
    """Return an account's last eight digits, which banks write where others write an IBAN."""
    digits = re.sub("[^0-9]", "", account)
    return digits[-8:] if len(digits) >= 8 else account  # noqa: PLR2004 - the shortest account number
