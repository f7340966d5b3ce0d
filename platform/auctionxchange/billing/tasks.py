"""Jobs of billing: what Stripe says of subscriptions, the round of warnings, and their mails."""

from flask_babel import force_locale

from auctionxchange.billing.links import billing_url
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.operations import MAIL, ROUND, go_round
from auctionxchange.billing.rules import suspends_at
from auctionxchange.billing.stripe_side import Till, schema_of_customer
from auctionxchange.i18n.formats import date_long
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.database import PlatformSession
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.payments.billing_gateway import make_billing_gateway
from auctionxchange.payments.tasks import platform_handler
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.models import HouseRecord


@platform_handler("subscription", "invoice", "checkout.session")
def subscription_changed(services: WorkerServices, kind: str, identifier: str) -> bool:
    """Something of a house's subscription changed: fetch what is now true. False for others'."""
    gateway = make_billing_gateway(services.settings)
    found = gateway.stripe.find("", kind, identifier)
    customer = found.get("customer")
    schema = schema_of_customer(services.database, customer) if customer else None
    if schema is None:
        return False
    Till(services.database, gateway, schema).refresh()
    return True


@TASKS.platform_task(ROUND, every="20 * * * *")
def billing_round(services: WorkerServices, session: PlatformSession) -> None:
    """Warn, end trials, suspend."""
    del services
    go_round(session)


@TASKS.platform_task(MAIL)
def billing_mail(
    services: WorkerServices, session: PlatformSession, *, schema: str, name: str
) -> None:
    """Tell a house's owner about its subscription, in the house's language."""
    row = session.get_one(Subscription, schema)
    record = session.get_one(HouseRecord, schema)
    house = services.directory.by_schema(schema)
    if house is None:
        return
    with services.app.app_context(), acting_for(house), force_locale(house.language):
        subject, words = _said(name, row, session.get_one(Plan, row.plan).name, house.name)
        lines = [*words, billing_url(services.settings, schema)]
        enqueue(
            session, "mail.send", to=record.owner_email, subject=subject, text="\n\n".join(lines)
        )


def _said(name: str, row: Subscription, plan: str, house: str) -> tuple[str, list[str]]:
    day = date_long(suspends_at(row.failed_at))
    said = {
        "trial_ends": (
            _("The trial of %(house)s ends soon", house=house),
            [
                _("The trial of the plan “%(plan)s” ends on %(day)s.", plan=plan,
                  day=date_long(row.trial_ends_at)),
                _("Please subscribe here so that the house stays open:"),
            ],
        ),
        "warning": (
            _("The subscription of %(house)s is not paid", house=house),
            [
                _("The plan “%(plan)s” could not be charged or nobody pays for it.", plan=plan),
                _("If it is not paid before %(day)s, the house is suspended: its pages close and"
                  " running sales stand still. Nothing is deleted.", day=day),
                _("Please pay or change the card here:"),
            ],
        ),
        "suspended": (
            _("%(house)s is suspended", house=house),
            [
                _("The subscription was not paid. The house’s pages are closed; nothing is lost."),
                _("As soon as it is paid here, the house opens again by itself:"),
            ],
        ),
        "resumed": (
            _("%(house)s is open again", house=house),
            [_("Thank you: the subscription is paid and the house is open."),
             _("You can look after the subscription here:")],
        ),
    }  # fmt: skip
    return said[name]
