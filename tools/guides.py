"""Computes the figures printed in docs/guides/bidding-rules.md: `make guides`.

A comment in the guide names what stands below it, up to the next `<!-- end -->`:

- `<!-- worked: SETTING {…} -->`: the worked example of a setting; the JSON changes a replay line,
  and may say which lots take offers;
- `<!-- replay: {…} -->`: a replay line, told step by step;
- `<!-- steps: PRESET -->`: an increment table.

Everything is decided by the engine. tests/tenants/test_guides.py compares.
"""

import json
import re
import sys
from dataclasses import replace
from datetime import datetime
from typing import Any

from auctionhouse.bidding.examples import worked_examples
from auctionhouse.bidding.presets import INCLUSIVE, INCREMENTS
from auctionhouse.bidding.replay_format import read_story
from auctionhouse.bidding.simulation import simulate
from auctionxchange.kernel.config import REPOSITORY
from auctionxchange.kernel.money import currency, format_amount, parse_amount

GUIDE = REPOSITORY / "docs" / "guides" / "bidding-rules.md"
LOCALE = "en-GB"
MOST_BANDS = 12
USUAL: dict[str, Any] = {
    "currency": "GBP",
    "opening": "100",
    "increments": "uk-saleroom",
    "soft_close": {"window_s": 120, "extend_s": 120},
}
_BLOCK = re.compile(r"(<!-- (worked|replay|steps): (.*?) -->\n).*?(<!-- end -->)", re.DOTALL)


def main() -> None:
    """Write the guide anew."""
    GUIDE.write_text(computed(GUIDE.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{GUIDE.relative_to(REPOSITORY)}\n")


def computed(text: str) -> str:
    """Return a guide with every block computed."""
    return _BLOCK.sub(_block, text)


def _block(found: re.Match[str]) -> str:
    opening, kind, told, closing = found.groups()
    make = {"worked": _worked, "replay": _replay, "steps": _steps}[kind]
    return f"{opening}\n{make(told)}\n\n{closing}"


def _worked(told: str) -> str:
    setting, _space, changes = told.partition(" ")
    line = {**USUAL, **json.loads(changes or "{}")}
    terms = read_story(line, number=1).terms
    terms = replace(terms, offers=line.get("offers", terms.offers))
    lines = worked_examples(terms, currency(line["currency"]), _locale())[setting]
    return "\n".join(f"> {text}  " for text in lines).rstrip()


def _replay(told: str) -> str:
    line = {**USUAL, **json.loads(told)}
    story = simulate(line, _locale(), _clock)
    rows = ["| time | bidder | up to | price | leader | why |", "|---|---|--:|--:|---|---|"]
    unit = currency(line["currency"])
    for given, step in zip(line["submissions"], story.steps, strict=True):
        amount = "at once"
        if not given.get("buy"):
            amount = format_amount(parse_amount(given["max"], unit), unit, _locale())
        time = _clock(datetime.fromisoformat(given["at"]))
        cells = (time, given["who"], amount, step.price, step.leader, step.why)
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _steps(preset: str) -> str:
    unit = currency("GBP")
    bands = [
        [format_amount(parse_amount(amount, unit), unit, _locale()) for amount in band]
        for band in INCREMENTS[preset][:MOST_BANDS]
    ]
    rows = [f"| {start} | {step} |" for start, step in bands]
    head = "above" if preset in INCLUSIVE else "from"
    more = len(INCREMENTS[preset]) - len(bands)
    said = [f"\n… and {more} rows more, on to millions."] if more > 0 else []
    return "\n".join([f"| {head} a price of | step |", "|--:|--:|", *rows, *said])


def _clock(moment: datetime) -> str:
    return f"{moment:%H:%M:%S}"


def _locale() -> str:
    return LOCALE.replace("-", "_")


if __name__ == "__main__":
    main()
