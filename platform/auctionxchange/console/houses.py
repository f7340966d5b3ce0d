"""Houses in the console: the list, a new one, one house's page, suspending and resuming."""

from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup
from sqlalchemy import event

from auctionxchange.billing.operations import put_on_plan
from auctionxchange.billing.words import charge_words, state_words
from auctionxchange.console import operations, queries
from auctionxchange.console.access import acting_operator, demand
from auctionxchange.console.forms import (
    ConfirmForm,
    NewHouseForm,
    OptionalReasonForm,
    PlanForm,
    ReasonForm,
)
from auctionxchange.console.tables import ChoiceFilter, Table, stated
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.kernel.errors import DomainError
from auctionxchange.site.requests import platform_session
from auctionxchange.site.services import platform_services
from auctionxchange.tenancy.models import HouseRecord
from auctionxchange.tenancy.operations import resume_house, suspend_house

STATE_WORDS = {
    "provisioning": ("pending", _l("Provisioning")),
    "active": ("approved", _l("Active")),
    "suspended": ("suspended", _l("Suspended")),
    "closing": ("closing", _l("Closing")),
    "deleted": ("archived", _l("Deleted")),
}


def house_state(status: str) -> Markup:
    """Draw a house's state."""
    return stated(*STATE_WORDS[status])


def house_word(status: str) -> str:
    """Name a house's state in the reader's language."""
    return str(STATE_WORDS[status][1])


class StateFilter(ChoiceFilter):
    """States by their names in the reader's language."""

    def get_options(self, view: Any) -> list[tuple[str, Any]]:
        return [(value, STATE_WORDS[value][1]) for value, _name in super().get_options(view) or []]


