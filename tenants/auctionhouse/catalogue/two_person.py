"""Correcting a hammer, which one member of staff asks for and another approves."""

from sqlalchemy.orm import Session

from auctionhouse.approvals.acts import Act, Described, Facts, Payload, Signed, register
from auctionhouse.bidding.models import LotState
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.operations import correct_result
from auctionhouse.catalogue.operations.reopening import hold_lot
from auctionhouse.catalogue.rules import lot_label
from auctionhouse.invoicing.corrected import let_go, put_on
from auctionhouse.members.models import Client
from auctionxchange.i18n.formats import money
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.kernel.translation import lazy_gettext as _l

HAMMER = "hammer_correction"


class HammerCorrection(Act):
    """Say who bought a closed lot for how much after all; price in minor units, or not sold."""

    name = HAMMER
    label = _l("Correction of a hammer")

    def subject(self, payload: Payload) -> str:
        return f"lot:{payload['lot']}"

    def facts(self, session: Session, payload: Payload) -> Facts:
        hold_lot(session, payload["lot"])
        standing = session.get_one(LotState, payload["lot"], populate_existing=True)
        sold = standing.outcome == "sold"
        return {
            "version": standing.version,
            "client": standing.leader_client_id if sold else None,
            "price": standing.price if sold else None,
        }

    def described(self, session: Session, payload: Payload, facts: Facts) -> Described:
        lot = session.get_one(Lot, payload["lot"])
        sale = session.get_one(Sale, lot.sale_id)
        return Described(
            _("Correct the result of lot %(label)s", label=lot_label(lot.number, lot.suffix)),
            [
                (_("Lot"), lot.title),
                (_("Sale"), sale.title),
                (_("Result until now"), _result(session, facts, sale)),
                (_("New result"), _result(session, payload, sale)),
                (_("Notice to bidders"), payload["notice"]),
            ],
            f"/manage/lots/{lot.id}/bids",
        )

    def execute(self, session: Session, payload: Payload, signed: Signed) -> None:
        proforma = let_go(session, payload["lot"])
        correct_result(
            session, payload["lot"], payload["client"], payload["price"], payload["notice"],
            reason=signed.reason, actor=signed.asked_by,
        )  # fmt: skip
        if proforma and payload["client"] is not None:
            put_on(session, payload["lot"], payload["client"])


def _result(session: Session, told: Facts, sale: Sale) -> str:
    if told["client"] is None:
        return _("Not sold")
    buyer = session.get_one(Client, told["client"]).name
    return _("%(buyer)s for %(price)s", buyer=buyer, price=money(told["price"], sale.currency))


register(HammerCorrection())
