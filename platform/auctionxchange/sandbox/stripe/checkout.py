"""Checkout sessions: a page of Stripe's where a card is typed, to be kept or to pay with."""

from auctionxchange.sandbox.stripe.billing import begin_subscription
from auctionxchange.sandbox.stripe.calls import Call, route, sequence
from auctionxchange.sandbox.stripe.customers import create_customer
from auctionxchange.sandbox.stripe.intents import new_payment_intent, new_setup_intent
from auctionxchange.sandbox.stripe.refusals import invalid, unexpected_state
from auctionxchange.sandbox.stripe.store import Thing

SESSION = "checkout.session"
LIFE_SECONDS = 24 * 3600
SHORTEST_SECONDS = 30 * 60 - 60


@route("POST", "/v1/checkout/sessions")
def create_session(call: Call) -> Thing:
    """Make a session to keep a card (setup) or to pay (payment)."""
    mode = call.required("mode")
    if mode not in {"setup", "payment", "subscription"}:
        raise invalid("mode must be one of setup, payment or subscription", param="mode")
    call.required("success_url")
    customer = call.params.get("customer") or None
    if customer:
        call.get("customer", customer)
    session = call.make(
        "cs_test", SESSION, mode=mode, automatic_tax={"enabled": False, "liability": None,
        "provider": None, "status": None},
        cancel_url=call.params.get("cancel_url"), success_url=call.params["success_url"],
        client_reference_id=call.params.get("client_reference_id"), custom_fields=[],
        custom_text={"after_submit": None, "shipping_address": None, "submit": None,
                     "terms_of_service_acceptance": None},
        customer=customer, customer_email=call.params.get("customer_email"),
        currency=call.params.get("currency"), expires_at=_expiry(call),
        metadata=call.params.get("metadata", {}), payment_intent=None, setup_intent=None,
        payment_method_types=["card"], shipping_options=[], status="open",
        amount_total=None, amount_subtotal=None,
        payment_status="no_payment_required" if mode == "setup" else "unpaid",
        subscription=None,
    )  # fmt: skip
    _prepare(call, session)
    session["url"] = f"{call.base}/sandbox/checkout/{call.account or 'platform'}/{session['id']}"
    return call.save(session)


def _expiry(call: Call) -> int:
    now = call.store.now()
    at = int(call.params.get("expires_at") or now + LIFE_SECONDS)
    if not now + SHORTEST_SECONDS <= at <= now + LIFE_SECONDS + 60:
        raise invalid("expires_at must be between 30 minutes and 24 hours away", param="expires_at")
    return at


def _prepare(call: Call, session: Thing) -> None:
    if session["mode"] == "setup":
        session["_setup"] = call.params.get("setup_intent_data", {})
        return
    if session["mode"] == "subscription":
        _prepare_subscription(call, session)
        return
    total, currency = 0, ""
    for item in sequence(call.params.get("line_items")):
        price = item.get("price_data") or {}
        if not price.get("currency") or not price.get("unit_amount"):
            raise invalid("Each line item needs price_data here.", param="line_items")
        total += int(price["unit_amount"]) * int(item.get("quantity", 1))
        currency = price["currency"].lower()
    if total <= 0:
        raise invalid("A payment needs line items.", param="line_items")
    session.update(amount_total=total, amount_subtotal=total, currency=currency)
    session["_payment"] = call.params.get("payment_intent_data", {})


def _prepare_subscription(call: Call, session: Thing) -> None:
    """Look the prices up; what is charged by a meter has no quantity."""
    items = sequence(call.params.get("line_items"))
    prices = [call.get("price", str(item.get("price", ""))) for item in items]
    if not prices or not all(price["recurring"] for price in prices):
        raise invalid("A subscription needs recurring prices.", param="line_items")
    for item, price in zip(items, prices, strict=True):
        if price["recurring"]["usage_type"] == "metered" and "quantity" in item:
            raise invalid("Quantity should not be specified where usage is metered.",
                          param="line_items")  # fmt: skip
    total = sum(p["unit_amount"] for p in prices if p["recurring"]["usage_type"] == "licensed")
    session.update(amount_total=total, amount_subtotal=total, currency=prices[0]["currency"])
    session["_items"] = [{"price": price["id"]} for price in prices]
    session["_subscription"] = call.params.get("subscription_data", {})


def subscribe(call: Call, session: Thing, card: Thing) -> None:
    """Begin the subscription of a session with the card that was typed."""
    customer = call.get("customer", session["customer"])
    card.update(customer=customer["id"], _set_up=True)
    call.save(card, "payment_method.attached")
    customer["invoice_settings"]["default_payment_method"] = card["id"]
    call.save(customer, "customer.updated")
    about = session["_subscription"]
    trial = max(int(about.get("trial_end", 0)) - call.store.now(), 0)
    made = begin_subscription(call, customer, session["_items"], about, trial)
    if made["status"] == "incomplete":
        raise invalid("Your card was declined.", code="card_declined")
    session["subscription"] = made["id"]


def intent_of(call: Call, session: Thing) -> Thing:
    """Return the session's intent, made when the page is first used."""
    customer = session["customer"] or create_customer(call)["id"]
    session["customer"] = customer
    if session["mode"] == "setup":
        if session["setup_intent"] is None:
            params = {**session["_setup"], "customer": customer}
            session["setup_intent"] = new_setup_intent(call, params)["id"]
            call.save(session)
        return call.get("setup_intent", session["setup_intent"])
    if session["payment_intent"] is None:
        params = {**session["_payment"], "customer": customer}
        intent = new_payment_intent(call, session["amount_total"], session["currency"], params)
        session["payment_intent"] = intent["id"]
        call.save(session)
    return call.get("payment_intent", session["payment_intent"])


def complete(call: Call, session: Thing) -> None:
    """Mark a session done once its intent is."""
    session["status"] = "complete"
    if session["mode"] != "setup":
        session["payment_status"] = "paid"
    call.save(session, "checkout.session.completed")


@route("GET", "/v1/checkout/sessions/<identifier>")
def get_session(call: Call) -> Thing:
    """Show a session."""
    return call.get(SESSION)


@route("GET", "/v1/checkout/sessions")
def list_sessions(call: Call) -> Thing:
    """List sessions, of one customer or one payment where asked."""
    match = {name: call.params.get(name) for name in ("customer", "payment_intent")}
    return call.store.page(call.account, SESSION, call.params, "/v1/checkout/sessions", **match)


@route("POST", "/v1/checkout/sessions/<identifier>/expire")
def expire_session(call: Call) -> Thing:
    """Close a session nobody finished."""
    session = call.get(SESSION)
    if session["status"] != "open":
        raise unexpected_state("checkout_session", session["status"], "expire")
    session["status"] = "expired"
    return call.save(session, "checkout.session.expired")
