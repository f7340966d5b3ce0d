"""The one place the platform's code takes gettext from; outside a request texts stay English."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations
from typing import Any

import flask_babel
from flask import current_app

_spoken: ContextVar[NullTranslations | None] = ContextVar("auctionxchange_texts", default=None)


@contextmanager
def speaking(texts: NullTranslations) -> Iterator[None]:
    """Translate with these texts in a block that answers a reader outside a request."""
    token = _spoken.set(texts)
    try:
        yield
    finally:
        _spoken.reset(token)


def gettext(message: str, **variables: Any) -> str:
    """Translate a message into the reader's language and fill in its variables."""
    texts = _spoken.get()
    if texts is not None:
        found = texts.gettext(message)
        return found % variables if variables else found
    if not _translating():
        return message % variables if variables else message
    return str(flask_babel.gettext(message, **variables))


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    """Translate a message that depends on a number, available in it as num."""
    texts = _spoken.get()
    if texts is not None:
        return texts.ngettext(singular, plural, num) % {"num": num, **variables}
    if not _translating():
        return (singular if num == 1 else plural) % {"num": num, **variables}
    return str(flask_babel.ngettext(singular, plural, num, **variables))


def lazy_gettext(message: str, **variables: Any) -> Any:
    """Translate when the text is shown, for form labels made at import."""
    return flask_babel.lazy_gettext(message, **variables)


def _translating() -> bool:
    """Tell whether an app with translations is at work; commands and pure code have none."""
    return bool(current_app) and "babel" in current_app.extensions
