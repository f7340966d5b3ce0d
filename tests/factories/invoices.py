"""Closed sales with winners and a legal entity to invoice them."""

import secrets
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from auctionhouse.catalogue.models import Sale
from auctionhouse.invoicing.entities import save_entity
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.members.models import Client
from auctionxchange.kernel.clock import database_now
from factories.sales import OpenSale, make_open_sale


@dataclass(frozen=True, slots=True)
class SoldSale:
    """A sale whose lots are sold, its entity, and its consignor's client id."""

    sale: OpenSale
    entity: LegalEntity
    vendor: int

    @property
    def buyers(self) -> list[int]:
        """Return the buyers' client ids."""
        return [client for client, _member in self.sale.bidders]


def make_entity(session: Session, *, currency: str = "GBP") -> LegalEntity:
    """Return a legal entity with a series of its own."""
    series = secrets.token_hex(4).upper()
    return save_entity(
        session,
        None,
        {
            "name": f"Oak {series} Ltd", "address": "1 High Street\nLondon", "country": "GB",
            "vat_number": "GB123456789", "series": f"{series}-", "credit_series": f"{series}C-",
            "bank": "GB00 BANK 0000", "currency": currency, "payment_days": 7,
        },
        actor=None,
    )  # fmt: skip


def make_sold_sale(
    session: Session, *, lots: int = 2, buyers: int = 1, price: int = 100_000
) -> SoldSale:
    """Sell a sale's lots in turn to its bidders: premium 25 per cent, VAT 20 on the premium."""
    sale = make_open_sale(
        session, reference=f"sold-{secrets.token_hex(4)}", lots=lots, bidders=buyers
    )
    vendor = Client(name="Consignor")
    session.add(vendor)
    session.flush()
    entity = make_entity(session)
    row = session.get_one(Sale, sale.sale_id)
    row.legal_entity_id = entity.id
    row.premium_percent = 25  # type: ignore[assignment]
    row.money = {"vat": {"standard": "20"}, "treatment": "premium_only"}
    row.state = "closed"
    # An end to come would be tomorrow's in the last hour of a day.
    row.ends_at = database_now(session)
    session.flush()
    for place, lot in enumerate(sale.lots):
        session.execute(
            text(
                "UPDATE lot_state SET status = 'closed', outcome = 'sold', price = :price,"
                " leader_client_id = :client WHERE lot_id = :lot"
            ),
            {"price": price, "client": sale.bidders[place % buyers][0], "lot": lot},
        )
    session.execute(
        text("UPDATE lot SET consignor_client_id = :vendor WHERE sale_id = :sale"),
        {"vendor": vendor.id, "sale": sale.sale_id},
    )
    return SoldSale(sale, entity, vendor.id)
