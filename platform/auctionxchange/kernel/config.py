"""Settings from the environment, checked once at the start.

docs/configuration.md lists them; a setting that cannot be used stops the start and is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from auctionxchange.kernel.setting_errors import SettingInvalid
from auctionxchange.kernel.stripe_settings import PAGES, stripe_settings

__all__ = ["REPOSITORY", "SettingInvalid", "Settings", "load_settings"]

REPOSITORY = Path(__file__).resolve().parents[3]
SHORTEST_SECRET = 32
WEAK_SECRETS = ("change-me", "changeme", "secret", "development", "insecure", "password")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the processes are told from outside."""

    database_url: str
    secret_key: str
    public_url: str
    environment: str = "development"
    database_admin_url: str | None = None
    media_root: Path = REPOSITORY / "var" / "media"
    media_s3_bucket: str | None = None
    media_s3_endpoint: str | None = None
    smtp_url: str = "smtp://127.0.0.1:1025"
    mail_from: str = "auctions@localhost"
    mail_sink_url: str | None = None
    static_root: Path = REPOSITORY / "build" / "static"
    trusted_proxies: int = 0
    log_format: str = "text"
    database_pool: int = 5
    stripe_secret_key: str | None = None
    stripe_webhook_secret_platform: str | None = None
    stripe_webhook_secret_connect: str | None = None
    stripe_api_base: str | None = None
    stripe_pages: str = PAGES

    @property
    def scheme(self) -> str:
        """Return http or https, as the public sees it."""
        return _public(self.public_url).scheme

    @property
    def secure(self) -> bool:
        """Tell whether the public side is https, which decides cookie names and flags."""
        return self.scheme == "https"

    @property
    def apex(self) -> str:
        """Return the apex host name without a port."""
        return _public(self.public_url).apex

    @property
    def port_suffix(self) -> str:
        """Return ":8000" where the public port is not the scheme's own, else nothing."""
        return _public(self.public_url).port_suffix

    @property
    def console_host(self) -> str:
        """Return the operators' host name without a port."""
        return f"console.{self.apex}"

    @property
    def production(self) -> bool:
        """Tell whether the strict rules of production hold."""
        return self.environment == "production"


class _Public(NamedTuple):
    """The parts of the public address, which every request asks for."""

    scheme: str
    apex: str
    port_suffix: str


@cache
def _public(url: str) -> _Public:
    parts = urlsplit(url)
    suffix = "" if parts.port is None else f":{parts.port}"
    return _Public(parts.scheme, parts.hostname or "", suffix)


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings; raises SettingInvalid with the name of the first unusable one."""
    settings = Settings(
        database_url=_postgres(environ, "DATABASE_URL"),
        database_admin_url=_optional_postgres(environ, "DATABASE_ADMIN_URL"),
        secret_key=_required(environ, "SECRET_KEY", "set a random text of 32 characters or more"),
        public_url=_public_url(environ.get("PUBLIC_URL", "http://localhost:8000")),
        environment=_choice(
            environ, "AUCTIONXCHANGE_ENVIRONMENT", ("development", "production", "test")
        ),
        media_root=Path(environ.get("MEDIA_ROOT", REPOSITORY / "var" / "media")),
        media_s3_bucket=environ.get("MEDIA_S3_BUCKET") or None,
        media_s3_endpoint=environ.get("MEDIA_S3_ENDPOINT") or None,
        smtp_url=_smtp(environ.get("SMTP_URL", "smtp://127.0.0.1:1025")),
        mail_from=environ.get("MAIL_FROM", "auctions@localhost"),
        mail_sink_url=environ.get("MAIL_SINK_URL") or None,
        static_root=Path(environ.get("STATIC_ROOT", REPOSITORY / "build" / "static")),
        trusted_proxies=_number(environ, "TRUSTED_PROXIES", 0),
        log_format=_choice(environ, "LOG_FORMAT", ("text", "json")),
        database_pool=_number(environ, "DATABASE_POOL", 5),
        **stripe_settings(
            environ, production=environ.get("AUCTIONXCHANGE_ENVIRONMENT") == "production"
        ),
    )
    if len(settings.secret_key) < SHORTEST_SECRET:
        raise SettingInvalid("SECRET_KEY", f"use {SHORTEST_SECRET} random characters or more")
    if settings.production:
        _check_production(settings)
    return settings


def _check_production(settings: Settings) -> None:
    weak = any(word in settings.secret_key.lower() for word in WEAK_SECRETS)
    if weak or len(set(settings.secret_key)) < SHORTEST_SECRET // 3:
        raise SettingInvalid("SECRET_KEY", "this one can be guessed; make a random one")
    if not settings.secure:
        raise SettingInvalid("PUBLIC_URL", "production is served over https")
    if settings.mail_sink_url is not None:
        raise SettingInvalid("MAIL_SINK_URL", "the mail sink shows all mail; leave it unset")


def _required(environ: Mapping[str, str], name: str, advice: str) -> str:
    value = environ.get(name, "").strip()
    if not value:
        raise SettingInvalid(name, advice)
    return value


def _postgres(environ: Mapping[str, str], name: str) -> str:
    value = _required(environ, name, "set a PostgreSQL address, postgresql://user:password@host/db")
    if not value.startswith(("postgresql://", "postgres://", "postgresql+psycopg2://")):
        raise SettingInvalid(name, "set a PostgreSQL address, postgresql://user:password@host/db")
    return value


def _optional_postgres(environ: Mapping[str, str], name: str) -> str | None:
    return _postgres(environ, name) if environ.get(name) else None


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path not in {"", "/"}:
        raise SettingInvalid("PUBLIC_URL", "set scheme and host, such as https://auctions.example")
    return value.rstrip("/")


def _smtp(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"smtp", "smtps", "smtp+starttls"} or not parts.hostname:
        raise SettingInvalid("SMTP_URL", "set smtp://, smtp+starttls:// or smtps:// and a host")
    return value


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = environ.get(name, allowed[0])
    if value not in allowed:
        raise SettingInvalid(name, f"choose one of {', '.join(allowed)}")
    return value


def _number(environ: Mapping[str, str], name: str, default: int) -> int:
    value = environ.get(name, str(default))
    if not (value.isascii() and value.isdigit()):
        raise SettingInvalid(name, "set a whole number")
    return int(value)
