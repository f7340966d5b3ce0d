"""The settings of payments, checked at the start like all others.

Without STRIPE_SECRET_KEY nothing is paid by card and the rest works. Test addresses and test keys
belong to demos and tests; production refuses them.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from auctionxchange.kernel.setting_errors import SettingInvalid

PAGES = "https://checkout.stripe.com https://connect.stripe.com"
"""Where Stripe shows pages of its own, as a page's policy names them."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def stripe_settings(environ: Mapping[str, str], *, production: bool) -> dict[str, Any]:
    """Return the four settings; raises SettingInvalid with the name of the unusable one."""
    key = environ.get("STRIPE_SECRET_KEY") or None
    base = environ.get("STRIPE_API_BASE") or None
    secrets = {
        name: environ.get(name) or None
        for name in ("STRIPE_WEBHOOK_SECRET_PLATFORM", "STRIPE_WEBHOOK_SECRET_CONNECT")
    }
    _check_key(key, production=production)
    _check_secrets(secrets, needed=key is not None)
    _check_base(base, key, production=production)
    return {
        "stripe_secret_key": key,
        "stripe_api_base": base,
        "stripe_pages": PAGES if base is None else environ.get("STRIPE_SANDBOX_URL") or base,
        **{name.lower(): value for name, value in secrets.items()},
    }


def _check_key(key: str | None, *, production: bool) -> None:
    if key is None:
        return
    if not key.startswith(("sk_test_", "rk_test_", "sk_live_", "rk_live_")):
        raise SettingInvalid("STRIPE_SECRET_KEY", "set a secret or restricted key of Stripe's")
    if production and "_test_" in key:
        raise SettingInvalid("STRIPE_SECRET_KEY", "production needs a live key")


def _check_secrets(secrets: dict[str, str | None], *, needed: bool) -> None:
    for name, value in secrets.items():
        if needed and value is None:
            raise SettingInvalid(name, "set the signing secret of this endpoint")
        if value is not None and not value.startswith("whsec_"):
            raise SettingInvalid(name, "set the endpoint's signing secret; it begins with whsec_")
    given = [value for value in secrets.values() if value]
    if len(given) != len(set(given)):
        raise SettingInvalid(
            "STRIPE_WEBHOOK_SECRET_CONNECT", "the two endpoints have secrets of their own"
        )


def _check_base(base: str | None, key: str | None, *, production: bool) -> None:
    if base is None:
        return
    if production:
        raise SettingInvalid("STRIPE_API_BASE", "production talks to Stripe itself; leave it unset")
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or parts.hostname not in LOOPBACK:
        raise SettingInvalid("STRIPE_API_BASE", "set the sandbox's address on this machine")
    if key is not None and "_live_" in key:
        raise SettingInvalid("STRIPE_SECRET_KEY", "a live key is never sent to a sandbox")
