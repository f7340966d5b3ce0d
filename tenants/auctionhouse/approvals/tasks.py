"""Jobs of requests: their mails, and closing those nobody decided in time."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from auctionhouse.approvals import emails
from auctionhouse.approvals.models import ApprovalRequest
from auctionhouse.approvals.operations import expire_due
from auctionhouse.approvals.telling import ASKED_MAIL, DECIDED_MAIL, deciders_of
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.tenancy.house import House


@TASKS.house_task(ASKED_MAIL)
def asked_mail(services: WorkerServices, house: House, session: Session, *, request: int) -> None:
    """Tell everybody who may decide, unless it is decided by now."""
    row = session.get_one(ApprovalRequest, request)
    if row.state == "waiting":
        for reader in deciders_of(session, row):
            _send(emails.asked, row, reader, services=services, house=house, session=session)


@TASKS.house_task(DECIDED_MAIL)
def decided_mail(services: WorkerServices, house: House, session: Session, *, request: int) -> None:
    """Tell who asked how it ended."""
    row = session.get_one(ApprovalRequest, request)
    _send(emails.decided, row, row.asked_by, services=services, house=house, session=session)


@TASKS.house_task("approvals.expire", every="*/10 * * * *")
def expire(services: WorkerServices, house: House, session: Session) -> None:
    """Close the requests whose time is over."""
    del services, house
    expire_due(session)


def _send(
    make: Callable[[emails.Context], str],
    request: ApprovalRequest,
    reader: int,
    *,
    services: WorkerServices,
    house: House,
    session: Session,
) -> None:
    mail = emails.build(
        make, request, reader, session=session, house=house, settings=services.settings
    )
    enqueue(session, "mail.send", to=mail.to, subject=mail.subject, text=mail.text, html=mail.html)
