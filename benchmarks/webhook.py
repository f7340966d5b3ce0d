"""How soon a webhook of Stripe's is acknowledged, in process: checked, written down, committed."""

import secrets
from dataclasses import replace
from http import HTTPStatus

from benchmarks.installation import Installation
from benchmarks.results import keep, lines_to_nowhere, timed
from werkzeug.test import Client
from wsgi import build_application

from auctionxchange.sandbox.stripe.events import signed

RUNS = 200
GOAL_MS = 10.0
SECRET = "whsec_of_the_benchmark"  # noqa: S105 - of an installation that lives for a minute


def run(made: Installation) -> None:
    """Print the median."""
    settings = replace(
        made.settings,
        stripe_secret_key="sk_test_of_the_benchmark",  # noqa: S106 - the same
        stripe_webhook_secret_platform=SECRET,
        stripe_webhook_secret_connect=SECRET,
    )
    client = Client(build_application(settings, made.database))
    with lines_to_nowhere():
        taken = timed(lambda: _tell(client), runs=RUNS)
    keep("webhook", {"acknowledged_ms": round(taken, 2), "goal": f"<= {GOAL_MS} ms"}, made.postgres)


def _tell(client: Client) -> None:
    body = (
        f'{{"id": "evt_{secrets.token_hex(8)}", "object": "event", "type": "charge.succeeded",'
        ' "created": 1767225600, "livemode": false, "account": "acct_of_nobody",'
        ' "data": {"object": {"id": "ch_1", "object": "charge"}}}'
    )
    answer = client.post(
        "/stripe/webhooks/connect",
        data=body,
        content_type="application/json",
        headers={"Host": "localhost", "Stripe-Signature": signed(body, SECRET)},
    )
    assert answer.status_code == HTTPStatus.OK, answer.text
