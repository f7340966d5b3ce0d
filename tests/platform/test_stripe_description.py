"""The check against Stripe's own description notices what it is there for."""

from collections.abc import Iterator

import pytest
import stripe

from auctionxchange.sandbox.stripe.application import StripeSandbox
from auctionxchange.sandbox.stripe.events import Announcer
from auctionxchange.sandbox.stripe.server import running
from auctionxchange.sandbox.stripe.store import Store
from factories.stripe_description import Inspector, violations

HOUSE = {
    "contact_email": "oak@example.com",
    "identity": {"country": "gb"},
    "configuration": {"merchant": {"capabilities": {"card_payments": {"requested": True}}}},
    "include": ["configuration.merchant"],
}


class Bench:
    """A client at a sandbox whose calls are inspected."""

    def __init__(self, sandbox: StripeSandbox, base: str) -> None:
        self.sandbox = sandbox
        self.inspector = Inspector()
        sandbox.observers.append(self.inspector)
        addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), base)
        self.client = stripe.StripeClient(
            "sk_test_of_tests",
            base_addresses=addresses,  # type: ignore[arg-type]
            max_network_retries=2,
        )


@pytest.fixture
def bench() -> Iterator[Bench]:
    store = Store()
    sandbox = StripeSandbox(store, Announcer(store), "")
    with running(sandbox) as base:
        yield Bench(sandbox, base)


def raw(bench: Bench, path: str, **params: object) -> None:
    bench.client.raw_request("post", path, **params)


def test_a_parameter_stripe_does_not_know_is_noticed(bench: Bench) -> None:
    raw(bench, "/v1/payment_intents", amount=100, currency="gbp", amonut=3)
    assert any("amonut" in fault for fault in bench.inspector.faults)


def test_a_value_of_the_wrong_type_is_noticed(bench: Bench) -> None:
    raw(bench, "/v1/payment_intents", amount=100, currency="gbp", confirm="perhaps")
    assert any("perhaps" in fault for fault in bench.inspector.faults)


def test_a_word_stripe_does_not_know_is_noticed_deep_down(bench: Bench) -> None:
    raw(bench, "/v1/customers", shipping={"name": "Ada", "adress": {"line1": "1"}})
    assert any("adress" in fault for fault in bench.inspector.faults)


def test_a_mistake_in_accounts_v2_is_noticed(bench: Bench) -> None:
    raw(bench, "/v2/core/accounts", **HOUSE, dashbord="full")
    assert any("dashbord" in fault for fault in bench.inspector.faults)


def test_an_answer_without_a_field_is_noticed() -> None:
    charge = {"$ref": "#/components/schemas/charge"}
    assert any("'captured' is a required" in f for f in violations(charge, {"object": "charge"}))


def test_the_platforms_own_billing_keeps_to_the_description(bench: Bench) -> None:
    v1 = bench.client.v1
    product = v1.products.create({"name": "House"})
    price = v1.prices.create(
        {
            "product": product.id,
            "currency": "gbp",
            "unit_amount": 4900,
            "recurring": {"interval": "month"},
        }
    )
    customer = v1.customers.create({"name": "Oak"})
    card = v1.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    trial = v1.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "trial_period_days": 14}
    )
    paid = v1.subscriptions.create(
        {
            "customer": customer.id,
            "items": [{"price": price.id}],
            "default_payment_method": card.id,
        }
    )
    v1.billing.meters.create(
        {
            "display_name": "Lots sold",
            "event_name": "lot_sold",
            "default_aggregation": {"formula": "sum"},
        }
    )
    v1.billing.meter_events.create(
        {
            "event_name": "lot_sold",
            "identifier": "lot-1",
            "payload": {"stripe_customer_id": customer.id, "value": "1"},
        }
    )
    v1.billing_portal.sessions.create({"customer": customer.id, "return_url": "http://localhost/"})
    assert (trial.status, paid.status) == ("trialing", "active")
    assert v1.invoices.retrieve(str(paid.latest_invoice)).status == "paid"
    assert bench.inspector.faults == []


def test_the_same_key_is_the_same_act_and_never_another(bench: Bench) -> None:
    v1 = bench.client.v1
    first = v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"})
    assert v1.customers.create({"name": "Ada"}, {"idempotency_key": "k"}).id == first.id
    with pytest.raises(stripe.IdempotencyError):
        v1.customers.create({"name": "Eve"}, {"idempotency_key": "k"})


@pytest.mark.parametrize(("kind", "refused"), [("429", stripe.RateLimitError), ("500", None)])
def test_faults_come_when_asked_for(
    bench: Bench, kind: str, refused: type[Exception] | None
) -> None:
    """A 500 is tried again by the library under the same key, a 429 is not."""
    bench.sandbox.fail(kind, 1, path="/v1/customers")
    if refused is None:
        assert bench.client.v1.customers.create({"name": "Ada"}).name == "Ada"
    else:
        with pytest.raises(refused):
            bench.client.v1.customers.create({"name": "Ada"})


def test_holds_are_captured_in_part_and_end_with_their_time(bench: Bench) -> None:
    v1 = bench.client.v1
    held = v1.payment_intents.create(
        {
            "amount": 5_000,
            "currency": "gbp",
            "payment_method": "pm_card_visa",
            "confirm": True,
            "capture_method": "manual",
        }
    )
    assert held.status == "requires_capture"
    taken = v1.payment_intents.capture(held.id, {"amount_to_capture": 3_000})
    assert (taken.status, taken.amount_received) == ("succeeded", 3_000)
    assert bench.inspector.faults == []
