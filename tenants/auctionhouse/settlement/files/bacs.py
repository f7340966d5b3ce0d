"""Bacs credits: a file in Standard 18 for one processing day, as Bacstel-IP submits it.

Labels of 80 characters around records of 100: VOL1, HDR1, HDR2, UHL1, the credits (99), one contra
(17) that debits the payer's account, EOF1, EOF2, UTL1. Bacs takes three working days: input,
processing, and the day on which payees have their money; the header names the middle one.
"""

import re
from datetime import date, timedelta

from auctionhouse.settlement.files.characters import bacs_text
from auctionhouse.settlement.files.orders import Batch, Order

CREDIT, CONTRA = "99", "17"
LABEL, RECORD, TEXT = 80, 100, 18
LARGEST = 99_999_999_999
"""Pence: what the amount's eleven digits hold."""

SATURDAY = 5


def bacs_file(batch: Batch) -> bytes:
    """Write a batch in pounds; the same batch gives the same bytes."""
    total = batch.total
    records = [
        *_headers(batch),
        *(_credit(batch, order) for order in batch.orders),
        _contra(batch),
        *_trailers(batch, total),
    ]
    return ("\r\n".join(records) + "\r\n").encode("ascii")


def _headers(batch: Batch) -> list[str]:
    user, serial = batch.bacs_user, f"{batch.serial % 1_000_000:06d}"
    return [
        _label(f"VOL1{serial}0{'':20}{'':6}{'':4}{user}{'':4}", last="1"),
        _label(f"HDR1{_identity(batch)}"),
        _label(f"HDR2F02000{RECORD:05d}{'':35}00"),
        _label(f"UHL1{_day(processing_day(batch.pay_on))}999999{'':4}00{'':6}1 DAILY  001"),
    ]


def _trailers(batch: Batch, total: int) -> list[str]:
    count = len(batch.orders)
    return [
        _label(f"EOF1{_identity(batch)}"),
        _label(f"EOF2F02000{RECORD:05d}{'':35}00"),
        _label(f"UTL1{total:013d}{total:013d}{1:07d}{count:07d}"),
    ]


def _identity(batch: Batch) -> str:
    """Return what HDR1 and EOF1 say alike: file, set, section, sequence, made and kept until."""
    user, serial = batch.bacs_user, f"{batch.serial % 1_000_000:06d}"
    made = batch.made_at.date()
    return f"A{user}S  1{user}{serial}00010001{'':6}{_day(made)}{_day(batch.pay_on)}0000000{'':20}"


def _credit(batch: Batch, order: Order) -> str:
    account, payer = order.account, batch.account
    return (
        f"{account.sort_code}{account.number}0{CREDIT}{payer.sort_code}{payer.number}{'':4}"
        f"{order.amount:011d}{bacs_text(batch.payer, TEXT)}{bacs_text(order.reference, TEXT)}"
        f"{bacs_text(order.name, TEXT)}"
    )


def _contra(batch: Batch) -> str:
    payer = batch.account
    return (
        f"{payer.sort_code}{payer.number}0{CONTRA}{payer.sort_code}{payer.number}{'':4}"
        f"{batch.total:011d}{bacs_text(batch.message, TEXT)}{'CONTRA':18}"
        f"{bacs_text(batch.payer, TEXT)}"
    )


def _label(text: str, *, last: str = " ") -> str:
    return text.ljust(LABEL - 1)[: LABEL - 1] + last


def _day(day: date) -> str:
    """Write a day as a space, two digits of the year and three of the day in it."""
    return f" {day:%y%j}"


def processing_day(pay_on: date) -> date:
    """Return the working day before payees have their money; bank holidays are not known here."""
    day = pay_on - timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day -= timedelta(days=1)
    return day


def bacs_problems(content: bytes, batch: Batch) -> list[str]:
    """Return what Bacs would refuse a file for; a sound one gives none."""
    lines = content.decode("ascii").split("\r\n")[:-1]
    wanted = [LABEL] * 4 + [RECORD] * (len(batch.orders) + 1) + [LABEL] * 3
    found = []
    if [len(line) for line in lines] != wanted:
        found.append("record length")
    if not re.fullmatch(r"[0-9]{6}", batch.bacs_user) or not int(batch.bacs_user):
        found.append("service user number")
    if batch.account.kind != "uk":
        found.append("payer: sort code")
    if batch.pay_on.weekday() >= SATURDAY:
        found.append("no working day")
    for order in batch.orders:
        if order.account.kind != "uk":
            found.append(f"{order.end_to_end}: sort code")
        if not 0 < order.amount <= LARGEST:
            found.append(f"{order.end_to_end}: amount")
        if not bacs_text(order.name, TEXT).strip():
            found.append(f"{order.end_to_end}: name")
    if re.search(r"[^A-Z0-9.&/\- ]", "".join(lines)):
        found.append("characters")
    return found
