"""Numbers that auction sites and houses publish, and which of them no terms express."""

import json
from pathlib import Path
from typing import Any

FACTS = Path(__file__).parents[1] / "tenants" / "bidding_facts" / "worked_examples.jsonl"
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for line in FACTS.read_text().splitlines()]

NOT_EXPRESSED = {
    "proxy-dynadot-14": "the leader pays the second amount without a step",
    "proxy-bartercard": "steps are counted from the shown price wherever it stopped, not on a"
    " ladder",
    "proxy-estatesales-new-max": "a maximum has to lie two steps above the price",
    "proxy-jackpot": "an equal maximum is refused instead of losing the tie",
    "tie-giqauction-last-wins": "the later of two equal maxima wins",
    "inc-rrauction-chart-200-450": "steps are a percentage of the price, not a table",
    "soft-jencorp": "later extensions have a shorter window than the first",
    "soft-propertyroom": "a bid at the very instant of the end is in time",
}
"""Rules of single houses that no terms express; the usual rule is the opposite."""
