"""Undoing what a released statement says of a lot: by a counter-statement, never by an edit."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.money.rounding import Line
from auctionhouse.settlement.models import Statement, StatementLine, StatementPart
from auctionhouse.settlement.operations.writing import (
    lines_of,
    lock_statement,
    number,
    parts_of,
    post_charges,
)
from auctionhouse.settlement.reckoning import written_line
from auctionhouse.settlement.refusals import NothingToCorrect, NotReleasedYet


def counter_statement(
    session: Session, statement_id: int, lots: set[int], reason: str, *, actor: int | None
) -> Statement:
    """Undo exactly what a released statement says of some lots, with a number of its own.

    The lots can then be stated again: sold anew, or under other terms. What was paid for them is
    taken from what the vendor gets next. Raises NotReleasedYet and NothingToCorrect.
    """
    statement = lock_statement(session, statement_id)
    if statement.number is None:
        raise NotReleasedYet
    wrong = [
        part
        for part in parts_of(session, statement.id)
        if part.lot_id is not None and part.live and part.lot_id in lots
    ]
    if statement.kind != "statement" or not wrong or len(wrong) != len(lots):
        raise NothingToCorrect
    made = Statement(
        kind="counter",
        entity_id=statement.entity_id,
        client_id=statement.client_id,
        sale_id=statement.sale_id,
        corrects_id=statement.id,
        currency=statement.currency,
        reason=reason,
        total=-sum(part.amount for part in wrong),
    )
    session.add(made)
    session.flush()
    _mirror(session, made, wrong, list(lines_of(session, statement.id)))
    number(session, made)
    post_charges(session, made, actor=actor)
    audit.record(
        session, "statement.counter", f"statement:{statement.id}", actor=actor,
        number=made.number, lots=sorted(lots), reason=reason,
    )  # fmt: skip
    return made


def _mirror(
    session: Session,
    made: Statement,
    wrong: list[StatementPart],
    lines: list[StatementLine],
) -> None:
    position = 0
    for place, part in enumerate(wrong, start=1):
        part.live = False
        session.flush()
        session.add(
            StatementPart(
                statement_id=made.id,
                part=place,
                lot_id=part.lot_id,
                agreement_id=part.agreement_id,
                label=part.label,
                title=part.title,
                outcome=part.outcome,
                vat=part.vat,
                hammer=-part.hammer,
                amount=-part.amount,
                live=False,
            )
        )
        session.flush()
        for line in (line for line in lines if line.part == part.part):
            position += 1
            undone = replace(_as_line(line), amount=-line.amount)
            session.add(written_line(made.id, position, place, undone))
    session.flush()


def _as_line(line: StatementLine) -> Line:
    return Line(None, line.kind, line.amount, line.percent, line.base, line.rule)


def countered(session: Session, statement_id: int) -> list[Statement]:
    """Return the counter-statements of a statement, oldest first."""
    query = select(Statement).where(Statement.corrects_id == statement_id)
    return list(session.scalars(query.order_by(Statement.id)))
