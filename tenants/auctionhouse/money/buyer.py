"""What is reckoned on a buyer's charges once they are rounded: discount, VAT, sales tax.

Taxes are on the amounts as they stand on the invoice, so that a reader can check them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from auctionhouse.money.premium import fee_parts
from auctionhouse.money.rounding import Line, Part, hundredth, rounded, settle
from auctionhouse.money.terms import MoneyTerms, SalesTax, SoldLot
from auctionhouse.money.vat import SERVICES, Tax, proof_in_time, taxes

_GROUPS: Mapping[str, frozenset[str]] = {
    "hammer": frozenset({"hammer"}),
    "premium": frozenset({"premium", "overhead"}),
    "fees": frozenset({"fee", "surcharge"}),
    "surcharge": frozenset({"surcharge"}),
    "overhead": frozenset({"overhead"}),
}
"""What sales tax may be said to be on, and the kinds of lines that means."""


def fees_once(sold: Sequence[SoldLot], terms: MoneyTerms) -> Iterator[Part]:
    """Yield the fees that are charged once for the whole invoice."""
    hammers = sum((lot.hammer or 0) * lot.quantity for lot in sold)
    for fee in terms.fees:
        if fee.per == "invoice":
            yield from fee_parts(None, fee, hammers)


def discounts(charges: Sequence[Line], terms: MoneyTerms) -> list[Part]:
    """Return what is taken off each lot's charges before tax."""
    percent = terms.discount_percent
    if not percent:
        return []
    names = dict.fromkeys(line.lot for line in charges)
    sums = {lot: sum(line.amount for line in charges if line.lot == lot) for lot in names}
    return [
        Part(lot, "discount", "discount", -base * hundredth(percent), percent, base)
        for lot, base in sums.items()
    ]


def _taxable(
    charges: Sequence[Line], lot: str | None, kinds: frozenset[str], terms: MoneyTerms
) -> dict[int, Fraction]:
    """Return what of a lot's charges a tax is on: equal pieces → exact amount of one.

    The discount lowers every charge by its own share.
    """
    left = 1 - hundredth(terms.discount_percent)
    bases: dict[int, Fraction] = {}
    for line in charges:
        if line.lot == lot and line.kind in kinds and line.taxed:
            share = Fraction(line.amount, line.times) * left
            bases[line.times] = bases.get(line.times, Fraction()) + share
    return bases


def _tax_parts(
    charges: Sequence[Line], lot: str | None, kind: str, tax: Tax, terms: MoneyTerms
) -> list[Part]:
    return [
        Part(
            lot, kind, tax.rule, base * hundredth(tax.percent), tax.percent,
            rounded(base * times), times, f"{tax.rule} {tax.percent}",
        )
        for times, base in _taxable(charges, lot, tax.on, terms).items()
        if base
    ]  # fmt: skip


def vat_lines(
    sold: Sequence[SoldLot], charges: Sequence[Line], terms: MoneyTerms, sale_date: date
) -> list[Line]:
    """Return the VAT a buyer's invoice itemises, and what proofs of export bring back."""
    parts: list[Part] = []
    for lot in sold:
        for tax in taxes(lot.vat, terms.vat):
            if tax.percent or tax.rule == "vat_zero":
                parts += _tax_parts(charges, lot.lot, "vat", tax, terms)
    if terms.vat.premium:
        once = Tax("vat_premium", terms.vat.premium, SERVICES)
        parts += _tax_parts(charges, None, "vat", once, terms)
    lines = settle(parts, terms.round, terms.round_to, terms.vat.rounding)
    exported = {
        lot.lot
        for lot in sold
        if lot.export_proof_on is not None and proof_in_time(sale_date, lot.export_proof_on)
    }
    return [*lines, *_refunds(lines, exported)]


def _refunds(lines: Sequence[Line], exported: set[str]) -> list[Line]:
    return [
        Line(line.lot, "vat", -line.amount, line.percent, line.base, "export_refund")
        for line in lines
        if line.lot in exported and line.amount
    ]


def sales_taxes(charges: Sequence[Line], terms: MoneyTerms) -> list[Line]:
    """Return the sales tax on each lot, and on what is charged once."""
    tax = terms.sales_tax
    percent = Decimal(0) if tax is None else rate_at(tax, terms.place)
    if tax is None or not percent:
        return []
    found = Tax("sales_tax", percent, sales_taxed(terms))
    names = dict.fromkeys(line.lot for line in charges)
    parts = [part for lot in names for part in _tax_parts(charges, lot, "sales_tax", found, terms)]
    return settle(parts, terms.round, terms.round_to)


def sales_taxed(terms: MoneyTerms) -> frozenset[str]:
    """Return the kinds of charges sales tax is on."""
    on = terms.sales_tax.on if terms.sales_tax else ()
    return frozenset().union(*(_GROUPS[name] for name in on))


def rate_at(tax: SalesTax, place: str | None) -> Decimal:
    """Return the rate where the goods go, or the general one where the place has none."""
    return tax.places.get(place or "", tax.percent)
