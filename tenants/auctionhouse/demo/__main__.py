"""`make demo`: a database, three houses, all processes, and the addresses to visit.

Data stays in var/ between starts; `--reset` forgets it. Ctrl-C stops everything.
"""

import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from auctionhouse.demo.houses import HOUSES
from auctionhouse.demo.people import OPERATOR, PASSWORD
from auctionhouse.demo.seeding import seed
from auctionxchange.kernel.config import REPOSITORY, load_settings
from auctionxchange.sandbox.postgres import EmbeddedPostgres, free_port
from auctionxchange.sandbox.processes import NotServing, Processes, procfile_commands
from auctionxchange.tenancy.migration import migrate_houses, migrate_platform
from auctionxchange.tenancy.setup import set_up

FOLDER = REPOSITORY / "var" / "demo"
EXTRA = {
    "mail": "python -m auctionxchange.sandbox.mail_sink",
    "bidders": "python -m auctionhouse.demo.bidders",
}
LOOK_SECONDS = 1.0


class Stopped(Exception):
    """The person asked to stop."""


def main() -> int:
    """Run the demo, or with --reset forget its data."""
    if "--reset" in sys.argv[1:]:
        return _reset()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    started = time.monotonic()
    try:
        _run(started)
    except Stopped:
        say("Stopped. `make demo` goes on where this left off; `make demo-reset` starts over.")
        return 0
    except NotServing as problem:
        say(str(problem))
        return 1
    return 0


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _run(started: float) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with EmbeddedPostgres(FOLDER / "postgres") as server:
        _told("Database", started)
        environ = _environment(server.url)
        os.environ.update(environ)
        settings = load_settings(os.environ)
        migrate_platform(settings.database_admin_url or "")
        migrate_houses(settings.database_admin_url or "")
        made = seed(settings, FOLDER)
        if made:
            _told("Houses, lots and pictures", started)
        with Processes(environ, FOLDER / "logs") as processes:
            processes.start({**procfile_commands(), **EXTRA})
            processes.wait_until_serving(f"http://127.0.0.1:{environ['PORT']}", "localhost")
            _told("All parts serve", started)
            _welcome(environ["PUBLIC_URL"], environ["PORT"])
            _watch(processes)


def _watch(processes: Processes) -> None:
    """Start again what ends by itself, until Ctrl-C."""
    while True:
        time.sleep(LOOK_SECONDS)
        for name in processes.restart_ended():
            say(f"{name} ended and was started again; see {FOLDER / 'logs' / name}.log")


def _environment(superuser_url: str) -> dict[str, str]:
    addresses = set_up(superuser_url, "auctionxchange")
    port = os.environ.get("PORT", "8000")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 2**16):
        raise NotServing(f"PORT: {port} is no port number")
    web, live, mail, smtp = (str(free_port()) for _ in range(4))
    suffix = "" if port == "80" else f":{port}"
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
        "FRONT_DOOR_STORAGE": str(FOLDER / "front_door"),
        "DEMO_FOLDER": str(FOLDER),
        "PORT": port,
        "WEB_PORT": web,
        "LIVE_PORT": live,
    }


def _kept(name: str, make: Callable[[], str]) -> str:
    """Return a secret of this demo, made at the first start."""
    place = FOLDER / name
    if not place.exists():
        place.write_text(make())
        place.chmod(0o600)
    return place.read_text().strip()


def _welcome(public_url: str, port: str) -> None:
    suffix = public_url.removeprefix("http://localhost")
    say("")
    say(f"  The exchange     http://localhost{suffix}")
    say(f"  Operators        http://console.localhost{suffix}   {OPERATOR}")
    for demo in HOUSES:
        slug = demo.new.slug
        address = f"http://{slug}.localhost{suffix}"
        say(f"  {demo.new.name:<16} {address:<34} bidder@{slug}.example, owner@{slug}.example")
    say(f"  Mail             http://mail.localhost{suffix}")
    say("")
    say(f"  Every sign-in has the password  {PASSWORD}")
    say(f"  Back offices are at /manage. Port {port}. Ctrl-C stops everything.")


def _told(what: str, started: float) -> None:
    say(f"  {what} ({time.monotonic() - started:.0f} s)")


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _reset() -> int:
    EmbeddedPostgres(FOLDER / "postgres").erase()
    shutil.rmtree(FOLDER, ignore_errors=True)
    say("The demo's data is gone; the next start begins anew.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
