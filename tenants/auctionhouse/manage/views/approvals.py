"""What waits for a second person: reading it, deciding, and which acts need two."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue

from auctionhouse.approvals import operations
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.queries import (
    as_row,
    page_of,
    rules_of,
    select_over,
    switchable,
    waiting_rows,
)
from auctionhouse.approvals.switching import NAME as SWITCH
from auctionhouse.approvals.switching import switch_on
from auctionhouse.approvals.words import request_words
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.approvals import DecideForm, DeclineForm, SwitchForm
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import REQUESTS
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound


def asked(made: ApprovalRequest, done: str) -> str:
    """Say that an act was asked for, or that it was done at once."""
    if made.state == "done":
        return done
    return _("Asked for. It is done once a colleague approves it under Approvals.")


@blueprint.get("/approvals/")
@staff_required(*STAFF)
def approvals() -> ResponseReturnValue:
    """List what waits, and below it what was decided."""
    session = house_session()
    waiting = waiting_rows(session, actor())
    return shown_list(
        "manage/approvals.html", select_over(), REQUESTS, name="approvals",
        each=partial(as_row, session), mine=waiting.mine, others=waiting.others,
        request_words=request_words,
    )  # fmt: skip


@blueprint.get("/approvals/<int:request_id>")
@staff_required(*STAFF)
def approval(request_id: int) -> ResponseReturnValue:
    """Show one request and, to whom it concerns, the ways to end it."""
    return _shown(request_id, DeclineForm(formdata=None))


def _shown(request_id: int, form: DeclineForm) -> ResponseReturnValue:
    found = page_of(house_session(), request_id, actor())
    decide = DecideForm(formdata=None, digest=found.request.digest)
    shown = render_template(
        "manage/approval.html", page=found, decide=decide, decline=form, request_words=request_words
    )
    return shown, UNPROCESSABLE if form.errors else 200


@blueprint.post("/approvals/<int:request_id>/approve")
@staff_required(*STAFF)
def approve_request(request_id: int) -> ResponseReturnValue:
    """Approve what the page said, and do it."""
    form = DecideForm()

    def act() -> None:
        digest = form.digest.data or ""
        made = operations.approve(house_session(), request_id, digest=digest, actor=actor())
        if made.state == "done":
            flash(_("Approved and done."), "success")
        else:
            flash(_("Not done: %(why)s It can be asked for again.", why=made.note), "error")

    return _ended(request_id, form, act)


@blueprint.post("/approvals/<int:request_id>/decline")
@staff_required(*STAFF)
def decline_request(request_id: int) -> ResponseReturnValue:
    """Turn a request down with a word on why."""
    form = DeclineForm()
    if not form.validate():
        return _shown(request_id, form)

    def act() -> None:
        operations.decline(house_session(), request_id, note=form.note.data or "", actor=actor())
        flash(_("Declined. Who asked is told."), "success")

    return _ended(request_id, form, act)


@blueprint.post("/approvals/<int:request_id>/withdraw")
@staff_required(*STAFF)
def withdraw_request(request_id: int) -> ResponseReturnValue:
    """Take one's own request back."""

    def act() -> None:
        operations.withdraw(house_session(), request_id, actor=actor())
        flash(_("Withdrawn. Nothing was done."), "success")

    return _ended(request_id, EmptyForm(), act)


def _ended(request_id: int, form: Any, act: Callable[[], None]) -> ResponseReturnValue:
    """Do an act on a request and show it again; a refusal is said above it."""
    if form.validate():
        try:
            with house_session().begin_nested():
                act()
        except NotFound:
            raise
        except DomainError as refusal:
            flash(refusal.message(), "error")
    return redirect(f"/manage/approvals/{request_id}")


@blueprint.get("/approvals/rules")
@staff_required(*STAFF)
def approval_rules() -> ResponseReturnValue:
    """Show which acts need two people."""
    shown = rules_of(house_session())
    return render_template("manage/approval_rules.html", rules=shown, form=SwitchForm())


@blueprint.post("/approvals/rules/<kind>/off")
@staff_required("owner")
def rule_off(kind: str) -> ResponseReturnValue:
    """Ask that one person may do acts of a kind from now on."""
    if kind not in switchable():
        raise NotFound
    form = SwitchForm()
    if not form.validate():
        shown = rules_of(house_session())
        page = render_template("manage/approval_rules.html", rules=shown, form=form, wrong=kind)
        return page, UNPROCESSABLE
    try:
        with house_session().begin_nested():
            made = operations.ask(
                house_session(), SWITCH, {"kind": kind}, reason=form.reason.data or "",
                actor=actor(),
            )  # fmt: skip
    except DomainError as refusal:
        flash(refusal.message(), "error")
    else:
        flash(asked(made, ""), "success")
    return redirect("/manage/approvals/rules")


@blueprint.post("/approvals/rules/<kind>/on")
@staff_required("owner")
def rule_on(kind: str) -> ResponseReturnValue:
    """Have acts of a kind need two people again."""
    if kind not in switchable():
        raise NotFound
    if EmptyForm().validate():
        switch_on(house_session(), kind, actor=actor())
        flash(_("From now on this needs two people."), "success")
    return redirect("/manage/approvals/rules")
