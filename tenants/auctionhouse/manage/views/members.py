"""Members: who has an account, blocked and unblocked."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.audit_words import acts_on
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.columns import MEMBERS
from auctionhouse.manage.forms.people import BlockForm, ReasonForm, RolesForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.queries import people
from auctionhouse.members import operations
from auctionhouse.members.access import acting_member, has_role, staff_required
from auctionhouse.members.models import Member
from auctionhouse.members.operations import BlockReasonMissing, ForOwners, LastOwner
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound


@blueprint.get("/members/")
@staff_required(*STAFF)
def members() -> ResponseReturnValue:
    """List members by address."""
    search = request.args.get("search", "").strip()[:100]
    kind = request.args.get("kind")
    query = people.members(search, kind)
    return shown_list(
        "manage/members.html", query, MEMBERS, name="members", search=search, kind=kind
    )


@blueprint.get("/members/<int:member_id>")
@staff_required(*STAFF)
def member(member_id: int) -> ResponseReturnValue:
    """Show one member."""
    return _page(member_id, BlockForm(formdata=None))


@blueprint.post("/members/<int:member_id>/block")
@staff_required(*STAFF)
def block_member(member_id: int) -> ResponseReturnValue:
    """Sign a member out everywhere and let them in no more."""
    form = BlockForm()
    found = _member(member_id)
    if found.id == actor():
        form.form_errors.append(_("You cannot block yourself."))
    elif form.validate():
        reason = form.reason.data or ""
        try:
            operations.block_member(house_session(), member_id, reason=reason, actor=actor())
        except BlockReasonMissing as refusal:
            form.reason.errors = [refusal.message()]
        except (ForOwners, LastOwner) as refusal:
            form.form_errors.append(refusal.message())
        else:
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


@blueprint.post("/members/<int:member_id>/roles")
@staff_required("owner")
def set_roles(member_id: int) -> ResponseReturnValue:
    """Make a member staff, or a bidder again."""
    form = RolesForm()
    if form.validate():
        try:
            operations.set_roles(house_session(), member_id, form.roles.data or [], actor=actor())
        except LastOwner as refusal:
            form.roles.errors = [refusal.message()]
        else:
            flash(_("Saved."), "success")
            return redirect(f"/manage/members/{member_id}")
    return _page(member_id, BlockForm(formdata=None), form)


def _member(member_id: int) -> Member:
    found = house_session().get(Member, member_id)
    if found is None:
        raise NotFound
    return found


def _page(
    member_id: int, form: ReasonForm, roles_form: RolesForm | None = None
) -> ResponseReturnValue:
    session = house_session()
    member = _member(member_id)
    held = [role.name for role in member.roles]
    page = render_template(
        "manage/member.html",
        member=member,
        form=form,
        roles_form=roles_form or RolesForm(formdata=None, data={"roles": held}),
        by_owner=has_role(acting_member(), ("owner",)),
        acts=acts_on(session, f"member:{member_id}"),
    )
    wrong = form.errors or (roles_form is not None and roles_form.errors)
    return page, 422 if wrong else 200
