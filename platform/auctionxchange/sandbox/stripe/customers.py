"""Customers and the cards they keep."""

from auctionxchange.sandbox.stripe.calls import Call, route
from auctionxchange.sandbox.stripe.cards import BY_NAME, TestCard, card_of
from auctionxchange.sandbox.stripe.refusals import invalid
from auctionxchange.sandbox.stripe.store import Thing


@route("POST", "/v1/customers")
def create_customer(call: Call) -> Thing:
    """Make a customer of the account."""
    keep = ("name", "email", "phone", "description")
    customer = call.make(
        "cus",
        "customer",
        **{name: call.params.get(name) or None for name in keep},
        metadata=call.params.get("metadata", {}),
        invoice_settings={"default_payment_method": None},
    )
    call.tell("customer.created", customer)
    return customer


@route("GET", "/v1/customers/<identifier>")
def get_customer(call: Call) -> Thing:
    """Show a customer."""
    return call.get("customer")


@route("POST", "/v1/customers/<identifier>")
def change_customer(call: Call) -> Thing:
    """Change a customer's words or the card that is charged first."""
    customer = call.get("customer")
    for name in ("name", "email", "phone", "description"):
        if name in call.params:
            customer[name] = call.params[name] or None
    customer["metadata"] |= call.params.get("metadata", {})
    default = call.params.get("invoice_settings", {}).get("default_payment_method")
    if default:
        customer["invoice_settings"]["default_payment_method"] = call.get(
            "payment_method", default
        )["id"]
    return call.save(customer, "customer.updated")


@route("GET", "/v1/customers/<identifier>/payment_methods")
def customers_cards(call: Call) -> Thing:
    """List the cards a customer keeps."""
    call.get("customer")
    url = f"/v1/customers/{call.identifier}/payment_methods"
    return call.store.page(
        call.account, "payment_method", call.params, url, customer=call.identifier
    )


@route("POST", "/v1/payment_methods")
def create_payment_method(call: Call) -> Thing:
    """Make a card from a test number."""
    if call.params.get("type") != "card":
        raise invalid("Only cards are known here.", param="type")
    return make_card(call, card_of(str(call.params.get("card", {}).get("number", ""))))


@route("GET", "/v1/payment_methods/<identifier>")
def get_payment_method(call: Call) -> Thing:
    """Show a card."""
    return find_card(call, call.identifier)


@route("POST", "/v1/payment_methods/<identifier>/attach")
def attach(call: Call) -> Thing:
    """Give a card to a customer."""
    card = find_card(call, call.identifier)
    customer = call.get("customer", call.required("customer"))
    card["customer"] = customer["id"]
    return call.save(card, "payment_method.attached")


@route("POST", "/v1/payment_methods/<identifier>/detach")
def detach(call: Call) -> Thing:
    """Take a card from its customer for ever."""
    card = call.get("payment_method")
    if card["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    card["customer"] = None
    card["_spent"] = True
    return call.save(card, "payment_method.detached")


def make_card(call: Call, test: TestCard) -> Thing:
    """Keep a card that behaves as a test card does."""
    return call.make(
        "pm",
        "payment_method",
        type="card",
        billing_details={"address": None, "email": None, "name": None, "phone": None},
        card={
            "brand": test.brand,
            "checks": None,
            "country": "GB",
            "exp_month": 12,
            "exp_year": 2034,
            "funding": "credit",
            "last4": test.last4,
            "three_d_secure_usage": {"supported": True},
        },
        customer=None,
        metadata={},
        _number=test.number,
        _set_up=test.number == "4000003800000446",
    )


def find_card(call: Call, identifier: str) -> Thing:
    """Return a kept card, or a new one for Stripe's own test names such as pm_card_visa."""
    if identifier in BY_NAME:
        return make_card(call, card_of(BY_NAME[identifier]))
    card = call.get("payment_method", identifier)
    if card.get("_spent"):
        raise invalid("This PaymentMethod was detached and may not be used again.")
    return card
