"""What acts on agreements, receipts and payees are refused for."""

from auctionxchange.kernel.errors import Conflict, Forbidden, Invalid
from auctionxchange.kernel.translation import gettext as _


class AgreementSigned(Conflict):
    """A signed version stays as it is."""

    code = "agreement_signed"

    def message(self) -> str:
        return _("This version is signed and stays as it is. Make a new version.")


class AgreementUnsigned(Conflict):
    """Lots are consigned under what was signed."""

    code = "agreement_unsigned"

    def message(self) -> str:
        return _("This agreement is not signed yet. Enter the signature first.")


class SignatureInvalid(Invalid):
    """A signature has a day that is not to come, and a name."""

    code = "signature_invalid"

    def message(self) -> str:
        return _("Say who signed and on which day, today or before.")


class AgreementOfAnother(Invalid):
    """The agreement is another client's, or in another currency than the sale."""

    code = "agreement_of_another"

    def message(self) -> str:
        return _("Choose an agreement of this consignor in the sale’s currency.")


class ConsignorFixed(Conflict):
    """Money already stands to a consignor for the lot, or it is on their statement."""

    code = "consignor_fixed"

    def message(self) -> str:
        return _(
            "The lot is on a released statement, or money for it stands to its consignor: consignor"
            " and agreement stay. Correct the statement first."
        )


class NothingReceived(Invalid):
    """A receipt names what was received."""

    code = "nothing_received"

    def message(self) -> str:
        return _("Name at least one thing that was received.")


class ReceivedLater(Invalid):
    """Nothing is received in days to come."""

    code = "received_later"

    def message(self) -> str:
        return _("The day of receipt cannot be in the future.")


class ReceiptTwice(Conflict):
    """The same form was sent twice with different contents."""

    code = "receipt_twice"

    def message(self) -> str:
        return _("This receipt was entered already. Open the form again for another one.")


class AccountInvalid(Invalid):
    """Bank details that cannot be right; fields: field names the input, problem says why."""

    code = "account_invalid"

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field=field, problem=problem)

    def message(self) -> str:
        return str(self.fields["problem"])


class PayeesInvalid(Invalid):
    """Payees that do not add up; fields: row counts from 0 (None for all), field, problem."""

    code = "payees_invalid"

    def __init__(self, row: int | None, field: str, problem: str) -> None:
        super().__init__(row=row, field=field, problem=problem)

    def message(self) -> str:
        return str(self.fields["problem"])


class InstructionWaits(Conflict):
    """One change of payees is decided before the next is proposed."""

    code = "instruction_waits"

    def message(self) -> str:
        return _("A change of payees waits for a second person. Approve or refuse it first.")


class InstructionDecided(Conflict):
    """The change was approved or refused already."""

    code = "instruction_decided"

    def message(self) -> str:
        return _("This change was decided already.")


class SecondPersonNeeded(Forbidden):
    """Who proposed something does not approve it."""

    code = "second_person"

    def message(self) -> str:
        return _("A second person has to approve this: you proposed it yourself.")
