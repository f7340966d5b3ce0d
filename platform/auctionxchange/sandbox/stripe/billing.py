"""The platform's own billing: products, prices, subscriptions with invoices, meters, the portal."""

from auctionxchange.sandbox.stripe.calls import Call, flag, route, sequence
from auctionxchange.sandbox.stripe.cards import card_of
from auctionxchange.sandbox.stripe.refusals import StripeRefusal, invalid
from auctionxchange.sandbox.stripe.store import Thing, listing

DAY = 86400
PERIODS = {"day": DAY, "week": 7 * DAY, "month": 30 * DAY, "year": 365 * DAY}


@route("POST", "/v1/products")
def create_product(call: Call) -> Thing:
    """Make a product."""
    return call.make(
        "prod", "product", active=True, images=[], marketing_features=[],
        metadata=call.params.get("metadata", {}), name=call.required("name"),
        updated=call.store.now(),
    )  # fmt: skip


@route("POST", "/v1/prices")
def create_price(call: Call) -> Thing:
    """Make a price of a product, once or each period."""
    product = call.get("product", call.required("product"))
    recurring = call.params.get("recurring")
    if recurring and recurring.get("interval") not in PERIODS:
        raise invalid("Invalid recurring[interval].", param="recurring[interval]")
    return call.make(
        "price", "price", active=True, billing_scheme="per_unit",
        currency=call.required("currency").lower(), lookup_key=call.params.get("lookup_key"),
        metadata=call.params.get("metadata", {}), product=product["id"],
        recurring=None if not recurring else {"interval": recurring["interval"],
            "interval_count": int(recurring.get("interval_count", 1)),
            "meter": recurring.get("meter"), "usage_type": recurring.get("usage_type", "licensed")},
        type="recurring" if recurring else "one_time",
        unit_amount=int(call.params.get("unit_amount", 0)),
    )  # fmt: skip


@route("POST", "/v1/subscriptions")
def create_subscription(call: Call) -> Thing:
    """Begin a subscription: with a trial, or with its first invoice at once."""
    customer = call.get("customer", call.required("customer"))
    items = sequence(call.params.get("items"))
    if not items:
        raise invalid("Missing required param: items.", param="items")
    trial = int(call.params.get("trial_period_days", 0)) * DAY
    return begin_subscription(call, customer, items, call.params, trial)


def begin_subscription(
    call: Call, customer: Thing, items: list[Thing], params: Thing, trial: int
) -> Thing:
    """Keep a new subscription; trial is in seconds, 0 for none."""
    prices = [call.get("price", item.get("price", "")) for item in items]
    now = call.store.now()
    end = now + (trial or _period(prices[0]))
    subscription = call.make(
        "sub", "subscription", automatic_tax={"enabled": False, "liability": None,
        "disabled_reason": None}, billing_cycle_anchor=end, billing_mode={"type": "flexible"},
        billing_schedules=[], cancel_at_period_end=False, canceled_at=None,
        collection_method="charge_automatically", currency=prices[0]["currency"],
        customer=customer["id"], discounts=[], ended_at=None, latest_invoice=None,
        default_payment_method=params.get("default_payment_method"),
        invoice_settings={"account_tax_ids": None, "issuer": {"type": "self"}},
        metadata=params.get("metadata", {}), start_date=now,
        status="trialing" if trial else "incomplete", trial_end=now + trial if trial else None,
    )  # fmt: skip
    rows = [_item(call, subscription, price, now, end) for price in prices]
    subscription["items"] = listing(rows, "/v1/subscription_items")
    call.save(subscription, "customer.subscription.created")
    if not trial:
        bill(call, subscription)
    return subscription


def _item(call: Call, subscription: Thing, price: Thing, start: int, end: int) -> Thing:
    metered = price["recurring"] and price["recurring"]["usage_type"] == "metered"
    return call.make(
        "si", "subscription_item", current_period_start=start, current_period_end=end,
        discounts=[], metadata={}, price=price, subscription=subscription["id"],
        **({} if metered else {"quantity": 1}),
    )  # fmt: skip


def _period(price: Thing) -> int:
    recurring = price["recurring"]
    if recurring is None:
        raise invalid("The price must be recurring.", param="items")
    count: int = PERIODS[recurring["interval"]] * recurring["interval_count"]
    return count


