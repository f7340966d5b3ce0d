"""Why nothing may leave the house yet."""

from auctionxchange.i18n import gettext as _
from auctionxchange.kernel.errors import Conflict, Invalid


class HeldBack(Conflict):
    """Something holds the release; fields: why."""

    code = "held_back"

    def message(self) -> str:
        texts = {
            "unpaid": _("This invoice is not paid in full."),
            "credited": _("This invoice was credited."),
            "disputed": _("The payment is disputed. Nothing is released until that is decided."),
            "due_diligence": _(
                "Due diligence on this buyer is not finished. Nothing is released until then."
            ),
            "other": _("The house holds this buyer’s lots. The reason is on the client’s page."),
        }
        return texts[self.fields["why"]]


class WrongCode(Invalid):
    """The code is not the order's."""

    code = "wrong_code"

    def message(self) -> str:
        return _("This is not the code of this release order.")


class AlreadyCollected(Conflict):
    """The lot left before."""

    code = "already_collected"

    def message(self) -> str:
        return _("This lot was collected already.")
