"""Charges, what they do to the balance, refunds and disputes."""

from typing import Any

from auctionxchange.sandbox.stripe.calls import Call, flag, route
from auctionxchange.sandbox.stripe.cards import card_of
from auctionxchange.sandbox.stripe.refusals import invalid
from auctionxchange.sandbox.stripe.store import Thing

FEE_PER_TEN_THOUSAND, FEE_FIXED = 150, 20
DISPUTE_FEE = 1500
EVIDENCE_SECONDS = 7 * 86400
AVAILABLE_SECONDS = 3 * 86400


def book(
    call: Call, kind: str, source: Thing, amount: int, *, fee: int = 0, application_fee: int = 0
) -> Thing:
    """Write one line of the account's balance; fees are Stripe's and the platform's."""
    details = [
        {"amount": part, "application": None, "currency": source["currency"],
         "description": words, "type": label}
        for part, words, label in (
            (fee, "Stripe processing fees", "stripe_fee"),
            (application_fee, "Application fee", "application_fee"),
        )
        if part
    ]  # fmt: skip
    category = {"adjustment": "dispute"}.get(kind, kind)
    return call.make(
        "txn",
        "balance_transaction",
        type=kind,
        amount=amount,
        available_on=call.store.now() + AVAILABLE_SECONDS,
        balance_type="payments",
        currency=source["currency"],
        description=source.get("description"),
        exchange_rate=None,
        fee=fee + application_fee,
        fee_details=details,
        net=amount - fee - application_fee,
        reporting_category=category,
        source=source["id"],
        status="pending",
    )


def make_charge(
    call: Call, intent: Thing, card: Thing, *, capture: bool, error: Thing | None = None
) -> Thing:
    """Keep a charge of an intent, paid, held or failed."""
    paid = error is None
    charge = call.make(
        "ch",
        "charge",
        amount=intent["amount"],
        amount_captured=0,
        amount_refunded=0,
        application_fee_amount=intent["application_fee_amount"],
        balance_transaction=None,
        billing_details=card["billing_details"],
        captured=False,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        dispute=None,
        disputed=False,
        failure_code=None if error is None else error.get("code"),
        failure_message=None if error is None else error["message"],
        metadata=dict(intent["metadata"]),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=card["id"],
        payment_method_details={"type": "card", "card": _shown_card(card)},
        receipt_url=None,
        refunded=False,
        status="succeeded" if paid else "failed",
    )  # fmt: skip
    if not paid:
        call.tell("charge.failed", charge)
    elif capture:
        settle(call, charge, charge["amount"])
    return charge


def _shown_card(card: Thing) -> Thing:
    """Return what a charge tells about its card."""
    names = ("brand", "checks", "country", "exp_month", "exp_year", "funding", "last4")
    return {name: card["card"][name] for name in names}


def settle(call: Call, charge: Thing, amount: int) -> None:
    """Take the money of a charge that was paid or held, and see whether it is disputed."""
    charge["captured"] = True
    charge["amount_captured"] = amount
    fee = (amount * FEE_PER_TEN_THOUSAND + 5000) // 10000 + FEE_FIXED
    ours = charge["application_fee_amount"] or 0
    line = book(call, "charge", charge, amount, fee=fee, application_fee=ours)
    charge["balance_transaction"] = line["id"]
    call.save(charge, "charge.succeeded")
    if ours:
        _keep_fee(call, charge, ours)
    card = card_of(call.get("payment_method", charge["payment_method"])["_number"])
    if card.dispute:
        open_dispute(call, charge, card.dispute)


def _keep_fee(call: Call, charge: Thing, amount: int) -> None:
    fee = call.store.make(
        "", "fee", "application_fee", amount=amount, amount_refunded=0,
        application="ca_sandbox", balance_transaction=None, charge=charge["id"],
        currency=charge["currency"], originating_transaction=None, refunded=False,
        refunds={"object": "list", "data": [], "has_more": False, "url": "/v1/application_fees"},
    )  # fmt: skip
    fee["account"] = call.account
    call.store.save("", fee)
    charge["application_fee"] = fee["id"]
    call.save(charge)
    call.events.emit("", "application_fee.created", fee)


@route("GET", "/v1/charges/<identifier>")
def get_charge(call: Call) -> Thing:
    """Show a charge."""
    return call.get("charge")


@route("GET", "/v1/charges")
def list_charges(call: Call) -> Thing:
    """List charges."""
    intent = call.params.get("payment_intent")
    return call.store.page(
        call.account, "charge", call.params, "/v1/charges", payment_intent=intent
    )