@route("GET", "/v1/subscriptions")
def list_subscriptions(call: Call) -> Thing:
    """List subscriptions, those that ended too where all are asked for."""
    status = call.params.get("status")
    match = {"customer": call.params.get("customer")}
    if status and status != "all":
        match["status"] = status
    page = call.store.page(call.account, "subscription", call.params, "/v1/subscriptions", **match)
    if status != "all":
        page["data"] = [one for one in page["data"] if one["status"] != "canceled"]
    return page


@route("GET", "/v1/subscriptions/<identifier>")
def get_subscription(call: Call) -> Thing:
    """Show a subscription."""
    return call.get("subscription")


@route("POST", "/v1/subscriptions/<identifier>")
def change_subscription(call: Call) -> Thing:
    """Change whether it ends with its period, its card, or its words."""
    subscription = call.get("subscription")
    if "cancel_at_period_end" in call.params:
        subscription["cancel_at_period_end"] = flag(call.params["cancel_at_period_end"])
    if "default_payment_method" in call.params:
        subscription["default_payment_method"] = call.params["default_payment_method"]
    subscription["metadata"] |= call.params.get("metadata", {})
    return call.save(subscription, "customer.subscription.updated")


@route("DELETE", "/v1/subscriptions/<identifier>")
def cancel_subscription(call: Call) -> Thing:
    """End a subscription now."""
    return end_subscription(call, call.get("subscription"))


def end_subscription(call: Call, subscription: Thing) -> Thing:
    """Mark a subscription ended."""
    now = call.store.now()
    subscription.update(status="canceled", canceled_at=now, ended_at=now)
    return call.save(subscription, "customer.subscription.deleted")


def renew(call: Call, subscription: Thing) -> None:
    """Begin the next period, or end where that was asked for."""
    if subscription["cancel_at_period_end"]:
        end_subscription(call, subscription)
        return
    for item in subscription["items"]["data"]:
        item["current_period_start"] = item["current_period_end"]
        item["current_period_end"] += _period(item["price"])
    bill(call, subscription)


def bill(call: Call, subscription: Thing) -> Thing:
    """Make a period's invoice and try to be paid."""
    items = subscription["items"]["data"]
    start, end = items[0]["current_period_start"], items[0]["current_period_end"]
    total = sum(i["price"]["unit_amount"] * _quantity(call, subscription, i) for i in items)
    invoice = call.make(
        "in", "invoice", amount_due=total, amount_overpaid=0, amount_paid=0,
        amount_paid_off_stripe=0, amount_remaining=total, amount_shipping=0, attempt_count=0,
        attempted=False, auto_advance=True, automatic_tax={"enabled": False, "liability": None,
        "provider": None, "status": None, "disabled_reason": None},
        billing_reason="subscription_cycle", collection_method="charge_automatically",
        currency=subscription["currency"], customer=subscription["customer"],
        default_tax_rates=[], discounts=[], issuer={"type": "self"}, lines=listing([], ""),
        parent=None, payment_settings={"default_mandate": None, "payment_method_options": None,
        "payment_method_types": None}, period_start=start, period_end=end,
        post_payment_credit_notes_amount=0, pre_payment_credit_notes_amount=0,
        starting_balance=0, status="open", status_transitions={"finalized_at": call.store.now(),
        "marked_uncollectible_at": None, "paid_at": None, "voided_at": None},
        subtotal=total, total=total, _subscription=subscription["id"],
    )  # fmt: skip
    invoice["lines"]["url"] = f"/v1/invoices/{invoice['id']}/lines"
    subscription["latest_invoice"] = invoice["id"]
    call.save(invoice, "invoice.finalized")
    collect(call, invoice, subscription)
    return invoice


def _quantity(call: Call, subscription: Thing, item: Thing) -> int:
    """Return how much of a price was used: metered prices by the period's meter events."""
    if item["price"]["recurring"]["usage_type"] != "metered":
        return int(item.get("quantity", 1))
    start, length = item["current_period_start"], _period(item["price"])
    return sum(
        int(event["payload"].get("value", 1))
        for event in call.store.all(call.account, "billing.meter_event")
        if event["payload"].get("stripe_customer_id") == subscription["customer"]
        and start - length <= event["timestamp"] < start
    )


