"""Payment intents and setup intents: the states a card payment goes through."""

from typing import Any

from auctionxchange.sandbox.stripe.calls import Call, flag, route, sequence
from auctionxchange.sandbox.stripe.cards import TestCard, card_of
from auctionxchange.sandbox.stripe.charges import make_charge, settle
from auctionxchange.sandbox.stripe.customers import find_card
from auctionxchange.sandbox.stripe.refusals import StripeRefusal, invalid, unexpected_state
from auctionxchange.sandbox.stripe.store import Thing, public

HELD_SECONDS = 7 * 86400
HELD_MERCHANT_SECONDS = 4 * 86400 + 18 * 3600


@route("POST", "/v1/payment_intents")
def create_payment_intent(call: Call) -> Thing:
    """Make an intent and, where asked, try to pay it at once."""
    amount = call.amount()
    intent = new_payment_intent(call, amount, call.required("currency").lower(), call.params)
    return confirm(call, intent) if flag(call.params.get("confirm")) else intent


def new_payment_intent(call: Call, amount: int, currency: str, params: Thing) -> Thing:
    """Keep an intent that nobody has tried to pay yet."""
    fee = params.get("application_fee_amount")
    if fee and not call.account:
        raise invalid("Application fees need a connected account.", param="application_fee_amount")
    customer = params.get("customer") or None
    if customer:
        call.get("customer", customer)
    intent = call.make(
        "pi", "payment_intent", amount=amount, amount_capturable=0, amount_received=0,
        application_fee_amount=int(fee) if fee else None, canceled_at=None,
        cancellation_reason=None, capture_method=params.get("capture_method", "automatic"),
        confirmation_method="automatic", currency=currency, customer=customer,
        description=params.get("description"), last_payment_error=None, latest_charge=None,
        metadata=params.get("metadata", {}), next_action=None, payment_method=None,
        payment_method_types=sequence(params.get("payment_method_types")) or ["card"],
        setup_future_usage=params.get("setup_future_usage"),
        status="requires_payment_method",
    )  # fmt: skip
    intent["client_secret"] = f"{intent['id']}_secret_sandbox"
    if params.get("payment_method"):
        card = find_card(call, params["payment_method"])
        if card["customer"] and card["customer"] != customer:
            raise invalid("The PaymentMethod does not belong to the Customer you supplied.")
        intent["payment_method"] = card["id"]
        intent["status"] = "requires_confirmation"
    return call.save(intent, "payment_intent.created")


@route("GET", "/v1/payment_intents/<identifier>")
def get_payment_intent(call: Call) -> Thing:
    """Show an intent."""
    return call.get("payment_intent")


@route("GET", "/v1/payment_intents")
def list_payment_intents(call: Call) -> Thing:
    """List intents, of one customer where asked."""
    customer = call.params.get("customer")
    return call.store.page(
        call.account, "payment_intent", call.params, "/v1/payment_intents", customer=customer
    )


@route("POST", "/v1/payment_intents/<identifier>/confirm")
def confirm_payment_intent(call: Call) -> Thing:
    """Try to pay."""
    intent = call.get("payment_intent")
    if call.params.get("payment_method"):
        intent["payment_method"] = find_card(call, call.params["payment_method"])["id"]
    return confirm(call, intent)


def confirm(call: Call, intent: Thing, *, authenticated: bool = False) -> Thing:
    """Pay with the intent's card, ask for authentication, or refuse with 402."""
    if intent["status"] in {"succeeded", "canceled", "requires_capture"}:
        raise unexpected_state("payment_intent", intent["status"], "confirm")
    if intent["payment_method"] is None:
        raise invalid("A payment method is needed to confirm this PaymentIntent.")
    card = call.get("payment_method", intent["payment_method"])
    test = card_of(card["_number"])
    off_session = flag(call.params.get("off_session"))
    if not authenticated and challenged(test, card):
        if off_session:
            raise _refuse(call, intent, card, _needs_authentication())
        return _ask(call, intent)
    if test.code:
        raise _refuse(call, intent, card, _declined(test))
    return _pay(call, intent, card, held_for=HELD_MERCHANT_SECONDS if off_session else HELD_SECONDS)


def challenged(test: TestCard, card: Thing) -> bool:
    """Tell whether the bank wants to see the cardholder."""
    return test.challenge == "always" or (test.challenge == "once" and not card["_set_up"])


def _pay(call: Call, intent: Thing, card: Thing, *, held_for: int) -> Thing:
    held = intent["capture_method"] == "manual"
    charge = make_charge(call, intent, card, capture=not held)
    intent.update(latest_charge=charge["id"], next_action=None, last_payment_error=None)
    if intent["setup_future_usage"] and intent["customer"]:
        card.update(customer=intent["customer"], _set_up=True)
        call.save(card)
    if held:
        before = call.store.now() + held_for
        charge["payment_method_details"]["card"]["capture_before"] = before
        call.save(charge)
        intent.update(status="requires_capture", amount_capturable=intent["amount"])
        intent["_capture_before"] = before
        return call.save(intent, "payment_intent.amount_capturable_updated")
    intent.update(status="succeeded", amount_received=intent["amount"])
    return call.save(intent, "payment_intent.succeeded")


def _ask(call: Call, intent: Thing) -> Thing:
    page = f"{call.base}/sandbox/3ds/{call.account or 'platform'}/{intent['id']}"
    intent["status"] = "requires_action"
    intent["_return_url"] = call.params.get("return_url")
    intent["next_action"] = {
        "type": "redirect_to_url",
        "redirect_to_url": {"url": page, "return_url": call.params.get("return_url")},
    }
    return call.save(intent, "payment_intent.requires_action")


