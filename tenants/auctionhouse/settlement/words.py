"""What statements, waits and payouts are called to people."""

from collections.abc import Iterable, Mapping
from typing import Any

from auctionhouse.money.words import kind_words as charge_words
from auctionhouse.settlement.models import Statement
from auctionhouse.settlement.queries.payable import Group
from auctionhouse.settlement.rules import Waits
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import day, percent


def statement_heading(statement: Statement) -> str:
    """Return what a document is called, with its number where it has one."""
    number = statement.number or ""
    if statement.number is None:
        return _("Draft of a settlement statement")
    words = {
        "statement": _("Settlement statement %(number)s", number=number),
        "counter": _("Counter-statement %(number)s", number=number),
        "contra": _("Contra note %(number)s", number=number),
        "receipt": _("Receipt %(number)s", number=number),
    }
    return words[statement.kind]


def kind_words(kind: str) -> str:
    """Name a kind of statement."""
    words = {
        "statement": _("Settlement statement"),
        "counter": _("Counter-statement"),
        "contra": _("Contra note"),
        "receipt": _("Receipt"),
    }
    return words[kind]


def statement_line_words(line: Any) -> str:
    """Name a line of a statement with its rate; a fee has the house's own name."""
    own = {
        "hammer_vat": _("VAT on the hammer price"),
        "vat": _("VAT on commission and fees"),
        "payable": _("Payable to you until now"),
        "contra": _("Paid towards your invoice"),
        "receipt": _("Received from you"),
    }
    name = line.rule if line.kind == "fee" else own.get(line.kind) or charge_words(line.kind)
    if line.rule == "commission_minimum":
        return _("%(name)s (least amount)", name=name)
    if line.rule == "commission_maximum":
        return _("%(name)s (highest amount)", name=name)
    return name if line.percent is None else f"{name} {percent(line.percent)}"


def waits_words(waits: Waits) -> str:
    """Say why something is not payable yet, and until when."""
    until = "" if waits.until is None else day(waits.until)
    words = {
        "held": _("Held by the house: %(why)s", why=waits.detail),
        "disputed": _("The buyer disputes the payment"),
        "not_invoiced": _("Not invoiced to a buyer"),
        "unpaid": _("The buyer has not paid"),
        "reserve": _("Payable from %(day)s", day=until),
        "differs": _("Corrected: waits for the new statement"),
        "no_payees": _("No bank details yet"),
        "payees_waiting": _("A change of payees waits for a second person"),
        "new_details": _("New bank details: held until %(day)s", day=until),
        "other_way": _("The account needs another way of payment"),
    }
    return words[waits.code]


def grouped_waits(groups: Iterable[Group]) -> list[tuple[str, str]]:
    """Return why lots wait, each reason once with the lots it holds for."""
    labels: dict[str, list[str]] = {}
    for group in groups:
        for one in group.waits:
            labels.setdefault(waits_words(one), []).append(group.label)
    return [
        (
            ngettext("Lot %(lots)s", "Lots %(lots)s", len(names), lots=", ".join(names)),
            words,
        )
        for words, names in labels.items()
    ]


def method_words(method: str) -> str:
    """Name a way of paying consignors."""
    words: Mapping[str, Any] = {
        "sepa": _("SEPA file (pain.001)"),
        "bacs": _("Bacs file (Standard 18)"),
        "hand": _("By hand, at the bank"),
    }
    return str(words[method])


def run_words(state: str) -> str:
    """Say how a payout run stands."""
    words = {
        "proposed": _("Proposed"),
        "approved": _("Approved"),
        "made": _("Ready for the bank"),
        "sent": _("Sent to the bank"),
        "closed": _("Paid"),
        "cancelled": _("Given up"),
    }
    return words[state]


def payment_words(state: str) -> str:
    """Say how one payment of a run stands."""
    words = {
        "waiting": _("Not confirmed yet"),
        "cancelled": _("Taken out"),
        "paid": _("Paid"),
        "failed": _("Came back"),
    }
    return words[state]


def outcome_words(outcome: str) -> str:
    """Say what became of a lot."""
    return {"sold": _("Sold"), "unsold": _("Unsold"), "withdrawn": _("Withdrawn"), "": ""}[outcome]
