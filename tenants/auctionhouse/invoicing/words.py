"""What states, methods and the law's notes are called on invoices."""

from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.queries import InvoicePage
from auctionxchange.i18n import gettext as _


def heading(invoice: Invoice) -> str:
    """Return what a document is called, with its number where it has one."""
    if invoice.kind == "credit_note":
        return _("Credit note %(number)s", number=invoice.number)
    if invoice.number:
        return _("Invoice %(number)s", number=invoice.number)
    return _("Pro-forma invoice")


def state_words(state: str) -> str:
    """Say how an invoice stands."""
    words = {
        "proforma": _("Pro-forma"),
        "open": _("To be paid"),
        "declined": _("Card declined"),
        "action": _("Waits for the cardholder"),
        "disputed": _("Disputed"),
        "paid": _("Paid"),
        "credited": _("Credited"),
        "credit_note": _("Credit note"),
    }
    return words[state]


def method_words(method: str) -> str:
    """Name a way of paying."""
    words = {
        "cash": _("Cash"),
        "transfer": _("Bank transfer"),
        "terminal": _("Card terminal"),
        "card": _("Card"),
        "credit": _("Credit with the house"),
    }
    return words[method]


def act_words(kind: str, method: str | None = None) -> str:
    """Name an act on a buyer's account; a payment by its way."""
    words = {
        "release": _("Invoice"),
        "charges": _("Charges for late payment"),
        "payment": _("Payment: %(way)s", way=method_words(method) if method else ""),
        "credit": _("Credit note"),
        "allowance": _("Credit note for a part"),
        "refund": _("Refund"),
        "repayment": _("Refund"),
        "reversal": _("Payment taken back"),
        "dispute": _("Taken back by the bank"),
        "write_off": _("Written off"),
        "deposit": _("Deposit"),
        "deposit_refund": _("Deposit returned"),
        "credit_refund": _("Credit paid back"),
    }
    return words.get(kind, kind)


def notes_of(page: InvoicePage) -> list[str]:
    """Return what the law wants said below the lines."""
    notes = []
    if page.invoice.number is None:
        notes.append(_("This is a pro-forma and no tax document. The invoice follows."))
    if page.under_margin:
        notes.append(
            _(
                "Margin scheme: works of art, collectors’ items and antiques, or second-hand goods."
                " VAT included in the price of these lots is not shown and cannot be reclaimed."
            )
        )
    if any(lot.vat == "zero" for lot in page.lots):
        notes.append(_("Lots marked ◊ are zero-rated."))
    if any(line.rule.startswith("import_vat") for lot in page.lots for line in lot.lines):
        notes.append(_("Lots marked * or Ω were imported; import VAT is on their hammer price."))
    return notes
