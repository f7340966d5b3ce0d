"""What the lists of money tell about each row, on the page and as a file.

A file holds every amount as a plain decimal, with its currency in a column of its own.
"""

from collections.abc import Callable
from datetime import date
from operator import attrgetter
from typing import Any

from sqlalchemy import func

from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.queries import ASKER, DECIDER
from auctionhouse.approvals.words import request_words
from auctionhouse.banking import words as banking_words
from auctionhouse.banking.queries import LINES
from auctionhouse.collecting.queries import OVERDUE
from auctionhouse.consignors.queries.lists import CONSIGNORS as CONSIGNING
from auctionhouse.handover.queries import ORDERS
from auctionhouse.invoicing.queries import FOUND as INVOICED
from auctionhouse.invoicing.words import state_words
from auctionhouse.manage.columns import plain
from auctionhouse.manage.listing import Column
from auctionhouse.members.models import Client
from auctionhouse.payments.models import Payment
from auctionhouse.payments.words import payment_words
from auctionhouse.settlement.queries.runs import RUNS as PAID_IN
from auctionhouse.settlement.queries.statements import FOUND as STATED
from auctionhouse.settlement.words import kind_words, method_words, run_words
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l


def _amount(name: str, currency: str = "currency") -> Callable[[Any], str | None]:
    """Return what tells an amount of a row in its currency; nothing where there is none."""
    found, unit = attrgetter(name), attrgetter(currency)
    return lambda row: plain(found(row), unit(row))


def _currency(name: str = "currency") -> Column:
    return Column("currency", _l("Currency"), attrgetter(name))


def _sale(order: Any) -> Column:
    return Column("sale", _l("Sale"), attrgetter("sale"), (func.lower(order),))


def _settled(row: Any) -> str:
    if row.number is None:
        return _("Draft")
    return _("Settled") if row.settled else _("To be paid")


def _known(row: Any) -> str:
    if row.waits:
        return _("A change waits")
    return _("Known") if row.payees else _("None yet")


