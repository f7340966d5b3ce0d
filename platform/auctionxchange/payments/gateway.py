"""The adapter to Stripe: every call we make, and nothing of the library's beyond this file.

Objects come back as plain dictionaries. A call on a house's money names the house's account; the
library's own retries use the same idempotency key, so a lost answer never charges twice.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import stripe

from auctionxchange.kernel.config import Settings
from auctionxchange.payments.refusals import (
    AccessRevoked,
    AuthenticationNeeded,
    NotAtStripe,
    OutcomeUnknown,
    PaymentDeclined,
    PaymentsOff,
    StripeRefused,
)

API_VERSION = "2026-08-26.dahlia"
RETRIES = 2
TIMEOUT = (3, 20)
"""Seconds to connect, and to wait for an answer."""

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """Stripe for the platform and, where an account is named, for a house."""

    client: stripe.StripeClient

    def create_account(self, *, name: str, email: str, country: str, currency: str) -> Thing:
        """Make a connected account (v2) whose house has Stripe's whole dashboard."""
        return self.do(
            lambda: self.client.v2.core.accounts.create({
                "display_name": name,
                "contact_email": email,
                "dashboard": "full",
                "identity": {"country": country.lower()},
                "configuration": {
                    "merchant": {"capabilities": {"card_payments": {"requested": True}}},
                    "customer": {},
                },
                "defaults": {
                    "currency": currency.lower(),
                    "responsibilities": {"fees_collector": "stripe", "losses_collector": "stripe"},
                },
                "include": ["configuration.merchant"],
            })
        )  # fmt: skip

    def onboarding_url(self, account: str, *, back: str) -> str:
        """Return the address where the house tells Stripe about itself; it is used at once."""
        use: Any = {
            "type": "account_onboarding",
            "account_onboarding": {
                "configurations": ["merchant", "customer"],
                "refresh_url": back,
                "return_url": back,
            },
        }
        link = self.do(
            lambda: self.client.v2.core.account_links.create({"account": account, "use_case": use})
        )
        return str(link["url"])

    def account_state(self, account: str) -> "AccountState":
        """Return whether an account takes cards, what it lacks, and what it settles in."""
        include: Any = {"include": ["configuration.merchant", "defaults"]}
        found = self.do(lambda: self.client.v2.core.accounts.retrieve(account, include))
        merchant = (found.get("configuration") or {}).get("merchant") or {}
        capability = (merchant.get("capabilities") or {}).get("card_payments") or {}
        settles = (found.get("defaults") or {}).get("currency")
        return AccountState(
            str(capability.get("status", "restricted")),
            tuple(str(one["code"]) for one in capability.get("status_details") or ()),
            settles.upper() if settles else None,
        )

    def create_customer(self, account: str, *, name: str, email: str | None, key: str) -> str:
        """Make a customer of a house and return its id."""
        params: Any = {"name": name, **({"email": email} if email else {})}
        made = self.do(lambda: self.client.v1.customers.create(params, _options(account, key)))
        return str(made["id"])

    def setup_session(
        self, account: str, *, customer: str, currency: str, back: str, key: str
    ) -> Thing:
        """Make a Checkout page on which a customer keeps a card."""
        params: Any = {
            "mode": "setup",
            "currency": currency.lower(),
            "customer": customer,
            "success_url": back,
            "cancel_url": back,
        }
        return self.do(
            lambda: self.client.v1.checkout.sessions.create(params, _options(account, key))
        )

    def payment_session(self, account: str, bill: "Bill", *, back: str, key: str) -> Thing:
        """Make a Checkout page on which a bill is paid."""
        price = {
            "currency": bill.currency.lower(),
            "unit_amount": bill.amount,
            "product_data": {"name": bill.description},
        }
        intent: Thing = {"metadata": bill.metadata, "description": bill.description}
        if bill.fee:
            intent["application_fee_amount"] = bill.fee
        if bill.hold:
            intent["capture_method"] = "manual"
        params: Any = {
            "mode": "payment",
            "customer": bill.customer,
            "line_items": [{"quantity": 1, "price_data": price}],
            "payment_intent_data": intent,
            "metadata": bill.metadata,
            "success_url": back,
            "cancel_url": back,
        }
        return self.do(
            lambda: self.client.v1.checkout.sessions.create(params, _options(account, key))
        )

    def charge(self, account: str, bill: "Bill", *, card: str, key: str) -> Thing:
        """Charge a kept card while its holder is away.

        Raises PaymentDeclined, AuthenticationNeeded, OutcomeUnknown, AccessRevoked.
        """
        params: Any = {
            "amount": bill.amount,
            "currency": bill.currency.lower(),
            "customer": bill.customer,
            "payment_method": card,
            "payment_method_types": ["card"],
            "off_session": True,
            "confirm": True,
            "description": bill.description,
            "metadata": bill.metadata,
        }
        if bill.hold:
            params["capture_method"] = "manual"
        if bill.fee:
            params["application_fee_amount"] = bill.fee
        return self.do(
            lambda: self.client.v1.payment_intents.create(params, _options(account, key))
        )

    def capture(self, account: str, intent: str, *, amount: int, key: str) -> Thing:
        """Take what was held, or less."""
        return self.do(
            lambda: self.client.v1.payment_intents.capture(
                intent, {"amount_to_capture": amount}, _options(account, key)
            )
        )

    def cancel(self, account: str, intent: str, *, key: str) -> Thing:
        """Give up an intent, and let go what was held."""
        return self.do(
            lambda: self.client.v1.payment_intents.cancel(intent, {}, _options(account, key))
        )

    def refund(self, account: str, *, intent: str, amount: int, key: str, note: Thing) -> Thing:
        """Give back a part or all of a payment, our fee in proportion."""
        params: Any = {"payment_intent": intent, "amount": amount, "metadata": note}
        if note.get("fee"):
            params["refund_application_fee"] = True
        return self.do(lambda: self.client.v1.refunds.create(params, _options(account, key)))

    def find(self, account: str, kind: str, identifier: str) -> Thing:
        """Fetch an object of an account, "" being our own, as it is now; raises NotAtStripe."""
        services: dict[str, Any] = {
            "payment_intent": self.client.v1.payment_intents,
            "charge": self.client.v1.charges,
            "refund": self.client.v1.refunds,
            "dispute": self.client.v1.disputes,
            "payout": self.client.v1.payouts,
            "checkout.session": self.client.v1.checkout.sessions,
            "payment_method": self.client.v1.payment_methods,
            "setup_intent": self.client.v1.setup_intents,
            "subscription": self.client.v1.subscriptions,
            "invoice": self.client.v1.invoices,
        }
        return self.do(
            lambda: services[kind].retrieve(
                identifier, options={"stripe_account": account} if account else {}
            )
        )

    def intents_of(self, account: str, customer: str) -> Iterator[Thing]:
        """Yield a customer's payment intents, newest first."""
        return self._all(self.client.v1.payment_intents.list, account, {"customer": customer})

    def refunds_of(self, account: str, intent: str) -> Iterator[Thing]:
        """Yield a payment's refunds, newest first."""
        return self._all(self.client.v1.refunds.list, account, {"payment_intent": intent})

    def balance_of(self, account: str, since: int = 0) -> Iterator[Thing]:
        """Yield the lines of an account's balance from a Unix time on, newest first."""
        return self._all(
            self.client.v1.balance_transactions.list, account, {"created": {"gte": since}}
        )

    def events_since(self, account: str | None, since: int) -> Iterator[Thing]:
        """Yield the events of an account, or the platform's, from a time in Unix seconds on."""
        return self._all(self.client.v1.events.list, account, {"created": {"gte": since}})

    def every(self, service: Callable[..., Any], params: Thing) -> Iterator[Thing]:
        """Yield all of a list of the platform's own account."""
        return self._all(service, None, params)

    def _all(
        self, service: Callable[..., Any], account: str | None, params: Thing
    ) -> Iterator[Thing]:
        after: Thing = {}
        options = {"stripe_account": account} if account else {}
        while True:
            page = self.do(lambda: service({"limit": 100, **params, **after}, options))  # noqa: B023 - called at once
            yield from page["data"]
            if not page["has_more"]:
                return
            after = {"starting_after": page["data"][-1]["id"]}

    def do(self, call: Callable[[], Any]) -> Thing:
        """Make a call and say in our words how it ended."""
        try:
            found: Thing = call().to_dict()
        except stripe.CardError as error:
            raise _card_refusal(error) from error
        except (stripe.APIConnectionError, stripe.RateLimitError) as error:
            raise OutcomeUnknown from error
        except stripe.PermissionError as error:
            raise AccessRevoked from error
        except stripe.StripeError as error:
            raise _refusal(error) from error
        return found


