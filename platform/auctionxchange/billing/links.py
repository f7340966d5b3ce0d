"""Signed addresses at the apex where a house pays for itself, even while it is suspended."""

from itsdangerous import BadSignature

from auctionxchange.billing.refusals import BillingLinkExpired
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.signing import platform_serializer

PURPOSE = "billing"
LASTS_SECONDS = 45 * 86400
"""As long as the warnings and the time after a suspension in which a house comes back."""


def billing_url(settings: Settings, schema: str) -> str:
    """Return the address of a house's billing page."""
    token = platform_serializer(settings, PURPOSE).dumps(schema)
    return f"{settings.public_url}/billing/{token}"


def read_token(settings: Settings, token: str) -> str:
    """Return the house a token was signed for; raises BillingLinkExpired."""
    try:
        schema = platform_serializer(settings, PURPOSE).loads(token, max_age=LASTS_SECONDS)
    except BadSignature as error:
        raise BillingLinkExpired from error
    if not isinstance(schema, str):
        raise BillingLinkExpired
    return schema
