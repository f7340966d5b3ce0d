"""Whatever is done in whatever order: the accounts balance and nobody is paid more than is owed."""

from collections.abc import Callable
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from auctionhouse.invoicing import postings
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import credit_invoice, make_proformas, release_invoice
from auctionhouse.invoicing.payments import record_payment
from auctionhouse.settlement.models import PayoutLine, PayoutRun, Statement
from auctionhouse.settlement.operations.contra import set_off
from auctionhouse.settlement.operations.corrections import counter_statement
from auctionhouse.settlement.operations.holds import hold_lot, lift_hold
from auctionhouse.settlement.operations.paying import (
    confirm_run,
    make_file,
    mark_sent,
    retry_payment,
)
from auctionhouse.settlement.operations.payouts import (
    approve_run,
    cancel_run,
    propose_run,
    run_lines,
)
from auctionhouse.settlement.operations.returned import take_back
from auctionhouse.settlement.operations.statements import draft_statements, release_statement
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import HouseSession
from auctionxchange.kernel.errors import DomainError
from factories.vendors import (
    Consigned,
    british,
    make_agreement,
    make_client,
    make_consigned,
    set_payees,
    share,
)

TODAY = date(2026, 11, 24)
FEES = {
    "commission": [["0", "12.5"], ["800", "7"]],
    "minimum": "20",
    "fees": [
        {"name": "Photography", "amount": "3.33", "when": "always"},
        {"name": "Unsold", "percent": "1.5", "when": "unsold"},
        {"name": "Account", "amount": "5", "per": "invoice"},
    ],
}
ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            "invoice pay pay credit price state state counter propose propose send send fail retry"
            " contra hold lift cancel back".split()
        ),
        st.integers(0, 3),
        st.integers(1, 250_000),
    ),
    min_size=6,
    max_size=30,
)


