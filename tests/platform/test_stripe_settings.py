"""Settings of payments that cannot be used stop the start and are named."""

import pytest

from auctionxchange.kernel.config import SettingInvalid, load_settings

GOOD = {
    "DATABASE_URL": "postgresql://u:p@localhost/d",
    "SECRET_KEY": "kT9wq3zR7mYv2xNc8bLp5sDf4gHj6aQe",
    "STRIPE_SECRET_KEY": "sk_test_1",
    "STRIPE_WEBHOOK_SECRET_PLATFORM": "whsec_1",
    "STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_2",
}
PRODUCTION = {
    "AUCTIONXCHANGE_ENVIRONMENT": "production",
    "PUBLIC_URL": "https://auctions.example",
    "STRIPE_SECRET_KEY": "sk_live_1",
}


def test_good_settings_and_none_at_all_are_taken() -> None:
    assert load_settings(GOOD).stripe_secret_key == "sk_test_1"
    bare = {name: value for name, value in GOOD.items() if not name.startswith("STRIPE")}
    assert load_settings(bare).stripe_secret_key is None
    assert load_settings(GOOD | PRODUCTION).stripe_pages.startswith("https://checkout.")


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"STRIPE_SECRET_KEY": "pk_test_1"}, "STRIPE_SECRET_KEY"),
        ({"STRIPE_WEBHOOK_SECRET_PLATFORM": ""}, "STRIPE_WEBHOOK_SECRET_PLATFORM"),
        ({"STRIPE_WEBHOOK_SECRET_CONNECT": "secret"}, "STRIPE_WEBHOOK_SECRET_CONNECT"),
        ({"STRIPE_WEBHOOK_SECRET_CONNECT": "whsec_1"}, "STRIPE_WEBHOOK_SECRET_CONNECT"),
        ({"STRIPE_API_BASE": "http://stripe.example"}, "STRIPE_API_BASE"),
        (
            {"STRIPE_API_BASE": "http://127.0.0.1:1", "STRIPE_SECRET_KEY": "sk_live_1"},
            "STRIPE_SECRET_KEY",
        ),
        (PRODUCTION | {"STRIPE_API_BASE": "http://127.0.0.1:1"}, "STRIPE_API_BASE"),
        (PRODUCTION | {"STRIPE_SECRET_KEY": "sk_test_1"}, "STRIPE_SECRET_KEY"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(changed: dict[str, str], named: str) -> None:
    with pytest.raises(SettingInvalid) as refused:
        load_settings(GOOD | changed)
    assert refused.value.setting == named
