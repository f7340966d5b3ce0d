"""Stripe's documented test cards and what each of them does (docs.stripe.com/testing)."""

from dataclasses import dataclass

from auctionxchange.sandbox.stripe.refusals import invalid


@dataclass(frozen=True, slots=True)
class TestCard:
    """How a card behaves; challenge is never, always, or once (until it was set up)."""

    number: str
    brand: str = "visa"
    code: str | None = None
    decline: str | None = None
    setup_refused: bool = False
    challenge: str = "never"
    dispute: str | None = None
    name: str = "pays"

    @property
    def last4(self) -> str:
        """Return the four figures people are shown."""
        return self.number[-4:]


CARDS = {
    card.number: card
    for card in (
        TestCard("4242424242424242"),
        TestCard("5555555555554444", brand="mastercard", name="pays (Mastercard)"),
        TestCard("4000000000000002", code="card_declined", decline="generic_decline",
                 setup_refused=True, name="declined"),
        TestCard("4000000000009995", code="card_declined", decline="insufficient_funds",
                 setup_refused=True, name="insufficient funds"),
        TestCard("4000000000009987", code="card_declined", decline="lost_card",
                 setup_refused=True, name="lost card"),
        TestCard("4000000000000069", code="expired_card", decline="expired_card",
                 setup_refused=True, name="expired"),
        TestCard("4000000000000127", code="incorrect_cvc", decline="incorrect_cvc",
                 setup_refused=True, name="wrong security code"),
        TestCard("4000000000000119", code="processing_error", decline="processing_error",
                 setup_refused=True, name="processing error"),
        TestCard("4000000000000341", code="card_declined", decline="generic_decline",
                 name="can be kept, declines when charged"),
        TestCard("4000002500003155", challenge="once", name="authenticates once, when kept"),
        TestCard("4000002760003184", challenge="always", name="authenticates every payment"),
        TestCard("4000003800000446", challenge="once", name="already set up"),
        TestCard("4000008260003178", code="card_declined", decline="insufficient_funds",
                 challenge="once", name="authenticates, then insufficient funds"),
        TestCard("4000000000000259", dispute="fraudulent", name="disputed as fraudulent"),
        TestCard("4000000000002685", dispute="product_not_received", name="disputed: not received"),
    )
}  # fmt: skip

BY_NAME = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_createDispute": "4000000000000259",
    "pm_card_createDisputeProductNotReceived": "4000000000002685",
}


def card_of(number: str) -> TestCard:
    """Return a test card; any other number is refused, for real ones must never be typed here."""
    card = CARDS.get(number.replace(" ", ""))
    if card is None:
        raise invalid("Only Stripe's documented test cards are known here.", param="card[number]")
    return card
