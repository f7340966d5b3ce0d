"""Mails about invoices, each a function that returns its subject; templates bear their names."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import render_template
from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.collecting.settings import rules_of
from auctionhouse.collecting.winners import charge_plan
from auctionhouse.documents.readers import read_by
from auctionhouse.invoicing.queries import InvoicePage, invoice_page
from auctionxchange.i18n.formats import day, money
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.house import House

_ADDRESS = text(
    "SELECT coalesce(m.email, c.email) AS email, m.id AS member FROM client c"
    " LEFT JOIN member m ON m.id = c.member_id AND m.active WHERE c.id = :client"
)
Subject = Callable[[InvoicePage], str]
MAILS: dict[str, Subject] = {}


def mail(function: Subject) -> Subject:
    """Register a mail under its function's name, which is also its template's."""
    MAILS[function.__name__] = function
    return function


@mail
def invoice(page: InvoicePage) -> str:
    """Say what is to be paid, by when and how."""
    amount = money(page.due, page.invoice.currency)
    return _("Invoice %(number)s: %(amount)s", number=page.invoice.number, amount=amount)


@mail
def credit_note(page: InvoicePage) -> str:
    """Say what was taken off an invoice, or that all of it was."""
    amount = money(-page.invoice.total, page.invoice.currency)
    return _("Credit note %(number)s: %(amount)s", number=page.invoice.number, amount=amount)


@mail
def reminder(page: InvoicePage) -> str:
    """Remind of an invoice whose day is past."""
    amount = money(page.due, page.invoice.currency)
    return _(
        "Reminder: %(amount)s for invoice %(number)s was due on %(day)s",
        amount=amount, number=page.invoice.number, day=day(page.invoice.due_on),
    )  # fmt: skip


@mail
def warning(page: InvoicePage) -> str:
    """Warn that the sale will be cancelled."""
    return _("Last warning: invoice %(number)s is unpaid", number=page.invoice.number)


@mail
def ready(page: InvoicePage) -> str:
    """Say that what was paid for can be collected."""
    return _("Paid, thank you: your lots of invoice %(number)s", number=page.invoice.number)


def send(
    session: Session, settings: Settings, house: House, name: str, invoice_id: int, *,
    more: Mapping[str, Any] | None = None,
) -> bool:  # fmt: skip
    """Send a mail about an invoice to its buyer in their language; False where nobody can be."""
    page = invoice_page(session, invoice_id)
    found = session.execute(_ADDRESS, {"client": page.invoice.client_id}).one()
    to = found.email or page.invoice.buyer.get("email")
    if not to:
        return False
    with read_by(session, page.invoice.client_id):
        subject = MAILS[name](page)
        context = {
            "page": page,
            "house": house,
            "subject": subject,
            # Only who has an account can open it.
            "address": house.url(settings, f"/account/invoices/{invoice_id}")
            if found.member
            else None,
            "plan": charge_plan(session, page.invoice, rules_of(session, page.invoice.entity_id)),
            **(more or {}),
        }
        texts = {
            part: render_template(f"collecting/mail/{name}.{ending}", **context)
            for part, ending in (("text", "txt"), ("html", "html"))
        }
    enqueue(session, "mail.send", to=to, subject=subject, **texts)
    return True
