"""What acts on statements, holds and payouts are refused for."""

from auctionxchange.kernel.errors import Conflict, Invalid
from auctionxchange.kernel.translation import gettext as _


class SaleNotOver(Conflict):
    """Vendors are settled with after the sale."""

    code = "sale_not_over"

    def message(self) -> str:
        return _("Statements are made once the sale is closed.")


class NoPayer(Conflict):
    """The legal entity has no series of statements yet."""

    code = "no_payer"

    def message(self) -> str:
        return _(
            "Say first under Money, Paying vendors, in which series this legal entity numbers its"
            " statements and from which account it pays."
        )


class StatementReleased(Conflict):
    """The statement has its number and stays as it is."""

    code = "statement_released"

    def message(self) -> str:
        return _(
            "Statement %(number)s is released and stays as it is. Correct it by a"
            " counter-statement.",
            **self.fields,
        )


class StatementEmpty(Conflict):
    """There is nothing to state."""

    code = "statement_empty"

    def message(self) -> str:
        return _("There is nothing on this statement to release.")


class NothingToCorrect(Conflict):
    """The lot is on no released statement, or was corrected already."""

    code = "nothing_to_correct"

    def message(self) -> str:
        return _("This lot was corrected already, or is on no released statement.")


class NotReleasedYet(Conflict):
    """A draft has no number yet."""

    code = "statement_not_released"

    def message(self) -> str:
        return _("This is a draft. Release it first.")


class SeriesUsed(Conflict):
    """Another legal entity numbers its statements so."""

    code = "series_used"

    def message(self) -> str:
        return _("Another legal entity numbers its statements in this series.")


class PayerInvalid(Invalid):
    """A payer's account that no file could be made from; fields: field, problem."""

    code = "payer_invalid"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field, problem=problem)

    def message(self) -> str:
        return str(self.fields["problem"])


class NothingPayable(Conflict):
    """Nobody can be paid now by this way."""

    code = "nothing_payable"

    def message(self) -> str:
        return _("Nothing is payable this way now. The list says what waits for what.")


class PayDayPast(Invalid):
    """Payments are made today or later."""

    code = "pay_day_past"

    def message(self) -> str:
        return _("Choose a day of payment that is not over.")


class RunStateRefuses(Conflict):
    """A payout run is past the state in which this can be done."""

    code = "run_state"

    def message(self) -> str:
        return _("This payout run has moved on. Open it again to see how it stands.")


class HeldMeanwhile(Conflict):
    """Something in the run may not be paid any more; fields: names."""

    code = "held_meanwhile"

    def message(self) -> str:
        return _(
            "What was payable no longer is: %(names)s. Take these consignors out of the run, or"
            " cancel it.",
            names=", ".join(self.fields["names"]),
        )


class FileInvalid(Conflict):
    """A bank would refuse the file; fields: problem."""

    code = "file_invalid"

    def message(self) -> str:
        return _("The bank would refuse this file: %(problem)s", problem=self.fields["problem"])


class NotRetryable(Conflict):
    """Only a payment that came back is made again, and only once."""

    code = "not_retryable"

    def message(self) -> str:
        return _("This payment did not come back, or was made again already.")


class ContraTooLarge(Invalid):
    """More than the client can be paid now, or than the invoice is short of."""

    code = "contra_too_large"

    def message(self) -> str:
        return _("At most what is payable to the client now, and what is due on the invoice.")


class ContraOfAnother(Invalid):
    """A client's money pays the client's own invoices, of the same company and currency."""

    code = "contra_of_another"

    def message(self) -> str:
        return _("Choose a released invoice of the same client, legal entity and currency.")


class FormTwice(Conflict):
    """The same form was sent twice with different contents."""

    code = "form_twice"

    def message(self) -> str:
        return _("This was entered already. Open the form again for another one.")


class AlreadyHeld(Conflict):
    """One hold a lot at a time."""

    code = "already_held"

    def message(self) -> str:
        return _("This lot is held already.")


class HoldReasonMissing(Invalid):
    """A hold is explained."""

    code = "hold_reason"

    def message(self) -> str:
        return _("Say why: the reason is kept, and the consignor may ask.")
