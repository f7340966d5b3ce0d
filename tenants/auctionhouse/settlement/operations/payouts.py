"""Payout runs until their file is made: proposed, checked again, approved, changed or given up."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.operations.payees import account_of
from auctionhouse.consignors.sealed import close_account
from auctionhouse.invoicing.covering import lock_vendors
from auctionhouse.members.models import Client
from auctionhouse.settlement import rules
from auctionhouse.settlement.models import (
    PayerAccount,
    PayoutLine,
    PayoutRun,
    Statement,
    StatementUse,
)
from auctionhouse.settlement.operations.clearing import use_parts
from auctionhouse.settlement.queries.consignors import Due, Standing, standing_of
from auctionhouse.settlement.queries.payable import by_client, open_groups
from auctionhouse.settlement.refusals import (
    HeldMeanwhile,
    NoPayer,
    NothingPayable,
    PayDayPast,
    RunStateRefuses,
)
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound


def line_place(run_id: int, position: int) -> str:
    """Name the place of a payment's sealed account."""
    return f"payout_line:{run_id}:{position}"


def standings(
    session: Session, entity_id: int, currency: str, method: str, *, run_id: int = 0
) -> list[Standing]:
    """Return how every consignor of an entity stands; with a run, as if it were not there."""
    groups = open_groups(session, entity_id, currency, run_id=run_id)
    return [
        standing_of(session, client_id, of, currency, method)
        for client_id, of in by_client(groups).items()
    ]


def propose_run(
    session: Session,
    entity_id: int,
    currency: str,
    method: str,
    *,
    pay_on: date,
    clients: frozenset[int] | None = None,
    actor: int | None,
) -> PayoutRun:
    """Put what is payable to consignors into a run, to some of them only where they are named.

    What is in a run is in no other. Raises NoPayer, PayDayPast and NothingPayable.
    """
    if session.get(PayerAccount, entity_id) is None:
        raise NoPayer
    if pay_on < house_day(session):
        raise PayDayPast
    lock_vendors(session, set(by_client(open_groups(session, entity_id, currency))))
    payable = [
        one
        for one in standings(session, entity_id, currency, method)
        if one.payable > 0 and not one.waits and (clients is None or one.client_id in clients)
    ]
    dues = [due for one in payable for due in one.dues]
    if not dues:
        raise NothingPayable
    run = PayoutRun(
        entity_id=entity_id,
        currency=currency,
        method=method,
        pay_on=pay_on,
        total=sum(due.amount for due in dues),
        proposed_by=actor,
    )
    session.add(run)
    session.flush()
    _add_lines(session, run, [(one.client_id, due) for one in payable for due in one.dues])
    for one in payable:
        use_parts(session, one.ready, run_id=run.id)
    audit.record(
        session, "payout.propose", f"payout:{run.id}", actor=actor, total=run.total,
        currency=currency, payments=len(dues),
    )  # fmt: skip
    return run


def _add_lines(session: Session, run: PayoutRun, dues: Sequence[tuple[int, Due]]) -> None:
    for position, (client_id, due) in enumerate(dues, start=1):
        payee = due.payee
        account = account_of(session, payee)
        place = line_place(run.id, position)
        session.add(
            PayoutLine(
                run_id=run.id,
                position=position,
                client_id=client_id,
                payee_id=payee.id,
                name=payee.name,
                reference=payee.reference or f"P{run.id}-{position}",
                end_to_end=f"P{run.id}-{position}",
                amount=due.amount,
                kind=payee.kind,
                sealed=None if account is None else close_account(session, account, place),
                masked=payee.masked,
            )
        )
    session.flush()


def lock_run(session: Session, run_id: int) -> PayoutRun:
    """Hold a run's row to the end of the transaction; raises NotFound."""
    query = select(PayoutRun).where(PayoutRun.id == run_id).with_for_update()
    found = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound(run=run_id)
    return found


