"""The house's own papers: conditions of sale and the audit."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.catalogue.models import Conditions
from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.manage.audit_words import acts_of, subject_names
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.columns import AUDIT
from auctionhouse.manage.forms.people import ConditionsForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.queries import people
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _


@blueprint.route("/conditions/", methods=["GET", "POST"])
@staff_required(*STAFF)
def conditions() -> ResponseReturnValue:
    """Show all versions; publish the next, starting from the latest."""
    session = house_session()
    versions = session.scalars(select(Conditions).order_by(Conditions.version.desc())).all()
    form = ConditionsForm(obj=versions[0] if versions else None)
    if request.method == "POST" and form.validate():
        made = publish_conditions(
            session, form.title.data or "", form.body.data or "", actor=actor()
        )
        flash(_("Version %(number)s is published.", number=made.version), "success")
        return redirect("/manage/conditions/")
    page = render_template("manage/conditions.html", versions=versions, form=form)
    return page, 422 if form.errors else 200


@blueprint.get("/audit/")
@staff_required(*STAFF)
def audit() -> ResponseReturnValue:
    """Show who did what, the latest first."""
    subject = request.args.get("subject", "")[:100]
    session = house_session()
    return shown_list(
        "manage/audit.html",
        people.audit(subject or None),
        AUDIT,
        name="audit",
        order="when",
        down=True,
        subject=subject,
        named=subject_names(session, [subject])[subject] if subject else "",
        acts=lambda rows: acts_of(session, rows),
    )
