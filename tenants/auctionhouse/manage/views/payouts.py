"""Paying consignors: what is payable, runs with their two people, files, and what came back."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from io import BytesIO
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.consignors.operations.payees import current_instruction, payees_of
from auctionhouse.consignors.words import payee_words
from auctionhouse.invoicing.entities import entities
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.settlement import (
    AskAgainForm,
    BankReasonForm,
    ProposeForm,
    RetryForm,
)
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import RUNS
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.consignors import house_today
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Client
from auctionhouse.requests import house_session
from auctionhouse.settlement.files.bacs import SATURDAY
from auctionhouse.settlement.models import PayoutLine, PayoutRun
from auctionhouse.settlement.operations import paying, payouts
from auctionhouse.settlement.queries.consignors import METHODS
from auctionhouse.settlement.queries.runs import STATES, run_page, select_runs
from auctionhouse.settlement.two_person import PAYOUT
from auctionhouse.settlement.words import (
    grouped_waits,
    method_words,
    payment_words,
    run_words,
    waits_words,
)
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound


def next_working_day() -> date:
    """Return today, or Monday on a weekend; bank holidays are not known here."""
    today = house_today()
    return today + timedelta(days=max(0, 7 - today.weekday()) if today.weekday() >= SATURDAY else 0)


@blueprint.get("/money/payouts")
@staff_required(*STAFF)
def all_payouts() -> ResponseReturnValue:
    """Show what each consignor can be paid, and below it the runs."""
    state = request.args.get("state", "all")
    if state not in STATES:
        raise NotFound
    return _overview(ProposeForm(formdata=None, data={"pay_on": next_working_day()}), state)


def _overview(form: ProposeForm, state: str, entity_id: int = 0) -> ResponseReturnValue:
    session = house_session()
    boards = []
    for one in entities(session):
        method = form.method.data if one.id == entity_id else METHODS.get(one.currency, "hand")
        rows = payouts.standings(session, one.id, one.currency, str(method))
        if rows:
            boards.append((one, method, rows))
    ids = {row.client_id for _one, _method, rows in boards for row in rows}
    names = {one.id: one.name for one in session.query(Client).filter(Client.id.in_(ids))}
    page = shown_list(
        "manage/payouts.html", select_runs(state), RUNS, name="payouts",
        boards=boards, names=names, form=form,
        state_shown=state, states=STATES, run_words=run_words, method_words=method_words,
        waits_words=waits_words, grouped_waits=grouped_waits, wrong_entity=entity_id,
    )  # fmt: skip
    return (page, UNPROCESSABLE) if isinstance(page, str) and form.errors else page


@blueprint.post("/money/payouts/<int:entity_id>/propose")
@staff_required(*STAFF)
def propose_payout(entity_id: int) -> ResponseReturnValue:
    """Put the consignors who were ticked into a run and ask a second person."""
    session = house_session()
    entity = next((one for one in entities(session) if one.id == entity_id), None)
    form = ProposeForm()
    if entity is None:
        raise NotFound(entity=entity_id)
    ticked = frozenset(request.form.getlist("client", type=int))
    if not ticked:
        form.form_errors.append(_("Tick the consignors to be paid."))
    if form.validate() and ticked and form.pay_on.data is not None:
        try:
            with session.begin_nested():
                run = payouts.propose_run(
                    session, entity_id, entity.currency, form.method.data, clients=ticked,
                    pay_on=form.pay_on.data, actor=actor(),
                )  # fmt: skip
                made = _ask(run.id, form.reason.data or "")
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(asked(made, _("The payout is approved.")), "success")
            return redirect(f"/manage/money/payouts/{run.id}")
    return _overview(form, "all", entity_id)


def _ask(run_id: int, reason: str) -> Any:
    return ask(house_session(), PAYOUT, {"run": run_id}, reason=reason, actor=actor())


@blueprint.get("/money/payouts/<int:run_id>")
@staff_required(*STAFF)
def payout(run_id: int) -> ResponseReturnValue:
    """Show a run with the acts its state allows."""
    return _run_shown(run_id)


def _run_shown(run_id: int, form: Any = None) -> ResponseReturnValue:
    """Show a run; a form that was refused comes back with what was typed."""
    session = house_session()
    page = run_page(session, run_id)
    shown = render_template(
        "manage/payout.html", page=page, form=EmptyForm(formdata=None),
        again=form if isinstance(form, AskAgainForm) else AskAgainForm(formdata=None),
        reasons=_reasons(page.lines), ticked=_ticked(),
        waiting=waiting_about(session, f"payout:{run_id}"), run_words=run_words,
        method_words=method_words, payment_words=payment_words,
    )  # fmt: skip
    return shown, 200 if form is None else UNPROCESSABLE


def _reasons(lines: Iterable[PayoutLine]) -> dict[int, BankReasonForm]:
    """Return the bank's reasons as typed: 0 is one that came later, others go by payment."""
    found = {line.id: _reason(f"line-{line.id}-") for line in lines}
    found[0] = _reason("later-")
    for form in found.values():
        if form.is_submitted():
            form.validate()
    return found


