"""What lines and treatments are called to people."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from auctionhouse.money.rules import KINDS, Calculation
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n import ngettext
from auctionxchange.i18n.formats import day, money, percent
from auctionxchange.kernel.money import currency, parse_amount


def treatment_words(treatment: str) -> str:
    """Say what a lot's VAT treatment means for its buyer."""
    words = {
        "standard": _("VAT is charged on the hammer price and on the premium."),
        "premium_only": _("VAT is charged on the premium."),
        "margin": _(
            "Sold under the margin scheme: the premium includes VAT, which is not shown apart."
        ),
        "import_reduced": _(
            "Imported from abroad: import VAT at the reduced rate on the hammer price, VAT on the"
            " premium."
        ),
        "import_standard": _(
            "Imported from abroad: import VAT at the standard rate on the hammer price, VAT on the"
            " premium."
        ),
        "zero": _("Zero-rated: no VAT is charged."),
        "outside": _("No VAT is charged on this lot."),
    }
    return words[treatment]


def kind_words(kind: str) -> str:
    """Return the name of a kind of charge."""
    names = {
        "hammer": _("Hammer price"),
        "premium": _("Buyer’s premium"),
        "surcharge": _("Internet surcharge"),
        "overhead": _("Overhead premium"),
        "discount": _("Discount"),
        "vat": _("VAT"),
        "sales_tax": _("Sales tax"),
        "resale_right": _("Artist’s resale right"),
        "commission": _("Commission"),
        "fee": _("Fee"),
        "storage": _("Storage"),
        "interest": _("Late interest"),
    }
    return names[kind]


class HasPremium(Protocol):
    """A sale, as far as its premium is told."""

    @property
    def currency(self) -> str:
        """Return the sale's currency."""
        ...

    @property
    def premium_percent(self) -> Decimal:
        """Return the rate from 0."""
        ...

    @property
    def money(self) -> Mapping[str, Any]:
        """Return the stored money terms."""
        ...


def premium_words(sale: HasPremium) -> str:
    """Tell a sale's premium in one line: “25% up to £500,000, then 20%”."""
    above = sale.money.get("premium_above") or []
    said, rate = [], sale.premium_percent
    for start, following in above:
        limit = money(parse_amount(start, currency(sale.currency)), sale.currency)
        said.append(_("%(percent)s up to %(amount)s", percent=percent(rate), amount=limit))
        rate = Decimal(following)
    if not said:
        return percent(rate)
    return _("%(bands)s, then %(percent)s", bands=", ".join(said), percent=percent(rate))


class HasRule(Protocol):
    """A line, as far as it is named."""

    @property
    def kind(self) -> str:
        """Return what kind of charge it is."""
        ...

    @property
    def rule(self) -> str:
        """Return the rule that made it."""
        ...

    @property
    def percent(self) -> Decimal | None:
        """Return its rate."""
        ...


def line_words(line: HasRule) -> str:
    """Name one line with its rate; a fee has the house's own name."""
    name = line.rule if line.kind == "fee" else kind_words(line.kind)
    if line.rule.startswith("import_vat"):
        name = _("Import VAT")
    elif line.rule == "export_refund":
        name = _("VAT refunded on export")
    elif line.kind in {"interest", "storage"}:
        name = _lateness_words(line)
    if line.percent is None:
        return name
    return f"{name} {percent(line.percent)}"


def _lateness_words(line: HasRule) -> str:
    """Say for how long storage or interest is charged; the line's rule holds the days."""
    _kind, *days = line.rule.split()
    if line.kind == "storage":
        return ngettext("Storage, %(num)d day", "Storage, %(num)d days", int(days[0]))
    first, last = (day(date.fromisoformat(one)) for one in days)
    return _("Late interest, %(first)s to %(last)s,", first=first, last=last)


def cost_lines(cost: Calculation) -> list[tuple[str, int]]:
    """Return what comes on top of the hammer price as name and amount, bands together."""
    found: dict[str, int] = {}
    for kind in KINDS[1:]:
        lines = [line for line in cost.lines if line.kind == kind]
        rates = {line.percent for line in lines}
        for line in lines:
            together = kind in {"premium", "resale_right"} and len(rates) > 1
            name = kind_words(kind) if together else line_words(line)
            found[name] = found.get(name, 0) + line.amount
    return list(found.items())
