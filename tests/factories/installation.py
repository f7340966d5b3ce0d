"""A whole installation on free ports: database, front door, web, gateway, worker, mail, Stripe."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from auctionhouse.members.operations import create_member, set_password
from auctionhouse.seed import seed_house
from auctionxchange.accounts.operators import create_operator
from auctionxchange.accounts.passwords import hashed
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.outbox import enqueue
from auctionxchange.sandbox.postgres import free_port
from auctionxchange.sandbox.processes import Processes, procfile_commands
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.migration import migrate_platform
from auctionxchange.tenancy.provisioning import owner_engine
from auctionxchange.tenancy.setup import set_up
from auctionxchange.theming.assets import collect, collect_for_paper
from factories.houses import make_house

PASSWORD = "paddle-and-hammer"
SANDBOXES = {
    "mail": "python -m auctionxchange.sandbox.mail_sink",
    "stripe": "python -m auctionxchange.sandbox.stripe",
}
MAIL_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Installation:
    """The running processes, their settings, and acts on them that pages do not offer."""

    processes: Processes
    settings: Settings
    database: Database
    environ: dict[str, str]

    @property
    def address(self) -> str:
        """Return the front door's address for programs, which do not know *.localhost."""
        return f"http://127.0.0.1:{self.environ['PORT']}"

    def url(self, name: str, path: str = "/") -> str:
        """Return a browser's address at a house's slug, "console", "mail", or "" for the apex."""
        host = f"{name}.localhost" if name else "localhost"
        return f"http://{host}:{self.environ['PORT']}{path}"

    def house(self, slug: str) -> House:
        """Return a house by its slug."""
        found = Directory(self.database, self.settings).by_slug(slug)
        assert found is not None
        return found

    def add_house(
        self, slug: str, *, language: str = "en", currency: str = "GBP", theme: str = "base"
    ) -> House:
        """Make a house whose owner, owner@slug.example, signs in with PASSWORD."""
        engine = owner_engine(self.environ["DATABASE_ADMIN_URL"])
        make_house(engine, seed_house, slug=slug, language=language, currency=currency, theme=theme)
        engine.dispose()
        house = self.house(slug)
        with self.database.house_session(house) as session, session.begin():
            set_password(session, f"owner@{slug}.example", hashed(PASSWORD))
        return house

    def add_member(self, slug: str, name: str, *roles: str) -> str:
        """Make a member, a bidder unless told otherwise, and return the address."""
        email = f"{name}-{secrets.token_hex(3)}@{slug}.example"
        with self.database.house_session(self.house(slug)) as session, session.begin():
            create_member(
                session,
                email=email,
                name=name.title(),
                password_hash=hashed(PASSWORD),
                roles=roles or ("bidder",),
            )
        return email

    def add_operator(self) -> str:
        """Make an operator and return the address."""
        email = f"operator-{secrets.token_hex(3)}@exchange.example"
        with self.database.platform_session() as session, session.begin():
            create_operator(session, email=email, name="Operator", password_hash=hashed(PASSWORD))
        return email

    def do(self, slug: str, task: str, **arguments: Any) -> None:
        """Have the worker do a job now that would come round by itself later."""
        with self.database.house_session(self.house(slug)) as session, session.begin():
            enqueue(session, task, **arguments)

    def mails(self, to: str) -> list[dict[str, Any]]:
        """Return what the sink holds for an address, newest first."""
        sink = f"http://127.0.0.1:{self.environ['MAIL_SINK_PORT']}/messages.json"
        return [mail for mail in httpx.get(sink).json() if to in mail["to"]]

    def mail_to(self, to: str, subject: str) -> dict[str, Any]:
        """Wait for a mail whose subject holds a text, and return it."""
        deadline = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < deadline:
            for mail in self.mails(to):
                if subject in mail["subject"]:
                    return mail
            time.sleep(0.1)
        raise AssertionError(f"no mail “{subject}” to {to}: {self.mails(to)}")

    def wait_until_serving(self) -> None:
        """Wait until all parts serve, again."""
        self.processes.wait_until_serving(self.address, f"localhost:{self.environ['PORT']}")


@contextmanager
def running_installation(superuser_url: str, folder: Path) -> Iterator[Installation]:
    """Set up, migrate, start everything and stop it at the end."""
    collect(folder / "static")
    collect_for_paper(folder / "static")
    addresses = set_up(superuser_url, f"ax_{secrets.token_hex(4)}")
    migrate_platform(addresses.database_admin_url)
    environ = _environment(folder) | {
        "DATABASE_URL": addresses.database_url,
        "DATABASE_ADMIN_URL": addresses.database_admin_url,
    }
    settings = load_settings(environ)
    database = Database(settings.database_url, secret_key=settings.secret_key)
    with Processes(environ, folder / "logs") as processes:
        processes.start(procfile_commands() | SANDBOXES)
        installation = Installation(processes, settings, database, environ)
        installation.wait_until_serving()
        yield installation
    database.dispose()


def _environment(folder: Path) -> dict[str, str]:
    names = (
        "PORT", "WEB_PORT", "LIVE_PORT", "MAIL_SINK_PORT", "SMTP_PORT", "STRIPE_SANDBOX_PORT",
    )  # fmt: skip
    ports = {name: str(free_port()) for name in names}
    return ports | {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "PUBLIC_URL": f"http://localhost:{ports['PORT']}",
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "MAIL_FOLDER": str(folder / "mail"),
        "SMTP_URL": f"smtp://127.0.0.1:{ports['SMTP_PORT']}",
        "MAIL_SINK_URL": f"http://mail.localhost:{ports['PORT']}/",
        "MAIL_FROM": "auctions@exchange.example",
        "FRONT_DOOR_STORAGE": str(folder / "front_door"),
        "TRUSTED_PROXIES": "1",
        **_stripe(ports, folder),
    }


def _stripe(ports: dict[str, str], folder: Path) -> dict[str, str]:
    """Return where the sandbox is, and what it signs with."""
    return {
        "STRIPE_SECRET_KEY": "sk_test_of_the_installation",
        "STRIPE_API_BASE": f"http://127.0.0.1:{ports['STRIPE_SANDBOX_PORT']}",
        "STRIPE_WEBHOOK_SECRET_PLATFORM": f"whsec_{secrets.token_hex(12)}",
        "STRIPE_WEBHOOK_SECRET_CONNECT": f"whsec_{secrets.token_hex(12)}",
        "STRIPE_SANDBOX_URL": f"http://stripe.localhost:{ports['PORT']}",
        "STRIPE_SANDBOX_FOLDER": str(folder / "stripe"),
        "STRIPE_SANDBOX_WEBHOOKS": f"http://localhost:{ports['PORT']}",
    }
