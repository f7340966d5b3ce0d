"""The house's Stripe accounts, one for each legal entity, and whether the books agree."""

from dataclasses import dataclass

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from auctionhouse.invoicing.entities import entities
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.manage.blueprint import STAFF, blueprint
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.members.access import acting_member, staff_required
from auctionhouse.payments.models import StripeReconciliation
from auctionhouse.payments.rounds import RECONCILE
from auctionhouse.payments.views import own_desk
from auctionhouse.payments.words import difference_words
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.payments.accounts import (
    Connected,
    account_of,
    accounts_of,
    connect,
    look_again,
)
from auctionxchange.tenancy.current import current_house

LATEST = 30


@dataclass(frozen=True, slots=True)
class EntityAccount:
    """A legal entity with its Stripe account, if it ever had one, and the last comparison."""

    entity: LegalEntity
    account: Connected | None
    compared: StripeReconciliation | None

    @property
    def state(self) -> str | None:
        """Return the state of its card payments; None where it never had an account."""
        return None if self.account is None else self.account.card_payments

    @property
    def wrong_currency(self) -> bool:
        """Tell whether the account settles in another currency than the entity invoices in."""
        found = self.account
        return found is not None and found.currency not in {None, self.entity.currency}


def entity_accounts() -> list[EntityAccount]:
    """Return the house's legal entities with their accounts."""
    session = house_session()
    found = {one.entity: one for one in accounts_of(services().database, current_house())}
    return [
        EntityAccount(one, found.get(one.id), _latest(found.get(one.id)))
        for one in entities(session)
    ]


def _latest(account: Connected | None) -> StripeReconciliation | None:
    if account is None:
        return None
    query = select(StripeReconciliation).where(StripeReconciliation.account == account.account)
    return house_session().scalars(query.order_by(StripeReconciliation.id.desc()).limit(1)).first()


@blueprint.post("/money/cards/<int:entity_id>/connect")
@staff_required("owner")
def connect_stripe(entity_id: int) -> ResponseReturnValue:
    """Lead the owner to Stripe, where the company is described."""
    desk, entity = own_desk(), _entity(entity_id)
    made = connect(
        desk.database,
        desk.gateway,
        desk.house,
        entity.id,
        name=entity.name,
        email=acting_member().email,
        country=entity.country or desk.house.country,
        currency=entity.currency,
        actor=acting_member().email,
    )
    back = desk.house.url(desk.settings, f"/manage/money/cards/{entity.id}/connected")
    return redirect(desk.gateway.onboarding_url(made.account, back=back), 303)


@blueprint.get("/money/cards/<int:entity_id>/connected")
@staff_required("owner")
def connected(entity_id: int) -> ResponseReturnValue:
    """Ask Stripe how far the account is, after the owner came back."""
    desk = own_desk()
    account = account_of(desk.database, desk.house, entity_id)
    if account is not None:
        with desk.database.platform_session() as session, session.begin():
            look_again(session, desk.gateway, account.account)
    return redirect("/manage/money/cards")


def _entity(entity_id: int) -> LegalEntity:
    entity = house_session().get(LegalEntity, entity_id)
    if entity is None:
        raise NotFound
    return entity


@blueprint.get("/money/reconciliation")
@staff_required(*STAFF)
def reconciliation() -> ResponseReturnValue:
    """Show how Stripe's books and ours compared: every difference, and the days before."""
    history = select(StripeReconciliation).order_by(StripeReconciliation.id.desc()).limit(LATEST)
    return render_template(
        "manage/reconciliation.html",
        rows=[row for row in entity_accounts() if row.account is not None],
        history=house_session().scalars(history).all(),
        words=difference_words,
        form=EmptyForm(),
    )


@blueprint.post("/money/reconciliation")
@staff_required(*STAFF)
def compare_now() -> ResponseReturnValue:
    """Have the books compared now rather than at night."""
    if EmptyForm().validate():
        enqueue(house_session(), RECONCILE)
        flash(_("The books are being compared. Load this page again in a moment."), "success")
    return redirect("/manage/money/reconciliation")
