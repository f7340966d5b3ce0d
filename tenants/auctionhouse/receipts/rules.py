"""What is signed: statements in canonical JSON, and the document that carries one.

docs/ledger-format.md is the specification; bidding/verifier checks what is written here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from auctionhouse.bidding.ledger import canonical, commitment_salt, sale_head

STATEMENT_FORMAT = 1
SHOWN = ("price", "leader", "asking", "reserve_met", "bids", "ends_at")


def receipt_statement(
    *,
    house: str,
    key: str,
    told: Mapping[str, Any],
    outcome: str,
    reason: str | None,
    sequence: int | None,
    entry_hash: str | None,
) -> str:
    """Write what a receipt states: who (by pseudonym) bid when, and what it led to.

    Where nobody may count the lot's bids, the entry is named by its hash alone, and one that a
    refused bid met not at all.

    What is told has sale, lot, who, at, the commitment to the maximum (a purchase has none), and
    the state after; bids for some of a lot's pieces have a commitment to their number too.
    """
    names = ("sale", "lot", "who", "at", *SHOWN)
    return canonical(
        {
            **{name: told[name] for name in names},
            "maximum": told.get("maximum"),
            **({"pieces": told["pieces"]} if "pieces" in told else {}),
            "format": STATEMENT_FORMAT,
            "kind": "receipt",
            "house": house,
            "key": key,
            "outcome": outcome,
            "reason": reason,
            "sequence": sequence,
            "hash": entry_hash,
        }
    )


def head_statement(
    *, house: str, key: str, sale: str, at: str, lots: Sequence[tuple[str, int, bytes]]
) -> str:
    """Write the heads of a sale's lots, given as (number, entries, hash) in catalogue order."""
    return canonical(
        {
            "format": STATEMENT_FORMAT,
            "kind": "head",
            "house": house,
            "key": key,
            "sale": sale,
            "at": at,
            "lots": [
                {"lot": number, "entries": entries, "hash": head.hex()}
                for number, entries, head in lots
            ],
            "head": sale_head((number, head) for number, _entries, head in lots),
        }
    )


def signed_document(
    statement: str,
    signature: bytes,
    public_key: bytes,
    *,
    secret: bytes | None = None,
    maximum: int | None = None,
    pieces: int | None = None,
) -> dict[str, Any]:
    """Return the document that is handed out; the private part is for the bidder alone."""
    document: dict[str, Any] = {
        "statement": statement,
        "signature": signature.hex(),
        "public_key": public_key.hex(),
    }
    if secret is not None and maximum is not None:
        salt = commitment_salt(secret, "maximum").hex()
        document["private"] = {"maximum": {"salt": salt, "value": maximum}}
        if pieces is not None:
            salt = commitment_salt(secret, "pieces").hex()
            document["private"]["pieces"] = {"salt": salt, "value": pieces}
    return document
