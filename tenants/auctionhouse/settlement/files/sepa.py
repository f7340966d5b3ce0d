"""SEPA credit transfers: pain.001.001.09, held against the ISO's own schema before it is kept.

Field rules beyond the schema follow the EPC's implementation guidelines for customers and banks
(EPC132-08): euro only, charges shared, names of 70 characters, the EPC's character set.
"""

import io
from decimal import Decimal
from functools import cache
from importlib.resources import as_file, files
from typing import Any
from xml.etree import ElementTree as ET

from auctionhouse.settlement.files.characters import sepa_text
from auctionhouse.settlement.files.orders import Batch, Order

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_NAME, LONGEST_TEXT = 70, 140
LARGEST = 99_999_999_999
"""Cents: what the EPC allows in one transfer."""


def sepa_file(batch: Batch) -> bytes:
    """Write a batch in euro as a message of UTF-8 XML; the same batch gives the same bytes."""
    document = ET.Element("Document", {"xmlns": NAMESPACE})
    message = _into(document, "CstmrCdtTrfInitn")
    count, total = str(len(batch.orders)), _euro(batch.total)
    header = _into(message, "GrpHdr")
    _put(header, "MsgId", batch.message)
    _put(header, "CreDtTm", batch.made_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    _put(header, "NbOfTxs", count)
    _put(header, "CtrlSum", total)
    _put(header, "InitgPty/Nm", sepa_text(batch.payer, LONGEST_NAME))
    payment = _into(message, "PmtInf")
    _put(payment, "PmtInfId", batch.message)
    _put(payment, "PmtMtd", "TRF")
    _put(payment, "BtchBookg", "true")
    _put(payment, "NbOfTxs", count)
    _put(payment, "CtrlSum", total)
    _put(payment, "PmtTpInf/SvcLvl/Cd", "SEPA")
    _put(payment, "ReqdExctnDt/Dt", batch.pay_on.isoformat())
    _put(payment, "Dbtr/Nm", sepa_text(batch.payer, LONGEST_NAME))
    _put(payment, "DbtrAcct/Id/IBAN", batch.account.iban)
    _bank(payment, "DbtrAgt", batch.account.bic)
    _put(payment, "ChrgBr", "SLEV")
    for order in batch.orders:
        _transfer(payment, order)
    ET.indent(document)
    buffer = io.BytesIO()
    ET.ElementTree(document).write(buffer, encoding="UTF-8", xml_declaration=True)
    return buffer.getvalue() + b"\n"


def _transfer(payment: ET.Element, order: Order) -> None:
    transfer = _into(payment, "CdtTrfTxInf")
    _put(transfer, "PmtId/EndToEndId", sepa_text(order.end_to_end, 35))
    amount = _put(transfer, "Amt/InstdAmt", _euro(order.amount))
    amount.set("Ccy", "EUR")
    if order.account.bic:
        _bank(transfer, "CdtrAgt", order.account.bic)
    _put(transfer, "Cdtr/Nm", sepa_text(order.name, LONGEST_NAME))
    _put(transfer, "CdtrAcct/Id/IBAN", order.account.iban)
    text = sepa_text(order.reference, LONGEST_TEXT)
    if text:
        _put(transfer, "RmtInf/Ustrd", text)


def _bank(parent: ET.Element, tag: str, bic: str) -> None:
    """Name a bank by its BIC; the payer's own may be left to the bank that gets the file."""
    if bic:
        _put(parent, f"{tag}/FinInstnId/BICFI", bic)
    else:
        _put(parent, f"{tag}/FinInstnId/Othr/Id", "NOTPROVIDED")


def _into(parent: ET.Element, tag: str) -> ET.Element:
    return ET.SubElement(parent, tag)


def _put(parent: ET.Element, path: str, text: str) -> ET.Element:
    for tag in path.split("/"):
        parent = ET.SubElement(parent, tag)
    parent.text = text
    return parent


def _euro(cents: int) -> str:
    return str(Decimal(cents).scaleb(-2))


@cache
def _schema() -> Any:
    from xmlschema import XMLSchema  # noqa: PLC0415 - slow to import, and asked for once a file

    with as_file(files("sepaxml") / "schemas" / "pain.001.001.09.xsd") as path:
        return XMLSchema(path)


def sepa_problems(content: bytes, batch: Batch) -> list[str]:
    """Return what a bank would refuse a file for; a sound one gives none."""
    found = [str(error.reason) for error in _schema().iter_errors(io.BytesIO(content))]
    orders = batch.orders
    found += [f"{order.end_to_end}: IBAN" for order in orders if order.account.kind != "iban"]
    found += [f"{order.end_to_end}: 0 < {order.amount}" for order in orders if order.amount < 1]
    found += [f"{order.end_to_end}: amount" for order in orders if order.amount > LARGEST]
    if batch.account.kind != "iban":
        found.append("payer: IBAN")
    if len({order.end_to_end for order in orders}) != len(orders):
        found.append("EndToEndId")
    return found