class HousesView(Table):
    """All houses on this installation."""

    can_create = True
    create_template = "console/new_house.html"
    column_list = ("name", "slug", "status", "country", "currency", "language", "created_at")
    column_export_list = (
        "name", "slug", "schema", "status", "country", "currency", "time_zone", "language",
        "theme", "primary_domain", "owner_email", "suspended_reason", "created_at",
    )  # fmt: skip
    column_labels = {
        "schema": _l("Schema"),
        "time_zone": _l("Time zone"),
        "theme": _l("Theme"),
        "primary_domain": _l("Own domain"),
        "owner_email": _l("Owner"),
        "suspended_reason": _l("Reason of suspension"),
        "name": _l("House"),
        "slug": _l("Short name"),
        "status": _l("State"),
        "country": _l("Country"),
        "currency": _l("Currency"),
        "language": _l("Language"),
        "created_at": _l("Created"),
    }
    column_searchable_list = ("name", "slug", "owner_email", "primary_domain")
    column_default_sort = ("created_at", True)
    empty_text = _l("No house matches. Clear the search or create a house.")

    def __init__(self) -> None:
        self.column_filters = [
            StateFilter(HouseRecord.status, _l("State")),
            ChoiceFilter(HouseRecord.country, _l("Country")),
            ChoiceFilter(HouseRecord.currency, _l("Currency")),
            ChoiceFilter(HouseRecord.theme, _l("Theme")),
        ]
        self.column_formatters = {"name": _linked, "status": _state}
        super().__init__(HouseRecord, name=_l("Houses"), category=_l("Exchange"), endpoint="houses")

    @expose("/new/", methods=("GET", "POST"))
    def create_view(self) -> ResponseReturnValue:
        """Register a house and show it while the worker makes it."""
        demand("houses")
        form = NewHouseForm()
        if form.validate_on_submit():
            try:
                schema = operations.order_house(
                    platform_session(), form.house(), actor=acting_operator()
                )
            except DomainError as error:
                form.blame(error)
            else:
                return redirect(self.get_url(".house", schema=schema), 303)
        return self.render(self.create_template, form=form), 422 if form.errors else 200

    @expose("/<schema>/")
    def house(self, schema: str) -> ResponseReturnValue:
        """Show one house."""
        return self._shown(queries.house_record(platform_session(), schema))

    @expose("/<schema>/suspend", methods=("POST",))
    def suspend(self, schema: str) -> ResponseReturnValue:
        """Take a house off the air, with a reason."""
        demand("houses")
        house = queries.house_record(platform_session(), schema)
        form = ReasonForm()
        if not form.validate_on_submit():
            return self._shown(house, suspend_form=form), 422
        suspend_house(
            platform_session(), house.slug, reason=form.reason.data or "", actor=acting_operator()
        )
        return self._changed(schema, _("%(name)s is suspended.", name=house.name))

    @expose("/<schema>/resume", methods=("POST",))
    def resume(self, schema: str) -> ResponseReturnValue:
        """Put a house back on the air."""
        demand("houses")
        house = queries.house_record(platform_session(), schema)
        form = OptionalReasonForm()
        if not form.validate_on_submit():
            return self._shown(house, resume_form=form), 422
        note = form.reason.data or None
        resume_house(platform_session(), house.slug, actor=acting_operator(), reason=note)
        return self._changed(schema, _("%(name)s is active again.", name=house.name))

    @expose("/<schema>/provision", methods=("POST",))
    def provision(self, schema: str) -> ResponseReturnValue:
        """Have the worker try again to make a house."""
        demand("houses")
        house = queries.house_record(platform_session(), schema)
        operations.order_again(platform_session(), house, actor=acting_operator())
        return self._changed(schema, _("The worker was asked again."))

    @expose("/<schema>/plan", methods=("POST",))
    def plan(self, schema: str) -> ResponseReturnValue:
        """Put a house on a plan, with a reason."""
        demand("houses")
        house = queries.house_record(platform_session(), schema)
        form = self._plan_form()
        if not form.validate_on_submit():
            return self._shown(house, plan_form=form), 422
        try:
            put_on_plan(
                platform_session(), schema, form.plan.data, trial_days=form.trial_days.data or 0,
                reason=form.reason.data or "", actor=acting_operator(),
            )  # fmt: skip
        except DomainError as error:
            form.plan.errors = [*form.plan.errors, error.message()]
            return self._shown(house, plan_form=form), 422
        return self._changed(schema, _("The plan of %(name)s is changed.", name=house.name))

    def _plan_form(self, **options: Any) -> PlanForm:
        form = PlanForm(**options)
        form.plan.choices = [
            (plan.code, plan.name) for plan in queries.plans_offered(platform_session())
        ]
        return form

    def _changed(self, schema: str, text: str) -> ResponseReturnValue:
        directory = platform_services().directory
        event.listen(
            platform_session(), "after_commit", lambda _session: directory.forget(), once=True
        )
        flash(text, "success")
        return redirect(self.get_url(".house", schema=schema), 303)

    def _shown(self, house: HouseRecord, **forms: Any) -> str:
        session = platform_session()
        record = platform_services().directory.by_schema(house.schema)
        settings = platform_services().settings
        worker = next(one for one in queries.services_seen(session) if one.name == "worker")
        values = {
            "suspend_form": ReasonForm(formdata=None),
            "resume_form": OptionalReasonForm(formdata=None),
            "confirm_form": ConfirmForm(formdata=None),
            "plan_form": self._plan_form(formdata=None),
            **forms,
        }
        return self.render(
            "console/house.html",
            record=house,
            state=house_state(house.status),
            address=record.url(settings) if record else None,
            migration=queries.migration_of(session, house.schema),
            domains=queries.domains_of(session, house.schema),
            audit=queries.recent_audit(session, house.slug, house.schema),
            worker=worker,
            subscribed=queries.subscription_of(session, house.schema),
            charge_words=charge_words,
            state_words=state_words,
            **values,
        )


def _linked(view: HousesView, _context: Any, house: HouseRecord, _name: str) -> Markup:
    address = view.get_url(".house", schema=house.schema)
    return Markup('<a href="{}">{}</a>').format(address, house.name)


def _state(_view: HousesView, _context: Any, house: HouseRecord, _name: str) -> Markup:
    return house_state(house.status)
