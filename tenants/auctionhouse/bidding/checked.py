"""The house's own check of a sale's ledgers: chains, every decision again, and the stored state.

The bidders' verifier does the deciding; here every maximum is known to it, so nothing stays open
that the ledger holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.ledger import Entry, Fault, microseconds, pseudonym, verify
from auctionhouse.bidding.published import full_lines
from auctionhouse.bidding.verifier.findings import Finding
from auctionhouse.bidding.verifier.recount import Recount, recount

_LOTS = text(
    "SELECT l.number::text || l.suffix AS number, s.* FROM lot_state s"
    " JOIN lot l ON l.id = s.lot_id WHERE s.sale_id = :sale ORDER BY l.number, l.suffix"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of one lot: faults of its chain, what the rules say, what is stored else."""

    number: str
    entries: int
    faults: list[Fault]
    findings: list[Finding]
    differences: list[str]

    @property
    def holds(self) -> bool:
        """Tell whether nothing is wrong."""
        wrong = any(finding.verdict == "wrong" for finding in self.findings)
        return not (self.faults or wrong or self.differences)

    def sentences(self) -> Iterator[str]:
        """Say everything that is wrong or could not be proved, and how much was."""
        for fault in self.faults:
            yield f"lot {self.number}, {fault}"
        for finding in self.findings:
            if finding.verdict != "proved":
                word = "WRONG" if finding.verdict == "wrong" else "not proved"
                yield f"lot {self.number}, entry {finding.sequence}: {word}: {finding.text}"
        for name in self.differences:
            yield f"lot {self.number}: the stored {name} is not what its ledger leads to"
        proved = sum(finding.verdict == "proved" for finding in self.findings)
        word = "holds" if self.holds else "DOES NOT HOLD"
        yield f"lot {self.number}: {self.entries} entries, {proved} statements proved: {word}"


def check_sale(session: Session, sale_id: int) -> list[Checked]:
    """Check all lots of a sale, in catalogue order."""
    return [_check(session, row) for row in session.execute(_LOTS, {"sale": sale_id}).all()]


def _check(session: Session, row: Any) -> Checked:
    lines, lot = full_lines(session, row.lot_id), Recount()
    stored = [Entry(line.entry.payload, line.entry.hash) for line in lines]
    faults = verify(stored, bytes(row.chain_head))
    findings = list(recount(lines, lot))
    differences = [] if faults else list(_differences(session, row, lot))
    return Checked(row.number, len(lines), faults, findings, differences)


def _differences(session: Session, row: Any, lot: Recount) -> Iterator[str]:
    leader = row.leader_client_id
    state, book = lot.state, book_of(session, row.lot_id)
    pairs = {
        "price": (row.price, state.price),
        "leader": (None if leader is None else pseudonym(bytes(row.secret), leader), state.leader),
        "asking price": (row.asking, lot.asking),
        "number of bids": (
            None if row.hides_bids and row.status != "closed" else row.bid_count,
            state.bids,
        ),
        "end": (microseconds(row.ends_at), state.ends_at),
        "reserve": (row.reserve_met, state.reserve_met),
        "length": (row.chain_length, lot.sequence),
    }
    if leader is not None and lot.maximum_known:
        pairs["maximum"] = (book.open(row.maximum), state.maximum)
    yield from (name for name, (stored, told) in pairs.items() if stored != told)
