"""The apex's front page: what the exchange is and which houses it serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import Row, select

from auctionxchange.site.requests import platform_session
from auctionxchange.site.services import platform_services
from auctionxchange.tenancy.models import HouseRecord

blueprint = Blueprint("home", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class HouseEntry:
    """One house as the front page lists it."""

    name: str
    address: str
    host: str
    country: str
    currency: str
    languages: tuple[str, ...]


@blueprint.get("/")
def front_page() -> ResponseReturnValue:
    """Show the exchange and its open houses."""
    settings = platform_services().settings
    return render_template(
        "site/home.html",
        houses=open_houses(),
        mail_sink=settings.mail_sink_url,
        operator_address=settings.mail_from,
    )


def open_houses() -> Sequence[HouseEntry]:
    """Return the houses that are open to the public, by name."""
    columns = (
        HouseRecord.name,
        HouseRecord.slug,
        HouseRecord.primary_domain,
        HouseRecord.country,
        HouseRecord.currency,
        HouseRecord.languages,
    )
    rows = platform_session().execute(
        select(*columns).where(HouseRecord.status == "active").order_by(HouseRecord.name)
    )
    return [_entry(row) for row in rows]


def _entry(row: Row[str, str, str | None, str, str, list[str]]) -> HouseEntry:
    settings = platform_services().settings
    host = f"{row.primary_domain or f'{row.slug}.{settings.apex}'}{settings.port_suffix}"
    address = f"{settings.scheme}://{host}/"
    return HouseEntry(row.name, address, host, row.country, row.currency, tuple(row.languages))
