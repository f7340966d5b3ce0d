"""The house's plan: what it allows, what is used, where payment stands."""

from flask import render_template
from flask.typing import ResponseReturnValue

from auctionhouse.manage.blueprint import STAFF, blueprint
from auctionhouse.members.access import staff_required
from auctionhouse.plan.limits import allowance, usage
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.billing.links import billing_url
from auctionxchange.billing.words import charge_words, state_words
from auctionxchange.tenancy.current import current_house


@blueprint.get("/plan")
@staff_required(*STAFF)
def plan() -> ResponseReturnValue:
    """Show the plan and how much of it is used; owners find the way to pay."""
    settings = services().settings
    return render_template(
        "manage/plan.html",
        plan=allowance(house_session()),
        used=usage(house_session()),
        state_words=state_words,
        charge_words=charge_words,
        address=billing_url(settings, current_house().schema),
        payable=settings.stripe_secret_key is not None,
    )
