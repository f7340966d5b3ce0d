"""Consignors in the back office: the list, one of them, and their agreements."""

from datetime import date
from typing import Any

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.consignors.models import Agreement
from auctionhouse.consignors.operations import agreements as operations
from auctionhouse.consignors.operations.payees import address_of
from auctionhouse.consignors.queries import one as queries
from auctionhouse.consignors.queries.lists import FILTERS, select_consignors
from auctionhouse.consignors.words import agreement_heading, agreement_rows, payee_words
from auctionhouse.invoicing.entities import entities
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.agreements import AgreementForm, SignForm, agreement_as_typed
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.money_columns import CONSIGNORS
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionhouse.settlement.queries.runs import payments_of
from auctionhouse.settlement.queries.statements import statements, waiting_groups
from auctionhouse.settlement.words import payment_words, statement_heading, waits_words
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import house_zone
from auctionxchange.kernel.errors import DomainError, NotFound


def house_today() -> date:
    """Return the day at the house."""
    return services().clock.now().astimezone(house_zone()).date()


@blueprint.get("/consignors/")
@staff_required(*STAFF)
def all_consignors() -> ResponseReturnValue:
    """List the clients who consign."""
    search = request.args.get("search", "").strip()[:100]
    show = request.args.get("show", "all")
    if show not in FILTERS:
        raise NotFound
    words = {
        "all": _("All"),
        "no_agreement": _("Lots without an agreement"),
        "no_payees": _("No bank details"),
        "waits": _("A change waits"),
    }
    return shown_list(
        "manage/consignors.html", select_consignors(search, show), CONSIGNORS, name="consignors",
        search=search, show=show, filters=words,
    )  # fmt: skip


@blueprint.get("/consignors/<int:client_id>")
@staff_required(*STAFF)
def consignor(client_id: int) -> ResponseReturnValue:
    """Show everything of one consignor."""
    session = house_session()
    client = queries.client_of(session, client_id)
    names = {entity.id: entity.name for entity in entities(session)}
    return render_template(
        "manage/consignor.html",
        client=client,
        address=address_of(session, client),
        agreements=queries.agreements_of(session, client_id),
        receipts=queries.receipts_of(session, client_id),
        sales=queries.sales_of(session, client_id),
        payees=queries.payees_page(session, client_id),
        statements=statements(session, client_id=client_id),
        payments=payments_of(session, client_id),
        groups=waiting_groups(session, client_id),
        entity_names=names,
        payee_words=payee_words,
        waits_words=waits_words,
        payment_words=payment_words,
        heading=statement_heading,
    )


@blueprint.route("/consignors/<int:client_id>/agreements/new", methods=["GET", "POST"])
@staff_required(*STAFF)
def new_agreement(client_id: int) -> ResponseReturnValue:
    """Draft an agreement."""
    session = house_session()
    client = queries.client_of(session, client_id)
    known = entities(session)
    if not known:
        flash(_("Add a legal entity first: an agreement is made with one."), "error")
        return redirect("/manage/money/entities")
    form = AgreementForm(data={"declaration": True})
    form.entity_id.choices = [choice(one.id, f"{one.name} · {one.currency}") for one in known]
    if request.method == "POST" and form.validate():
        made = _kept(
            form,
            lambda: operations.draft_agreement(
                session,
                client_id,
                form.entity_id.data or known[0].id,
                form.terms(),
                resale_right=form.resale_right.data or "sale",
                note=form.note.data or "",
                actor=actor(),
            ),
        )
        if made is not None:
            return redirect(f"/manage/agreements/{made.id}")
    page = render_template("manage/agreement_form.html", client=client, form=form, agreement=None)
    return page, UNPROCESSABLE if form.errors else 200


def _kept(form: AgreementForm, act: Any) -> Agreement | None:
    """Do an act, or put its refusal where it belongs."""
    try:
        made: Agreement = act()
    except ReckoningInvalid as refusal:
        g.failed = True
        form.refuse(refusal.fields["key"], refusal.fields["problem"])
        return None
    except DomainError as refusal:
        g.failed = True
        form.form_errors.append(refusal.message())
        return None
    flash(_("Saved."), "success")
    return made


@blueprint.route("/agreements/<int:agreement_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def agreement(agreement_id: int) -> ResponseReturnValue:
    """Show one version; posting enters its signature."""
    found = _agreement(agreement_id)
    session = house_session()
    client = queries.client_of(session, found.client_id)
    form = SignForm(data={"signed_on": house_today(), "signed_by": client.name})
    if request.method == "POST" and form.validate() and form.signed_on.data is not None:
        try:
            operations.sign_agreement(
                session, found.id, signed_on=form.signed_on.data,
                signed_by=form.signed_by.data or "", actor=actor(),
            )  # fmt: skip
        except DomainError as refusal:
            g.failed = True
            form.form_errors.append(refusal.message())
        else:
            flash(_("The signature is entered. This version stays as it is."), "success")
            return redirect(f"/manage/agreements/{found.id}")
    versions = [
        one for one in queries.agreements_of(session, client.id) if one.number == found.number
    ]
    page = render_template(
        "manage/agreement.html", agreement=found, client=client, form=form, versions=versions,
        heading=agreement_heading(found), rows=agreement_rows(found),
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200


def _agreement(agreement_id: int) -> Agreement:
    found = house_session().get(Agreement, agreement_id)
    if found is None:
        raise NotFound(agreement=agreement_id)
    return found


@blueprint.route("/agreements/<int:agreement_id>/edit", methods=["GET", "POST"])
@staff_required(*STAFF)
def edit_agreement(agreement_id: int) -> ResponseReturnValue:
    """Change an unsigned version, or make the next one of a signed agreement."""
    found = _agreement(agreement_id)
    session = house_session()
    client = queries.client_of(session, found.client_id)
    typed = {
        **agreement_as_typed(found.terms),
        "resale_right": found.resale_right,
        "note": found.note,
    }
    form = AgreementForm(data=typed)
    del form.entity_id
    if request.method == "POST" and form.validate():
        made = _kept(
            form,
            lambda: operations.change_agreement(
                session,
                found.id,
                form.terms(),
                resale_right=form.resale_right.data or "sale",
                note=form.note.data or "",
                actor=actor(),
            ),
        )
        if made is not None:
            return redirect(f"/manage/agreements/{made.id}")
    page = render_template("manage/agreement_form.html", client=client, form=form, agreement=found)
    return page, UNPROCESSABLE if form.errors else 200
