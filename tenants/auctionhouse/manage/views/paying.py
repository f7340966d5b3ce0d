"""The house's settings for paying vendors: when, in which series, from which account."""

from flask import flash, g, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.approvals.operations import ask
from auctionhouse.approvals.telling import waiting_about
from auctionhouse.consignors.accounts import BankAccount
from auctionhouse.consignors.operations.settings import set_vendor_settings, vendor_settings
from auctionhouse.invoicing.entities import entities
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.settlement import PayerForm, PayWhenForm
from auctionhouse.manage.views.approvals import asked
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.settlement.models import PayerAccount
from auctionhouse.settlement.operations.payer import check_bacs_user, save_payer
from auctionhouse.settlement.refusals import PayerInvalid
from auctionhouse.settlement.two_person import PAYER, payer_payload
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import DomainError, NotFound


@blueprint.get("/money/paying")
@staff_required(*STAFF)
def paying_vendors() -> ResponseReturnValue:
    """Show when vendors are paid, and each legal entity as a payer."""
    session = house_session()
    payers = {one.entity_id: one for one in session.query(PayerAccount)}
    return render_template(
        "manage/paying.html", form=PayWhenForm(formdata=None, obj=vendor_settings(session)),
        entities=entities(session), payers=payers,
    )  # fmt: skip


@blueprint.post("/money/paying")
@staff_required("owner")
def change_paying() -> ResponseReturnValue:
    """Change when vendors are paid."""
    session = house_session()
    form = PayWhenForm()
    if form.validate():
        set_vendor_settings(
            session, reserve_days=form.reserve_days.data or 0, bank_days=form.bank_days.data or 0,
            pay_when=form.pay_when.data or "invoice_paid", actor=actor(),
        )  # fmt: skip
        flash(_("Saved."), "success")
        return redirect("/manage/money/paying")
    payers = {one.entity_id: one for one in session.query(PayerAccount)}
    page = render_template(
        "manage/paying.html", form=form, entities=entities(session), payers=payers
    )
    return page, UNPROCESSABLE


@blueprint.route("/money/paying/<int:entity_id>", methods=["GET", "POST"])
@staff_required("owner")
def payer(entity_id: int) -> ResponseReturnValue:
    """Say in which series an entity numbers statements and from which account it pays."""
    session = house_session()
    entity = session.get(LegalEntity, entity_id)
    if entity is None:
        raise NotFound(entity=entity_id)
    known = session.get(PayerAccount, entity_id)
    usual = {"holder": entity.name, "kind": "uk" if entity.currency == "GBP" else "iban"}
    form = PayerForm(obj=known, data=None if known else usual)
    if request.method == "POST" and form.validate():
        account = form.account()
        if not form.errors:
            try:
                with session.begin_nested():
                    said = _saved(entity_id, known, form, account)
            except PayerInvalid as refusal:
                g.failed = True
                form.refuse(refusal.fields["field"], refusal.message())
            except DomainError as refusal:
                g.failed = True
                form.form_errors.append(refusal.message())
            else:
                flash(said, "success")
                return redirect("/manage/money/paying")
    page = render_template(
        "manage/payer.html", entity=entity, payer=known, form=form,
        waiting=waiting_about(session, f"payer:{entity_id}"),
    )  # fmt: skip
    return page, UNPROCESSABLE if form.errors else 200


def _saved(
    entity_id: int, known: PayerAccount | None, form: PayerForm, account: BankAccount | None
) -> str:
    """Save a payer; another account than the known one waits for a second person."""
    session, series = house_session(), form.series.data or ""
    typed = {"holder": form.holder.data or "", "bacs_user": form.bacs_user.data or ""}
    if known is None or known.sealed is None:
        save_payer(session, entity_id, series=series, account=account, actor=actor(), **typed)
        return _("Saved.")
    before = {"holder": known.holder, "bacs_user": known.bacs_user}
    save_payer(session, entity_id, series=series, account=None, actor=actor(), **before)
    if account is None and typed == before:
        return _("Saved.")
    check_bacs_user(typed["bacs_user"])
    payload = payer_payload(session, entity_id, account=account, **typed)
    made = ask(session, PAYER, payload, reason=form.bank_reason.data or "", actor=actor())
    return asked(made, _("Saved."))
