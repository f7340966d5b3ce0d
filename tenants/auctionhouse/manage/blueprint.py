"""The back office's blueprint: staff alone pass, whatever a single view forgot."""

from typing import Any

from flask import Blueprint, Response

from auctionhouse.approvals.telling import waiting_for
from auctionhouse.bidding.selling import in_all, shares_pieces
from auctionhouse.manage.queries.sales import lot_word, public_state
from auctionhouse.members.access import acting_member, has_role, staff_required
from auctionhouse.offers.queries import offers_waiting
from auctionhouse.plan.limits import allowance
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _

STAFF = ("owner", "clerk")
APPROVALS, OFFERS = "approvals", "offers"
"""The rooms with a figure beside them: what waits for the reader."""

blueprint = Blueprint("manage", __name__, url_prefix="/manage", template_folder="templates")


@blueprint.before_request
@staff_required(*STAFF)
def only_staff() -> None:
    """Stop everybody else before any view of the back office runs."""


@blueprint.context_processor
def rooms() -> dict[str, Any]:
    """Give every page its navigation, the words for a sale's state, and sums of pieces."""
    return {
        "workplace_rooms": _rooms(),
        "room_figures": _figures,
        "plan_notice": _plan_notice,
        "sale_state": sale_state,
        "lot_state": lot_state,
        "in_all": in_all,
        "is_shared": lambda lot: shares_pieces(lot.format, lot.pieces),
        "has_role": lambda *roles: has_role(acting_member(), roles),
    }


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Forbid keeping what only staff may see."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def actor() -> int:
    """Return the member who acts; views behind staff_required have one."""
    return acting_member().id


def _plan_notice() -> Any:
    """Return the plan where it is not paid, for the banner above every page."""
    plan = allowance(house_session())
    return plan if plan is not None and plan.suspends_at is not None else None


def _figures() -> dict[str, int]:
    """Count what waits for the reader; asked for by pages with rooms only."""
    session = house_session()
    return {APPROVALS: len(waiting_for(session, actor())), OFFERS: offers_waiting(session)}


def sale_state(sale: Any) -> str:
    """Return the word for where a sale stands now."""
    return public_state(sale, services().clock.now())


def lot_state(lot: Any) -> str:
    """Return the word for where a lot stands now."""
    return lot_word(lot, services().clock.now())


def _rooms() -> list[tuple[str, list[tuple[str, str, str]]]]:
    return [
        (
            _("Sales"),
            [
                ("/manage/", "today", _("Today")),
                ("/manage/sales/", "sales", _("Sales and lots")),
                ("/manage/registrations/", "registrations", _("Registrations")),
                ("/manage/offers/", OFFERS, _("Offers")),
                ("/manage/simulator", "simulator", _("Rule simulator")),
            ],
        ),
        (
            _("People"),
            [
                ("/manage/clients/", "clients", _("Clients")),
                ("/manage/consignors/", "consignors", _("Consignors")),
                ("/manage/members/", "members", _("Members")),
            ],
        ),
        (
            _("Finance"),
            [
                ("/manage/approvals/", APPROVALS, _("Approvals")),
                ("/manage/money/invoices", "invoices", _("Invoices")),
                ("/manage/money/overdue", "overdue", _("Overdue")),
                ("/manage/money/release/", "release", _("Release orders")),
                ("/manage/money/cards", "cards", _("Card payments")),
                ("/manage/money/bank", "bank", _("Bank statements")),
                ("/manage/money/statements", "statements", _("Settlements")),
                ("/manage/money/payouts", "payouts", _("Payouts")),
                ("/manage/money/entities", "entities", _("Legal entities")),
                ("/manage/money/artists", "artists", _("Artists")),
                ("/manage/money/try", "try", _("Try my terms")),
            ],
        ),
        (
            _("House"),
            [
                ("/manage/conditions/", "conditions", _("Conditions of sale")),
                ("/manage/plan", "plan", _("Plan")),
                ("/manage/audit/", "audit", _("Audit")),
            ],
        ),
    ]
