"""The pages people see at Stripe, each marked TEST, and the sandbox's own faults page."""

import json
from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from auctionxchange.sandbox.stripe import accounts, charges, portal
from auctionxchange.sandbox.stripe.balance import finish_payout
from auctionxchange.sandbox.stripe.billing import renew
from auctionxchange.sandbox.stripe.calls import Call
from auctionxchange.sandbox.stripe.cards import CARDS, card_of
from auctionxchange.sandbox.stripe.checkout import SESSION, complete, intent_of, subscribe
from auctionxchange.sandbox.stripe.customers import make_card
from auctionxchange.sandbox.stripe.faults import KINDS
from auctionxchange.sandbox.stripe.intents import confirm, confirm_setup
from auctionxchange.sandbox.stripe.passing_time import let_pass
from auctionxchange.sandbox.stripe.refusals import StripeRefusal, missing
from auctionxchange.sandbox.stripe.store import Thing

if TYPE_CHECKING:
    from auctionxchange.sandbox.stripe.application import StripeSandbox

HEAD = (
    "<thead><tr><th>Account</th><th>Number</th><th>Minor units</th><th>State</th><th>Do</th></tr>"
    "</thead>"
)
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"
STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
.test { background: #ffd600; color: #111; padding: .5rem 1rem; font-weight: 700; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: start; padding: .25rem; }
.wide { overflow-x: auto; }
label { display: block; margin: .75rem 0; } select, input, button { font: inherit; padding: .4rem; }
.refused { border-inline-start: 4px solid #c62828; padding-inline-start: .75rem; }
"""
MAP = Map(
    [
        Rule("/", endpoint="faults"),
        Rule("/healthz", endpoint="health"),
        Rule("/style.css", endpoint="style"),
        Rule("/sandbox/faults", endpoint="faults"),
        Rule("/sandbox/clock", endpoint="clock"),
        Rule("/sandbox/checkout/<account>/<identifier>", endpoint="checkout"),
        Rule("/sandbox/3ds/<account>/<identifier>", endpoint="challenge"),
        Rule("/sandbox/onboarding/<identifier>", endpoint="onboarding"),
        Rule("/sandbox/portal/<identifier>", endpoint="portal"),
        Rule("/sandbox/accounts/<identifier>/<verb>", endpoint="account"),
        Rule("/sandbox/disputes/<account>/<identifier>/<verb>", endpoint="dispute"),
        Rule("/sandbox/payouts/<account>/<identifier>/<verb>", endpoint="payout"),
        Rule("/sandbox/subscriptions/<identifier>/renew", endpoint="subscription"),
    ]
)


def serve(sandbox: "StripeSandbox", request: Request) -> Response:
    """Answer a page."""
    adapter = MAP.bind("", path_info=request.path)
    try:
        endpoint, arguments = adapter.match()
        with sandbox.store.lock:
            return _PAGES[endpoint](sandbox, request, **arguments)
    except HTTPException:
        return page("Not found", "<p>There is nothing here.</p>", 404)
    except StripeRefusal as refusal:
        words = escape(str(refusal.error["message"]))
        return page("Refused", f'<p class="refused">{words}</p>', refusal.status)


def page(title: str, content: str, status: int = 200) -> Response:
    """Return a page that cannot be taken for Stripe's."""
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)} – TEST</title><link rel="stylesheet" href="/style.css"><body>'
        '<p class="test">TEST – this is a sandbox. No money moves; never type a real card.</p>'
        f"<h1>{escape(title)}</h1>{content}</body></html>"
    )
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-store"}
    return Response(body, status, headers, content_type="text/html; charset=utf-8")


def _health(_sandbox: "StripeSandbox", _request: Request) -> Response:
    return Response('{"status": "ok"}', content_type="application/json")


def _style(_sandbox: "StripeSandbox", _request: Request) -> Response:
    return Response(STYLE, content_type="text/css")


def _owner(account: str) -> str:
    return "" if account == "platform" else account


def _checkout(
    sandbox: "StripeSandbox", request: Request, account: str, identifier: str
) -> Response:
    call = sandbox.call_for(_owner(account))
    session = call.get(SESSION, identifier)
    if session["status"] != "open":
        return page("This page has expired", "<p>Go back to the auction house.</p>", 410)
    if request.method == "GET":
        return _card_form(session)
    card = make_card(call, card_of(request.form.get("card", "")))
    if session["mode"] == "subscription":
        return _subscribed(call, session, card)
    intent = intent_of(call, session)
    intent["payment_method"] = card["id"]
    intent["_session"] = session["id"]
    try:
        after = _try(call, intent, authenticated=False)
    except StripeRefusal as refusal:
        return _card_form(session, refused=str(refusal.error["message"]))
    if after["status"] == "requires_action":
        return redirect(after["next_action"]["redirect_to_url"]["url"], 303)
    complete(call, session)
    return redirect(_returned(session), 303)


