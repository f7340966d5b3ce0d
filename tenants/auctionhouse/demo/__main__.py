"""`make demo`: a database, three houses, all processes, and the addresses to visit.

Data stays in var/demo between starts; `--reset` forgets it. Ctrl-C stops everything.
"""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from auctionhouse.demo.houses import HOUSES
from auctionhouse.demo.payments import connect_houses
from auctionhouse.demo.people import OPERATOR, PASSWORD
from auctionhouse.demo.seeding import make_sales, seed
from auctionxchange.kernel.config import REPOSITORY, load_settings
from auctionxchange.sandbox.postgres import EmbeddedPostgres, PostgresFailed, free_port
from auctionxchange.sandbox.processes import NotServing, Processes, procfile_commands
from auctionxchange.tenancy.migration import migrate_houses, migrate_platform
from auctionxchange.tenancy.setup import set_up

FOLDER = REPOSITORY / "var" / "demo"
EXTRA = {
    "mail": "python -m auctionxchange.sandbox.mail_sink",
    "stripe": "python -m auctionxchange.sandbox.stripe",
    "bidders": "python -m auctionhouse.demo.bidders",
}
LOOK_SECONDS = 1.0


class Stopped(Exception):
    """The person asked to stop."""


class Unstartable(Exception):
    """The demo cannot start here; the message says why and what helps."""


def main() -> int:
    """Run the demo, or with --reset forget its data."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    started = time.monotonic()
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        with _alone():
            if "--reset" in sys.argv[1:]:
                _reset()
            else:
                _run(started)
    except Stopped:
        say("Stopped. `make demo` goes on where this left off; `make demo-reset` starts over.")
    except (Unstartable, NotServing, PostgresFailed) as problem:
        say(str(problem))
        return 1
    return 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _run(started: float) -> None:
    port = _free_public_port()
    with _database() as superuser_url:
        _told("The database runs", started)
        environ = _environment(superuser_url, port)
        os.environ.update(environ)
        settings = load_settings(os.environ)
        migrate_platform(settings.database_admin_url or "")
        migrate_houses(settings.database_admin_url or "")
        if seed(settings, FOLDER):
            make_sales(FOLDER)
            _told("Three houses are furnished", started)
        with Processes(environ, FOLDER / "logs") as processes:
            processes.start({**procfile_commands(), **EXTRA})
            processes.wait_until_serving(f"http://127.0.0.1:{port}", "localhost")
            connect_houses(settings)
            _told("All parts serve", started)
            _welcome(port)
            _watch(processes)


@contextmanager
def _database() -> Iterator[str]:
    """Yield a superuser's address: DATABASE_URL's server where one is set, else our own."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
    else:
        with EmbeddedPostgres(FOLDER / "postgres") as server:
            yield server.url


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the folder for this demo alone; raises Unstartable while another one runs."""
    with (FOLDER / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unstartable("A demo of this folder is already running.") from error
        yield


def _free_public_port() -> str:
    """Return PORT; raises Unstartable where it is none or taken."""
    port = os.environ.get("PORT", "8000")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise Unstartable(f"PORT: {port} is no port number.")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError as error:
            raise Unstartable(f"Port {port} is taken. Try: PORT=8010 make demo") from error
    return port


def _watch(processes: Processes) -> None:
    """Start again what ends by itself, until Ctrl-C."""
    while True:
        time.sleep(LOOK_SECONDS)
        for name in processes.restart_ended():
            say(f"{name} ended and was started again; see {FOLDER / 'logs' / name}.log")


def _environment(superuser_url: str, port: str) -> dict[str, str]:
    addresses = set_up(superuser_url, "auctionxchange")
    web, live, mail, smtp, stripe = (str(free_port()) for _ in range(5))
    suffix = _suffix(port)
    return {
        "DATABASE_URL": addresses.database_url,
        "DATABASE_ADMIN_URL": addresses.database_admin_url,
        "SECRET_KEY": _kept("secret-key", lambda: secrets.token_urlsafe(48)),
        "PUBLIC_URL": f"http://localhost{suffix}",
        "MEDIA_ROOT": str(FOLDER / "media"),
        "MAIL_FOLDER": str(FOLDER / "mail"),
        "SMTP_URL": f"smtp://127.0.0.1:{smtp}",
        "SMTP_PORT": smtp,
        "MAIL_SINK_PORT": mail,
        "MAIL_SINK_URL": f"http://mail.localhost{suffix}/",
        "MAIL_FROM": "auctions@exchange.example",
        **_stripe(stripe, suffix),
        "FRONT_DOOR_STORAGE": str(FOLDER / "front_door"),
        "DEMO_FOLDER": str(FOLDER),
        "TRUSTED_PROXIES": "1",
        "PORT": port,
        "WEB_PORT": web,
        "LIVE_PORT": live,
    }


def _stripe(port: str, suffix: str) -> dict[str, str]:
    """Return where our own Stripe is, and what it signs with."""
    secret = [_kept(f"webhooks-{name}", _signing_secret) for name in ("platform", "connect")]
    return {
        "STRIPE_SECRET_KEY": "sk_test_demo",
        "STRIPE_API_BASE": f"http://127.0.0.1:{port}",
        "STRIPE_WEBHOOK_SECRET_PLATFORM": secret[0],
        "STRIPE_WEBHOOK_SECRET_CONNECT": secret[1],
        "STRIPE_SANDBOX_PORT": port,
        "STRIPE_SANDBOX_URL": f"http://stripe.localhost{suffix}",
        "STRIPE_SANDBOX_FOLDER": str(FOLDER / "stripe"),
        "STRIPE_SANDBOX_WEBHOOKS": f"http://localhost{suffix}",
    }


def _signing_secret() -> str:
    return f"whsec_{secrets.token_urlsafe(24)}"


def _kept(name: str, make: Callable[[], str]) -> str:
    """Return a secret of this demo, made at the first start."""
    place = FOLDER / name
    if not place.exists():
        place.write_text(make())
        place.chmod(0o600)
    return place.read_text().strip()


def _welcome(port: str) -> None:
    suffix = _suffix(port)
    rows = [
        ("The exchange", f"http://localhost{suffix}", ""),
        ("Its operators", f"http://console.localhost{suffix}", OPERATOR),
        ("Mail that was sent", f"http://mail.localhost{suffix}", ""),
        ("Stripe, a sandbox", f"http://stripe.localhost{suffix}", ""),
    ]
    for demo in HOUSES:
        slug = demo.new.slug
        address = f"http://{slug}.localhost{suffix}"
        rows.append((demo.new.name, address, f"bidder@{slug}.example"))
        rows.append(("  its back office", f"{address}/manage", f"owner@{slug}.example"))
    say("")
    for name, address, email in rows:
        say(f"  {name:<18}  {address:<38}  {email}".rstrip())
    say("")
    say(f"  Every sign-in has the password  {PASSWORD}")
    say("  Each house has a sale that ends within ten minutes, and then the next.")
    say("  Ctrl-C stops everything.")


def _suffix(port: str) -> str:
    return "" if port == "80" else f":{port}"


def _told(what: str, started: float) -> None:
    say(f"  {what} ({time.monotonic() - started:.0f} s)")


def _stop(_number: int, _frame: FrameType | None) -> None:
    """Leave the orderly way, once: a second Ctrl-C must not tear the tidying up."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def _reset() -> None:
    EmbeddedPostgres(FOLDER / "postgres").erase()
    shutil.rmtree(FOLDER, ignore_errors=True)
    say("The demo's data is gone; the next start begins anew.")


if __name__ == "__main__":
    sys.exit(main())
