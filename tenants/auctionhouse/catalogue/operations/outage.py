"""What a sale gives back when the service was out of reach: set before anybody relies on it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from auctionhouse import audit
from auctionhouse.bidding.outage_rule import check_outage_rule
from auctionhouse.catalogue.locks import lock_sale
from auctionhouse.catalogue.models import Sale
from auctionxchange.kernel.errors import Conflict
from auctionxchange.kernel.translation import gettext as _


class OutageRuleFrozen(Conflict):
    """The sale is shown: the rule stands in the ledgers of its lots."""

    code = "outage_rule_frozen"

    def message(self) -> str:
        return _("The sale is published: the rule stands in the ledger of every lot and stays.")


def set_outage_rule(
    session: Session, sale_id: int, rule: Mapping[str, Any] | None, *, actor: int | None
) -> Sale:
    """Give a draft its rule, None for none; raises OutageRuleInvalid and OutageRuleFrozen."""
    checked = check_outage_rule(rule)
    sale = lock_sale(session, sale_id)
    if sale.state != "draft":
        raise OutageRuleFrozen
    if sale.terms.get("outage") != checked:
        sale.terms = {**sale.terms, "outage": None if checked is None else dict(checked)}
        sale.version += 1
        audit.record(session, "sale.outage_rule", f"sale:{sale.id}", actor=actor, rule=checked)
    return sale
