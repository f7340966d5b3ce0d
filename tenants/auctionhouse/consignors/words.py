"""What agreements, payees and their states are called to people."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

from auctionhouse.consignors.models import Agreement, Payee, PayeeInstruction
from auctionhouse.money.terms import Fee, VendorTerms
from auctionhouse.money.terms_format import read_vendor
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import money, percent
from auctionxchange.kernel.money import currency


def share_words(share: Fraction) -> str:
    """Write a share as a percentage where it is one of few decimals, else as a fraction."""
    hundredths = share * 10_000
    if hundredths.denominator == 1:
        return percent(Decimal(hundredths.numerator) / 100)
    return f"{share.numerator}/{share.denominator}"


def payee_words(payee: Payee) -> str:
    """Say what a payee gets and where it goes."""
    if payee.rule == "share":
        share = Fraction(payee.share_numerator or 0, payee.share_denominator or 1)
        gets = share_words(share)
    else:
        gets = money(payee.amount, payee.currency)
    if payee.rule == "house":
        return _("%(amount)s kept by the house", amount=gets)
    return _("%(amount)s to %(account)s", amount=gets, account=payee.masked)


def instruction_words(instruction: PayeeInstruction) -> str:
    """Say how a version of payees stands."""
    words = {
        "proposed": _("Waits for a second person"),
        "approved": _("Approved"),
        "refused": _("Put away"),
    }
    return words[instruction.state]


def agreement_heading(agreement: Agreement) -> str:
    """Name an agreement by its number and version."""
    return _(
        "Agreement %(number)s, version %(version)s",
        number=agreement.number,
        version=agreement.version,
    )


def agreement_rows(agreement: Agreement) -> list[tuple[str, str]]:
    """Return what an agreement says, as pairs of words."""
    unit = agreement.currency
    terms = read_vendor(agreement.terms, currency(unit))
    rows = [(_("Commission"), bands_words(terms, unit))]
    if terms.minimum is not None:
        rows.append((_("Least commission on a lot"), money(terms.minimum, unit)))
    if terms.maximum is not None:
        rows.append((_("Highest commission on a lot"), money(terms.maximum, unit)))
    rows += [(fee.name, fee_words(fee, unit)) for fee in terms.fees]
    rows.append((_("VAT"), _vat_words(terms)))
    rows.append((_("Artist’s resale right"), resale_words(agreement.resale_right)))
    return rows


def bands_words(terms: VendorTerms, unit: str) -> str:
    """Tell a commission in one line: “15% up to £1,000, then 10%”."""
    bands = terms.commission
    if not bands:
        return _("None")
    said = [
        _("%(percent)s up to %(amount)s", percent=percent(lower.percent),
          amount=money(int(upper.start), unit))
        for lower, upper in pairwise(bands)
    ]  # fmt: skip
    last = percent(bands[-1].percent)
    if not said:
        return last
    return _("%(bands)s, then %(percent)s", bands=", ".join(said), percent=last)


def fee_words(fee: Fee, unit: str) -> str:
    """Tell a vendor's fee: how much, on what and when."""
    parts = []
    if fee.amount:
        parts.append(money(fee.amount, unit))
    if fee.percent:
        parts.append(percent(fee.percent))
    how_much = " + ".join(parts)
    if fee.per == "invoice":
        return _("%(amount)s once a statement", amount=how_much)
    on = {
        "sold": _("%(amount)s on each sold lot", amount=how_much),
        "unsold": _("%(amount)s on each unsold lot", amount=how_much),
        "withdrawn": _("%(amount)s on each lot that is withdrawn", amount=how_much),
        "always": _("%(amount)s on each lot, sold or not", amount=how_much),
    }
    return on[fee.when]


def _vat_words(terms: VendorTerms) -> str:
    if not terms.vat_registered:
        return _("Not registered for VAT")
    if terms.declaration:
        return _("Registered for VAT; declared the goods eligible for the margin scheme")
    return _("Registered for VAT; no declaration for the margin scheme")


def resale_words(bearer: str) -> str:
    """Say who bears a royalty that buyers do not bear."""
    words: Mapping[str, Any] = {
        "sale": _("as the conditions of the sale say"),
        "seller": _("borne by the seller where the buyer does not bear it"),
        "house": _("borne by the house where the buyer does not bear it"),
    }
    return str(words[bearer])
