"""Reading CSV as banks export it: which column is what is guessed, asked for, and remembered."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from auctionhouse.banking.lines import FileUnreadable, Line, StatementRead
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import Currency, parse_amount

DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y", "%d-%m-%Y", "%Y%m%d")
"""How days are written; where a file leaves it open, the first that reads every line."""

WORDS: Mapping[str, tuple[str, ...]] = {
    "day": ("booking date", "date", "datum", "buchungstag", "buchungsdatum", "valuta", "fecha"),
    "amount": ("amount", "betrag", "montant", "importe", "bedrag", "value", "umsatz"),
    "money_in": ("paid in", "credit", "money in", "crédit", "haben", "gutschrift"),
    "money_out": ("paid out", "debit", "money out", "débit", "soll", "lastschrift"),
    "payer": ("payer", "name", "counterparty", "auftraggeber", "beneficiary", "nom", "tegenpartij"),
    "reference": ("reference", "description", "verwendungszweck", "memo", "details", "libellé"),
    "payer_account": ("iban", "account number", "kontonummer", "counterparty account"),
}


@dataclass(frozen=True, slots=True)
class Columns:
    """Which column holds what, by its heading; empty where the file has none of it."""

    day: str
    amount: str = ""
    money_in: str = ""
    money_out: str = ""
    payer: str = ""
    reference: str = ""
    payer_account: str = ""
    date_format: str = ""

    @property
    def complete(self) -> bool:
        """Tell whether days and amounts can be read."""
        return bool(self.day and (self.amount or self.money_in))

    def told(self) -> dict[str, str]:
        """Return the columns as they are kept."""
        return asdict(self)


def table_of(content: bytes) -> tuple[list[str], list[dict[str, str]]]:
    """Return a file's headings and rows; raises FileUnreadable."""
    text = _decoded(content)
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], delimiters=",;\t|")
        rows = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise FileUnreadable("csv") from error
    rows = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    start = next((n for n, row in enumerate(rows) if sum(map(bool, row)) >= 3), None)  # noqa: PLR2004 - day, amount and a word
    if start is None or len(set(rows[start])) != len(rows[start]):
        raise FileUnreadable("csv")
    heads = rows[start]
    wide = [row for row in rows[start + 1 :] if len(row) >= len(heads)]
    return heads, [dict(zip(heads, row, strict=False)) for row in wide]


def _decoded(content: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeError:
            continue
        if "\0" not in text:
            return text
    raise FileUnreadable("csv")


def guessed(heads: Sequence[str]) -> Columns:
    """Guess which heading means what by the words banks use."""
    found: dict[str, str] = {}
    for name, words in WORDS.items():
        for word in words:
            fitting = [h for h in heads if word in h.lower() and h not in found.values()]
            if fitting:
                found[name] = min(fitting, key=len)
                break
    if found.get("amount"):
        found.pop("money_in", None)
        found.pop("money_out", None)
    return Columns(**{"day": "", **found})


def read_csv(content: bytes, columns: Columns, unit: Currency) -> StatementRead:
    """Read a file by its columns; amounts are in the entity's currency. Raises FileUnreadable."""
    heads, rows = table_of(content)
    wanted = {name for name in asdict(columns).values() if name} - {columns.date_format}
    if not columns.complete or not wanted <= set(heads):
        raise FileUnreadable("columns")
    days = _days([row[columns.day] for row in rows], columns.date_format)
    lines = [
        Line(
            booked_on=day,
            amount=_amount(row, columns, unit),
            currency=unit.code,
            payer=row.get(columns.payer, ""),
            payer_account=row.get(columns.payer_account, ""),
            reference=row.get(columns.reference, ""),
        )
        for day, row in zip(days, rows, strict=True)
    ]
    return StatementRead("", unit.code, [line for line in lines if line.amount])


def _days(texts: Sequence[str], chosen: str) -> list[date]:
    for form in [chosen] if chosen else DATES:
        try:
            return [datetime.strptime(text[:10], form).date() for text in texts]  # noqa: DTZ007 - a bank's day has no zone
        except ValueError:
            continue
    raise FileUnreadable("day")


def _amount(row: Mapping[str, str], columns: Columns, unit: Currency) -> int:
    if columns.amount:
        return _minor(row[columns.amount], unit)
    out = _minor(row.get(columns.money_out, ""), unit)
    return _minor(row[columns.money_in], unit) - abs(out)


def _minor(text: str, unit: Currency) -> int:
    """Read an amount as banks write it: signs before or after, points or commas."""
    bare = re.sub(r"[^0-9.,+()-]", "", text)
    if not bare:
        return 0
    negative = bare.startswith(("-", "(")) or bare.endswith("-")
    digits = bare.strip("+-()")
    if "," in digits and digits.rfind(",") > digits.rfind("."):
        digits = digits.replace(".", "").replace(",", ".")
    else:
        digits = digits.replace(",", "")
    try:
        minor = parse_amount(digits, unit)
    except DomainError as error:
        raise FileUnreadable("amount") from error
    return -minor if negative else minor
