"""Telling the operators of events nobody is known for, once for each account."""

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from auctionxchange.jobs.registry import WorkerServices
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.payments.models import StripeEvent

ASIDE = ("stranger", "foreign")
_OPERATORS = text("SELECT email FROM exchange.operator WHERE active ORDER BY id")


def kept_aside(session: Session) -> int:
    """Return how many events wait for an operator."""
    query = select(func.count()).where(StripeEvent.state.in_(ASIDE))
    return int(session.scalar(query) or 0)


def tell_of_kept_aside(
    services: WorkerServices, session: Session, row: StripeEvent, state: str
) -> None:
    """Mail the operators unless an event of this account was kept aside before."""
    before = select(StripeEvent.event_id).where(
        StripeEvent.account == row.account, StripeEvent.state == state
    )
    if session.scalars(before.limit(1)).first() is not None:
        return
    subject = _("Stripe events of %(account)s are kept aside", account=row.account)
    said = {
        "stranger": _("No house here has this Stripe account."),
        "foreign": _("The event names something that is not at the account that sent it."),
    }[state]
    lines = [
        said,
        f"{row.kind} {row.event_id}",
        _("Nothing was changed. See the console, Ledgers, Stripe events:"),
        console_url(services.settings, "/console/stripe-events/"),
    ]
    for email in session.execute(_OPERATORS).scalars():
        enqueue(session, "mail.send", to=email, subject=subject, text="\n\n".join(lines))


def console_url(settings: Settings, path: str) -> str:
    """Return an address at the operators' console."""
    return f"{settings.scheme}://{settings.console_host}{settings.port_suffix}{path}"