def _subscribed(call: Call, session: Thing, card: Thing) -> Response:
    """Begin the subscription a page was for, or say that the card was refused."""
    try:
        subscribe(call, session, card)
    except StripeRefusal as refusal:
        return _card_form(session, refused=str(refusal.error["message"]))
    complete(call, session)
    return redirect(_returned(session), 303)


def _try(call: Call, intent: Thing, *, authenticated: bool) -> Thing:
    act = confirm if intent["object"] == "payment_intent" else confirm_setup
    return act(call, intent, authenticated=authenticated)


def _returned(session: Thing) -> str:
    address: str = session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"])
    return address


def _card_options() -> str:
    return "".join(
        f'<option value="{card.number}">{card.number} – {escape(card.name)}</option>'
        for card in CARDS.values()
    )


def _card_form(session: Thing, *, refused: str = "") -> Response:
    options = _card_options()
    total = "" if session["amount_total"] is None else (
        f"<p>{session['amount_total']} {escape(session['currency']).upper()} in minor units</p>"
    )  # fmt: skip
    told = f'<p class="refused" role="alert">{escape(refused)}</p>' if refused else ""
    back = escape(session["cancel_url"] or "", quote=True)
    verb = {"setup": "Keep this card", "subscription": "Subscribe"}.get(session["mode"], "Pay")
    form = (
        f'{told}{total}<form method="post"><label>Test card <select name="card">{options}</select>'
        f"</label><button>{verb}</button></form>"
    )
    leave = f'<p><a href="{back}">Go back</a></p>' if back else ""
    return page("Checkout", form + leave, 402 if refused else 200)


def _challenge(
    sandbox: "StripeSandbox", request: Request, account: str, identifier: str
) -> Response:
    call = sandbox.call_for(_owner(account))
    kind = "setup_intent" if identifier.startswith("seti_") else "payment_intent"
    intent = call.get(kind, identifier)
    if intent["status"] != "requires_action":
        return page("Nothing to confirm", "<p>This was answered before.</p>", 410)
    if request.method == "GET":
        buttons = (
            '<form method="post"><button name="answer" value="yes">It is me</button> '
            '<button name="answer" value="no">Refuse</button></form>'
        )
        return page("3-D Secure", f"<p>Your bank asks whether it is you.</p>{buttons}")
    return _after_challenge(call, intent, agreed=request.form.get("answer") == "yes")


def _after_challenge(call: Call, intent: Thing, *, agreed: bool) -> Response:
    session = call.get(SESSION, intent["_session"]) if "_session" in intent else None
    if not agreed:
        intent.update(status="requires_payment_method", next_action=None)
        call.save(intent)
        where = session["url"] if session else intent.get("_return_url")
        return redirect(where, 303) if where else page("Refused", "<p>You may close this.</p>")
    _try(call, intent, authenticated=True)
    if session is None:
        where = intent.get("_return_url")
        return redirect(where, 303) if where else page("Confirmed", "<p>You may close this.</p>")
    complete(call, session)
    return redirect(_returned(session), 303)


def _onboarding(sandbox: "StripeSandbox", request: Request, identifier: str) -> Response:
    call = sandbox.call_for("")
    link = call.get("v2.core.account_link", identifier)
    use = link["use_case"]["account_onboarding"]
    if link["_until"] < sandbox.store.now():
        return redirect(use["refresh_url"], 303)
    if request.method == "GET":
        form = '<form method="post"><button>Everything is filled in</button></form>'
        return page("Tell Stripe about your house", form)
    accounts.set_capability(call, call.get(accounts.ACCOUNT, link["account"]), "active")
    return redirect(use.get("return_url") or use["refresh_url"], 303)


def _portal(sandbox: "StripeSandbox", request: Request, identifier: str) -> Response:
    call = sandbox.call_for("")
    session = call.get("billing_portal.session", identifier)
    if request.method == "POST":
        portal.act(call, session["customer"], request.form.get("act", ""), request.form)
        return redirect(request.path, 303)
    back = escape(session["return_url"] or "/", quote=True)
    content = portal.content(call, session["customer"], _card_options())
    return page("Your subscription", f'{content}<p><a href="{back}">Go back</a></p>')


def _account(sandbox: "StripeSandbox", request: Request, identifier: str, verb: str) -> Response:
    call = sandbox.call_for("")
    account = call.get(accounts.ACCOUNT, identifier)
    if request.method != "POST" or verb not in {"deauthorize", "activate", "restrict"}:
        raise missing("verb", verb)
    if verb == "deauthorize":
        accounts.revoke(call, account)
    else:
        accounts.set_capability(call, account, "active" if verb == "activate" else "restricted")
    return _done(request)


def _dispute(
    sandbox: "StripeSandbox", request: Request, account: str, identifier: str, verb: str
) -> Response:
    call = sandbox.call_for(_owner(account))
    if request.method != "POST" or verb not in {"won", "lost"}:
        raise missing("verb", verb)
    charges.close_dispute(call, call.get("dispute", identifier), verb)
    return _done(request)


