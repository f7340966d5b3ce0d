"""What terms, lots and vendors of a calculation may be refused for."""

from auctionxchange.kernel.errors import Conflict, Invalid
from auctionxchange.kernel.translation import gettext as _


class ReckoningInvalid(Invalid):
    """Terms or a lot that cannot be reckoned with; fields name the key and say what to do."""

    code = "reckoning_invalid"

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key=key, problem=problem)

    def message(self) -> str:
        return f"{self.fields['key']}: {self.fields['problem']}"


class MarginForbidden(Conflict):
    """The vendor's status does not allow the margin scheme for this lot."""

    code = "margin_forbidden"

    def message(self) -> str:
        return _(
            "Lot %(lot)s cannot be sold under the margin scheme: its vendor is registered for VAT"
            " and has not declared the goods eligible. Get the declaration before the sale, or"
            " choose another VAT treatment.",
            **self.fields,
        )
