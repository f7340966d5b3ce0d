"""Flask-Security put into an app of either plane, with the plane's own keys, tables and names."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, request
from flask_security import Security, SQLAlchemySessionUserDatastore
from flask_security.signals import change_email_confirmed
from flask_security.utils import send_mail
from werkzeug.local import LocalProxy

from auctionxchange.accounts.browsers import install_browsers
from auctionxchange.accounts.cookies import PlaneSessions, cookie_settings
from auctionxchange.accounts.devices import browser_name
from auctionxchange.accounts.forgery import FormProtection
from auctionxchange.accounts.forms import NewPasswordForm, OtherPasswordForm, RegisterForm
from auctionxchange.accounts.mails import mail_sender
from auctionxchange.accounts.passwords import SHORTEST_PASSWORD
from auctionxchange.accounts.plane import Plane, PlaneSerializer
from auctionxchange.accounts.sentences import AccountTexts
from auctionxchange.accounts.throttle import install_throttle
from auctionxchange.accounts.tries import Tries
from auctionxchange.accounts.way_back import install_way_back
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.signing import platform_key
from auctionxchange.kernel.translation import gettext as _

SERIALIZERS = (
    "remember_token", "login", "reset", "change_email", "confirm", "us_setup", "tf_setup",
    "tf_validity", "wan", "refresh_token",
)  # fmt: skip
FRESH = timedelta(minutes=30)
"""So long after the password was typed the account's address may be changed without it."""

PUBLIC = frozenset((
    "login", "logout", "register", "forgot_password", "reset_password", "confirm_email",
    "send_confirmation", "change_email_confirm",
))  # fmt: skip
"""Account pages anybody may ask for; all others ask for a sign-in."""


class Accounts(SQLAlchemySessionUserDatastore):
    """An app's accounts, written in the request's own transaction."""

    def commit(self) -> None:
        """Leave it to the request's end: a view that failed must not commit the half it wrote."""


def install_accounts(
    app: Flask, settings: Settings, plane: Plane, tries: Tries, *, registerable: bool
) -> Security:
    """Give an app accounts: sign in and out, reset, change, and where wanted registration."""
    app.config.update(
        cookie_settings(plane, secure=settings.secure),
        SECRET_KEY=platform_key(settings, f"{plane.name}:app").hex(),
        WTF_CSRF_SSL_STRICT=settings.secure,
        WTF_CSRF_TIME_LIMIT=None,
        **_security_settings(settings, plane, registerable=registerable),
    )
    app.session_interface = PlaneSessions(plane)
    # What the footer's language and light switches keep is harmless, and a token would give every
    # visitor a session.
    FormProtection(app).exempt("auctionxchange.theming.preferences.preferences")
    install_throttle(app, tries)
    app.register_blueprint(Blueprint("accounts", __name__, template_folder="templates"))
    session: Any = LocalProxy(plane.session)
    security = Security(
        app,
        Accounts(session, plane.account, plane.role),
        register_form=RegisterForm,
        reset_password_form=NewPasswordForm,
        change_password_form=OtherPasswordForm,
        mail_util_cls=mail_sender(plane),
    )
    for name in SERIALIZERS:
        setattr(security, f"{name}_serializer", PlaneSerializer(plane, f"account:{name}"))
    texts: Any = AccountTexts()
    security.i18n_domain = texts
    app.jinja_env.globals["_fsdomain"] = texts.gettext
    app.jinja_env.filters["browser_name"] = browser_name
    install_browsers(app, plane)
    install_way_back(app)
    change_email_confirmed.connect(_tell_old_address, app)
    _mark_pages(app)
    app.after_request(_keep_out_of_caches)
    return security


def _tell_old_address(_app: Flask, user: Any, old_email: str, **_rest: Any) -> None:
    """Write to the address that no longer counts: whoever took an account over keeps quiet."""
    subject = _("Your address was changed")
    send_mail(subject, old_email, "security/email/address_notice", user=user)


def _mark_pages(app: Flask) -> None:
    """Say of Flask-Security's own pages who may enter, as every page of ours does."""
    for endpoint, view in app.view_functions.items():
        blueprint, _, name = endpoint.partition(".")
        if blueprint == "security":
            access = "public" if name in PUBLIC else "member"
            setattr(view, "access", access)  # noqa: B010 - functions take attributes


