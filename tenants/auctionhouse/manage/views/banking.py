"""Bank statements in the back office: importing, and a queue that is worked off by keys."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.banking import operations, queries
from auctionhouse.banking.csv_files import guessed, table_of
from auctionhouse.banking.lines import FileUnreadable
from auctionhouse.banking.models import BankUpload
from auctionhouse.banking.refusals import StatementInvalid
from auctionhouse.banking.words import format_words, reason_words, state_words
from auctionhouse.invoicing.entities import entities
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.banking import AsideForm, ColumnsForm, StatementForm
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import BANK_LINES
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.kernel.errors import DomainError, NotFound

BANK = "/manage/money/bank"


@blueprint.route("/money/bank", methods=["GET", "POST"])
@staff_required(*STAFF)
def bank() -> ResponseReturnValue:
    """List statements and take a new one."""
    session = house_session()
    form = StatementForm()
    form.entity_id.choices = [choice(one.id, one.name) for one in entities(session)]
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                return redirect(_taken(form))
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
    page = render_template(
        "manage/bank.html",
        form=form,
        rows=queries.latest_statements(session),
        waiting=queries.waiting_lines(session),
        format_words=format_words,
    )
    return page, UNPROCESSABLE if form.errors else 200


def _taken(form: StatementForm) -> str:
    """Import the file and return where to go on."""
    name, content = form.file.data.filename or "", form.file.data.read()
    found = operations.take_file(house_session(), form.entity_id.data, name, content, actor=actor())
    if isinstance(found, BankUpload):
        return f"{BANK}/columns/{found.id}"
    fresh = sum(one.fresh for one in found)
    flash(ngettext("%(num)d new line.", "%(num)d new lines.", fresh), "success")
    return f"{BANK}/queue" if queries.waiting_lines(house_session()) and fresh else BANK


@blueprint.route("/money/bank/columns/<int:upload_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def bank_columns(upload_id: int) -> ResponseReturnValue:
    """Have the columns of a CSV named, and import it."""
    session = house_session()
    upload = session.get(BankUpload, upload_id)
    if upload is None:
        raise NotFound
    try:
        heads, rows = table_of(upload.content)
    except FileUnreadable as error:
        raise StatementInvalid(problem=str(error)) from error
    form = ColumnsForm(data=guessed(heads).told())
    form.offer(heads)
    if request.method == "POST" and form.validate():
        try:
            with session.begin_nested():
                made = operations.import_upload(session, upload_id, form.columns(), actor=actor())
        except DomainError as refusal:
            form.form_errors.append(refusal.message())
        else:
            flash(ngettext("%(num)d new line.", "%(num)d new lines.", made.fresh), "success")
            return redirect(f"{BANK}/queue")
    page = render_template(
        "manage/bank_columns.html", form=form, heads=heads, rows=rows[:3], name=upload.name
    )
    return page, UNPROCESSABLE if form.errors else 200


@blueprint.get("/money/bank/queue")
@staff_required(*STAFF)
def bank_queue() -> ResponseReturnValue:
    """Show the next line that waits, with what it may pay; keys 1 to 6 choose."""
    after = request.args.get("after", 0, type=int)
    search = request.args.get("q", "")[:100]
    return _queue(AsideForm(formdata=None), after=after, search=search)


def _queue(form: AsideForm, *, after: int = 0, search: str = "") -> ResponseReturnValue:
    found = queries.next_in_queue(house_session(), after, search)
    page = render_template(
        "manage/bank_queue.html", found=found, aside=form, reason_words=reason_words, search=search
    )
    return page, UNPROCESSABLE if form.errors else 200


@blueprint.post("/money/bank/lines/<int:line_id>/match")
@staff_required(*STAFF)
def match_bank_line(line_id: int) -> ResponseReturnValue:
    """Have a line pay what was chosen and go on to the next."""
    chosen = [int(one) for one in request.form.getlist("invoice") if one.isdecimal()]
    try:
        with house_session().begin_nested():
            operations.match_line(house_session(), line_id, chosen, actor=actor())
    except NotFound:
        raise
    except DomainError as refusal:
        flash(refusal.message(), "error")
        return redirect(f"{BANK}/queue?after={line_id - 1}")
    flash(_("Matched. It can be undone on the list of lines."), "success")
    return redirect(f"{BANK}/queue?after={line_id}")


@blueprint.post("/money/bank/lines/<int:line_id>/aside")
@staff_required(*STAFF)
def set_bank_line_aside(line_id: int) -> ResponseReturnValue:
    """Take a line off the queue with a word on what it is."""
    form = AsideForm()
    if not form.validate():
        return _queue(form, after=line_id - 1)
    try:
        with house_session().begin_nested():
            operations.set_aside(house_session(), line_id, form.note.data or "", actor=actor())
    except NotFound:
        raise
    except DomainError as refusal:
        flash(refusal.message(), "error")
    return redirect(f"{BANK}/queue?after={line_id}")


@blueprint.get("/money/bank/lines")
@staff_required(*STAFF)
def bank_lines() -> ResponseReturnValue:
    """List lines with what they paid."""
    statement = request.args.get("statement", 0, type=int)
    state = request.args.get("state", "")
    query = queries.select_lines(statement, state if state in STATES else "")
    return shown_list(
        "manage/bank_lines.html", query, BANK_LINES, name="bank-lines",
        state=state, statement=statement, states=STATES,
        state_words=state_words, reason_words=reason_words, form=EmptyForm(),
    )  # fmt: skip


STATES = ("queued", "matched", "set_aside")


@blueprint.post("/money/bank/lines/<int:line_id>/undo")
@staff_required(*STAFF)
def undo_bank_line(line_id: int) -> ResponseReturnValue:
    """Undo what was decided about a line; it waits again."""
    try:
        with house_session().begin_nested():
            operations.undo_match(house_session(), line_id, actor=actor())
    except NotFound:
        raise
    except DomainError as refusal:
        flash(refusal.message(), "error")
    else:
        flash(_("Undone. The line waits again."), "success")
    return redirect(f"{BANK}/lines")
