"""Stripe's books against ours, to the penny: what differs is listed, and nothing should be.

Three books are compared: the lines of Stripe's balance, the payments with their refunds, disputes
and payouts, and the double-entry ledger beneath the invoices.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.invoicing import rules as ledger
from auctionhouse.payments import rules
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import (
    PaymentAttempt,
    PaymentDispute,
    PaymentRefund,
    StripeLine,
    StripePayout,
    StripeReconciliation,
)
from auctionhouse.payments.stripe_lines import take_over
from auctionxchange.payments.accounts import Connected
from auctionxchange.payments.models import StripeComparison

OUT_OF_STRIPE = ("failed", "canceled")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing two books do not say alike, minor units; None where a book lacks it.

    kind is paid, refunded, disputed, payout, fees, other, or one that ends in _posted: there our
    own payments (at_stripe) are compared with our ledger (with_us).
    """

    kind: str
    name: str
    at_stripe: int | None
    with_us: int | None


Sums = dict[tuple[str, str], int]


def reconcile(desk: Desk, account: Connected) -> list[Difference]:
    """Take Stripe's new lines over and compare; [] where all is equal to the penny."""
    take_over(desk, account)
    with desk.writing() as session:
        return compare_books(session, account)


def compare_books(session: Session, account: Connected) -> list[Difference]:
    """Compare what is stored; asks nobody."""
    theirs, ours = _at_stripe(session, account.account), _with_us(session, account.account)
    found = _unlike(theirs, ours)
    found += _unlike(*_posted(session, account.account))
    return found + _fees(session, account)


def _unlike(first: Sums, second: Sums) -> list[Difference]:
    return [
        Difference(kind, name, first.get((kind, name)), second.get((kind, name)))
        for kind, name in sorted(first.keys() | second.keys())
        if first.get((kind, name), 0) != second.get((kind, name), 0)
    ]


_OURS = {"charge": ("paid", 1), "refund": ("refunded", -1), "dispute": ("disputed", -1),
         "payout": ("payout", -1), "other": ("other", 1)}  # fmt: skip
"""Kind of a line → what we call it, and the sign we write it with."""


def _at_stripe(session: Session, account: str) -> Sums:
    query = (
        select(StripeLine.kind, StripeLine.name, func.sum(StripeLine.amount))
        .where(StripeLine.account == account, StripeLine.kind != "fee")
        .group_by(StripeLine.kind, StripeLine.name)
    )
    sums: Sums = {}
    for kind, name, amount in session.execute(query):
        ours, sign = _OURS[kind]
        sums[ours, name] = sign * int(amount)
    return sums


def _with_us(session: Session, account: str) -> Sums:
    """Return what our payments say of an account."""
    sums: Sums = defaultdict(int)
    at_account = PaymentAttempt.account == account
    attempts = select(PaymentAttempt).where(at_account, PaymentAttempt.received > 0)
    for attempt in session.scalars(attempts):
        sums["paid", attempt.intent or attempt.key] += attempt.received
    refunds = select(PaymentRefund).join(PaymentAttempt).where(at_account)
    for refund in session.scalars(refunds.where(PaymentRefund.state == "done")):
        sums["refunded", refund.refund or refund.key] += refund.amount
    for dispute in session.scalars(_disputes(account)):
        sums["disputed", dispute.dispute] += dispute.amount
    payouts = select(StripePayout).where(
        StripePayout.account == account, StripePayout.status.not_in(OUT_OF_STRIPE)
    )
    for payout in session.scalars(payouts):
        sums["payout", payout.payout] += payout.amount
    return dict(sums)


def _disputes(account: str) -> Select[PaymentDispute]:
    """Return the disputes that took money: open ones and those that were lost."""
    paid_here = select(PaymentAttempt.payment_id).where(
        PaymentAttempt.account == account, PaymentAttempt.state == "paid"
    )
    return select(PaymentDispute).where(
        PaymentDispute.payment_id.in_(paid_here),
        PaymentDispute.status.not_in(rules.HARMLESS),
        ~PaymentDispute.status.startswith("warning_"),
    )


