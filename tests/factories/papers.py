"""Reading what a PDF says."""

import re
from io import BytesIO

from pypdf import PdfReader

AMOUNT = re.compile(r"-?[£€$][0-9][0-9,.]*|-?[0-9](?:[0-9 ,.]*[0-9])? ?[£€$]")
"""An amount as English or French readers write it, spaces and minus signs made plain."""


def said_by(content: bytes) -> str:
    """Return a document's text, pages one after another, spaces made plain."""
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def amounts_in(text: str) -> list[str]:
    """Return the digits of every amount a text names, sorted, whatever language writes them."""
    plain = text.replace("\u202f", " ").replace("\u00a0", " ").replace("−", "-")
    return sorted(re.sub(r"[^0-9-]", "", found) for found in AMOUNT.findall(plain))
