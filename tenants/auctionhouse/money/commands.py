"""The command that reckons invoices told in a file, for whoever checks a house's figures."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import IO, Any

import click
from flask.cli import AppGroup

from auctionhouse.money.calculation_format import read_invoice, write_calculation
from auctionhouse.money.refusals import MarginForbidden
from auctionhouse.money.rules import calculate
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.translation import gettext as _

money = AppGroup("money", help="Premiums, taxes, royalties and settlements, reckoned.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came out of one line of a file: a result, or what is wrong with the line."""

    number: int
    result: Mapping[str, Any] | None
    problem: str | None = None


def answers(lines: Iterable[bytes], today: date) -> Iterator[Answer]:
    """Reckon a file's invoices; a bad line says what is wrong and the rest goes on."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            told = json.loads(line.decode("utf-8-sig"), parse_float=str, parse_constant=_refuse)
        except (ValueError, RecursionError):
            problem = _("This is not JSON text in UTF-8; write one object a line.")
            yield Answer(number, None, problem)
            continue
        if not isinstance(told, dict):
            yield Answer(number, None, _("Write one JSON object a line, in braces."))
            continue
        try:
            yield Answer(number, answer(told, number, today))
        except DomainError as refusal:
            yield Answer(number, None, refusal.message())


def answer(told: Mapping[str, Any], number: int, today: date) -> dict[str, Any]:
    """Reckon one invoice told as JSON; raises a refusal that names the key."""
    read = read_invoice(told, number, today)
    try:
        found = calculate(
            read.lots, read.terms, read.currency, sale_date=read.sale_date, vendor=read.vendor
        )
    except MarginForbidden as refusal:
        raise MarginForbidden(lot=read.labels[refusal.fields["lot"]]) from refusal
    return write_calculation(read, found)


def _refuse(text: str) -> None:
    raise ValueError(f"{text} is no number")


@money.command("calculate", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
def _calculate(file: IO[bytes]) -> None:
    """Reckon the invoices of FILE (- for standard input) by the rules, without any house.

    One JSON object a line, as docs/money-format.md says. Exits with 1 where a line was bad.
    """
    bad = 0
    for found in answers(file, datetime.now(UTC).date()):
        if found.result is None:
            bad += 1
            click.echo(f"line {found.number}: {found.problem}", err=True)
        else:
            click.echo(json.dumps(found.result, ensure_ascii=False), file=sys.stdout)
    if bad:
        raise SystemExit(1)
