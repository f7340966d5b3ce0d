"""Payout runs as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Date, Integer, Select, Text, column, select, text
from sqlalchemy.orm import Session

from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client, Member
from auctionhouse.settlement.models import PayoutLine, PayoutRun
from auctionhouse.settlement.operations.payouts import held_in, run_lines
from auctionxchange.kernel.errors import NotFound

MOST = 300
STATES = ("all", "proposed", "approved", "made", "sent", "closed", "cancelled")
RUNS = (
    text(
    "SELECT r.id, n.name AS entity, r.currency, r.method, r.state, r.pay_on, r.total,"
    " (SELECT count(*) FROM payout_line l WHERE l.run_id = r.id AND l.state <> 'cancelled')"
    " AS payments, (SELECT count(*) FROM payout_line l WHERE l.run_id = r.id"
    " AND l.state = 'failed') AS failed FROM payout_run r JOIN legal_entity n ON n.id = r.entity_id"
    )
    .columns(
        column("id", BigInteger), column("entity", Text), column("currency", Text),
        column("method", Text), column("state", Text), column("pay_on", Date),
        column("total", BigInteger), column("payments", Integer), column("failed", Integer),
    )
    .subquery("runs")
)  # fmt: skip
"""Every payout run with what stands in a list."""

_OF_CLIENT = text(
    "SELECT l.id, l.name, l.masked, l.amount, l.reference, l.state, l.failure, r.currency,"
    " r.pay_on, r.state AS run_state, r.id AS run_id FROM payout_line l"
    " JOIN payout_run r ON r.id = l.run_id WHERE l.client_id = :client AND l.state <> 'cancelled'"
    " AND (:whole OR r.state IN ('sent', 'closed')) ORDER BY l.id DESC LIMIT :most"
)


def select_runs(state: str = "all") -> Select[Any]:
    """Select payout runs, the newest first."""
    query = select(RUNS).order_by(RUNS.c.id.desc())
    return query if state == "all" else query.where(RUNS.c.state == state)


def payments_of(session: Session, client_id: int, *, sent_only: bool = False) -> Sequence[Any]:
    """Return a consignor's payments, the newest first; those that left alone, if asked."""
    key = {"client": client_id, "whole": not sent_only, "most": MOST}
    return session.execute(_OF_CLIENT, key).all()


@dataclass(frozen=True, slots=True)
class RunPage:
    """A payout run with everything its page shows."""

    run: PayoutRun
    entity: LegalEntity
    lines: Sequence[PayoutLine]
    clients: Mapping[int, str]
    people: Mapping[int, str]
    held: Sequence[str]
    again: Mapping[int, int]
    """Payment that came back → the run in which it is made again."""

    statements: Sequence[Any]


_USED = text(
    "SELECT DISTINCT t.id, t.number, t.client_id FROM statement_use u"
    " JOIN statement t ON t.id = u.statement_id WHERE u.run_id = :run AND u.live ORDER BY t.id"
)


def run_page(session: Session, run_id: int) -> RunPage:
    """Return a payout run; raises NotFound."""
    run = session.get(PayoutRun, run_id)
    if run is None:
        raise NotFound(run=run_id)
    lines = run_lines(session, run.id)
    clients = select(Client.id, Client.name).where(Client.id.in_({one.client_id for one in lines}))
    acting = {run.proposed_by, run.approved_by, run.sent_by, run.cancelled_by} - {None}
    people = select(Member.id, Member.name).where(Member.id.in_(acting))
    again = select(PayoutLine.retries_id, PayoutLine.run_id).where(
        PayoutLine.retries_id.in_({one.id for one in lines})
    )
    return RunPage(
        run=run,
        entity=session.get_one(LegalEntity, run.entity_id),
        lines=lines,
        clients={row.id: row.name for row in session.execute(clients)},
        people={row.id: row.name for row in session.execute(people)},
        held=held_in(session, run) if run.state in {"proposed", "approved", "made"} else (),
        again={row.retries_id or 0: row.run_id for row in session.execute(again)},
        statements=session.execute(_USED, {"run": run.id}).all(),
    )