INVOICES = (
    Column("number", _l("Number"), lambda row: row.number or _("Pro-forma"), (INVOICED.c.number,)),
    Column("buyer", _l("Buyer"), attrgetter("buyer"), (func.lower(INVOICED.c.buyer),)),
    _sale(INVOICED.c.sale),
    Column("state", _l("State"), lambda row: state_words(row.state)),
    Column("released", _l("Released"), attrgetter("released_at"), (INVOICED.c.released_at,)),
    Column("due_on", _l("Due on"), attrgetter("due_on"), (INVOICED.c.due_on,)),
    Column("total", _l("Total"), _amount("total"), (INVOICED.c.total,), figure=True),
    Column("due", _l("To be paid"), _amount("due"), (INVOICED.c.due,), figure=True),
    _currency(),
)
PAYMENTS = (
    Column("for", _l("For"), attrgetter("Payment.description"), (Payment.description,)),
    Column("client", _l("Client"), attrgetter("client"), (func.lower(Client.name),)),
    Column("begun", _l("Begun"), attrgetter("Payment.created_at"), (Payment.created_at,)),
    Column(
        "amount", _l("Amount"), _amount("Payment.amount", "Payment.currency"), (Payment.amount,),
        figure=True,
    ),
    Column(
        "back", _l("Given back"), _amount("Payment.refunded_amount", "Payment.currency"),
        (Payment.refunded_amount,), figure=True,
    ),
    Column(
        "state", _l("State"), lambda row: payment_words(row.Payment),
        (Payment.disputed, Payment.state),
    ),
    _currency("Payment.currency"),
)  # fmt: skip
STATEMENTS = (
    Column("number", _l("Statement"), lambda row: row.number or _("Draft"), (STATED.c.number,)),
    Column("kind", _l("Kind"), lambda row: kind_words(row.kind), (STATED.c.kind,)),
    Column(
        "consignor", _l("Consignor"), attrgetter("consignor"), (func.lower(STATED.c.consignor),)
    ),
    _sale(STATED.c.sale),
    Column("released", _l("Released"), attrgetter("released_at"), (STATED.c.released_at,)),
    Column("state", _l("State"), _settled, (STATED.c.settled,)),
    Column("total", _l("Total"), _amount("total"), (STATED.c.total,), figure=True),
    _currency(),
)
RUNS = (
    Column("run", _l("Run"), attrgetter("id"), (PAID_IN.c.id,)),
    Column("entity", _l("Legal entity"), attrgetter("entity"), (func.lower(PAID_IN.c.entity),)),
    Column("pay_on", _l("Day of payment"), attrgetter("pay_on"), (PAID_IN.c.pay_on,)),
    Column("method", _l("How"), lambda row: method_words(row.method), (PAID_IN.c.method,)),
    Column("state", _l("State"), lambda row: run_words(row.state), (PAID_IN.c.state,)),
    Column("payments", _l("Payments"), attrgetter("payments"), (PAID_IN.c.payments,), figure=True),
    Column("failed", _l("Came back"), attrgetter("failed"), (PAID_IN.c.failed,), figure=True),
    Column("total", _l("Total"), _amount("total"), (PAID_IN.c.total,), figure=True),
    _currency(),
)
BANK_LINES = (
    Column("day", _l("Day"), attrgetter("booked_on"), (LINES.c.booked_on,)),
    Column("amount", _l("Amount"), _amount("amount"), (LINES.c.amount,), figure=True),
    _currency(),
    Column("payer", _l("Who paid"), attrgetter("payer"), (func.lower(LINES.c.payer),)),
    Column("reference", _l("Reference"), attrgetter("reference"), (LINES.c.reference,)),
    Column(
        "state", _l("State"), lambda row: banking_words.state_words(row.state), (LINES.c.state,)
    ),
    Column("pays", _l("Pays"), attrgetter("invoices"), (LINES.c.invoices,)),
    Column("why", _l("Why"), lambda row: row.note or banking_words.reason_words(row.reason or "")),
)
REQUESTS = (
    Column("request", _l("Request"), attrgetter("title"), (ApprovalRequest.kind,)),
    Column("reason", _l("Reason"), attrgetter("request.reason"), (ApprovalRequest.reason,)),
    Column("asker", _l("Asked for by"), attrgetter("asker"), (func.lower(ASKER.name),)),
    Column("asked", _l("Asked on"), attrgetter("request.asked_at"), (ApprovalRequest.asked_at,)),
    Column("state", _l("State"), lambda row: request_words(row.state), (ApprovalRequest.state,)),
    Column("decider", _l("Decided by"), attrgetter("decider"), (func.lower(DECIDER.name),)),
    Column(
        "decided", _l("Decided on"), attrgetter("request.decided_at"), (ApprovalRequest.decided_at,)
    ),
    Column("note", _l("Note"), attrgetter("request.note")),
)
RELEASE_ORDERS = (
    Column("number", _l("Number"), lambda row: f"R-{row.id:05d}", (ORDERS.c.id,)),
    Column("buyer", _l("Buyer"), attrgetter("buyer"), (func.lower(ORDERS.c.buyer),)),
    Column("invoice", _l("Invoice"), attrgetter("number"), (ORDERS.c.number,)),
    _sale(ORDERS.c.sale),
    Column("lots", _l("Lots"), attrgetter("lots"), (ORDERS.c.lots,), figure=True),
    Column(
        "left", _l("Lots collected"), attrgetter("left_here"), (ORDERS.c.left_here,), figure=True
    ),
    Column("made", _l("Made"), attrgetter("made_at"), (ORDERS.c.made_at,)),
    Column(
        "state",
        _l("State"),
        lambda row: _("Collected") if row.left_here == row.lots else _("To be collected"),
        (ORDERS.c.lots == ORDERS.c.left_here,),
    ),
)
CONSIGNORS = (
    Column("name", _l("Name"), attrgetter("name"), (func.lower(CONSIGNING.c.name),)),
    Column("company", _l("Company"), attrgetter("company"), (func.lower(CONSIGNING.c.company),)),
    Column("email", _l("E-mail"), attrgetter("email"), (func.lower(CONSIGNING.c.email),)),
    Column("phone", _l("Telephone"), attrgetter("phone")),
    Column(
        "agreements", _l("Agreements"), attrgetter("agreements"), (CONSIGNING.c.agreements,),
        figure=True,
    ),
    Column("lots", _l("Lots"), attrgetter("lots"), (CONSIGNING.c.lots,), figure=True),
    Column(
        "without", _l("Lots without an agreement"), attrgetter("without_agreement"),
        (CONSIGNING.c.without_agreement,), figure=True,
    ),
    Column("details", _l("Bank details"), _known),
)  # fmt: skip


def overdue_columns(today: date) -> tuple[Column, ...]:
    """Return what is told of what is overdue on a day."""
    found = OVERDUE.c
    return (
        Column("number", _l("Number"), attrgetter("number"), (found.number,)),
        Column("buyer", _l("Buyer"), attrgetter("buyer"), (func.lower(found.buyer),)),
        Column("due_on", _l("Due since"), attrgetter("due_on"), (found.due_on,)),
        Column("days", _l("Days"), lambda row: (today - row.due_on).days, figure=True),
        Column("reminded", _l("Reminders"), attrgetter("reminded"), (found.reminded,), figure=True),
        Column("due", _l("To be paid"), _amount("due"), (found.due,), figure=True),
        _currency(),
        Column(
            "state", _l("State"), lambda row: _("Disputed") if row.disputed else _("Overdue"),
            (found.disputed,),
        ),
    )  # fmt: skip
