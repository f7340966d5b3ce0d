"""Operators and the browsers they are signed in with."""

from typing import Any
from uuid import UUID

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import Markup

from auctionxchange.accounts.models import Operator
from auctionxchange.console import operations, queries
from auctionxchange.console.access import acting_operator, demand
from auctionxchange.console.forms import ConfirmForm
from auctionxchange.console.tables import Table, stated
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import lazy_gettext as _l
from auctionxchange.site.requests import platform_session


class OperatorsView(Table):
    """The people who run the exchange; they are made on the command line."""

    column_list = ("email", "name", "active", "last_login_at", "login_count", "created_at")
    column_labels = {
        "email": _l("E-mail address"),
        "name": _l("Name"),
        "active": _l("State"),
        "last_login_at": _l("Last sign-in"),
        "login_count": _l("Sign-ins"),
        "created_at": _l("Created"),
    }
    column_export_list = column_list
    column_searchable_list = ("email", "name")
    column_default_sort = "email"
    empty_text = _l("No operator matches.")

    def __init__(self) -> None:
        self.column_formatters = {"email": _linked, "active": _state}
        super().__init__(
            Operator, name=_l("Operators"), category=_l("People"), endpoint="operators"
        )

    @expose("/<int:identity>/")
    def operator(self, identity: int) -> ResponseReturnValue:
        """Show an operator's sessions."""
        session = platform_session()
        return self.render(
            "console/operator.html",
            person=queries.operator_of(session, identity),
            sessions=queries.sessions_of(session, identity),
            audit=queries.recent_audit(session, queries.operator_of(session, identity).email),
            form=ConfirmForm(formdata=None),
        )

    @expose("/<int:identity>/sessions/<uuid:signed_in>/revoke", methods=("POST",))
    def revoke(self, identity: int, signed_in: UUID) -> ResponseReturnValue:
        """Sign one browser out: one's own, or an owner anybody's."""
        session = platform_session()
        person = queries.operator_of(session, identity)
        if person.email != acting_operator():
            demand("operators")
        found = queries.session_of(session, identity, signed_in)
        if operations.revoke_session(session, person, found, actor=acting_operator()):
            flash(_("That browser is signed out."), "success")
        return redirect(self.get_url(".operator", identity=identity), 303)


def _linked(view: OperatorsView, _context: Any, operator: Operator, _name: str) -> Markup:
    address = view.get_url(".operator", identity=operator.id)
    return Markup('<a href="{}">{}</a>').format(address, operator.email)


def _state(_view: OperatorsView, _context: Any, operator: Operator, _name: str) -> Markup:
    return stated("approved", _("Active")) if operator.active else stated("declined", _("Blocked"))
