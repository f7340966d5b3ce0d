"""A sale's rule for time the service was out of reach, as its terms hold it.

`outage` is null where nothing is given back, else `at_least_s`: open lots end later by as long as
the service was out of reach, and by these seconds at the least.
"""

import json
from collections.abc import Mapping
from typing import Any

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _

LONGEST_SECONDS = 24 * 3600


class OutageRuleInvalid(Invalid):
    """An outage rule that gives back less than nothing, or more than a day."""

    code = "outage_rule_invalid"

    def message(self) -> str:
        return _("After an outage, lots may end later by at least 0 seconds and at most one day.")


def check_outage_rule(rule: Any) -> Mapping[str, int] | None:
    """Return a rule as terms store it, None where outages give nothing back."""
    if rule is None:
        return None
    seconds = rule.get("at_least_s") if isinstance(rule, Mapping) else None
    if type(seconds) is not int or not 0 <= seconds <= LONGEST_SECONDS:
        raise OutageRuleInvalid
    return {"at_least_s": seconds}


def published_outage_rule(terms: str) -> Mapping[str, int] | None:
    """Return the rule of a sale's stored terms as the ledger tells it."""
    return check_outage_rule(json.loads(terms).get("outage"))