@route("POST", "/v1/refunds")
def create_refund(call: Call) -> Thing:
    """Give back a part or all of a charge, never more than is left."""
    charge = _refundable(call)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = call.amount() if "amount" in call.params else left
    if amount > left or left == 0:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
            code=None if left else "charge_already_refunded",
        )
    refund = call.make(
        "re", "refund", amount=amount, charge=charge["id"], currency=charge["currency"],
        payment_intent=charge["payment_intent"], metadata=call.params.get("metadata", {}),
        reason=call.params.get("reason"), status="succeeded", balance_transaction=None,
    )  # fmt: skip
    back = _fee_given_back(call, charge, amount)
    line = book(call, "refund", refund, -amount, application_fee=-back)
    refund["balance_transaction"] = line["id"]
    call.save(refund, "refund.created")
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    call.save(charge, "charge.refunded")
    return refund


def _refundable(call: Call) -> Thing:
    if "charge" in call.params:
        return call.get("charge", call.params["charge"])
    intent = call.get("payment_intent", call.required("payment_intent"))
    if intent["latest_charge"] is None or intent["status"] != "succeeded":
        raise invalid("This PaymentIntent does not have a successful charge to refund.")
    return call.get("charge", intent["latest_charge"])


def _fee_given_back(call: Call, charge: Thing, amount: int) -> int:
    """Return the platform's fee in proportion, where the request says so."""
    fee = charge["application_fee_amount"] or 0
    if not fee or not flag(call.params.get("refund_application_fee")):
        return 0
    back: int = fee * amount // charge["amount"]
    return back


@route("GET", "/v1/refunds/<identifier>")
def get_refund(call: Call) -> Thing:
    """Show a refund."""
    return call.get("refund")


@route("GET", "/v1/refunds")
def list_refunds(call: Call) -> Thing:
    """List refunds, of one payment where asked."""
    match = {name: call.params.get(name) for name in ("payment_intent", "charge")}
    return call.store.page(call.account, "refund", call.params, "/v1/refunds", **match)


def open_dispute(call: Call, charge: Thing, reason: str) -> Thing:
    """Take a charge's money back for a cardholder who objects."""
    due = call.store.now() + EVIDENCE_SECONDS
    dispute = call.make(
        "du", "dispute", amount=charge["amount_captured"], balance_transactions=[],
        charge=charge["id"], currency=charge["currency"], enhanced_eligibility_types=[],
        evidence={"enhanced_evidence": {}},
        evidence_details={"due_by": due, "enhanced_eligibility": {}, "has_evidence": False,
                          "past_due": False, "submission_count": 0},
        is_charge_refundable=False, metadata={}, payment_intent=charge["payment_intent"],
        reason=reason, status="needs_response",
    )  # fmt: skip
    line = book(call, "adjustment", dispute, -dispute["amount"], fee=DISPUTE_FEE)
    dispute["balance_transactions"] = [line]
    charge["disputed"] = True
    charge["dispute"] = dispute["id"]
    call.save(charge)
    return call.save(dispute, "charge.dispute.created")


def close_dispute(call: Call, dispute: Thing, status: str) -> Thing:
    """Decide a dispute, "won" or "lost"; what was won comes back."""
    if dispute["status"] in {"won", "lost"}:
        raise invalid("This dispute is already closed.")
    dispute["status"] = status
    if status == "won":
        dispute["balance_transactions"].append(book(call, "adjustment", dispute, dispute["amount"]))
    return call.save(dispute, "charge.dispute.closed")


@route("GET", "/v1/disputes/<identifier>")
def get_dispute(call: Call) -> Thing:
    """Show a dispute."""
    return call.get("dispute")


@route("GET", "/v1/disputes")
def list_disputes(call: Call) -> Thing:
    """List disputes."""
    match = {name: call.params.get(name) for name in ("payment_intent", "charge")}
    return call.store.page(call.account, "dispute", call.params, "/v1/disputes", **match)


@route("POST", "/v1/disputes/<identifier>")
def answer_dispute(call: Call) -> Thing:
    """Send evidence; the texts Stripe documents for tests decide at once."""
    dispute = call.get("dispute")
    words: Any = call.params.get("evidence", {}).get("uncategorized_text")
    dispute["evidence"]["uncategorized_text"] = words
    dispute["evidence_details"]["has_evidence"] = True
    verdict = {"winning_evidence": "won", "losing_evidence": "lost"}.get(words)
    if verdict:
        return close_dispute(call, dispute, verdict)
    return call.save(dispute, "charge.dispute.updated")


@route("GET", "/v1/balance_transactions")
def list_balance_transactions(call: Call) -> Thing:
    """List the lines of the account's balance."""
    match = {name: call.params.get(name) for name in ("type", "source")}
    return call.store.page(
        call.account, "balance_transaction", call.params, "/v1/balance_transactions", **match
    )
