"""Clients: everyone who buys or sells, most of them without an account."""

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.columns import CLIENTS
from auctionhouse.manage.forms.fields import cleaned
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.forms.people import ClientForm
from auctionhouse.manage.listing import shown_list
from auctionhouse.manage.operations import ClientDetails, create_client, edit_client
from auctionhouse.manage.queries import people
from auctionhouse.members.access import staff_required
from auctionhouse.members.models import Client
from auctionhouse.requests import house_session
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import NotFound


@blueprint.get("/clients/")
@staff_required(*STAFF)
def clients() -> ResponseReturnValue:
    """List clients by name."""
    search = request.args.get("search", "").strip()[:100]
    query = people.clients(search)
    return shown_list("manage/clients.html", query, CLIENTS, name="clients", search=search)


@blueprint.route("/clients/new", methods=["GET", "POST"])
@staff_required(*STAFF)
def new_client() -> ResponseReturnValue:
    """Make a client without an account."""
    return _edit(None)


@blueprint.route("/clients/<int:client_id>", methods=["GET", "POST"])
@staff_required(*STAFF)
def client(client_id: int) -> ResponseReturnValue:
    """Show and change a client."""
    found = house_session().get(Client, client_id)
    if found is None:
        raise NotFound
    return _edit(found)


def _edit(found: Client | None) -> ResponseReturnValue:
    session = house_session()
    form = ClientForm(obj=found)
    if request.method == "POST" and form.validate():
        details = ClientDetails(
            name=form.name.data or "",
            company=form.company.data or None,
            email=(form.email.data or "").lower() or None,
            phone=form.phone.data or None,
            notes=cleaned(form.notes.data),
        )
        if found is None:
            found = create_client(session, details, actor=actor())
        else:
            edit_client(session, found.id, details, actor=actor())
        flash(_("Saved."), "success")
        return redirect(f"/manage/clients/{found.id}")
    page = render_template(
        "manage/client.html",
        client=found,
        form=form,
        empty_form=EmptyForm(formdata=None),
        registrations=people.registrations_of_client(session, found.id) if found else [],
    )
    return page, 422 if form.errors else 200
