"""A mail server that keeps what it is sent and shows it on a page: for the demo and the tests.

Each message is a file, so a restart forgets nothing. HTML parts are shown in a frame that may run
nothing and load nothing but pictures; their links open outside of it.
"""

import asyncio
import itertools
import os
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.utils import parseaddr
from html import escape
from itertools import islice
from pathlib import Path
from typing import Any

import uvicorn
from aiosmtpd.smtp import SMTP
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from auctionxchange.kernel.config import REPOSITORY

SHOWN = 200
KEPT = 5_000
"""So many messages stay: a demo that runs for days must not fill the disk."""

LOOK_EVERY = 100
PAGE_POLICY = "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'"
FRAME_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data: http: https:;"
    " sandbox allow-popups allow-popups-to-escape-sandbox"
)
STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
table { width: 100%; border-collapse: collapse }
th, td { padding: .5rem .75rem .5rem 0; text-align: start; border-bottom: 1px solid #8884 }
td:nth-child(4) { white-space: nowrap }
td { overflow-wrap: anywhere }
.wide { overflow-x: auto }
pre { padding: 1rem; border: 1px solid #8884; white-space: pre-wrap; overflow-wrap: anywhere }
iframe { width: 100%; height: 34rem; border: 1px solid #8884; background: white }
"""

_HEADS = BytesHeaderParser(policy=policy.default)


@dataclass(frozen=True, slots=True)
class Kept:
    """A message and the name of its file."""

    name: str
    message: EmailMessage

    def header(self, name: str) -> str:
        """Return a header's text, empty where the message has none."""
        return str(self.message.get(name, ""))

    def part(self, kind: str) -> str | None:
        """Return the body of a kind, plain or html."""
        body = self.message.get_body((kind,))
        return None if body is None else str(body.get_content())

    def summary(self) -> dict[str, str]:
        """Return what the list shows; the house is the sender's display name."""
        sender = parseaddr(self.header("From"))
        return {
            "name": self.name,
            "house": sender[0] or sender[1],
            "from": self.header("From"),
            "to": self.header("To"),
            "subject": self.header("Subject"),
            "date": self.header("Date"),
        }


class MailFolder:
    """The kept messages, newest first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    def keep(self, content: bytes) -> None:
        """Store a message under a name that sorts by time."""
        place = next(self._count)
        name = f"{time.time_ns():020d}-{place}"
        making = self._folder / f"{name}.part"
        making.write_bytes(content)
        making.rename(self._folder / f"{name}.eml")
        if place % LOOK_EVERY == 0:
            self._forget_old()

    def _forget_old(self) -> None:
        for path in sorted(self._folder.glob("*.eml"), reverse=True)[KEPT:]:
            path.unlink(missing_ok=True)

    def find(self, name: str) -> Kept:
        """Return one message; raises HTTPException 404."""
        names = {path.stem: path for path in self._folder.glob("*.eml")}
        if name not in names:
            raise HTTPException(404)
        return self._read(names[name])

    def newest(self, to: str = "", limit: int = SHOWN) -> list[dict[str, str]]:
        """Return the newest messages' summaries, those to addresses that hold a text."""
        paths = sorted(self._folder.glob("*.eml"), reverse=True)
        summaries = (self._head(path).summary() for path in paths)
        return list(islice((one for one in summaries if to.lower() in one["to"].lower()), limit))

    def _head(self, path: Path) -> Kept:
        """Read the headers alone: a list is made of many messages."""
        with path.open("rb") as file:
            return Kept(path.stem, _HEADS.parse(file))

    def _read(self, path: Path) -> Kept:
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        return Kept(path.stem, message)


class Keeper:
    """The SMTP side: accepts everything."""

    def __init__(self, folder: MailFolder) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a message; the name is aiosmtpd's."""
        self._folder.keep(envelope.content)
        return "250 Message kept"


def create_sink(folder: MailFolder, smtp_port: int) -> Starlette:
    """Build the page with the SMTP server beside it on the same loop."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> Any:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: SMTP(Keeper(folder), hostname="localhost", enable_SMTPUTF8=True),
            host="127.0.0.1",
            port=smtp_port,
        )
        yield
        server.close()

    async def index(request: Request) -> Response:
        to = request.query_params.get("to", "")
        return _page("Mail that was sent", _search(to) + _table(folder.newest(to)))

    async def listing(request: Request) -> Response:
        return JSONResponse(folder.newest(request.query_params.get("to", "")))

    async def message(request: Request) -> Response:
        return _message(folder.find(request.path_params["name"]))

    async def html(request: Request) -> Response:
        body = folder.find(request.path_params["name"]).part("html") or ""
        framed = f'<base target="_blank">{body}'
        return HTMLResponse(framed, headers={"Content-Security-Policy": FRAME_POLICY})

    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def style(_request: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    routes = [
        Route("/", index),
        Route("/messages.json", listing),
        Route("/messages/{name}", message),
        Route("/messages/{name}/html", html),
        Route("/style.css", style),
        Route("/healthz", healthz),
    ]
    return Starlette(routes=routes, lifespan=lifespan)


def _message(kept: Kept) -> Response:
    summary = {name: escape(text) for name, text in kept.summary().items()}
    rows = "".join(
        f"<tr><th>{label}</th><td>{summary[key]}</td></tr>"
        for label, key in (("From", "from"), ("To", "to"), ("Date", "date"))
    )
    plain = kept.part("plain")
    text = "" if plain is None else f"<h2>As text</h2><pre>{escape(plain)}</pre>"
    frame = (
        "" if kept.part("html") is None else f'<iframe src="/messages/{kept.name}/html"></iframe>'
    )
    content = f'<p><a href="/">All mail</a></p><table>{rows}</table>{frame}{text}'
    return _page(kept.header("Subject") or "No subject", content)


def _search(to: str) -> str:
    return (
        f'<form><label>To <input type="search" name="to" value="{escape(to)}"></label>'
        " <button>Show</button></form>"
    )


def _table(summaries: list[dict[str, str]]) -> str:
    if not summaries:
        return "<p>Nothing was sent.</p>"
    rows = "".join(
        f'<tr><td><a href="/messages/{name}">{subject}</a></td><td>{to}</td><td>{house}</td>'
        f"<td>{date}</td></tr>"
        for name, subject, to, house, date in (
            (escape(s["name"]), escape(s["subject"]) or "No subject", escape(s["to"]),
             escape(s["house"]), escape(s["date"]))
            for s in summaries
        )
    )  # fmt: skip
    heads = "<tr><th>Subject</th><th>To</th><th>House</th><th>When</th></tr>"
    return f'<div class="wide"><table>{heads}{rows}</table></div>'


def _page(title: str, content: str) -> Response:
    page = (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="/style.css">'
        f"<body><h1>{escape(title)}</h1>{content}</body></html>"
    )
    return HTMLResponse(page, headers={"Content-Security-Policy": PAGE_POLICY})


def main() -> None:
    """Run on the ports the environment names."""
    folder = MailFolder(Path(os.environ.get("MAIL_FOLDER", REPOSITORY / "var" / "mail")))
    sink = create_sink(folder, int(os.environ.get("SMTP_PORT", "1025")))
    uvicorn.run(sink, host="127.0.0.1", port=int(os.environ["MAIL_SINK_PORT"]), log_level="warning")


if __name__ == "__main__":
    main()
