"""The customer portal's page: the subscription, its invoices, another card, the end."""

from collections.abc import Mapping
from html import escape

from auctionxchange.sandbox.stripe.billing import collect
from auctionxchange.sandbox.stripe.calls import Call
from auctionxchange.sandbox.stripe.cards import card_of
from auctionxchange.sandbox.stripe.customers import make_card
from auctionxchange.sandbox.stripe.refusals import missing
from auctionxchange.sandbox.stripe.store import Thing


def content(call: Call, customer: str, cards: str) -> str:
    """Return the page's tables and forms; cards are the options of a choice."""
    subscriptions = "".join(
        f"<tr><td>{escape(one['id'])}</td><td>{escape(one['status'])}</td></tr>"
        for one in call.store.all("", "subscription", customer=customer)
    )
    invoices = "".join(
        f"<tr><td>{escape(one['id'])}</td><td>{one['total']} {escape(one['currency']).upper()}</td>"
        f"<td>{escape(one['status'])}</td></tr>"
        for one in call.store.all("", "invoice", customer=customer)
    )
    return (
        f"<table>{subscriptions}</table><h2>Invoices</h2><table>{invoices}</table>"
        f'<form method="post"><label>Another card <select name="card">{cards}</select></label>'
        '<button name="act" value="card">Use this card and pay what is open</button></form>'
        '<form method="post"><button name="act" value="cancel">End it with this period</button>'
        "</form>"
    )


def act(call: Call, customer: str, name: str, form: Mapping[str, str]) -> None:
    """Do what a button of the portal asks for."""
    if name == "card":
        change_card(call, customer, form.get("card", ""))
    elif name == "cancel":
        for subscription in _living(call, customer):
            subscription["cancel_at_period_end"] = True
            call.save(subscription, "customer.subscription.updated")
    else:
        raise missing("act", name)


def change_card(call: Call, customer: str, number: str) -> None:
    """Charge another card from now on, and try what is open with it."""
    found = call.get("customer", customer)
    card = make_card(call, card_of(number))
    card.update(customer=customer, _set_up=True)
    call.save(card, "payment_method.attached")
    found["invoice_settings"]["default_payment_method"] = card["id"]
    call.save(found, "customer.updated")
    for subscription in _living(call, customer):
        subscription["default_payment_method"] = None
        call.save(subscription)
        latest = subscription["latest_invoice"]
        invoice = call.get("invoice", latest) if latest else None
        if invoice is not None and invoice["status"] == "open":
            collect(call, invoice, subscription)


def _living(call: Call, customer: str) -> list[Thing]:
    found = call.store.all("", "subscription", customer=customer)
    return [one for one in found if one["status"] != "canceled"]
