"""Closing a sale of 1,000 lots to 300 invoices: the lots, the invoices, and their documents.

Lots are closed and documents set as the worker does it: lots one after another, documents as jobs
with as many threads as the worker has for them.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from benchmarks.installation import Installation
from benchmarks.results import keep
from benchmarks.sales import BenchSale, make_sale
from sqlalchemy import text

import auctionhouse.collecting.tasks
import auctionhouse.documents.tasks  # noqa: F401 - registers its tasks
from auctionhouse.bidding.closing import close_due
from auctionhouse.collecting.closing import see_to_closed_sale
from auctionhouse.collecting.listening import INVOICE_MAIL
from auctionhouse.collecting.settings import rules_of, save_rules
from auctionhouse.house_app import create_house_app
from auctionhouse.invoicing.entities import save_entity
from auctionhouse.invoicing.operations import KEEP
from auctionxchange.jobs.queue import CONCURRENCY, queue_of
from auctionxchange.jobs.registry import TASKS, WorkerServices, run_job
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.logs import configure_logs
from auctionxchange.mail.delivery import SmtpMailer
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory

LOTS, BUYERS, PRICE = 1_000, 300, 120_000
GOAL_SECONDS = 20.0
_WON = text(
    "UPDATE lot_state SET ends_at = clock_timestamp() - interval '1 second', price = :price,"
    " leader_client_id = :client WHERE lot_id = :lot"
)
_OPEN = text("SELECT count(*) FROM lot_state WHERE sale_id = :sale AND status = 'open'")
_INVOICES = text("SELECT id FROM invoice WHERE sale_id = :sale AND number IS NOT NULL")


def run(made: Installation) -> None:
    """Print how long each part takes, and all together."""
    configure_logs("json")
    logging.disable(logging.CRITICAL)
    settings = replace(made.settings, media_root=made.folder / "media")
    directory = Directory(made.database, settings)
    app = create_house_app(settings, made.database, directory)
    services = WorkerServices(
        settings, made.database, directory, SmtpMailer(settings.smtp_url), app
    )
    with made.database.house_session(made.house) as session, session.begin():
        sale = _sold(session)
    taken = {"lots": _seconds(lambda: _close_lots(made, sale))}
    with acting_for(made.house), app.app_context():
        taken["invoices"] = _seconds(lambda: _invoice(made, sale))
    taken["documents"] = _seconds(lambda: _jobs(services, made, sale, KEEP))
    taken["mails"] = _seconds(lambda: _jobs(services, made, sale, INVOICE_MAIL))
    logging.disable(logging.NOTSET)
    figures = {f"{name}_s": round(wall, 1) for name, (wall, _own) in taken.items()}
    whole = [sum(both[part] for both in taken.values()) for part in (0, 1)]
    keep(
        "invoices",
        {
            **figures,
            "all_s": round(whole[0], 1),
            "goal": f"<= {GOAL_SECONDS:.0f} s",
            "processor_of_the_worker_s": round(whole[1], 1),
        },
        made.postgres,
    )


def _seconds(work: Callable[[], None]) -> tuple[float, float]:
    """Return the seconds some work took, and those of this process's processor time."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - busy


def _sold(session: HouseSession) -> BenchSale:
    """Make a sale whose lots have leaders and whose end has come."""
    sale = make_sale(session, lots=LOTS, bidders=BUYERS)
    entity = save_entity(
        session,
        None,
        {
            "name": "Bench Ltd", "address": "1 High Street\nLondon", "country": "GB",
            "vat_number": "GB123456789", "series": "B-", "credit_series": "BC-",
            "bank": "GB00 BANK", "currency": "GBP", "payment_days": 7,
        },
        actor=None,
    )  # fmt: skip
    rules = rules_of(session, entity.id)
    values = {
        name: getattr(rules, name)
        for name in ("reminder_days", "interest_reference", "interest_margin",
                     "interest_after_days", "storage_after_days", "storage_fee", "storage_vat",
                     "charge", "charge_up_to", "charge_after_hours", "link_days")
    }  # fmt: skip
    save_rules(session, entity.id, {**values, "at_close": "release"}, actor=None)
    session.execute(
        text("UPDATE sale SET premium_percent = 25, money = :money WHERE id = :sale"),
        {"money": '{"vat": {"standard": "20"}, "treatment": "premium_only"}', "sale": sale.sale_id},
    )
    session.execute(
        _WON,
        [
            {"price": PRICE, "client": sale.bidders[place % BUYERS][1], "lot": lot}
            for place, lot in enumerate(sale.lots)
        ],
    )
    return sale


def _close_lots(made: Installation, sale: BenchSale) -> None:
    while True:
        close_due(made.database, made.house)
        with made.database.house_connection(made.house) as connection:
            if not connection.execute(_OPEN, {"sale": sale.sale_id}).scalar():
                return


def _invoice(made: Installation, sale: BenchSale) -> None:
    with made.database.house_session(made.house) as session, session.begin():
        count = see_to_closed_sale(session, sale.sale_id)
    assert count == BUYERS, count


def _jobs(services: WorkerServices, made: Installation, sale: BenchSale, task: str) -> None:
    """Do one job for each invoice, with as many threads as the worker has for its queue."""
    with made.database.house_connection(made.house) as connection:
        invoices = list(connection.execute(_INVOICES, {"sale": sale.sale_id}).scalars())
    with ThreadPoolExecutor(CONCURRENCY[queue_of(task)]) as threads:
        done = [
            threads.submit(run_job, TASKS, services, made.house.schema, task, {"invoice": invoice})
            for invoice in invoices
        ]
        for one in done:
            one.result()
