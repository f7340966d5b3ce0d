"""Members: who has an account, blocked and unblocked."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.people import ReasonForm
from auctionhouse.manage.queries import people
from auctionhouse.members import operations
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Member
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound


@blueprint.get("/members/")
@staff_required(*STAFF)
def members() -> ResponseReturnValue:
    """List members by address."""
    search = request.args.get("search", "").strip()[:100]
    rows = people.members(house_session(), search)
    return render_template("manage/members.html", rows=rows, search=search)


@blueprint.get("/members/<int:member_id>")
@staff_required(*STAFF)
def member(member_id: int) -> ResponseReturnValue:
    """Show one member."""
    return _page(member_id, ReasonForm(formdata=None))


@blueprint.post("/members/<int:member_id>/block")
@staff_required(*STAFF)
def block_member(member_id: int) -> ResponseReturnValue:
    """Sign a member out everywhere and let them in no more."""
    form = ReasonForm()
    found = _member(member_id)
    if found.id == actor():
        form.form_errors.append(_("You cannot block yourself."))
    elif not (form.reason.data or "").strip():
        form.reason.errors = [_("Please give a reason for the house’s records.")]
    elif form.validate():
        operations.block_member(
            house_session(), member_id, reason=form.reason.data or "", actor=actor()
        )
        flash(_("Blocked and signed out everywhere."), "success")
        return redirect(f"/manage/members/{member_id}")
    return _page(member_id, form)


@blueprint.post("/members/<int:member_id>/unblock")
@staff_required(*STAFF)
def unblock_member(member_id: int) -> ResponseReturnValue:
    """Let a member in again."""
    form = ReasonForm()
    if not form.validate():
        return _page(member_id, form)
    operations.unblock_member(house_session(), member_id, actor=actor())
    flash(_("The member may sign in again."), "success")
    return redirect(f"/manage/members/{member_id}")


def _member(member_id: int) -> Member:
    found = house_session().get(Member, member_id)
    if found is None:
        raise NotFound
    return found


def _page(member_id: int, form: ReasonForm) -> ResponseReturnValue:
    session = house_session()
    page = render_template(
        "manage/member.html",
        member=_member(member_id),
        form=form,
        entries=people.audit_entries(session, f"member:{member_id}"),
    )
    return page, 422 if form.errors else 200
