"""The acts on sales, lots, notices and conditions; each writes and audits in one transaction."""

from auctionhouse.catalogue.operations.conditions import publish_conditions
from auctionhouse.catalogue.operations.lots import create_lot, edit_lot, renumber_lot, withdraw_lot
from auctionhouse.catalogue.operations.notices import post_notice
from auctionhouse.catalogue.operations.reopening import correct_result, reopen_lot
from auctionhouse.catalogue.operations.running import pause_sale, postpone_sale, resume_sale
from auctionhouse.catalogue.operations.sales import (
    archive_sale,
    create_sale,
    edit_sale,
    publish_sale,
)

__all__ = [
    "archive_sale",
    "correct_result",
    "create_lot",
    "create_sale",
    "edit_lot",
    "edit_sale",
    "pause_sale",
    "post_notice",
    "postpone_sale",
    "publish_conditions",
    "publish_sale",
    "renumber_lot",
    "reopen_lot",
    "resume_sale",
    "withdraw_lot",
]
