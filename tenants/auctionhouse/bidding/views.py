"""The place of bidding's templates; its pages are the storefront's and the back office's."""

from flask import Blueprint

blueprint = Blueprint("bidding", __name__, template_folder="templates")
