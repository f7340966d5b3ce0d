"""The program a bidder runs: reads files, checks them, says in words what holds.

Exit code 0 where everything holds, 1 where something was tampered with, 2 for unreadable input.
"""

import io
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from auctionhouse.bidding.ledger import FAULTS, verify
from auctionhouse.bidding.verifier.findings import Finding
from auctionhouse.bidding.verifier.reading import Files, Line, Signed, Unreadable, read_files
from auctionhouse.bidding.verifier.recount import NONSENSE, recount
from auctionhouse.bidding.verifier.results import RESULTS
from auctionhouse.bidding.verifier.statements import as_findings, head, receipt

USAGE = """usage: python verify_ledger.py FILE...

Checks what an auction house published, without asking anybody. Files, in any order:
  a lot's ledger        (downloaded from its page of bids)
  a receipt of a bid    (downloaded from "my bids")
  a sale's heads        (published by the house; keep a copy)
  the house's keys      (published by the house)
"""
SIGNS = {"proved": "holds", "open": "open ", "wrong": "WRONG"}


def check_ledger(lines: list[Line]) -> list[Finding]:
    """Check one lot's ledger: its chain first, then every price, leader and end."""
    found = [
        Finding(fault.sequence, "wrong", FAULTS[fault.fault])
        for fault in verify(line.entry for line in lines)
    ]
    return found + list(recount(lines)) + list(_ended(lines))


def _ended(lines: list[Line]) -> Iterator[Finding]:
    """Maxima and marks are shown once a lot is closed, so that its end must be there too."""
    kinds = [line.payload.get("kind") for line in lines]
    if any(line.openings for line in lines) and not any(kind in RESULTS for kind in kinds):
        yield Finding(
            len(lines), "wrong", "what was committed to is opened, but the lot's end is missing"
        )


def told(line: Line) -> str:
    """Return an entry's kind, time and what it shows, as it stands in the file."""
    payload = line.payload
    parts = [str(payload.get("at", "?")), str(payload.get("kind", "?"))]
    if payload.get("who"):
        parts.append(f"by {payload['who']}")
    if payload.get("price") is not None:
        parts.append(f"price {payload['price']}")
    return "  ".join(parts)


def say_ledger(name: str, lines: list[Line]) -> Iterator[str]:
    """Say of a ledger, entry by entry, what holds."""
    first = lines[0].payload
    unit = first.get("currency", "?")
    yield f"{name}: lot {first.get('lot')} of sale {first.get('sale')}, {len(lines)} entries"
    yield f"  (amounts are the smallest units of {unit})"
    findings = check_ledger(lines)
    for number, line in enumerate(lines, start=1):
        yield f"  {number:>4}  {told(line)}"
        for finding in findings:
            if finding.sequence == number:
                yield f"        {SIGNS[finding.verdict]}  {finding.text}"
    yield from _ceiling(lines)
    yield from summed(findings)


def _ceiling(lines: list[Line]) -> Iterator[str]:
    """Say what stays closed of a lot that is sold."""
    last = lines[-1].payload
    if last.get("kind") != "hammer":
        return
    closed = [
        line
        for line in lines
        if line.payload.get("who") == last.get("who")
        and line.payload.get("kind") in {"bid", "raise"}
        and line.opened("maximum") is None
    ]
    if closed:
        yield (
            "  The winner's ceiling stays closed. It is proved that it moved no price but upheld"
            f" the bid at {last.get('price')}; how high it was is not told."
        )


def summed(findings: Iterable[Finding]) -> Iterator[str]:
    """Say how much was proved, how much could not be and how much is wrong."""
    counts = Counter(finding.verdict for finding in findings)
    yield (
        f"  {counts['proved']} statements proved, {counts['open']} could not be proved,"
        f" {counts['wrong']} wrong"
    )


def say_signed(name: str, signed: Signed, findings: list[Finding]) -> Iterator[str]:
    """Say of a signed statement what holds."""
    told = signed.statement
    what = f"receipt for a bid on lot {told['lot']}" if told["kind"] == "receipt" else "heads"
    yield f"{name}: {what}, sale {told['sale']}, signed for {told['house']} at {told['at']}"
    if told["kind"] == "receipt":
        reason = f" ({told['reason']})" if told["reason"] else ""
        yield f"  the bid of {told['who']} was {told['outcome']}{reason}"
    for finding in findings:
        yield f"        {SIGNS[finding.verdict]}  {finding.text}"


def check(files: Files) -> tuple[list[str], bool]:
    """Return everything there is to say, and whether anything is wrong."""
    said: list[str] = []
    wrong = False
    for name, lines in files.ledgers.items():
        said += say_ledger(name, lines)
        wrong |= any(finding.verdict == "wrong" for finding in check_ledger(lines))
    for kind, statements in ((head, files.heads), (receipt, files.receipts)):
        for name, signed in statements.items():
            findings = list(as_findings(kind(signed, files)))
            said += say_signed(name, signed, findings)
            wrong |= any(finding.verdict == "wrong" for finding in findings)
    said.append("TAMPERED WITH: see the lines marked WRONG." if wrong else "Everything holds.")
    return said, wrong


def main(arguments: Sequence[str]) -> int:
    """Check the files named and print what holds."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if not arguments or arguments[0] in {"-h", "--help"}:
        sys.stdout.write(USAGE)
        return 0 if arguments else 2
    try:
        said, wrong = check(read_files(list(arguments)))
    except Unreadable as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except NONSENSE as error:
        sys.stderr.write(f"a signed statement lacks what its kind tells: {error!r}\n")
        return 2
    sys.stdout.write("\n".join(said) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
