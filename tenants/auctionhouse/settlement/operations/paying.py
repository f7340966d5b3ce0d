"""From an approved run to money that arrived: the file, sent, confirmed, come back, made again."""

import hashlib
from collections.abc import Mapping
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.consignors.models import Payee
from auctionhouse.consignors.operations.payees import account_of, current_instruction
from auctionhouse.consignors.sealed import close_account, open_account
from auctionhouse.invoicing.covering import lock_vendors
from auctionhouse.invoicing.models import Posting
from auctionhouse.invoicing.postings import write
from auctionhouse.settlement import ledger
from auctionhouse.settlement.files.bacs import bacs_file, bacs_problems
from auctionhouse.settlement.files.orders import Batch, Order
from auctionhouse.settlement.files.sepa import sepa_file, sepa_problems
from auctionhouse.settlement.models import PayerAccount, PayoutLine, PayoutRun, StatementUse
from auctionhouse.settlement.operations.clearing import clear_parts
from auctionhouse.settlement.operations.payouts import (
    advance,
    check_still_payable,
    line_place,
    lock_run,
    run_lines,
)
from auctionhouse.settlement.queries.consignors import fits
from auctionhouse.settlement.queries.payable import by_client, open_groups
from auctionhouse.settlement.refusals import (
    FileInvalid,
    NoPayer,
    NotRetryable,
    PayDayPast,
    RunStateRefuses,
)
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.sealing import keys_of
from auctionxchange.kernel.translation import gettext as _

PAID_MAIL = "settlement.paid_mail"
FILE_PURPOSE = "payout-file"
ENDINGS = {"sepa": "xml", "bacs": "txt"}


def payer_place(entity_id: int) -> str:
    """Name the place of a payer's sealed account."""
    return f"payer:{entity_id}"


def make_file(session: Session, run_id: int, *, actor: int | None) -> PayoutRun:
    """Make an approved run's file, once; it is kept sealed and can be had again byte for byte.

    Raises RunStateRefuses, HeldMeanwhile, NoPayer and FileInvalid.
    """
    run = lock_run(session, run_id)
    advance(run, "make")
    check_still_payable(session, run)
    run.made_at = database_now(session)
    if run.method != "hand":
        content = _content(session, run)
        run.file_name = f"payout-{run.id}.{ENDINGS[run.method]}"
        run.digest = hashlib.sha256(content).hexdigest()
        run.file = keys_of(session).seal(FILE_PURPOSE).close(content, _file_place(run))
    session.flush()
    audit.record(session, "payout.file", f"payout:{run.id}", actor=actor, digest=run.digest)
    return run


def file_of(session: Session, run_id: int, *, actor: int | None) -> tuple[str, bytes]:
    """Return a run's file as it was made, and its name; every download is audited."""
    run = session.get(PayoutRun, run_id)
    if run is None or run.file is None or run.file_name is None:
        raise NotFound(run=run_id)
    content = keys_of(session).seal(FILE_PURPOSE).open(run.file, _file_place(run))
    audit.record(session, "payout.download", f"payout:{run.id}", actor=actor, digest=run.digest)
    return run.file_name, content


def _file_place(run: PayoutRun) -> bytes:
    return f"payout_run:{run.id}".encode()


def _content(session: Session, run: PayoutRun) -> bytes:
    batch = _batch(session, run)
    if run.method == "sepa":
        content = sepa_file(batch)
        problems = sepa_problems(content, batch)
    else:
        content = bacs_file(batch)
        problems = bacs_problems(content, batch)
    if problems:
        raise FileInvalid(problem="; ".join(problems[:5]))
    return content


def _batch(session: Session, run: PayoutRun) -> Batch:
    payer = session.get(PayerAccount, run.entity_id)
    if payer is None or payer.sealed is None:
        raise NoPayer
    orders = [
        Order(
            line.end_to_end,
            line.name,
            open_account(session, line.sealed, line_place(run.id, line.position)),
            line.amount,
            line.reference,
        )
        for line in run_lines(session, run.id)
        if line.sealed is not None
    ]
    if not orders:
        raise FileInvalid(problem=_("there is no payment to a bank account in it"))
    return Batch(
        message=f"PAYOUT-{run.id}-{run.proposed_at:%Y%m%d}",
        serial=run.id,
        made_at=run.made_at or database_now(session),
        pay_on=run.pay_on,
        payer=payer.holder,
        account=open_account(session, payer.sealed, payer_place(run.entity_id)),
        orders=orders,
        bacs_user=payer.bacs_user,
    )


def mark_sent(session: Session, run_id: int, *, actor: int | None) -> PayoutRun:
    """Say that the bank has the payments: charges move to the house, what is paid leaves.

    Nothing is refused here for what happened since the file was made: the bank has it. The house
    covers what may have been undone meanwhile. Raises RunStateRefuses.
    """
    run = lock_run(session, run_id)
    run.sent_by, run.sent_at = actor, database_now(session)
    advance(run, "send")
    lines = run_lines(session, run.id)
    lock_vendors(session, {line.client_id for line in lines})
    _clear(session, run, actor)
    for line in lines:
        entries = ledger.paid(line.amount, line.client_id, kept=line.kind is None)
        write(session, _posting(run, "payout", actor), entries)
    audit.record(session, "payout.send", f"payout:{run.id}", actor=actor, total=run.total)
    for client_id in sorted({line.client_id for line in lines}):
        enqueue(session, PAID_MAIL, run=run.id, client=client_id)
    return run


