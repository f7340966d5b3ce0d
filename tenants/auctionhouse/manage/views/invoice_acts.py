"""What can be done with a released invoice beside payments: each act with its form."""

from collections.abc import Callable
from typing import Any

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.collecting import nonpayers
from auctionhouse.collecting.late_charges import charge_lateness, lateness
from auctionhouse.collecting.queries import steps_of
from auctionhouse.collecting.two_person import CANCEL
from auctionhouse.handover.operations import order_of
from auctionhouse.invoicing.allowances import Left, left_of
from auctionhouse.invoicing.queries import InvoicePage, invoice_page
from auctionhouse.invoicing.reissuing import Change, reissue
from auctionhouse.invoicing.two_person import ALLOWANCE, EXPORT, WRITE_OFF
from auctionhouse.manage.blueprint import actor
from auctionhouse.manage.forms.collecting import CancelSaleForm, GivenReasonForm, ReissueForm
from auctionhouse.manage.forms.invoices import AllowanceForm, ExportForm
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.views.approvals import asked
from auctionhouse.money.words import line_words
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.money import currency

Done = Callable[[int, Any], tuple[int, str]]
"""Does an act on an invoice and returns the invoice to show next, and what to say."""


def forms_of(page: InvoicePage) -> dict[str, Any]:
    """Return the forms of all acts, by name."""
    found = page.invoice
    left = left_of(house_session(), found)
    allowance = AllowanceForm(prefix="allowance-", unit=currency(found.currency))
    allowance.place.choices = _charges(page, left)
    export = ExportForm(prefix="export-")
    labels = _labels(page)
    export.lots.choices = [(lot, labels[lot]) for lot in left.lots_with_vat]
    return {
        "allowance": allowance,
        "export": export,
        "late": EmptyForm(prefix="late-"),
        "write_off": GivenReasonForm(prefix="write_off-"),
        "warn": GivenReasonForm(prefix="warn-"),
        "cancel": CancelSaleForm(prefix="cancel-"),
        "block": GivenReasonForm(prefix="block-"),
        "reissue": ReissueForm(prefix="reissue-", data={**found.buyer, "place": found.place}),
    }


def _labels(page: InvoicePage) -> dict[int | None, str]:
    return {lot.lot_id: f"{lot.label} {lot.title}".strip() for lot in page.lots}


def _charges(page: InvoicePage, left: Left) -> list[tuple[int, str]]:
    """Name each charge something can be taken off, with what is left of it."""
    names, unit = _names(page, left), page.invoice.currency
    return [
        (place, f"{names[place]}: {money(left.pieces[place].amount, unit)}")
        for place in left.places
    ]


def _names(page: InvoicePage, left: Left) -> list[str]:
    """Name the charges by their places, whatever is left of them."""
    labels = {lot.lot_id: lot.label for lot in page.lots}
    return [
        _("Lot %(number)s", number=labels[piece.lot]) + f" · {line_words(piece)}"
        if piece.lot
        else line_words(piece)
        for piece in left.pieces
    ]


def around(page: InvoicePage) -> dict[str, Any]:
    """Return what the page shows beside the sheet: lateness, steps taken, the release order."""
    session = house_session()
    steps = steps_of(session, page.invoice.id)
    return {
        "lateness": lateness(session, page.invoice) if page.invoice.number else None,
        "steps": steps,
        "taken": {step.act for step in steps},
        "order": order_of(session, page.invoice.id),
        "waiting": waiting_about(session, f"invoice:{page.invoice.id}"),
    }


def _late(invoice_id: int, _form: Any) -> tuple[int, str]:
    made = charge_lateness(house_session(), invoice_id, actor=actor())
    return made.id, _("Charged by invoice %(number)s.", number=made.number)


def _write_off(invoice_id: int, form: Any) -> tuple[int, str]:
    payload = {"invoice": invoice_id}
    made = ask(house_session(), WRITE_OFF, payload, reason=form.reason.data, actor=actor())
    return invoice_id, asked(made, _("Written off."))


def _allowance(invoice_id: int, form: Any) -> tuple[int, str]:
    session, place = house_session(), form.place.data
    page = invoice_page(session, invoice_id)
    names = dict(enumerate(_names(page, left_of(session, page.invoice))))
    payload = {
        "invoice": invoice_id, "place": place, "amount": form.amount.data or 0,
        "charge": names.get(place, ""),
    }  # fmt: skip
    made = ask(
        session, ALLOWANCE, payload, reason=form.reason.data, actor=actor(),
        token=form.token.data or None,
    )  # fmt: skip
    return invoice_id, asked(made, _("Credited in part."))


def _export(invoice_id: int, form: Any) -> tuple[int, str]:
    labels = dict(form.lots.choices)
    payload = {
        "invoice": invoice_id, "lots": form.lots.data, "proof_on": form.proof_on.data.isoformat(),
        "labels": ", ".join(labels[lot] for lot in form.lots.data),
    }  # fmt: skip
    made = ask(house_session(), EXPORT, payload, reason=form.reason.data, actor=actor())
    return invoice_id, asked(made, _("The VAT is credited."))


def _warn(invoice_id: int, form: Any) -> tuple[int, str]:
    nonpayers.warn(house_session(), invoice_id, reason=form.reason.data, actor=actor())
    return invoice_id, _("The warning is on its way.")


def _cancel(invoice_id: int, form: Any) -> tuple[int, str]:
    payload = {"invoice": invoice_id, "notice": form.notice.data}
    made = ask(house_session(), CANCEL, payload, reason=form.reason.data, actor=actor())
    return invoice_id, asked(made, _("The sale is cancelled and credited."))


def _block(invoice_id: int, form: Any) -> tuple[int, str]:
    nonpayers.block(house_session(), invoice_id, reason=form.reason.data, actor=actor())
    return invoice_id, _("Blocked and signed out everywhere.")


def _reissue(invoice_id: int, form: Any) -> tuple[int, str]:
    change = Change(
        buyer=form.buyer(), place=form.place.data or None, vat={}, client_id=form.client_id.data
    )
    session = house_session()
    made = reissue(session, invoice_id, change, reason=form.reason.data, actor=actor())
    return made.id, _("Credited, and released anew as %(number)s.", number=made.number)


ACTS: dict[str, Done] = {
    "allowance": _allowance,
    "export": _export,
    "late": _late,
    "write_off": _write_off,
    "warn": _warn,
    "cancel": _cancel,
    "block": _block,
    "reissue": _reissue,
}
