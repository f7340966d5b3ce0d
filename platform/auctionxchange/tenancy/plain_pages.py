"""The few pages that stand before any app, or in the place of one that is down.

They need nothing: no theme, no file, no database. Their one style sheet stands in the page, and the
policy names it by its digest.
"""

import base64
import hashlib
import html
from collections.abc import Iterable

from auctionxchange.i18n.accepted import best_language
from auctionxchange.i18n.catalogues import catalogue, languages

STYLE = (
    ":root{color-scheme:light dark;font:1.0625rem/1.55 system-ui,sans-serif}"
    "body{max-width:36rem;margin:18vh auto;padding:0 1.5rem;"
    "background:light-dark(#fbfbfa,#131313);color:light-dark(#1b1b1b,#ececec)}"
    "h1{margin:0 0 1rem;font-size:1.9rem;line-height:1.15;font-weight:600;text-wrap:balance}"
    "p{margin:0;color:light-dark(#555,#b5b5b5)}"
)
POLICY = (
    "default-src 'none'; style-src 'sha256-"
    f"{base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()}'"
)


def plain_page(title: str, text: str, language: str = "en") -> bytes:
    """Return a page of a title and a sentence."""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)}</title><style>{STYLE}</style></head>"
        f"<body><main><h1>{html.escape(title)}</h1><p>{html.escape(text)}</p></main></body></html>"
    ).encode()


def plain_headers(page: bytes) -> list[tuple[str, str]]:
    """Return the headers such a page is sent with."""
    return [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Length", str(len(page))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Content-Security-Policy", POLICY),
    ]


def reader_language(accepted: str, offered: Iterable[str] | None = None) -> str:
    """Choose by what the browser accepts among what is offered, whose first is the default."""
    known = [code for code in offered or languages() if code in languages()] or ["en"]
    return best_language(accepted, known) or known[0]


def nobody_page(accepted: str) -> bytes:
    """Tell that no house answers here."""
    language = reader_language(accepted)
    texts = catalogue(language)
    title = texts.gettext("Nothing here")
    return plain_page(title, texts.gettext("No auction house answers at this address."), language)


def suspended_page(name: str, accepted: str, offered: Iterable[str]) -> bytes:
    """Tell that a house is off the air, in a language of the house."""
    language = reader_language(accepted, offered)
    told = catalogue(language).gettext("%(name)s is closed for the moment. Please come back later.")
    return plain_page(name, told % {"name": name}, language)


def unavailable_page(accepted: str) -> bytes:
    """Tell that a part is down and that trying again helps."""
    language = reader_language(accepted)
    texts = catalogue(language)
    title = texts.gettext("One moment")
    told = texts.gettext("We are back in a moment. Please try again in a few seconds.")
    return plain_page(title, told, language)
