"""Names and references in the few characters banks' files may hold."""

import re

from text_unidecode import unidecode

_TYPOGRAPHY = str.maketrans({"’": "'", "‘": "'", "“": "'", "”": "'", "–": "-", "—": "-", "&": "+"})


def sepa_text(text: str, longest: int) -> str:
    """Write a text in the characters of the EPC's SEPA rules; others become a full stop.

    A slash may neither begin nor end a text nor stand twice.
    """
    plain = unidecode(text.translate(_TYPOGRAPHY))
    plain = re.sub(r"[^A-Za-z0-9/\-?:().,'+ ]", ".", plain)
    plain = re.sub(r"/{2,}", "/", " ".join(plain.split()))
    return plain[:longest].strip(" /")


def bacs_text(text: str, longest: int) -> str:
    """Write a text in the characters of Bacs, filled up with spaces; others become a space."""
    plain = unidecode(text.translate(_TYPOGRAPHY)).upper().replace("+", "&")
    plain = " ".join(re.sub(r"[^A-Z0-9.&/\- ]", " ", plain).split())
    return plain[:longest].ljust(longest)
