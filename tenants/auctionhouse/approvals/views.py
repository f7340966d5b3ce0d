"""The place of the mails' templates; the pages are the back office's."""

from flask import Blueprint

blueprint = Blueprint("approvals", __name__, template_folder="templates")