def _keep_out_of_caches(response: Response) -> Response:
    """Let no cache keep an account's pages."""
    if request.blueprint in {"security", "members"}:
        response.headers["Cache-Control"] = "no-store"
    return response


def _security_settings(settings: Settings, plane: Plane, *, registerable: bool) -> dict[str, Any]:
    switched = _switched(registerable=registerable)
    return (
        switched | _addresses(plane.prefix, plane.account_page) | _TEMPLATES | _passwords(settings)
    )


def _switched(*, registerable: bool) -> dict[str, Any]:
    """Return what members can do by themselves."""
    return {
        "SECURITY_REGISTERABLE": registerable,
        "SECURITY_CONFIRMABLE": registerable,
        "SECURITY_USE_REGISTER_V2": True,
        "SECURITY_CHANGEABLE": True,
        "SECURITY_CHANGE_EMAIL": True,
        "SECURITY_RECOVERABLE": True,
        "SECURITY_TRACKABLE": True,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_AUTO_LOGIN_AFTER_CONFIRM": False,
        "SECURITY_AUTO_LOGIN_AFTER_RESET": False,
        "SECURITY_SEND_PASSWORD_CHANGE_EMAIL": True,
        "SECURITY_RESET_PASSWORD_WITHIN": timedelta(days=1),
        # Whoever finds a browser open must not take the account away with another address.
        "SECURITY_FRESHNESS": FRESH,
        "SECURITY_FRESHNESS_GRACE_PERIOD": timedelta(minutes=10),
        "SECURITY_API_ENABLED_METHODS": ["session"],
    }


def _addresses(prefix: str, account_page: str) -> dict[str, Any]:
    """Return where the pages are and where they lead."""
    return {
        "SECURITY_LOGIN_URL": f"{prefix}/sign-in",
        "SECURITY_LOGOUT_URL": f"{prefix}/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_REGISTER_URL": f"{prefix}/register",
        "SECURITY_RESET_URL": f"{prefix}/reset",
        "SECURITY_CONFIRM_URL": f"{prefix}/confirm",
        "SECURITY_CHANGE_URL": f"{prefix}/account/password",
        "SECURITY_CHANGE_EMAIL_URL": f"{prefix}/account/email",
        "SECURITY_VERIFY_URL": f"{prefix}/account/verify",
        "SECURITY_POST_LOGIN_VIEW": f"{prefix}/",
        "SECURITY_POST_LOGOUT_VIEW": f"{prefix}/",
        "SECURITY_POST_REGISTER_VIEW": f"{prefix}/sign-in",
        "SECURITY_POST_CONFIRM_VIEW": f"{prefix}/sign-in",
        "SECURITY_CONFIRM_ERROR_VIEW": f"{prefix}/confirm",
        "SECURITY_POST_RESET_VIEW": f"{prefix}/sign-in",
        "SECURITY_POST_CHANGE_VIEW": account_page,
        "SECURITY_POST_CHANGE_EMAIL_VIEW": account_page,
        "SECURITY_CHANGE_EMAIL_ERROR_VIEW": account_page,
        "SECURITY_UNAUTHORIZED_VIEW": None,
        "SECURITY_STATIC_FOLDER": None,
    }


_TEMPLATES = {
    f"SECURITY_{page}_TEMPLATE": f"accounts/{name}.html"
    for page, name in {
        "LOGIN_USER": "sign_in",
        "REGISTER_USER": "register",
        "FORGOT_PASSWORD": "forgot",
        "RESET_PASSWORD": "reset",
        "SEND_CONFIRMATION": "confirm",
        "CHANGE_PASSWORD": "change_password",
        "CHANGE_EMAIL": "change_email",
        "VERIFY": "verify",
    }.items()
}


def _passwords(settings: Settings) -> dict[str, Any]:
    """Return how passwords are kept; tests hash cheaply."""
    testing = settings.environment == "test"
    return {
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SALT": platform_key(settings, "password-salt").hex(),
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_PASSWORD_CONFIRM_REQUIRED": False,
        "SECURITY_PASSWORD_HASH_OPTIONS": {"argon2__time_cost": 1, "argon2__memory_cost": 1024}
        if testing
        else {},
        "SECURITY_EMAIL_VALIDATOR_ARGS": {
            "check_deliverability": False,
            "test_environment": not settings.production,
        },
        "SECURITY_EMAIL_SENDER": settings.mail_from,
        "SECURITY_DATETIME_FACTORY": lambda: datetime.now(UTC),
    }
