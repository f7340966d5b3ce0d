"""What happens by itself when time passes: holds and sessions end, periods renew."""

from collections.abc import Callable

from auctionxchange.sandbox.stripe.balance import finish_payout
from auctionxchange.sandbox.stripe.billing import collect, renew
from auctionxchange.sandbox.stripe.calls import Call
from auctionxchange.sandbox.stripe.checkout import SESSION
from auctionxchange.sandbox.stripe.intents import give_up
from auctionxchange.sandbox.stripe.store import Thing

RETRY_SECONDS = 3 * 86400
OpenCall = Callable[[str], Call]


def let_pass(call_for: OpenCall, seconds: float) -> None:
    """Move the clock and do what has come due at every account."""
    call_for("").store.advance(seconds)
    for kind, act in _DUE.items():
        for account, thing in call_for("").store.everywhere(kind):
            act(call_for(account), thing)


def _hold(call: Call, intent: Thing) -> None:
    expired = intent.get("_capture_before", 0) <= call.store.now()
    if intent["status"] == "requires_capture" and expired:
        give_up(call, intent, "automatic")


def _session(call: Call, session: Thing) -> None:
    if session["status"] == "open" and session["expires_at"] <= call.store.now():
        session["status"] = "expired"
        call.save(session, "checkout.session.expired")


def _subscription(call: Call, subscription: Thing) -> None:
    items = subscription["items"]["data"]
    while (
        subscription["status"] in {"active", "trialing"}
        and items[0]["current_period_end"] <= call.store.now()
    ):
        renew(call, subscription)
    if subscription["status"] == "past_due":
        invoice = call.get("invoice", subscription["latest_invoice"])
        # As Stripe does, not at every look: some days lie between two tries.
        waited = call.store.now() - invoice.get("_tried_at", 0) >= RETRY_SECONDS
        if invoice["status"] == "open" and waited:
            collect(call, invoice, subscription)


def _payout(call: Call, payout: Thing) -> None:
    if payout["status"] == "pending" and payout["arrival_date"] <= call.store.now():
        finish_payout(call, payout, paid=True)


_DUE: dict[str, Callable[[Call, Thing], None]] = {
    "payment_intent": _hold,
    SESSION: _session,
    "subscription": _subscription,
    "payout": _payout,
}