_LEDGER = text(
    "SELECT coalesce(i.number, i.id::text) AS number, p.paid_amount, p.refunded_amount,"
    " (SELECT coalesce(sum(d.amount), 0) FROM payment_dispute d WHERE d.payment_id = p.id"
    "  AND d.status NOT IN ('won', 'prevented') AND d.status NOT LIKE 'warning%')::bigint AS gone,"
    " (SELECT coalesce(sum(r.amount), 0) FROM invoice_payment r WHERE r.invoice_id = i.id"
    "  AND r.reference = 'payment:' || p.id)::bigint AS taken_in,"
    " (SELECT coalesce(-sum(e.amount), 0) FROM posting o JOIN posting_entry e"
    "  ON e.posting_id = o.id WHERE o.invoice_id = i.id AND o.kind = 'refund'"
    "  AND e.account = ANY(:banks))::bigint AS given_back,"
    " (SELECT coalesce(-sum(e.amount), 0) FROM posting o JOIN posting_entry e"
    "  ON e.posting_id = o.id WHERE o.invoice_id = i.id AND o.kind = 'dispute'"
    "  AND e.account = ANY(:banks))::bigint AS taken_back"
    " FROM payment p JOIN invoice i ON i.id = p.reference_id WHERE p.kind = 'invoice'"
    " AND EXISTS (SELECT FROM payment_attempt a WHERE a.payment_id = p.id AND a.account = :account)"
)


def _posted(session: Session, account: str) -> tuple[Sums, Sums]:
    """Return what our payments of invoices say, and what the ledger does."""
    said: Sums = {}
    stands: Sums = {}
    rows = session.execute(_LEDGER, {"account": account, "banks": list(ledger.BANKS)})
    for row in rows:
        said["paid_posted", row.number] = row.paid_amount
        stands["paid_posted", row.number] = row.taken_in
        said["refunded_posted", row.number] = row.refunded_amount
        stands["refunded_posted", row.number] = row.given_back
        said["disputed_posted", row.number] = row.gone
        stands["disputed_posted", row.number] = row.taken_back
    return said, stands


_FEES = text(
    "SELECT coalesce(sum(l.fee), 0)::bigint AS told, coalesce((SELECT sum(e.amount) FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id WHERE e.account = :account_name AND p.id IN"
    " (SELECT posting_id FROM stripe_line WHERE account = :account)), 0)::bigint AS kept"
    " FROM stripe_line l WHERE l.account = :account"
)


def _fees(session: Session, account: Connected) -> list[Difference]:
    """Compare Stripe's fees with what the ledger bears."""
    asked = {"account": account.account, "account_name": ledger.OFFICE_PROCESSOR}
    row = session.execute(_FEES, asked).one()
    return [] if row.told == row.kept else [Difference("fees", "", row.told, row.kept)]


def balance_of(session: Session, account: str) -> tuple[int, int]:
    """Return how many lines we know of an account, and what they leave on it."""
    query = select(
        func.count(), func.coalesce(func.sum(StripeLine.amount - StripeLine.fee), 0)
    ).where(StripeLine.account == account)
    lines, balance = session.execute(query).one()
    return lines, int(balance)


def note(desk: Desk, account: Connected, found: Iterable[Difference]) -> None:
    """Keep a comparison for the house, and for the operators how many differences there were."""
    differences = [asdict(one) for one in found]
    with desk.writing() as session:
        lines, balance = balance_of(session, account.account)
        session.add(
            StripeReconciliation(
                account=account.account, entity_id=account.entity, lines=lines, balance=balance,
                currency=account.currency or desk.house.currency, differences=differences,
            )
        )  # fmt: skip
    _tell_operators(desk, account, lines=lines, differences=len(differences), problem=None)


def note_problem(desk: Desk, account: Connected, problem: str) -> None:
    """Tell the operators that an account could not be compared."""
    _tell_operators(desk, account, lines=0, differences=0, problem=problem)


def _tell_operators(
    desk: Desk, account: Connected, *, lines: int, differences: int, problem: str | None
) -> None:
    values = {
        "account": account.account,
        "house_schema": desk.house.schema,
        "entity": account.entity,
        "differences": differences,
        "lines": lines,
        "problem": problem,
        "at": func.clock_timestamp(),
    }
    statement = insert(StripeComparison).values(values)
    with desk.database.platform_session() as session, session.begin():
        session.execute(statement.on_conflict_do_update(index_elements=["account"], set_=values))