def collect(call: Call, invoice: Thing, subscription: Thing) -> bool:
    """Try the customer's card; a failure leaves the subscription past due."""
    customer = call.get("customer", invoice["customer"])
    chosen = (
        subscription["default_payment_method"]
        or customer["invoice_settings"]["default_payment_method"]
    )
    card = None if not chosen else call.get("payment_method", chosen)
    refused = card is None or card_of(card["_number"]).code is not None
    invoice["attempted"], invoice["attempt_count"] = True, invoice["attempt_count"] + 1
    if refused and invoice["amount_due"]:
        first = subscription["status"] == "incomplete"
        subscription["status"] = "incomplete" if first else "past_due"
        invoice["_tried_at"] = call.store.now()
        call.save(invoice, "invoice.payment_failed")
        call.save(subscription, "customer.subscription.updated")
        return False
    invoice.update(status="paid", amount_paid=invoice["amount_due"], amount_remaining=0)
    invoice["status_transitions"]["paid_at"] = call.store.now()
    subscription["status"] = "active"
    call.save(invoice, "invoice.paid")
    call.save(subscription, "customer.subscription.updated")
    return True


@route("GET", "/v1/invoices")
def list_invoices(call: Call) -> Thing:
    """List the platform's invoices, of one customer where asked."""
    customer = call.params.get("customer")
    return call.store.page(call.account, "invoice", call.params, "/v1/invoices", customer=customer)


@route("GET", "/v1/invoices/<identifier>")
def get_invoice(call: Call) -> Thing:
    """Show an invoice of the platform's."""
    return call.get("invoice")


@route("POST", "/v1/invoices/<identifier>/pay")
def pay_invoice(call: Call) -> Thing:
    """Try an open invoice again."""
    invoice = call.get("invoice")
    if invoice["status"] != "open":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if not collect(call, invoice, call.get("subscription", invoice["_subscription"])):
        raise StripeRefusal(402, "card_error", "Your card was declined.", code="card_declined")
    return invoice


@route("POST", "/v1/billing/meters")
def create_meter(call: Call) -> Thing:
    """Make a meter."""
    call.required("event_name")
    aggregation = call.params.get("default_aggregation") or {"formula": "sum"}
    return call.make(
        "mtr", "billing.meter", event_name=call.params["event_name"], status="active",
        customer_mapping={"event_payload_key": "stripe_customer_id", "type": "by_id"},
        default_aggregation=aggregation, display_name=call.required("display_name"),
        event_time_window=None, status_transitions={"deactivated_at": None},
        updated=call.store.now(), value_settings={"event_payload_key": "value"},
    )  # fmt: skip


@route("GET", "/v1/billing/meters")
def list_meters(call: Call) -> Thing:
    """List the meters."""
    status = call.params.get("status")
    return call.store.page(
        call.account, "billing.meter", call.params, "/v1/billing/meters", status=status
    )


@route("POST", "/v1/billing/meter_events")
def create_meter_event(call: Call) -> Thing:
    """Count something; the same identifier counts once."""
    name = call.required("event_name")
    if not any(call.store.all(call.account, "billing.meter", event_name=name)):
        raise invalid(f"No active meter found for event name {name}.", code="no_meter")
    identifier = call.params.get("identifier") or f"{name}-{call.store.now()}"
    if any(call.store.all(call.account, "billing.meter_event", identifier=identifier)):
        raise invalid(f"An event already exists with identifier {identifier}.")
    return call.make(
        "mevt", "billing.meter_event", event_name=name, identifier=identifier,
        payload=call.params.get("payload", {}),
        timestamp=int(call.params.get("timestamp", call.store.now())),
    )  # fmt: skip


@route("POST", "/v1/billing_portal/sessions")
def create_portal_session(call: Call) -> Thing:
    """Make an address where a customer looks after the subscription and its card."""
    customer = call.get("customer", call.required("customer"))
    session = call.make(
        "bps", "billing_portal.session", configuration="bpc_sandbox", customer=customer["id"],
        flow=None, locale=None, on_behalf_of=None, return_url=call.params.get("return_url"),
    )  # fmt: skip
    session["url"] = f"{call.base}/sandbox/portal/{session['id']}"
    return call.save(session)
