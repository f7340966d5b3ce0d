"""Who writes and who is written to, as lines of an address."""

from collections.abc import Mapping
from typing import Any

from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import country_name


def seller_lines(seller: Mapping[str, Any]) -> list[str]:
    """Return a legal entity's name, address and VAT number."""
    lines = [seller["name"], *_address(seller)]
    if seller.get("vat_number"):
        lines.append(_("VAT number %(number)s", number=seller["vat_number"]))
    return lines


def buyer_lines(buyer: Mapping[str, Any]) -> list[str]:
    """Return a buyer's company, name, address and VAT number as an invoice keeps them."""
    lines = [part for part in (buyer.get("company"), buyer.get("name")) if part]
    lines += _address(buyer)
    if buyer.get("vat_number"):
        lines.append(_("VAT number %(number)s", number=buyer["vat_number"]))
    if buyer.get("resale_certificate"):
        lines.append(_("Resale certificate %(number)s", number=buyer["resale_certificate"]))
    return lines


def foot_of(seller: Mapping[str, Any]) -> str:
    """Return a legal entity in one line, for the foot of each page."""
    parts = [seller["name"], ", ".join((seller.get("address") or "").splitlines())]
    if seller.get("vat_number"):
        parts.append(seller["vat_number"])
    return " · ".join(part for part in parts if part)


def _address(party: Mapping[str, Any]) -> list[str]:
    lines = [line for line in (party.get("address") or "").splitlines() if line.strip()]
    if party.get("country"):
        lines.append(country_name(party["country"]))
    return lines