def _reason(prefix: str) -> BankReasonForm:
    return BankReasonForm(prefix=prefix, meta={"csrf": False})


def _ticked() -> frozenset[int]:
    return frozenset(request.form.getlist("failed", type=int))


@blueprint.post("/money/payouts/<int:run_id>")
@staff_required(*STAFF)
def change_payout(run_id: int) -> ResponseReturnValue:
    """Do what was pressed on a run's page."""
    act = request.form.get("act", "")
    form = AskAgainForm() if act in {"ask", "cancel"} else EmptyForm()
    reasons = _reasons(payouts.run_lines(house_session(), run_id)).values()
    refused = any(one.errors for one in reasons)
    if act in _ACTS and form.validate() and not refused:
        try:
            with house_session().begin_nested():
                _ACTS[act](run_id, form)
        except NotFound:
            raise
        except DomainError as refusal:
            flash(refusal.message(), "error")
    elif form.errors or refused:
        return _run_shown(run_id, form)
    return redirect(f"/manage/money/payouts/{run_id}")


def _ask_again(run_id: int, form: Any) -> None:
    flash(asked(_ask(run_id, form.reason.data), _("The payout is approved.")), "success")


def _make(run_id: int, _form: Any) -> None:
    run = paying.make_file(house_session(), run_id, actor=actor())
    done = _("The payments are ready.") if run.method == "hand" else _("The file is made.")
    flash(done, "success")


def _send(run_id: int, _form: Any) -> None:
    paying.mark_sent(house_session(), run_id, actor=actor())
    flash(_("Sent. The consignors are told."), "success")


def _confirm(run_id: int, _form: Any) -> None:
    session = house_session()
    typed = _reasons(payouts.run_lines(session, run_id))
    failed = {number: _why(typed.get(number)) for number in _ticked()}
    paying.confirm_run(session, run_id, failed, actor=actor())
    flash(_("Confirmed."), "success")


def _cancel(run_id: int, form: Any) -> None:
    payouts.cancel_run(house_session(), run_id, form.reason.data, actor=actor())
    flash(_("Given up. All in it is payable again."), "success")


def _drop(run_id: int, _form: Any) -> None:
    client_id = request.form.get("client", 0, type=int)
    payouts.drop_client(house_session(), run_id, client_id, actor=actor())
    flash(_("Taken out. What waits for approval is out of date: ask again."), "success")


def _fail(run_id: int, _form: Any) -> None:
    line = house_session().get(PayoutLine, request.form.get("line", 0, type=int))
    if line is None or line.run_id != run_id:
        raise NotFound(run=run_id)
    paying.fail_payment(house_session(), line.id, _why(_reasons([])[0]), actor=actor())
    flash(_("The payment came back: it is owed again."), "success")


def _why(form: BankReasonForm | None) -> str:
    return (form and form.why.data) or _("No reason given")


_ACTS: dict[str, Callable[[int, Any], None]] = {
    "ask": _ask_again,
    "make": _make,
    "send": _send,
    "confirm": _confirm,
    "cancel": _cancel,
    "drop": _drop,
    "fail": _fail,
}


@blueprint.get("/money/payouts/<int:run_id>/file")
@staff_required(*STAFF)
def payout_file(run_id: int) -> Response:
    """Send a run's file exactly as it was made."""
    name, content = paying.file_of(house_session(), run_id, actor=actor())
    kind = "application/xml" if name.endswith(".xml") else "text/plain"
    response = send_file(BytesIO(content), mimetype=kind, as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@blueprint.route("/money/payments/<int:line_id>/retry", methods=["GET", "POST"])
@staff_required(*STAFF)
def retry_payment(line_id: int) -> ResponseReturnValue:
    """Make a payment that came back once more, to a payee as now in force."""
    session = house_session()
    line = session.get(PayoutLine, line_id)
    if line is None:
        raise NotFound(line=line_id)
    old = session.get_one(PayoutRun, line.run_id)
    now = current_instruction(session, line.client_id)
    known = [] if now is None else [one for one in payees_of(session, now.id) if one.kind]
    form = RetryForm(data={"pay_on": next_working_day()})
    form.payee_id.choices = [choice(one.id, f"{one.name} · {payee_words(one)}") for one in known]
    if request.method == "POST" and form.validate() and form.pay_on.data is not None:
        try:
            with session.begin_nested():
                run = paying.retry_payment(
                    session, line.id, form.payee_id.data, pay_on=form.pay_on.data, actor=actor()
                )
                made = _ask(run.id, form.reason.data or "")
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(asked(made, _("The payout is approved.")), "success")
            return redirect(f"/manage/money/payouts/{run.id}")
    client = session.get_one(Client, line.client_id)
    page = render_template(
        "manage/payment_retry.html", line=line, run=old, client=client, form=form
    )
    return page, UNPROCESSABLE if form.errors else 200
