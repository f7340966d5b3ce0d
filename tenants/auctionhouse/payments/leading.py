"""A house's pages whose forms lead to Stripe."""

from flask import Response

from auctionhouse.services import services
from auctionxchange.payments.leading import leading_to


def leading_to_stripe(page: str) -> Response:
    """Return a page whose form may lead to Stripe's pages and to no other stranger's."""
    return leading_to(page, services().settings.stripe_pages)
