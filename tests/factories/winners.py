"""Winners whose invoices are charged by themselves at a counter's sandbox."""

import secrets
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.collecting.settings import save_rules
from auctionhouse.collecting.winners import charge_winners
from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice, LegalEntity
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.payments.attempts import SETTLE
from auctionhouse.payments.models import Payment
from auctionxchange.jobs.registry import TASKS, run_job
from factories.invoices import make_sold_sale
from factories.stripe import PAYS, Counter

RULES: dict[str, Any] = {
    "reminder_days": [3], "interest_reference": None, "interest_margin": None,
    "interest_after_days": 0, "storage_after_days": None, "storage_fee": None, "storage_vat": 0,
    "at_close": "nothing", "charge": "invoice", "charge_up_to": 300_000, "charge_after_hours": 0,
    "link_days": 5,
}  # fmt: skip


@dataclass
class Won:
    """A winner's pro-forma or invoice of a sale whose entity takes cards at the counter."""

    counter: Counter
    invoice: int
    sale: int
    client: int

    def round(self) -> list[int]:
        """Begin what may be charged, at this counter alone."""
        with self.counter.desk.writing() as session:
            return charge_winners(session, self._account, self.counter.desk.house.schema)

    def _account(self, _entity: int) -> str:
        return self.counter.account

    def settled(self) -> list[str]:
        """Do the jobs of what was begun, and return each attempt's state."""
        payment = self.payment()
        assert payment is not None
        for attempt in self.counter.attempts(payment.id):
            run_job(
                TASKS, self.counter.services, self.counter.desk.house.schema, SETTLE,
                {"attempt": attempt.id},
            )  # fmt: skip
        return [attempt.state for attempt in self.counter.attempts(payment.id)]

    def payment(self) -> Payment | None:
        with self.counter.desk.writing() as session:
            query = session.query(Payment).filter_by(kind="invoice", reference_id=self.invoice)
            return query.one_or_none()

    def seen(self) -> tuple[str | None, int]:
        """Return the invoice's number and what is due on it."""
        with self.counter.desk.writing() as session:
            found = session.get_one(Invoice, self.invoice)
            return found.number, postings.due(session, found.id)


def entity_of(session: Session, counter: Counter) -> int:
    """Return the legal entity whose account the counter is, made where there is none."""
    if session.get(LegalEntity, counter.entity) is None:
        series = secrets.token_hex(4)
        session.add(
            LegalEntity(
                id=counter.entity, name="Counter Ltd", series=f"{series}-",
                credit_series=f"{series}C-", currency="GBP",
            )
        )  # fmt: skip
        session.flush()
    return counter.entity


def won(
    counter: Counter, number: str = PAYS, *, rules: dict[str, Any] | None = None,
    released: bool = True, price: int = 100_000,
) -> Won:  # fmt: skip
    client = counter.client(number)
    with counter.desk.writing() as session:
        sold = make_sold_sale(session, lots=1, price=price)
        session.execute(
            text("UPDATE lot_state SET leader_client_id = :c WHERE sale_id = :s"),
            {"c": client, "s": sold.sale.sale_id},
        )
        entity = entity_of(session, counter)
        session.get_one(Sale, sold.sale.sale_id).legal_entity_id = entity
        if rules is None:
            session.execute(
                text("DELETE FROM collecting_rules WHERE entity_id = :e"), {"e": entity}
            )
        else:
            save_rules(session, entity, rules, actor=None)
        made = make_proformas(session, sold.sale.sale_id, actor=None)[0]
        if released:
            release_invoice(session, made.id, actor=None)
        return Won(counter, made.id, sold.sale.sale_id, client)
