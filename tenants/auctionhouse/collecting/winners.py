"""Winners charged on their own: small sums, some hours after the release, to the card on file.

What is charged is told to the processor's own job, under a key written down first; asking twice,
or from two workers, charges once. Whatever cannot be charged is paid by transfer or by link. What
is older than 30 days is left alone: switching this on surprises nobody with an old bill.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.collecting.models import CollectingRules
from auctionhouse.invoicing.by_card import asked_for
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import lock_invoice
from auctionhouse.payments.attempts import begin_card
from auctionhouse.payments.refusals import AlreadyPaid, AmountChanged, BeingPaid, NoCard
from auctionxchange.kernel.clock import database_now

AccountOf = Callable[[int], str | None]
"""Returns the account a legal entity takes cards with, or None where it takes none."""

_CANDIDATES = text(
    "SELECT i.id, i.entity_id FROM invoice i"
    " JOIN collecting_rules r ON r.entity_id = i.entity_id"
    " WHERE i.kind = 'invoice' AND i.charges_for IS NULL AND i.total > 0"
    " AND (i.number IS NOT NULL AND r.charge IN ('invoice', 'proforma')"
    "  OR i.number IS NULL AND r.charge = 'proforma')"
    " AND coalesce(i.released_at, i.created_at) > clock_timestamp() - interval '30 days'"
    " AND NOT EXISTS (SELECT FROM invoice n WHERE n.credits_id = i.id)"
    " AND NOT EXISTS (SELECT FROM payment p JOIN payment_attempt a ON a.payment_id = p.id"
    "  WHERE p.kind = 'invoice' AND p.reference_id = i.id)"
    " AND EXISTS (SELECT FROM card_on_file c WHERE c.client_id = i.client_id"
    "  AND c.card IS NOT NULL)"
    " ORDER BY i.id"
)


def charge_winners(session: Session, account_of: AccountOf, house: str) -> list[int]:
    """Begin to charge whatever may be charged now; returns the invoices concerned."""
    charged = []
    for row in session.execute(_CANDIDATES).all():
        account = account_of(row.entity_id)
        if account is not None and _begin(session, row.id, account, house):
            charged.append(row.id)
    return charged


def _begin(session: Session, invoice_id: int, account: str, house: str) -> bool:
    invoice = lock_invoice(session, invoice_id)
    rules = session.get_one(CollectingRules, invoice.entity_id)
    plan = charge_plan(session, invoice, rules)
    if plan is None or plan.at > database_now(session):
        return False
    payment = asked_for(session, invoice, actor=None)
    try:
        begin_card(session, house, payment.id, account)
    except (AlreadyPaid, AmountChanged, BeingPaid, NoCard):
        return False
    return True


@dataclass(frozen=True, slots=True)
class ChargePlan:
    """When what is due on an invoice is charged to the card on file, and its last digits."""

    at: datetime
    amount: int
    last4: str


_STANDING = text(
    "SELECT c.last4, (SELECT coalesce(sum(e.amount), 0)::bigint FROM posting p"
    " JOIN posting_entry e ON e.posting_id = p.id AND e.account = 'office.due'"
    " WHERE p.invoice_id = :invoice) AS due,"
    " EXISTS (SELECT FROM payment p JOIN payment_attempt a ON a.payment_id = p.id"
    "  WHERE p.kind = 'invoice' AND p.reference_id = :invoice) AS tried"
    " FROM card_on_file c WHERE c.client_id = :client AND c.card IS NOT NULL"
    " ORDER BY c.saved_at DESC NULLS LAST LIMIT 1"
)


def charge_plan(session: Session, invoice: Invoice, rules: CollectingRules) -> ChargePlan | None:
    """Return how an invoice or pro-forma will be charged on its own, or None where it is not."""
    wanted = rules.charge == "proforma" or (rules.charge == "invoice" and invoice.number)
    if not wanted or invoice.charges_for is not None or rules.charge_up_to is None:
        return None
    key = {"invoice": invoice.id, "client": invoice.client_id}
    found: Any = session.execute(_STANDING, key).first()
    if found is None or found.tried:
        return None
    amount = found.due if invoice.number else invoice.total
    if not 0 < amount <= rules.charge_up_to:
        return None
    begun = invoice.released_at or invoice.created_at
    return ChargePlan(begun + timedelta(hours=rules.charge_after_hours), amount, found.last4 or "")
