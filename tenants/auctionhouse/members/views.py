"""A member's own account: details, and the browsers that are signed in."""

import uuid
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import text

from auctionhouse.members.access import acting_member, member_required
from auctionhouse.members.forms import ProfileForm
from auctionhouse.members.models import Member
from auctionhouse.members.operations import end_browsers
from auctionhouse.members.plane import members_plane
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.accounts.browsers import browsers_of, current_browser
from auctionxchange.i18n.formats import language_name
from auctionxchange.kernel.card_numbers import refuse_card_numbers
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.current import current_house

blueprint = Blueprint("members", __name__, template_folder="templates")


@blueprint.route("/account/", methods=["GET", "POST"])
@member_required
def account() -> ResponseReturnValue:
    """Show and change the member's details."""
    member = acting_member()
    form = ProfileForm(obj=member)
    form.locale.choices = [(code, language_name(code)) for code in current_house().languages]
    if form.validate_on_submit():
        _change_details(member, form)
        flash(_("Your details were saved."))
        return redirect(url_for("members.account"))
    browsers = browsers_of(members_plane(), member.id)
    return render_template(
        "members/account.html",
        form=form,
        browsers=browsers,
        here=current_browser(),
        cards=services().settings.stripe_secret_key is not None,
    )


@blueprint.post("/account/browsers/<uuid:browser>/sign-out")
@member_required
def sign_out_browser(browser: uuid.UUID) -> ResponseReturnValue:
    """Sign one browser out."""
    end_browsers(house_session(), acting_member().id, only=browser)
    flash(_("That browser was signed out."))
    return redirect(url_for("members.account"))


@blueprint.post("/account/browsers/sign-out")
@member_required
def sign_out_others() -> ResponseReturnValue:
    """Sign every other browser out."""
    end_browsers(house_session(), acting_member().id, but=current_browser())
    flash(_("All other browsers were signed out."))
    return redirect(url_for("members.account"))


def _change_details(member: Member, form: Any) -> None:
    refuse_card_numbers(form.name.data)
    session = house_session()
    attached = session.merge(member)
    attached.name, attached.locale = form.name.data, form.locale.data
    session.execute(
        text("UPDATE client SET name = :name WHERE member_id = :member"),
        {"name": attached.name, "member": member.id},
    )
