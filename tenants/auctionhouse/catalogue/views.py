"""Pictures as files: addresses hold the content's digest, so an answer is good for ever."""

from flask import Blueprint, Response, send_file

from auctionhouse.catalogue.imaging import MEDIA_TYPES
from auctionhouse.members.access import public
from auctionhouse.services import services
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.storage import FileMissing
from auctionxchange.tenancy.current import current_house
from auctionxchange.theming.install import FOR_EVER
from auctionxchange.theming.pictures import PICTURE_SIZES

blueprint = Blueprint("media", __name__)


@blueprint.get("/media/<digest>/<size>.<extension>")
@public
def picture(digest: str, size: str, extension: str) -> Response:
    """Send one variant of a picture of this house."""
    if size not in PICTURE_SIZES or extension not in MEDIA_TYPES:
        raise NotFound
    variant = f"{size}.{extension}"
    try:
        stream = services().storage.open(current_house(), digest, variant)
    except (FileMissing, ValueError) as error:
        raise NotFound from error
    response = send_file(
        stream, mimetype=MEDIA_TYPES[extension], etag=f"{digest[:32]}-{variant}", conditional=True
    )
    response.headers["Cache-Control"] = FOR_EVER
    return response
