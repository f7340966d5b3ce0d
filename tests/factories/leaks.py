"""Looking for amounts that nobody may see: in pages that are followed, in texts."""

import re
from html import unescape

from factories.visitors import Visitor

ADDRESS = re.compile(r'(?:href|action|src)="(/[^"#]*)')


def shows(told: str, *amounts: int) -> bool:
    """Tell whether a text holds one of some amounts, however its digits are grouped."""
    digits = re.sub("[,.\\s\u00a0\u202f'’]", "", told)
    return any(str(amount) in digits for amount in amounts)


def states(told: str, *amounts: int) -> bool:
    """Tell whether a text holds one of some amounts as a number of its own.

    Digits within a hash, a token, a moment or a longer number are none: they may be any.
    """
    return any(re.search(rf"(?<![\w.-]){amount}(?![\w-])", told) for amount in amounts)


def crawl(visitor: Visitor, *starts: str) -> dict[str, str]:
    """Follow every link below some addresses and return what was answered.

    A list is asked for by one of its filters at a time; their combinations show nothing else.
    """
    seen: dict[str, str] = {}
    waiting = list(starts)
    while waiting:
        address = unescape(waiting.pop(0))
        if address in seen or "&" in address:
            continue
        answer = visitor.get(address)
        seen[address] = answer.get_data(as_text=True)
        waiting += [found for found in ADDRESS.findall(seen[address]) if found.startswith(starts)]
    return seen
