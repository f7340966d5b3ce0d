"""Payouts to consignors, which one member of staff proposes and another approves."""

from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.settlement.models import PayoutLine, PayoutRun
from auctionhouse.settlement.operations.payouts import approve_run, lock_run, run_lines
from auctionhouse.settlement.words import method_words
from auctionxchange.i18n.formats import day, money
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

PAYOUT = "payout"


class Payout(Act):
    """Pay what a run proposes, to exactly the accounts it names."""

    name = PAYOUT
    label = _l("Payout to consignors")

    def subject(self, payload: Payload) -> str:
        return f"payout:{payload['run']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        run = lock_run(session, payload["run"])
        lines = run_lines(session, run.id)
        return {"total": run.total, "payments": len(lines), "digest": fingerprint(lines)}

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        run = session.get(PayoutRun, payload["run"])
        if run is None:
            raise NotFound(run=payload["run"])
        entity = session.get_one(LegalEntity, run.entity_id)
        consignors = session.scalar(
            select(func.count(PayoutLine.client_id.distinct())).where(PayoutLine.run_id == run.id)
        )
        rows = [
            (_("Legal entity"), entity.name),
            (_("Consignors"), str(consignors)),
            (_("Payments"), str(facts["payments"])),
            (_("Day of payment"), day(run.pay_on)),
            (_("How"), method_words(run.method)),
        ]
        title = _("Pay %(amount)s to consignors", amount=money(facts["total"], run.currency))
        return Described(title, rows, f"/manage/money/payouts/{run.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        approve_run(
            session, payload["run"], proposed_by=signed.asked_by, approved_by=signed.approved_by
        )


def fingerprint(lines: Sequence[PayoutLine]) -> str:
    """Return what tells a run's payments from any others: payees, accounts and amounts."""
    told = "\n".join(
        f"{line.id} {line.client_id} {line.payee_id} {line.amount}"
        f" {line.sealed.hex() if line.sealed else ''}"
        for line in lines
    )
    return sha256(told.encode()).hexdigest()


register(Payout())
