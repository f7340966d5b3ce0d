"""Pictures of a lot: sent many at once, described, put in order, deleted.

Every act answers a page's form with a redirect and a script with JSON; both do the same.
"""

from typing import Any

from flask import flash, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from auctionhouse.catalogue import pictures
from auctionhouse.catalogue.imaging import PictureRefused
from auctionhouse.catalogue.models import Picture
from auctionhouse.manage.blueprint import STAFF, actor, blueprint
from auctionhouse.manage.forms.lots import EmptyForm
from auctionhouse.manage.views.lots import lot_of
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Invalid, NotFound
from auctionxchange.kernel.web import wants_json


class FormStale(Invalid):
    """The form's proof of origin is missing or too old."""

    code = "form_stale"

    def message(self) -> str:
        return _("The page was open for too long. Reload it and try again.")


@blueprint.post("/lots/<int:lot_id>/pictures")
@staff_required(*STAFF)
def add_pictures(lot_id: int) -> ResponseReturnValue:
    """Take the files that are pictures; say of the others why not."""
    _check_origin()
    seen = lot_of(lot_id).version
    files = [file for file in request.files.getlist("pictures") if file.filename]
    refused = [reason for file in files if (reason := _refusal(lot_id, file))]
    added = len(files) - len(refused)
    if wants_json():
        return jsonify(refused=refused, **_moved(lot_id, seen)), 422 if refused else 200
    if added:
        flash(_("Pictures added: %(n)s.", n=added), "success")
    if not files:
        refused = [_("Choose one or more pictures first.")]
    for reason in refused:
        flash(reason, "error")
    return redirect(f"/manage/lots/{lot_id}#pictures")


@blueprint.post("/lots/<int:lot_id>/pictures/order")
@staff_required(*STAFF)
def order_pictures(lot_id: int) -> ResponseReturnValue:
    """Put pictures into the order of the posted identities."""
    _check_origin()
    seen = lot_of(lot_id).version
    wanted = [int(text) for text in request.form.getlist("picture") if text.isdecimal()]
    pictures.order_pictures(house_session(), lot_id, wanted, actor=actor())
    return _answered(lot_id, seen)


@blueprint.post("/pictures/<int:picture_id>/alt")
@staff_required(*STAFF)
def describe_picture(picture_id: int) -> ResponseReturnValue:
    """Set the text for those who cannot see the picture."""
    _check_origin()
    found = _picture(picture_id)
    seen = lot_of(found.lot_id).version
    alt = request.form.get("alt", "")[:1000]
    pictures.describe_picture(house_session(), picture_id, alt, actor=actor())
    return _answered(found.lot_id, seen)


@blueprint.post("/pictures/<int:picture_id>/delete")
@staff_required(*STAFF)
def delete_picture(picture_id: int) -> ResponseReturnValue:
    """Take a picture away."""
    _check_origin()
    found = _picture(picture_id)
    seen = lot_of(found.lot_id).version
    pictures.delete_picture(house_session(), services().storage, picture_id, actor=actor())
    return _answered(found.lot_id, seen)


def _refusal(lot_id: int, file: FileStorage) -> str | None:
    try:
        pictures.add_picture(
            house_session(), services().storage, lot_id, file.stream,
            name=file.filename or "", actor=actor(),
        )  # fmt: skip
    except PictureRefused as refusal:
        return f"{file.filename}: {refusal.message()}"
    return None


def _check_origin() -> None:
    if not EmptyForm().validate():
        raise FormStale


def _picture(picture_id: int) -> Picture:
    found = house_session().get(Picture, picture_id)
    if found is None:
        raise NotFound
    return found


def _answered(lot_id: int, seen: int) -> ResponseReturnValue:
    if wants_json():
        return jsonify(_moved(lot_id, seen))
    return redirect(f"/manage/lots/{lot_id}#pictures")


def _moved(lot_id: int, seen: int) -> dict[str, Any]:
    """Return the list anew and how the lot's version moved.

    The form beside it, where the version was the one seen, then still may be saved.
    """
    return {"html": _list(lot_id), "seen": seen, "version": lot_of(lot_id).version}


def _list(lot_id: int) -> str:
    context: dict[str, Any] = {
        "pictures": pictures.lot_pictures(house_session(), lot_id),
        "lot": lot_of(lot_id),
        "empty_form": EmptyForm(),
    }
    return render_template("manage/parts/pictures.html", **context)
