"""Connected accounts (v2), their onboarding links, and what the platform may do with them."""

from auctionxchange.sandbox.stripe.calls import Call, route
from auctionxchange.sandbox.stripe.events import moment
from auctionxchange.sandbox.stripe.refusals import invalid, no_access
from auctionxchange.sandbox.stripe.store import Store, Thing

LINK_SECONDS = 300
ACCOUNT = "v2.core.account"


def require_account(store: Store, account: str) -> None:
    """Refuse an account that does not exist or has revoked the platform's access."""
    found = next((a for a in store.all("", ACCOUNT) if a["id"] == account), None)
    if found is None or found.get("_revoked"):
        raise no_access(account)


@route("POST", "/v2/core/accounts")
def create_account(call: Call) -> Thing:
    """Make an account that cannot take cards before its onboarding is done."""
    configuration = call.params.get("configuration") or {}
    account = call.make(
        "acct",
        ACCOUNT,
        applied_configurations=sorted(configuration),
        contact_email=call.params.get("contact_email"),
        dashboard=call.params.get("dashboard"),
        defaults=_completed(call.params.get("defaults")),
        display_name=call.params.get("display_name"),
        identity=call.params.get("identity"),
        metadata=call.params.get("metadata") or {},
        configuration=_configured(configuration, "restricted"),
    )
    account["created"] = moment(account["created"])
    call.save(account)
    return account


def _completed(defaults: Thing | None) -> Thing | None:
    """Return the defaults with what Stripe adds: who collects what it must know."""
    if not defaults or not defaults.get("responsibilities"):
        return defaults
    return {
        **defaults,
        "responsibilities": {**defaults["responsibilities"], "requirements_collector": "stripe"},
    }


def _configured(configuration: Thing, status: str) -> Thing:
    reasons = {
        "restricted": ("requirements_past_due", "provide_info"),
        "pending": ("requirements_pending_verification", "no_resolution"),
        "unsupported": ("unsupported_business", "contact_stripe"),
    }
    code, resolution = reasons.get(status, ("", ""))
    details = [{"code": code, "resolution": resolution}] if code else []
    merchant = {
        "applied": True,
        "capabilities": {"card_payments": {"status": status, "status_details": details}},
    }
    chosen = {"merchant": merchant, "customer": {"applied": True}}
    return {name: part for name, part in chosen.items() if name in configuration}


@route("GET", "/v2/core/accounts/<identifier>")
def get_account(call: Call) -> Thing:
    """Show an account to its platform."""
    account = call.get(ACCOUNT)
    if account.get("_revoked"):
        raise no_access(call.identifier)
    return account


@route("POST", "/v2/core/account_links")
def create_account_link(call: Call) -> Thing:
    """Make an address where the house tells Stripe about itself; it lives for five minutes."""
    account = call.get(ACCOUNT, str(call.params.get("account")))
    use = call.params.get("use_case") or {}
    chosen = use.get(use.get("type", ""), {})
    if not chosen.get("refresh_url"):
        raise invalid("Missing required param: use_case[account_onboarding][refresh_url].")
    link = call.make("link", "v2.core.account_link", account=account["id"], use_case=use)
    link["url"] = f"{call.base}/sandbox/onboarding/{link['id']}"
    link["expires_at"] = moment(link["created"] + LINK_SECONDS)
    link["_until"] = link["created"] + LINK_SECONDS
    link["created"] = moment(link["created"])
    return call.save(link)


def set_capability(call: Call, account: Thing, status: str) -> None:
    """Change whether an account may take cards, and tell both endpoints."""
    account["configuration"] = _configured(account["configuration"] or {}, status)
    call.store.save("", account)
    call.events.emit_thin(
        "v2.core.account[configuration.merchant].capability_status_updated", account["id"]
    )
    snapshot: Thing = {
        "id": account["id"],
        "object": "account",
        "charges_enabled": status == "active",
        "details_submitted": True,
        "payouts_enabled": status == "active",
    }
    call.events.emit(account["id"], "account.updated", snapshot)


def revoke(call: Call, account: Thing) -> None:
    """Have the house take the platform's access away: the event's object is the application."""
    application: Thing = {"id": "ca_sandbox", "object": "application", "name": "AuctionXchange"}
    call.events.emit(account["id"], "account.application.deauthorized", application)
    account["_revoked"] = True
    call.store.save("", account)
