"""What acts on invoices are refused for."""

from auctionxchange.kernel.errors import Conflict, Invalid
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.kernel.translation import gettext as _


class NoEntity(Conflict):
    """The house has no legal entity in the sale's currency."""

    code = "no_entity"

    def message(self) -> str:
        return _(
            "No legal entity invoices in %(currency)s. Add one under Money, Legal entities.",
            **self.fields,
        )


class AlreadyReleased(Conflict):
    """The invoice has its number and stays as it is."""

    code = "already_released"

    def message(self) -> str:
        return _(
            "Invoice %(number)s is released and stays as it is. Credit it and make a new one.",
            **self.fields,
        )


class NotReleased(Conflict):
    """A pro-forma has no number yet."""

    code = "not_released"

    def message(self) -> str:
        return _("This is a pro-forma. Release it first.")


class NothingToInvoice(Conflict):
    """The pro-forma has no lots."""

    code = "nothing_to_invoice"

    def message(self) -> str:
        return _("There is nothing on this pro-forma to release.")


class AlreadyCredited(Conflict):
    """The invoice was credited before, or is a credit note itself."""

    code = "already_credited"

    def message(self) -> str:
        return _("This was credited already, or is a credit note; nothing is left to undo.")


class CreditTooSmall(Invalid):
    """More was asked of a buyer's credit than there is, or than is due."""

    code = "credit_too_small"

    def message(self) -> str:
        return _("The buyer’s credit or what is due is less than that.")


class NothingDue(Conflict):
    """The invoice is paid."""

    code = "nothing_due"

    def message(self) -> str:
        return _("Nothing is left to pay on this invoice.")


class PaymentTwice(Conflict):
    """The same form was sent twice with different contents."""

    code = "payment_twice"

    def message(self) -> str:
        return _("This payment was entered already. Open the form again for another one.")


class BuyerInvalid(Invalid):
    """The buyer's particulars cannot be used."""

    code = "buyer_invalid"

    def message(self) -> str:
        return _(
            "“%(number)s” is no VAT number; write the country’s two letters first.", **self.fields
        )


class SeriesTaken(Conflict):
    """Another legal entity numbers with this series."""

    code = "series_taken"

    def message(self) -> str:
        return _(
            "Another legal entity uses this series; give each its own for invoices and credits."
        )


class LotInvoiced(Conflict):
    """A released invoice says what the lot cost; fields name it."""

    code = "lot_invoiced"

    def message(self) -> str:
        return _(
            "The lot is on invoice %(number)s. Make a credit note for it first, then correct.",
            **self.fields,
        )


class RepaymentTooLarge(Invalid):
    """More than was paid by hand and is left; fields: left (minor units), currency."""

    code = "repayment_too_large"

    def message(self) -> str:
        left = decimal_string(self.fields["left"], currency(self.fields["currency"]))
        return _(
            "At most %(left)s %(currency)s can be given back by hand: what came by card goes back"
            " to the card.",
            left=left,
            currency=self.fields["currency"],
        )


class PaymentInvalid(Invalid):
    """A payment of nothing, or of a day to come; fields: problem."""

    code = "payment_invalid"

    def message(self) -> str:
        texts = {
            "amount": _("Type the amount that arrived; it must be above zero."),
            "day": _("Money cannot have arrived on a day to come."),
        }
        return texts[self.fields["problem"]]


class InvoiceDisputed(Conflict):
    """The buyer's bank is deciding about the card payment."""

    code = "invoice_disputed"

    def message(self) -> str:
        return _(
            "The card payment of this invoice is disputed. Credit it once the bank has decided."
        )


class AllowanceTooLarge(Invalid):
    """More is taken off than is left, or nothing; fields: left (minor units), currency."""

    code = "allowance_too_large"

    def message(self) -> str:
        left = decimal_string(self.fields["left"], currency(self.fields["currency"]))
        return _(
            "Between nothing and %(left)s %(currency)s can be taken off here; earlier credit notes"
            " are counted.",
            left=left,
            currency=self.fields["currency"],
        )


class ProofTooLate(Invalid):
    """Export was proved before the sale, or later than the law allows."""

    code = "proof_too_late"

    def message(self) -> str:
        return _("Proof of export counts from the day of the sale until three months after it.")


class EntityInUse(Conflict):
    """Invoices were made in the entity's currency."""

    code = "entity_in_use"

    def message(self) -> str:
        return _(
            "This legal entity has invoices in its currency. Add another one for a new currency."
        )


class EntityCurrency(Invalid):
    """The entity invoices in another currency than the sale is in; fields: currency."""

    code = "entity_currency"

    def message(self) -> str:
        return _("Choose a legal entity that invoices in %(currency)s, as the sale does.",
                 **self.fields)  # fmt: skip


class EntityFixed(Conflict):
    """Invoices of the sale are out in another entity's name."""

    code = "entity_fixed"

    def message(self) -> str:
        return _("Invoices of this sale are released; they stay with their legal entity.")


class CreditSpent(Conflict):
    """What was too much of a payment stood to the buyer's credit and is gone."""

    code = "credit_spent"

    def message(self) -> str:
        return _(
            "The buyer has used the credit that came of this payment, so it cannot be taken back."
        )