def _payout(
    sandbox: "StripeSandbox", request: Request, account: str, identifier: str, verb: str
) -> Response:
    call = sandbox.call_for(_owner(account))
    if request.method != "POST" or verb not in {"paid", "fail"}:
        raise missing("verb", verb)
    finish_payout(call, call.get("payout", identifier), paid=verb == "paid")
    return _done(request)


def _subscription(sandbox: "StripeSandbox", request: Request, identifier: str) -> Response:
    call = sandbox.call_for("")
    subscription = call.get("subscription", identifier)
    if request.method != "POST" or subscription["status"] == "canceled":
        raise missing("verb", "renew")
    renew(call, subscription)
    return _done(request)


def _clock(sandbox: "StripeSandbox", request: Request) -> Response:
    if request.method == "POST":
        seconds = float(_sent(request).get("seconds", 0))
        let_pass(sandbox.call_for, max(seconds, 0.0))
        return _done(request)
    return Response(json.dumps({"now": sandbox.store.now()}), content_type="application/json")


def _sent(request: Request) -> dict[str, Any]:
    if request.is_json:
        found: dict[str, Any] = request.get_json()
        return found
    return dict(request.form)


def _done(request: Request) -> Response:
    if request.is_json:
        return Response('{"done": true}', content_type="application/json")
    return redirect("/sandbox/faults", 303)


def _faults(sandbox: "StripeSandbox", request: Request) -> Response:
    if request.method == "POST":
        sent = _sent(request)
        if sent.get("kind") == "clear":
            sandbox.faults.clear()
        else:
            sandbox.fail(
                str(sent.get("kind")), int(sent.get("count", 1)), path=str(sent.get("path", "")),
                seconds=float(sent.get("seconds", 1)),
            )  # fmt: skip
        return _done(request)
    return page("Faults", _fault_forms(sandbox) + _tables(sandbox))


def _fault_forms(sandbox: "StripeSandbox") -> str:
    kinds = "".join(f"<option>{kind}</option>" for kind in (*KINDS, "clear"))
    waiting = "".join(
        f"<li>{fault.kind} × {fault.left} at {escape(fault.path) or 'any address'}</li>"
        for fault in sandbox.faults.waiting
    )
    return (
        '<h2>Let something go wrong</h2><form method="post" action="/sandbox/faults">'
        f'<label>What <select name="kind">{kinds}</select></label>'
        '<label>How often <input name="count" type="number" value="1" min="1"></label>'
        '<label>Addresses that begin with <input name="path" value="/v1/payment_intents"></label>'
        '<label>Seconds of a delay <input name="seconds" type="number" value="1"></label>'
        f"<button>Do it</button></form><ul>{waiting}</ul>"
        '<h2>Let time pass</h2><form method="post" action="/sandbox/clock"><label>Seconds '
        '<input name="seconds" type="number" value="86400"></label><button>Pass</button></form>'
    )


def _tables(sandbox: "StripeSandbox") -> str:
    shown = ("payment_intent", "dispute", "payout", accounts.ACCOUNT, "subscription")
    parts = []
    for kind in shown:
        rows = "".join(
            f"<tr><td>{escape(account or thing['id'])}</td><td>{escape(thing['id'])}</td>"
            f"<td>{_amount(thing)}</td>"
            f"<td>{escape(str(thing.get('status', '')))}</td><td>{_verbs(account, thing)}</td></tr>"
            for account, thing in sandbox.store.everywhere(kind)[-20:]
        )
        parts.append(f'<h2>{escape(kind)}</h2><div class="wide"><table>{HEAD}{rows}</table></div>')
    return "".join(parts)


def _amount(thing: Thing) -> str:
    """Return an amount as Stripe writes it: minor units and the currency."""
    if "amount" not in thing:
        return ""
    return escape(f"{thing['amount']} {thing['currency'].upper()}")


def _verbs(account: str, thing: Thing) -> str:
    verbs = {
        "dispute": ("disputes", ("won", "lost"), f"{account or 'platform'}/"),
        "payout": ("payouts", ("paid", "fail"), f"{account or 'platform'}/"),
        accounts.ACCOUNT: ("accounts", ("activate", "restrict", "deauthorize"), ""),
        "subscription": ("subscriptions", ("renew",), ""),
    }.get(thing["object"])
    if verbs is None:
        return ""
    folder, names, owner = verbs
    return "".join(
        f'<form method="post" action="/sandbox/{folder}/{owner}{escape(thing["id"])}/{name}">'
        f"<button>{name}</button></form>"
        for name in names
    )


_PAGES: dict[str, Callable[..., Response]] = {
    "health": _health,
    "style": _style,
    "faults": _faults,
    "clock": _clock,
    "checkout": _checkout,
    "challenge": _challenge,
    "onboarding": _onboarding,
    "portal": _portal,
    "account": _account,
    "dispute": _dispute,
    "payout": _payout,
    "subscription": _subscription,
}