def _refuse(call: Call, intent: Thing, card: Thing, error: Thing) -> StripeRefusal:
    """Write the failed try down and return the 402 that tells of it."""
    charge = make_charge(call, intent, card, capture=False, error=error)
    told = {"type": "card_error", **error, "charge": charge["id"]}
    shown = public(card)
    intent.update(
        status="requires_payment_method",
        latest_charge=charge["id"],
        payment_method=None,
        last_payment_error={**told, "payment_method": shown},
    )
    call.save(intent, "payment_intent.payment_failed")
    fields: dict[str, Any] = {k: v for k, v in told.items() if k not in {"type", "message"}}
    return StripeRefusal(
        402,
        "card_error",
        error["message"],
        **fields,
        payment_intent=public(intent),
        payment_method=shown,
    )


def _needs_authentication() -> Thing:
    return {
        "code": "authentication_required",
        "decline_code": "authentication_required",
        "message": "Your card was declined. This transaction requires authentication.",
    }


def _declined(test: TestCard) -> Thing:
    return {"code": test.code, "decline_code": test.decline, "message": "Your card was declined."}


@route("POST", "/v1/payment_intents/<identifier>/capture")
def capture(call: Call) -> Thing:
    """Take what was held, or less."""
    intent = call.get("payment_intent")
    if intent["status"] != "requires_capture":
        raise unexpected_state("payment_intent", intent["status"], "capture")
    asked = "amount_to_capture" in call.params
    amount = call.amount("amount_to_capture") if asked else intent["amount"]
    if amount > intent["amount_capturable"]:
        raise invalid("The amount is greater than what was authorised.", param="amount_to_capture")
    settle(call, call.get("charge", intent["latest_charge"]), amount)
    intent.update(status="succeeded", amount_received=amount, amount_capturable=0)
    return call.save(intent, "payment_intent.succeeded")


@route("POST", "/v1/payment_intents/<identifier>/cancel")
def cancel(call: Call) -> Thing:
    """Give up an intent and let go what was held."""
    intent = call.get("payment_intent")
    if intent["status"] in {"succeeded", "canceled"}:
        raise unexpected_state("payment_intent", intent["status"], "cancel")
    return give_up(call, intent, call.params.get("cancellation_reason"))


def give_up(call: Call, intent: Thing, reason: str | None) -> Thing:
    """Mark an intent cancelled."""
    intent.update(status="canceled", cancellation_reason=reason, canceled_at=call.store.now())
    intent.update(amount_capturable=0, next_action=None)
    return call.save(intent, "payment_intent.canceled")


@route("POST", "/v1/setup_intents")
def create_setup_intent(call: Call) -> Thing:
    """Make an intent to keep a card."""
    intent = new_setup_intent(call, call.params)
    return confirm_setup(call, intent) if flag(call.params.get("confirm")) else intent


def new_setup_intent(call: Call, params: Thing) -> Thing:
    """Keep a setup intent that nobody has tried yet."""
    customer = params.get("customer") or None
    if customer:
        call.get("customer", customer)
    card = find_card(call, params["payment_method"]) if params.get("payment_method") else None
    intent = call.make(
        "seti", "setup_intent", customer=customer, description=params.get("description"),
        last_setup_error=None, metadata=params.get("metadata", {}), next_action=None,
        payment_method=None if card is None else card["id"],
        payment_method_types=sequence(params.get("payment_method_types")) or ["card"],
        status="requires_payment_method" if card is None else "requires_confirmation",
        usage=params.get("usage", "off_session"),
    )  # fmt: skip
    intent["client_secret"] = f"{intent['id']}_secret_sandbox"
    return call.save(intent, "setup_intent.created")


@route("GET", "/v1/setup_intents/<identifier>")
def get_setup_intent(call: Call) -> Thing:
    """Show a setup intent."""
    return call.get("setup_intent")


@route("POST", "/v1/setup_intents/<identifier>/confirm")
def confirm_setup_intent(call: Call) -> Thing:
    """Try to keep the card."""
    intent = call.get("setup_intent")
    if call.params.get("payment_method"):
        intent["payment_method"] = find_card(call, call.params["payment_method"])["id"]
    return confirm_setup(call, intent)


def confirm_setup(call: Call, intent: Thing, *, authenticated: bool = False) -> Thing:
    """Keep the card for later, ask for authentication, or refuse with 402."""
    card = call.get("payment_method", intent["payment_method"] or "")
    test = card_of(card["_number"])
    if test.setup_refused:
        error = {"type": "card_error", **_declined(test)}
        intent.update(status="requires_payment_method", last_setup_error=error)
        call.save(intent, "setup_intent.setup_failed")
        raise StripeRefusal(402, setup_intent=public(intent), **_for_refusal(error))
    if challenged(test, card) and not authenticated:
        page = f"{call.base}/sandbox/3ds/{call.account or 'platform'}/{intent['id']}"
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": page, "return_url": call.params.get("return_url")},
        }
        return call.save(intent, "setup_intent.requires_action")
    card.update(customer=intent["customer"], _set_up=True)
    call.save(card, "payment_method.attached")
    intent.update(status="succeeded", next_action=None)
    return call.save(intent, "setup_intent.succeeded")


def _for_refusal(error: Thing) -> Thing:
    return {"kind": error["type"], **{k: v for k, v in error.items() if k != "type"}}