def run_lines(session: Session, run_id: int) -> Sequence[PayoutLine]:
    """Return a run's payments in order, without those taken out."""
    query = select(PayoutLine).where(PayoutLine.run_id == run_id, PayoutLine.state != "cancelled")
    return session.scalars(query.order_by(PayoutLine.position)).all()


def advance(run: PayoutRun, act: str) -> None:
    """Move a run on; raises RunStateRefuses where its state does not allow the act."""
    state = rules.next_state(run.state, act)
    if state is None:
        raise RunStateRefuses
    run.state = state


def approve_run(
    session: Session, run_id: int, *, proposed_by: int | None, approved_by: int | None
) -> PayoutRun:
    """Let a proposed run go on, as the second person decided; all of it must still be payable.

    Raises RunStateRefuses and HeldMeanwhile.
    """
    run = lock_run(session, run_id)
    check_still_payable(session, run)
    run.approved_at = database_now(session)
    run.proposed_by, run.approved_by = proposed_by, approved_by
    advance(run, "approve")
    session.flush()
    audit.record(session, "payout.approve", f"payout:{run.id}", actor=approved_by, total=run.total)
    return run


def check_still_payable(session: Session, run: PayoutRun) -> None:
    """Refuse a run in which something may not be paid any more; raises HeldMeanwhile."""
    names = held_in(session, run)
    if names:
        raise HeldMeanwhile(names=names)


def held_in(session: Session, run: PayoutRun) -> list[str]:
    """Return the names of a run's consignors to whom something in it may not be paid now."""
    lines = run_lines(session, run.id)
    if all(line.retries_id is not None for line in lines):
        return []
    uses = select(StatementUse).where(StatementUse.run_id == run.id, StatementUse.live)
    used = {(use.statement_id, use.part) for use in session.scalars(uses)}
    held = []
    for one in standings(session, run.entity_id, run.currency, run.method, run_id=run.id):
        here = [
            group
            for group in [*one.ready, *one.waiting]
            if any((part.statement_id, part.part) in used for part in group.parts)
        ]
        if here and (one.waits or not all(group.ready for group in here)):
            held.append(one.client_id)
    names = select(Client.name).where(Client.id.in_(held)).order_by(Client.name)
    return list(session.scalars(names))


def drop_client(session: Session, run_id: int, client_id: int, *, actor: int | None) -> PayoutRun:
    """Take one consignor out of a run that is not approved yet; the last one cancels it.

    Raises RunStateRefuses.
    """
    run = lock_run(session, run_id)
    if run.state != "proposed":
        raise RunStateRefuses
    out = [line for line in run_lines(session, run_id) if line.client_id == client_id]
    _give_up(session, run, out)
    left = run_lines(session, run_id)
    if not left:
        run.state, run.cancelled_by = "cancelled", actor
    else:
        run.total = sum(line.amount for line in left)
    session.flush()
    audit.record(session, "payout.drop", f"payout:{run.id}", actor=actor, client=client_id)
    return run


def cancel_run(session: Session, run_id: int, reason: str, *, actor: int | None) -> PayoutRun:
    """Give a run up before it went to the bank; all in it is payable again.

    Raises RunStateRefuses.
    """
    run = lock_run(session, run_id)
    advance(run, "cancel")
    _give_up(session, run, run_lines(session, run_id))
    run.cancelled_by, run.reason = actor, reason
    session.flush()
    audit.record(session, "payout.cancel", f"payout:{run.id}", actor=actor, reason=reason)
    return run


def _give_up(session: Session, run: PayoutRun, lines: Sequence[PayoutLine]) -> None:
    clients = {line.client_id for line in lines if line.retries_id is None}
    for line in lines:
        line.state, line.retries_id = "cancelled", None
    session.flush()
    session.execute(
        update(StatementUse)
        .where(
            StatementUse.run_id == run.id,
            StatementUse.live,
            StatementUse.statement_id.in_(
                select(Statement.id).where(Statement.client_id.in_(clients))
            ),
        )
        .values(live=False)
        .execution_options(synchronize_session=False)
    )
