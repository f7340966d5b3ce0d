"""What a page or a paper with a statement needs: the statement and its words."""

from typing import Any

from auctionhouse.invoicing.parties import buyer_lines, seller_lines
from auctionhouse.settlement.queries.statements import PartView, StatementPage
from auctionhouse.settlement.words import (
    outcome_words,
    statement_heading,
    statement_line_words,
    waits_words,
)
from auctionxchange.i18n import gettext as _


def statement_sheet(page: StatementPage) -> dict[str, Any]:
    """Return what a page with a statement's sheet is rendered with."""
    return {
        "page": page,
        "heading": statement_heading(page.statement),
        "sheet_words": {
            "seller": seller_lines(page.seller),
            "consignor": buyer_lines(page.consignor),
            "line": statement_line_words,
            "outcome": outcome_words,
            "where": where_words,
            "notes": notes_of(page),
        },
    }


def where_words(view: PartView) -> str:
    """Say where a part's money is, or why it waits."""
    if view.state == "waits":
        return "; ".join(waits_words(one) for one in view.waits)
    words = {
        "payable": _("Payable"),
        "paid": _("Paid"),
        "in_run": _("In a payout that is being prepared"),
        "contra": _("Set off by %(number)s", number=view.contra),
        "corrected": _("Corrected by a counter-statement"),
    }
    return words[view.state]


def notes_of(page: StatementPage) -> list[str]:
    """Return what stands below a statement's lines."""
    notes = []
    if page.statement.number is None:
        notes.append(_("This is a draft. It is reckoned afresh when it is released."))
    if page.sum_of("hammer_vat"):
        notes.append(
            _("VAT on the hammer price is paid to you to account for; send us your tax invoice.")
        )
    if any(view.part.vat == "margin" for view in page.parts) and page.sum_of("commission"):
        notes.append(_("Commission on lots under the margin scheme includes VAT."))
    return notes