def _clear(session: Session, run: PayoutRun, actor: int | None) -> None:
    uses = select(StatementUse).where(StatementUse.run_id == run.id, StatementUse.live)
    used = {(use.statement_id, use.part) for use in session.scalars(uses)}
    if not used:
        return
    groups = [
        group.only(used)
        for group in open_groups(session, run.entity_id, run.currency, run_id=run.id)
    ]
    for of in by_client(group for group in groups if group.parts).values():
        clear_parts(session, of, _posting(run, "clear", actor), actor=actor)


def _posting(run: PayoutRun, kind: str, actor: int | None) -> Posting:
    return Posting(
        kind=f"vendor_{kind}",
        entity_id=run.entity_id,
        run_id=run.id,
        currency=run.currency,
        actor_member_id=actor,
    )


def confirm_run(
    session: Session, run_id: int, failures: Mapping[int, str], *, actor: int | None
) -> PayoutRun:
    """Close a sent run: all payments arrived but those named, each with the bank's reason.

    What came back is owed again and can be made once more. Raises RunStateRefuses, and NotFound
    for a payment of another run.
    """
    run = lock_run(session, run_id)
    advance(run, "close")
    lines = run_lines(session, run.id)
    if set(failures) - {line.id for line in lines}:
        raise NotFound(run=run_id)
    for line in lines:
        if line.id in failures:
            _came_back(session, run, line, failures[line.id], actor)
        else:
            line.state = "paid"
    run.closed_at = database_now(session)
    session.flush()
    audit.record(
        session, "payout.confirm", f"payout:{run.id}", actor=actor,
        failed={str(number): why for number, why in failures.items()},
    )  # fmt: skip
    return run


def fail_payment(session: Session, line_id: int, why: str, *, actor: int | None) -> PayoutLine:
    """Say that a payment came back after its run was closed; raises NotRetryable."""
    line = session.get(PayoutLine, line_id)
    if line is None:
        raise NotFound(line=line_id)
    run = lock_run(session, line.run_id)
    session.refresh(line)
    if run.state != "closed" or line.state != "paid":
        raise NotRetryable
    _came_back(session, run, line, why, actor)
    audit.record(session, "payout.failed", f"payout:{run.id}", actor=actor, line=line.id, why=why)
    return line


def _came_back(
    session: Session, run: PayoutRun, line: PayoutLine, why: str, actor: int | None
) -> None:
    if line.kind is None:
        raise RunStateRefuses
    line.state, line.failure = "failed", why
    entries = ledger.returned(line.amount, line.client_id)
    write(session, _posting(run, "returned", actor), entries)


def retry_payment(
    session: Session, line_id: int, payee_id: int, *, pay_on: date, actor: int | None
) -> PayoutRun:
    """Propose a payment that came back anew, in a run of its own, to a payee as now in force.

    Raises NotRetryable and PayDayPast.
    """
    line = session.get(PayoutLine, line_id)
    payee = session.get(Payee, payee_id)
    if line is None or payee is None:
        raise NotFound(line=line_id)
    old = lock_run(session, line.run_id)
    session.refresh(line)
    again = session.scalar(select(PayoutLine.id).where(PayoutLine.retries_id == line.id))
    now = current_instruction(session, line.client_id)
    ours = now is not None and payee.instruction_id == now.id and payee.kind is not None
    if line.state != "failed" or again is not None or not ours:
        raise NotRetryable
    if pay_on < house_day(session):
        raise PayDayPast
    method = old.method if fits(session, payee, old.currency, old.method) else "hand"
    run = PayoutRun(
        entity_id=old.entity_id, currency=old.currency, method=method, pay_on=pay_on,
        total=line.amount, proposed_by=actor,
    )  # fmt: skip
    session.add(run)
    session.flush()
    _add_retry(session, run, line, payee)
    audit.record(session, "payout.retry", f"payout:{run.id}", actor=actor, line=line.id)
    return run


def _add_retry(session: Session, run: PayoutRun, line: PayoutLine, payee: Payee) -> None:
    account = account_of(session, payee)
    if account is None:
        raise NotRetryable
    session.add(
        PayoutLine(
            run_id=run.id,
            position=1,
            client_id=line.client_id,
            payee_id=payee.id,
            retries_id=line.id,
            name=payee.name,
            reference=payee.reference or line.reference,
            end_to_end=f"P{run.id}-1",
            amount=line.amount,
            kind=account.kind,
            sealed=close_account(session, account, line_place(run.id, 1)),
            masked=account.masked,
        )
    )
    session.flush()
