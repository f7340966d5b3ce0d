"""What staff decide about a sale or a lot, as one value each; the forms and the demo fill them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class SaleDetails:
    """A sale as described by staff; times aware, the interval between closings in seconds."""

    reference: str
    title: str
    subtitle: str = ""
    description: str = ""
    place: str = ""
    viewing: str = ""
    shipping: str = ""
    note: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    closing_interval_seconds: int = 0
    registration_mode: str = "automatic"
    conditions_id: int | None = None
    premium_percent: Decimal = Decimal(0)
    premium_vat_note: str = ""
    terms: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class LotDetails:
    """A lot as described by staff; amounts in minor units of the sale's currency."""

    number: int
    title: str
    opening: int
    suffix: str = ""
    subtitle: str = ""
    maker: str = ""
    description: str = ""
    medium: str = ""
    dimensions: str = ""
    period: str = ""
    origin: str = ""
    provenance: str = ""
    literature: str = ""
    exhibitions: str = ""
    condition: str = ""
    category: str = ""
    quantity: int = 1
    estimate_low: int | None = None
    estimate_high: int | None = None
    estimate_on_request: bool = False
    reserve: int | None = None
    reserve_shown: bool = False
    buy_now: int | None = None
    offer_accept_from: int | None = None
    offer_decline_below: int | None = None
    consignor_client_id: int | None = None
    agreement_id: int | None = None
    seller_is_trader: bool = False
    shipping: str = ""
    location: str = ""
    internal_notes: str = ""
