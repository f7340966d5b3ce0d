"""Payouts to consignors, which one member of staff proposes and another approves."""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from hashlib import sha256

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.consignors.accounts import BankAccount
from auctionhouse.consignors.sealed import close_account
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.settlement.models import PayoutLine, PayoutRun
from auctionhouse.settlement.operations.payer import change_payer, lock_payer
from auctionhouse.settlement.operations.paying import payer_place
from auctionhouse.settlement.operations.payouts import approve_run, lock_run, run_lines
from auctionhouse.settlement.words import method_words
from auctionxchange.i18n.formats import day, money
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

PAYOUT = "payout"
PAYER = "payer_account"


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


class PayerChange(Act):
    """Pay vendors from another account of a legal entity."""

    name = PAYER
    label = _l("Account vendors are paid from")

    def subject(self, payload: Payload) -> str:
        return f"payer:{payload['entity']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        payer = lock_payer(session, payload["entity"])
        known = sha256(payer.sealed or b"").hexdigest()
        return {
            "account": payer.masked, "known": known, "holder": payer.holder,
            "bacs_user": payer.bacs_user,
        }  # fmt: skip

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        entity = session.get_one(LegalEntity, payload["entity"])
        rows = [
            (_("Bank account until now"), f"{facts['holder']} {facts['account']}"),
            (_("New bank account"), f"{payload['holder']} {payload['masked'] or facts['account']}"),
            (_("Bacs service user number"), payload["bacs_user"] or "–"),
        ]
        title = _("Change the account %(name)s pays vendors from", name=entity.name)
        return Described(title, rows, f"/manage/money/paying/{entity.id}")

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        sealed = payload["sealed"]
        account = (payload["kind"], payload["masked"], b64decode(sealed)) if sealed else None
        change_payer(
            session, payload["entity"], holder=payload["holder"], bacs_user=payload["bacs_user"],
            account=account, actor=signed.asked_by,
        )  # fmt: skip


def payer_payload(
    session: Session, entity_id: int, *, holder: str, bacs_user: str, account: BankAccount | None
) -> Payload:
    """Return what a change of a payer's account is asked for with; the account stays sealed."""
    sealed = b"" if account is None else close_account(session, account, payer_place(entity_id))
    return {
        "entity": entity_id, "holder": holder, "bacs_user": bacs_user,
        "kind": account.kind if account else "", "masked": account.masked if account else "",
        "sealed": b64encode(sealed).decode(),
    }  # fmt: skip


register(PayerChange())