@dataclass(frozen=True, slots=True)
class AccountState:
    """An account's card payments (active, pending, restricted, unsupported) and why not."""

    card_payments: str
    lacks: tuple[str, ...] = ()
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class Bill:
    """What is to be paid: minor units of the currency, and what Stripe keeps with it."""

    amount: int
    currency: str
    customer: str
    description: str
    metadata: dict[str, str]
    fee: int = 0
    hold: bool = False


def make_gateway(settings: Settings) -> StripeGateway:
    """Build the adapter; raises PaymentsOff without a key."""
    if settings.stripe_secret_key is None:
        raise PaymentsOff
    # Its lines at every call tell nothing the outcome does not.
    logging.getLogger("stripe").setLevel(logging.WARNING)
    base = settings.stripe_api_base
    parts: Any = (
        {} if base is None else dict.fromkeys(("api", "connect", "files", "meter_events"), base)
    )
    client = stripe.StripeClient(
        settings.stripe_secret_key,
        stripe_version=API_VERSION,
        base_addresses=parts,
        max_network_retries=RETRIES,
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
    )
    return StripeGateway(client)


def _options(account: str, key: str) -> Any:
    return {"stripe_account": account, "idempotency_key": key}


def _card_refusal(error: stripe.CardError) -> Exception:
    intent = getattr(error.error, "payment_intent", None)
    name = None if intent is None else str(intent.id)
    if error.code == "authentication_required":
        return AuthenticationNeeded(intent=name)
    reason = getattr(error.error, "decline_code", None) or error.code or "declined"
    return PaymentDeclined(reason=str(reason), intent=name)


def _refusal(error: stripe.StripeError) -> Exception:
    if error.http_status is None or error.http_status >= 500 or error.http_status == 409:  # noqa: PLR2004 - HTTP's own
        return OutcomeUnknown()
    if error.code == "resource_missing":
        return NotAtStripe()
    return StripeRefused(reason=error.code or "refused", told=error.user_message or "")