class Story:
    """Two consignors' lots in one sale, bought by two buyers, one of them a consignor too."""

    def __init__(self, work: HouseSession) -> None:
        self.work = work
        self.made: Consigned = make_consigned(work, lots=4, buyers=2, terms=FEES)
        other = make_client(work)
        agreement = make_agreement(work, other.id, self.made.entity)
        work.execute(
            text("UPDATE lot SET consignor_client_id = :c, agreement_id = :a WHERE id = :l"),
            {"c": other.id, "a": agreement.id, "l": self.made.lots[3]},
        )
        work.execute(
            text("UPDATE lot_state SET leader_client_id = :c WHERE lot_id = :l"),
            {"c": other.id, "l": self.made.lots[0]},
        )
        work.execute(
            text("UPDATE lot_state SET outcome = 'unsold' WHERE lot_id = :l"),
            {"l": self.made.lots[2]},
        )
        self.vendors = [self.made.vendor, other.id]
        halves = [share("One", "1/3"), share("Two", "2/3", british("66666666"))]
        set_payees(work, self.made.vendor, halves)
        set_payees(work, other.id, [share("Whole")])
        work.expire_all()
        self.pay_on = database_now(work).date() + timedelta(days=1)

    def begin(self, how_far: int) -> None:
        """Have everything stated, invoiced and paid (1), and paid out (2), as in most sales."""
        if not how_far:
            return
        self.state(0, 0)
        self.invoice(0, 0)
        for found in self.invoices():
            due = postings.due(self.work, found.id)
            record_payment(self.work, found.id, due, "card", received_on=TODAY, actor=None)
        if how_far > 1:
            self.propose(2, 0)
            self.send(1, 0)

    def act(self, name: str, place: int, amount: int) -> None:
        """Do one act, or find it refused."""
        acts: dict[str, Callable[[int, int], object]] = {
            "invoice": self.invoice, "pay": self.pay, "credit": self.credit,
            "price": self.price, "state": self.state, "counter": self.counter,
            "propose": self.propose, "send": self.send, "fail": self.fail,
            "retry": self.retry, "contra": self.contra, "hold": self.hold,
            "lift": self.lift, "cancel": self.cancel, "back": self.back,
        }  # fmt: skip
        try:
            with self.work.begin_nested():
                acts[name](place, amount)
        except DomainError:
            self.work.expire_all()

    def invoice(self, _place: int, _amount: int) -> None:
        for made in make_proformas(self.work, self.made.sale, actor=None):
            release_invoice(self.work, made.id, actor=None)

    def invoices(self) -> list[Invoice]:
        query = select(Invoice).where(Invoice.sale_id == self.made.sale, Invoice.kind == "invoice")
        return list(self.work.scalars(query.order_by(Invoice.id.desc()).limit(4)))

    def pay(self, place: int, amount: int) -> None:
        found = self.invoices()[place:]
        if found:
            due = postings.due(self.work, found[0].id)
            amount = due if amount % 3 and due > 0 else amount
            record_payment(
                self.work, found[0].id, amount, "transfer", received_on=TODAY, actor=None
            )

    def credit(self, place: int, _amount: int) -> None:
        for found in self.invoices()[place : place + 1]:
            credit_invoice(self.work, found.id, "wrong", actor=None)

    def price(self, place: int, amount: int) -> None:
        self.work.execute(
            text("UPDATE lot_state SET price = :p WHERE lot_id = :l AND NOT EXISTS"
                 " (SELECT FROM invoice_lot i WHERE i.lot_id = lot_state.lot_id AND i.live)"),
            {"p": amount, "l": self.made.lots[place]},
        )  # fmt: skip

    def state(self, _place: int, _amount: int) -> None:
        for draft in draft_statements(self.work, self.made.sale, actor=None):
            release_statement(self.work, draft.id, actor=None)

    def counter(self, place: int, _amount: int) -> None:
        statement = self.work.scalars(
            select(Statement)
            .where(Statement.sale_id == self.made.sale)
            .order_by(Statement.id.desc())
        ).first()
        if statement is not None:
            counter_statement(self.work, statement.id, {self.made.lots[place]}, "wrong", actor=None)

    def runs(self) -> list[PayoutRun]:
        query = select(PayoutRun).where(PayoutRun.entity_id == self.made.entity)
        return list(self.work.scalars(query.order_by(PayoutRun.id.desc())))

    def propose(self, place: int, _amount: int) -> None:
        named = frozenset(self.vendors[: place + 1]) if place < 2 else None
        propose_run(
            self.work, self.made.entity, "GBP", "hand", pay_on=self.pay_on, clients=named,
            actor=None,
        )  # fmt: skip

    def send(self, place: int, _amount: int) -> None:
        for run in [run for run in self.runs() if run.state != "cancelled"][:1]:
            if run.state == "proposed":
                approve_run(self.work, run.id, proposed_by=None, approved_by=None)
            if run.state == "approved":
                make_file(self.work, run.id, actor=None)
                if place == 0:
                    return
            mark_sent(self.work, run.id, actor=None)

    def fail(self, place: int, _amount: int) -> None:
        for run in [run for run in self.runs() if run.state == "sent"][:1]:
            lines = run_lines(self.work, run.id)
            failed = {line.id: "closed" for line in lines[:place]}
            confirm_run(self.work, run.id, failed, actor=None)

    def retry(self, _place: int, _amount: int) -> None:
        query = select(PayoutLine).where(PayoutLine.state == "failed")
        for line in self.work.scalars(query.order_by(PayoutLine.id.desc()).limit(1)):
            retry_payment(self.work, line.id, line.payee_id, pay_on=self.pay_on, actor=None)

    def contra(self, place: int, amount: int) -> None:
        for found in self.invoices()[place : place + 1]:
            set_off(self.work, found.client_id, found.id, amount, actor=None)

    def hold(self, place: int, _amount: int) -> None:
        hold_lot(self.work, self.made.lots[place], "claim", actor=None)

    def lift(self, place: int, _amount: int) -> None:
        lift_hold(self.work, self.made.lots[place], actor=None)

    def cancel(self, place: int, _amount: int) -> None:
        for run in self.runs()[place : place + 1]:
            cancel_run(self.work, run.id, "no", actor=None)

    def back(self, place: int, amount: int) -> None:
        take_back(self.work, self.vendors[place % 2], self.made.entity, amount, "back", actor=None)

    def sound(self) -> None:
        """Hold what is always so."""
        self.work.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        self.work.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        assert postings.unbalanced(self.work) == []
        assert postings.overdrawn(self.work) == []
        assert not [one for one in postings.client_money(self.work) if one.difference]
        for query in (_LINES, _TOTALS, _RUNS, _USES):
            assert self.work.execute(text(query)).all() == [], query
        for vendor in self.vendors:
            key = {"c": vendor, "e": self.made.entity}
            owed = self.work.scalar(text(_CLEARED), key)
            assert owed == self.work.scalar(text(_OUTSTANDING), key), vendor


