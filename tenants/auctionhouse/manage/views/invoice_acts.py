"""What can be done with a released invoice beside payments: each act with its form."""

from collections.abc import Callable
from typing import Any

from auctionhouse.collecting import nonpayers
from auctionhouse.collecting.late_charges import charge_lateness, lateness
from auctionhouse.collecting.queries import steps_of
from auctionhouse.handover.operations import order_of
from auctionhouse.invoicing.accounts import write_off
from auctionhouse.invoicing.queries import InvoicePage
from auctionhouse.invoicing.reissuing import Change, reissue
from auctionhouse.manage.blueprint import actor
from auctionhouse.manage.forms.collecting import CancelSaleForm, GivenReasonForm, ReissueForm
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.requests import house_session

Done = Callable[[int, Any], int]
"""Does an act on an invoice and returns the invoice to show next."""


def forms_of(page: InvoicePage) -> dict[str, Any]:
    """Return the forms of all acts, by name."""
    found = page.invoice
    return {
        "late": EmptyForm(prefix="late-"),
        "write_off": GivenReasonForm(prefix="write_off-"),
        "warn": GivenReasonForm(prefix="warn-"),
        "cancel": CancelSaleForm(prefix="cancel-"),
        "block": GivenReasonForm(prefix="block-"),
        "reissue": ReissueForm(prefix="reissue-", data={**found.buyer, "place": found.place}),
    }


def around(page: InvoicePage) -> dict[str, Any]:
    """Return what the page shows beside the sheet: lateness, steps taken, the release order."""
    session = house_session()
    steps = steps_of(session, page.invoice.id)
    return {
        "lateness": lateness(session, page.invoice) if page.invoice.number else None,
        "steps": steps,
        "taken": {step.act for step in steps},
        "order": order_of(session, page.invoice.id),
    }


def _late(invoice_id: int, _form: Any) -> int:
    return charge_lateness(house_session(), invoice_id, actor=actor()).id


def _write_off(invoice_id: int, form: Any) -> int:
    write_off(house_session(), invoice_id, reason=form.reason.data, actor=actor())
    return invoice_id


def _warn(invoice_id: int, form: Any) -> int:
    nonpayers.warn(house_session(), invoice_id, reason=form.reason.data, actor=actor())
    return invoice_id


def _cancel(invoice_id: int, form: Any) -> int:
    nonpayers.cancel_sale(
        house_session(),
        invoice_id,
        reason=form.reason.data,
        notice=form.notice.data,
        actor=actor(),
    )
    return invoice_id


def _block(invoice_id: int, form: Any) -> int:
    nonpayers.block(house_session(), invoice_id, reason=form.reason.data, actor=actor())
    return invoice_id


def _reissue(invoice_id: int, form: Any) -> int:
    change = Change(
        buyer=form.buyer(), place=form.place.data or None, vat={}, client_id=form.client_id.data
    )
    session = house_session()
    return reissue(session, invoice_id, change, reason=form.reason.data, actor=actor()).id


ACTS: dict[str, Done] = {
    "late": _late,
    "write_off": _write_off,
    "warn": _warn,
    "cancel": _cancel,
    "block": _block,
    "reissue": _reissue,
}
