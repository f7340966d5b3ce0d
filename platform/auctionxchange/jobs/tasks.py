"""Tasks every installation has: sending a mail, and making a house that was asked for."""

from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.database import HouseSession, PlatformSession
from auctionxchange.mail.message import build_message
from auctionxchange.tenancy.house import House


@TASKS.house_task("mail.send")
def send_house_mail(
    services: WorkerServices,
    house: House,
    session: HouseSession,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
) -> None:
    """Deliver a rendered mail in the house's name."""
    del session
    message = build_message(
        sender_name=house.name,
        sender=services.settings.mail_from,
        to=to,
        subject=subject,
        text=text,
        html=html,
        host=house.host(services.settings),
    )
    services.mailer.deliver(message)


@TASKS.platform_task("mail.send")
def send_platform_mail(
    services: WorkerServices,
    session: PlatformSession,
    *,
    to: str,
    subject: str,
    text: str,
    html: str | None = None,
) -> None:
    """Deliver a rendered mail in the exchange's name."""
    del session
    message = build_message(
        sender_name="AuctionXchange",
        sender=services.settings.mail_from,
        to=to,
        subject=subject,
        text=text,
        html=html,
        host=services.settings.apex,
    )
    services.mailer.deliver(message)
