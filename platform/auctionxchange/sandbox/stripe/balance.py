"""The account's balance, payouts of it, and the list of events."""

from auctionxchange.sandbox.stripe.calls import Call, route
from auctionxchange.sandbox.stripe.charges import book
from auctionxchange.sandbox.stripe.refusals import invalid, missing
from auctionxchange.sandbox.stripe.store import Thing

ARRIVAL_SECONDS = 2 * 86400


@route("GET", "/v1/balance")
def get_balance(call: Call) -> Thing:
    """Show what an account holds, in each currency."""
    sums: dict[str, int] = {}
    for line in call.store.all(call.account, "balance_transaction"):
        sums[line["currency"]] = sums.get(line["currency"], 0) + line["net"]
    rows = [{"amount": amount, "currency": currency} for currency, amount in sums.items()]
    return {"object": "balance", "available": rows, "pending": [], "livemode": False}


@route("POST", "/v1/payouts")
def create_payout(call: Call) -> Thing:
    """Send money to the house's bank, never more than there is."""
    amount, currency = call.amount(), call.required("currency").lower()
    held = sum(
        line["net"]
        for line in call.store.all(call.account, "balance_transaction", currency=currency)
    )
    if amount > held:
        raise invalid("You have insufficient funds in your Stripe account.",
                      code="balance_insufficient")  # fmt: skip
    payout = call.make(
        "po", "payout", amount=amount, arrival_date=call.store.now() + ARRIVAL_SECONDS,
        automatic=False, currency=currency, description=call.params.get("description"),
        failure_code=None, failure_message=None, metadata=call.params.get("metadata", {}),
        method="standard", reconciliation_status="not_applicable", source_type="card",
        status="pending", type="bank_account",
    )  # fmt: skip
    payout["balance_transaction"] = book(call, "payout", payout, -amount)["id"]
    return call.save(payout, "payout.created")


def finish_payout(call: Call, payout: Thing, *, paid: bool) -> Thing:
    """Have a payout arrive, or come back."""
    if payout["status"] not in {"pending", "in_transit"}:
        raise invalid(f"The payout has a status of {payout['status']}.")
    payout["status"] = "paid" if paid else "failed"
    if not paid:
        payout.update(failure_code="account_closed", failure_message="The account was closed.")
        book(call, "payout_failure", payout, payout["amount"])
    return call.save(payout, "payout.paid" if paid else "payout.failed")


@route("GET", "/v1/payouts/<identifier>")
def get_payout(call: Call) -> Thing:
    """Show a payout."""
    return call.get("payout")


@route("GET", "/v1/payouts")
def list_payouts(call: Call) -> Thing:
    """List payouts."""
    return call.store.page(call.account, "payout", call.params, "/v1/payouts")


@route("GET", "/v1/events")
def list_events(call: Call) -> Thing:
    """List events, newest first; Stripe keeps them for thirty days."""
    kind = call.params.get("type")
    return call.store.page(call.account, "event", call.params, "/v1/events", type=kind)


@route("GET", "/v1/events/<identifier>")
def get_event(call: Call) -> Thing:
    """Show an event."""
    if not call.identifier.startswith("evt_"):
        raise missing("event", call.identifier)
    return call.get("event")