_LINES = (
    "SELECT p.* FROM statement_part p WHERE p.amount <> (SELECT coalesce(sum(l.amount), 0)"
    " FROM statement_line l WHERE (l.statement_id, l.part) = (p.statement_id, p.part))"
)
_TOTALS = (
    "SELECT t.id FROM statement t WHERE t.total <> (SELECT coalesce(sum(p.amount), 0)"
    " FROM statement_part p WHERE p.statement_id = t.id)"
)
_RUNS = (
    "SELECT r.id FROM payout_run r WHERE r.state <> 'cancelled' AND r.total <> (SELECT sum(amount)"
    " FROM payout_line l WHERE l.run_id = r.id AND l.state <> 'cancelled')"
)
_USES = (
    "SELECT l.run_id, l.client_id FROM payout_line l WHERE l.state <> 'cancelled'"
    " AND l.retries_id IS NULL GROUP BY 1, 2 HAVING sum(l.amount) <> (SELECT sum(p.amount)"
    " FROM statement_use u JOIN statement_part p USING (statement_id, part)"
    " JOIN statement t ON t.id = u.statement_id"
    " WHERE u.live AND u.run_id = l.run_id AND t.client_id = l.client_id)"
)
_CLEARED = (
    "SELECT coalesce(-sum(e.amount), 0) FROM posting_entry e JOIN posting p ON p.id = e.posting_id"
    " WHERE e.account = 'client.vendors' AND e.client_id = :c AND e.lot_id IS NULL"
    " AND p.entity_id = :e"
)
_OUTSTANDING = (
    "SELECT (SELECT coalesce(sum(p.amount), 0) FROM statement_part p"
    " JOIN statement t ON t.id = p.statement_id WHERE t.kind = 'contra' AND t.client_id = :c"
    " AND t.entity_id = :e AND NOT EXISTS (SELECT FROM statement_use u"
    " LEFT JOIN payout_run r ON r.id = u.run_id WHERE u.live"
    " AND (u.statement_id, u.part) = (p.statement_id, p.part)"
    " AND (u.contra_id IS NOT NULL OR r.state IN ('sent', 'closed'))))"
    " + (SELECT coalesce(sum(l.amount), 0) FROM payout_line l JOIN payout_run r ON r.id = l.run_id"
    " WHERE l.client_id = :c AND r.entity_id = :e AND l.state = 'failed' AND NOT EXISTS"
    " (SELECT FROM payout_line a JOIN payout_run b ON b.id = a.run_id"
    " WHERE a.retries_id = l.id AND b.state IN ('sent', 'closed')))"
)
"""What stands to a vendor without a lot: rests of contras, and payments that came back."""


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.integers(0, 2), ACTS)
def test_the_accounts_stay_sound_after_any_acts(
    work: HouseSession, how_far: int, acts: list[tuple[str, int, int]]
) -> None:
    """Seen to fail without covering vendors after a credit note."""
    with work.begin_nested() as savepoint:
        story = Story(work)
        story.begin(how_far)
        for act in acts:
            story.act(*act)
            story.sound()
        savepoint.rollback()
    work.expire_all()
