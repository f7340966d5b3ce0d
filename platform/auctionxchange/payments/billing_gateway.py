"""The adapter to Stripe Billing on the platform's own account; see gateway.py for houses' money."""

from dataclasses import dataclass
from typing import Any

from auctionxchange.kernel.config import Settings
from auctionxchange.payments.gateway import StripeGateway, Thing, make_gateway


@dataclass(frozen=True, slots=True)
class BillingGateway:
    """Stripe for the subscriptions of houses."""

    stripe: StripeGateway

    @property
    def _v1(self) -> Any:
        return self.stripe.client.v1

    def create_customer(self, name: str, email: str, house: str, *, key: str) -> str:
        """Make the customer a house is, and return its id."""
        params = {"name": name, "email": email, "metadata": {"house": house}}
        made = self.stripe.do(lambda: self._v1.customers.create(params, {"idempotency_key": key}))
        return str(made["id"])

    def price(self, name: str, amount: int, currency: str, *, meter: str | None, key: str) -> str:
        """Make a monthly price, licensed or by a meter, and return its id."""
        product = self.stripe.do(
            lambda: self._v1.products.create({"name": name}, {"idempotency_key": f"{key}:product"})
        )
        recurring: Thing = {"interval": "month"}
        if meter is not None:
            recurring |= {"usage_type": "metered", "meter": meter}
        params = {
            "product": product["id"],
            "currency": currency.lower(),
            "unit_amount": amount,
            "recurring": recurring,
        }
        made = self.stripe.do(lambda: self._v1.prices.create(params, {"idempotency_key": key}))
        return str(made["id"])

    def meter(self, name: str, *, key: str) -> str:
        """Return the meter of an event, made where there is none."""
        for found in self.stripe.every(self._v1.billing.meters.list, {"status": "active"}):
            if found["event_name"] == name:
                return str(found["id"])
        params = {
            "display_name": "Lots sold",
            "event_name": name,
            "default_aggregation": {"formula": "sum"},
        }
        made = self.stripe.do(
            lambda: self._v1.billing.meters.create(params, {"idempotency_key": key})
        )
        return str(made["id"])

    def subscription_session(
        self, *, customer: str, prices: list[str], metered: str | None, trial_end: int | None,
        house: str, back: str, key: str,
    ) -> Thing:  # fmt: skip
        """Make a Checkout page on which a plan is subscribed to."""
        items: list[Thing] = [{"price": price, "quantity": 1} for price in prices if price]
        if metered is not None:
            items.append({"price": metered})
        about: Thing = {"metadata": {"house": house}}
        if trial_end is not None:
            about["trial_end"] = trial_end
        params = {
            "mode": "subscription",
            "customer": customer,
            "line_items": items,
            "subscription_data": about,
            "success_url": back,
            "cancel_url": back,
        }
        return self.stripe.do(
            lambda: self._v1.checkout.sessions.create(params, {"idempotency_key": key})
        )

    def portal_url(self, customer: str, *, back: str) -> str:
        """Return the address of the customer portal, used at once."""
        params = {"customer": customer, "return_url": back}
        made = self.stripe.do(lambda: self._v1.billing_portal.sessions.create(params))
        return str(made["url"])

    def subscriptions_of(self, customer: str) -> list[Thing]:
        """Return a customer's subscriptions, newest first, ended ones too."""
        params = {"customer": customer, "status": "all"}
        return list(self.stripe.every(self._v1.subscriptions.list, params))

    def meter_event(self, name: str, customer: str, *, identifier: str, at: int) -> None:
        """Count one of something; the same identifier counts once."""
        params = {
            "event_name": name,
            "identifier": identifier,
            "payload": {"stripe_customer_id": customer, "value": "1"},
            "timestamp": at,
        }
        self.stripe.do(
            lambda: self._v1.billing.meter_events.create(params, {"idempotency_key": identifier})
        )


def make_billing_gateway(settings: Settings) -> BillingGateway:
    """Build the adapter; raises PaymentsOff without a key."""
    return BillingGateway(make_gateway(settings))
