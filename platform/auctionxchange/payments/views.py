"""The two addresses Stripe writes to, at the apex host."""

from flask import Blueprint, jsonify, request
from flask.typing import ResponseReturnValue

from auctionxchange.payments.inbox import NotSigned, read_signed, store
from auctionxchange.site.services import platform_services

blueprint = Blueprint("payments", __name__, url_prefix="/stripe/webhooks")


@blueprint.post("/platform")
def platform_webhook() -> ResponseReturnValue:
    """Take what happens on the platform's own account."""
    return _take("platform", platform_services().settings.stripe_webhook_secret_platform)


@blueprint.post("/connect")
def connect_webhook() -> ResponseReturnValue:
    """Take what happens on houses' accounts."""
    return _take("connect", platform_services().settings.stripe_webhook_secret_connect)


def _take(endpoint: str, secret: str | None) -> ResponseReturnValue:
    """Check the signature, write the event down, and say so."""
    if secret is None:
        raise NotSigned
    event = read_signed(request.get_data(), request.headers.get("Stripe-Signature"), secret)
    with platform_services().database.platform_connection() as connection:
        store(connection, endpoint, event)
    return jsonify(received=True)
