"""Reminders of unpaid invoices: each step of the schedule once, none while money is disputed."""

from datetime import date

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.collecting import rules
from auctionhouse.collecting.models import InvoiceReminder
from auctionhouse.collecting.queries import overdue
from auctionhouse.collecting.settings import rules_of
from auctionxchange.i18n.days import house_day
from auctionxchange.kernel.outbox import enqueue

REMIND = "collecting.reminder_mail"


def send_reminders(session: Session, *, today: date | None = None) -> int:
    """Send whatever reminder is due today; returns how many. Asked again, it sends none twice."""
    today = today or house_day(session)
    sent = 0
    for found in overdue(session, today):
        schedule = rules_of(session, found.entity_id).reminder_days
        step = rules.step_due(found.due_on, schedule, found.reminded, today)
        if step is None or found.disputed:
            continue
        row = insert(InvoiceReminder).values(invoice_id=found.id, step=step, due=found.due)
        new = session.execute(row.on_conflict_do_nothing().returning(InvoiceReminder.step))
        if new.first() is not None:
            enqueue(session, REMIND, invoice=found.id, step=step)
            sent += 1
    return sent
