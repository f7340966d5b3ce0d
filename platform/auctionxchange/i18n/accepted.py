"""Which of some languages a browser would rather read."""

from collections.abc import Sequence

from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header


def best_language(accepted: str | LanguageAccept, offered: Sequence[str]) -> str | None:
    """Return the first accepted language that is offered, whatever country it is spoken in.

    Werkzeug's own choice would give a reader of fr-CA, en;q=0.5 English where plain fr is offered.
    """
    header = accepted
    if isinstance(header, str):
        header = parse_accept_header(header, LanguageAccept)
    for code, quality in header:
        language = code.replace("_", "-").lower()
        for wanted in (language, language.partition("-")[0]):
            if quality > 0 and wanted in offered:
                return wanted
    return None
