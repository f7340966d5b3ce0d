"""Asking whether a bid that is far above what was to be expected is meant.

The page that asks carries a signed flag for exactly this bidder, lot and amount; only a bid that
brings it back goes through.
"""

import uuid
from typing import Any

from flask import render_template
from itsdangerous import BadData

from auctionhouse.money.words import cost_lines
from auctionhouse.services import services
from auctionhouse.storefront.lot_views import LotView
from auctionxchange.i18n.formats import reader_locale
from auctionxchange.i18n.spelled import spelled
from auctionxchange.kernel.money import currency, decimal_string
from auctionxchange.kernel.signing import house_serializer
from auctionxchange.tenancy.current import current_house

VALID_SECONDS = 30 * 60
_PURPOSE = "bid.confirmed"


def confirmation_page(
    view: LotView, maximum: int, pieces: int | None, *, far_above: bool = False
) -> str:
    """Render lot, amount and all-in total with the one button that places the bid."""
    row = view.lot.row
    cost = view.cost(maximum, pieces)
    unusual = far_above or view.sale.policies.far_above(maximum, row.asking, row.estimate_high)
    return render_template(
        "storefront/confirm.html",
        view=view,
        sale=view.sale,
        lot=view.lot,
        card=view.card,
        maximum=maximum,
        pieces=pieces,
        plain=decimal_string(maximum, currency(view.sale.currency)),
        cost=cost,
        lines=cost_lines(cost),
        token=uuid.uuid4(),
        words=in_words(maximum, view.sale.currency) if unusual else None,
        flag=flag_for(view.reader.client_id, row.id, maximum) if unusual else None,
    )


def flag_for(client_id: int | None, lot_id: int, maximum: int) -> str:
    """Sign that a bidder was asked about an amount on a lot."""
    return str(_signer().dumps([client_id, lot_id, maximum]))


def is_confirmed(flag: str, client_id: int, lot_id: int, maximum: int) -> bool:
    """Tell whether a flag is ours, fresh, and for exactly this bid."""
    try:
        signed: Any = _signer().loads(flag, max_age=VALID_SECONDS)
    except BadData:
        return False
    return bool(signed == [client_id, lot_id, maximum])


def in_words(amount: int, currency_code: str) -> str:
    """Write an amount in words, in the reader's language."""
    return spelled(amount, currency(currency_code), str(reader_locale()))


def _signer() -> Any:
    return house_serializer(services().settings, current_house(), _PURPOSE)
