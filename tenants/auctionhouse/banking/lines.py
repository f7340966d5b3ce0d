"""A bank statement as every format is read into, and what tells its lines apart. Pure."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

LARGEST = 5 * 1024 * 1024
"""Bytes of a file that is read at all."""


@dataclass(frozen=True, slots=True)
class Line:
    """Money on an account: minor units, positive where it came in."""

    booked_on: date
    amount: int
    currency: str
    payer: str = ""
    payer_account: str = ""
    reference: str = ""
    bank_reference: str = ""


@dataclass(frozen=True, slots=True)
class StatementRead:
    """One account's lines out of a file; the account is empty where the file names none."""

    account: str
    currency: str
    lines: Sequence[Line]


class FileUnreadable(Exception):
    """The file is not what it should be; the argument says where, for staff."""


def plain(text: str) -> str:
    """Return a text's letters and digits alone, in capitals."""
    return re.sub(r"[^0-9A-Z]", "", text.upper())


def fingerprints(account: str, lines: Iterable[Line]) -> list[tuple[str, Line]]:
    """Give each line the name it keeps in every later file of the same account.

    Lines that are alike in all are told apart by their order on their day, so two equal payments
    are two and the same payment in an overlapping file is one.
    """
    seen: dict[tuple[str, ...], int] = {}
    named = []
    for line in lines:
        told = (
            plain(account), line.booked_on.isoformat(), str(line.amount), line.currency,
            plain(line.payer), plain(line.payer_account), plain(line.reference),
            plain(line.bank_reference),
        )  # fmt: skip
        place = seen[told] = seen.get(told, 0) + 1
        name = hashlib.sha256("\0".join((*told, str(place))).encode()).hexdigest()
        named.append((name, line))
    return named
