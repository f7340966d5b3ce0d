"""The one place the platform's code takes gettext from; outside a request texts stay English."""

from typing import Any

import flask_babel
from flask import current_app


def gettext(message: str, **variables: Any) -> str:
    """Translate a message into the reader's language and fill in its variables."""
    if not _translating():
        return message % variables if variables else message
    return str(flask_babel.gettext(message, **variables))


def ngettext(singular: str, plural: str, num: int, **variables: Any) -> str:
    """Translate a message that depends on a number, available in it as num."""
    if not _translating():
        return (singular if num == 1 else plural) % {"num": num, **variables}
    return str(flask_babel.ngettext(singular, plural, num, **variables))


def lazy_gettext(message: str, **variables: Any) -> Any:
    """Translate when the text is shown, for form labels made at import."""
    return flask_babel.lazy_gettext(message, **variables)


def _translating() -> bool:
    """Tell whether an app with translations is at work; commands and pure code have none."""
    return bool(current_app) and "babel" in current_app.extensions
