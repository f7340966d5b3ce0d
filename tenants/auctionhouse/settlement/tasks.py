"""Jobs of settling: consignors are told of statements and payments, statements are kept as PDF."""

from sqlalchemy.orm import Session

from auctionhouse.consignors.emails import SELLING, Letter, post_letter
from auctionhouse.documents.readers import read_by
from auctionhouse.documents.vendors import statement_file
from auctionhouse.members.models import Client
from auctionhouse.settlement import freezing  # noqa: F401 - hears of disputes
from auctionhouse.settlement.models import PayoutRun, Statement
from auctionhouse.settlement.operations.paying import PAID_MAIL
from auctionhouse.settlement.operations.payouts import run_lines
from auctionhouse.settlement.operations.writing import KEEP, RELEASED_MAIL
from auctionhouse.settlement.queries.statements import StatementPage, statement_page
from auctionhouse.settlement.words import statement_heading, waits_words
from auctionxchange.i18n.formats import day, money
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.storage import make_storage
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.house import House


@TASKS.house_task(KEEP)
def keep_statement(
    services: WorkerServices, house: House, session: Session, *, statement: int
) -> None:
    """Set a released statement in type, unless somebody who asked for it was quicker."""
    del house
    storage = make_storage(services.settings)
    found = session.get_one(Statement, statement)
    statement_file(session, storage, services.settings.static_root, found)


@TASKS.house_task(RELEASED_MAIL)
def released_mail(
    services: WorkerServices, house: House, session: Session, *, statement: int
) -> None:
    """Tell a consignor of a released statement."""
    found = session.get_one(Statement, statement)
    client = session.get_one(Client, found.client_id)
    with read_by(session, client.id):
        told = _of_statement(statement_page(session, statement))
        post_letter(session, house, services.settings, client, told)


def _of_statement(page: StatementPage) -> Letter:
    """Tell what a statement comes to, and what of it waits for what."""
    found = page.statement
    total = money(found.total, found.currency)
    lines = [_("%(heading)s: %(total)s", heading=statement_heading(found), total=total)]
    if found.reason:
        lines.append(found.reason)
    rows = [
        (f"{view.part.label} · {view.part.title}".strip(" ·") or _("Charges"),
         money(view.part.amount, found.currency))
        for view in page.parts
    ]  # fmt: skip
    waits = dict.fromkeys(
        waits_words(one) for view in page.parts for one in view.waits if one.code != "held"
    )
    if waits:
        lines.append(_("Not payable yet: %(why)s.", why="; ".join(waits)))
    subject = statement_heading(found)
    return Letter(subject, lines, rows, f"{SELLING}statements/{found.id}")


@TASKS.house_task(PAID_MAIL)
def paid_mail(
    services: WorkerServices, house: House, session: Session, *, run: int, client: int
) -> None:
    """Tell a consignor that money is on its way."""
    found = session.get_one(PayoutRun, run)
    person = session.get_one(Client, client)
    lines = [line for line in run_lines(session, run) if line.client_id == client]
    with read_by(session, client):
        total = money(sum(line.amount for line in lines), found.currency)
        rows = [
            (f"{line.name} {line.masked}".strip(), money(line.amount, found.currency))
            for line in lines
        ]
        told = Letter(
            _("%(total)s is on its way", total=total),
            [_("We have told our bank to pay it on %(day)s.", day=day(found.pay_on))],
            rows,
        )
        post_letter(session, house, services.settings, person, told)
