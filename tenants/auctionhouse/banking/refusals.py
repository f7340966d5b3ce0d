"""Why a bank's file or an act on its lines is refused, and what to do."""

from auctionxchange.kernel.errors import Conflict, Invalid
from auctionxchange.kernel.translation import gettext as _


class StatementInvalid(Invalid):
    """The file cannot be read; fields: problem."""

    code = "statement_invalid"

    def message(self) -> str:
        texts = {
            "size": _("The file is empty or larger than 5 MB. Export a shorter time."),
            "xml": _("This XML file is broken or unsafe. Export it from the bank again."),
            "camt": _("This XML file is no CAMT.053 statement. Choose that format at the bank."),
            "mt940": _("This is no MT940 statement. Export it from the bank again."),
            "csv": _("The table could not be read: it needs a line of headings, each once."),
            "columns": _("Say which columns hold day and amount; the file must have them."),
            "day": _("The days could not be read. Choose how the bank writes them."),
            "amount": _("An amount could not be read. Check the column and the currency."),
        }
        return texts.get(self.fields["problem"], texts["csv"])


class WrongAccount(Conflict):
    """The statement is of an account the entity does not name; fields: account, entity."""

    code = "wrong_account"

    def message(self) -> str:
        return _(
            "This is a statement of %(account)s, which is not the bank account of %(entity)s."
            " Nothing was imported.",
            **self.fields,
        )


class WrongCurrency(Conflict):
    """The statement is in another currency than the entity; fields: currency, own."""

    code = "wrong_currency"

    def message(self) -> str:
        return _(
            "This statement is in %(currency)s, but the legal entity invoices in %(own)s."
            " Nothing was imported.",
            **self.fields,
        )


class LineDone(Conflict):
    """Somebody else was faster."""

    code = "line_done"

    def message(self) -> str:
        return _("This line was dealt with already.")


class InvoiceNeeded(Invalid):
    """No invoice was chosen, or one of another entity, or one nobody owes any more."""

    code = "invoice_needed"

    def message(self) -> str:
        return _("Choose open invoices of this legal entity for the money.")


class NothingToUndo(Conflict):
    """The line is matched with nothing."""

    code = "nothing_to_undo"

    def message(self) -> str:
        return _("This line is matched with nothing, so there is nothing to undo.")
