"""Money terms typed by staff, kept with a sale, and seen by bidders."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.money import operations
from auctionhouse.money.models import Artist
from auctionhouse.money.refusals import ReckoningInvalid
from auctionhouse.money.stored import terms_of_sale
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.money import currency
from auctionxchange.tenancy.house import House
from factories.catalogue import make_lot, make_sale
from factories.desks import Desk
from factories.sales import make_open_sale
from factories.visitors import visit

TYPED = {
    "premium": "0: 25\n500,000: 20%",
    "premium_minimum": "5",
    "surcharge_percent": "4.95",
    "fees": "Handling: 3.50\nInsurance: 1.5%",
    "treatment": "standard",
    "vat_standard": "20",
    "vat_premium": "",
    "resale_country": "GB",
    "resale_bearer": "buyer",
    "round": "line",
}


def shows(work: HouseSession, sale_id: int) -> Sale:
    work.expire_all()
    return work.get_one(Sale, sale_id)


def test_staff_keep_a_sales_money_terms(work: HouseSession, clerk: Desk) -> None:
    sale = make_sale(work)
    work.commit()
    answer = clerk.post(f"/manage/sales/{sale.id}/money", TYPED)
    assert answer.status_code == 302, answer.text
    kept = shows(work, sale.id)
    assert kept.premium_percent == Decimal(25)
    assert kept.money["premium_above"] == [["500000", "20"]]
    terms = terms_of_sale(kept.money, kept.premium_percent, currency(kept.currency))
    assert terms.vat.premium == Decimal(20)
    assert [fee.name for fee in terms.fees] == ["Handling", "Insurance"]
    again = clerk.get(f"/manage/sales/{sale.id}/money").text
    assert "500000: 20" in again
    assert "Insurance: 1.5%" in again


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"premium": "0: 25\n0: 20"}, "no two overlap"),
        ({"premium": "100: 25"}, "starts at 0"),
        ({"premium": "0: -5"}, "cannot be negative"),
        ({"premium": "many"}, "two numbers"),
        ({"premium_minimum": "1.005"}, "2 decimals"),
        ({"fees": "Handling: lots"}, "Write the number"),
        ({"resale_country": "FR"}, "how much GBP one EUR"),
    ],
)
def test_terms_that_cannot_be_reckoned_with_are_refused_beside_their_field(
    work: HouseSession, clerk: Desk, wrong: dict[str, str], said: str
) -> None:
    sale = make_sale(work)
    work.commit()
    answer = clerk.post(f"/manage/sales/{sale.id}/money", {**TYPED, **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    assert shows(work, sale.id).money == {}


def test_a_published_sales_terms_stay(work: HouseSession) -> None:
    sale = make_open_sale(work, reference="fixed")
    with pytest.raises(operations.MoneyFixed):
        operations.set_sale_money(work, sale.sale_id, {}, "zero", actor=None)
    with pytest.raises(operations.MoneyFixed):
        operations.set_lot_money(
            work, sale.lots[0], vat="zero", artist_id=None, bought_from_artist_on=None,
            premium=None, actor=None,
        )  # fmt: skip


def test_staff_give_a_lot_its_artist_and_treatment(work: HouseSession, clerk: Desk) -> None:
    sale = make_sale(work)
    lot = make_lot(work, sale, 7)
    work.commit()
    typed = {"name": f"Artist {lot.id}", "nationality": "FR", "born": "1900", "died": "1990"}
    assert clerk.post("/manage/money/artists", typed).status_code == 302
    artist = work.scalars(select(Artist).where(Artist.name == typed["name"])).one()
    answer = clerk.post(
        f"/manage/lots/{lot.id}/money",
        {"vat": "import_reduced", "artist_id": str(artist.id), "premium": "0: 10",
         "bought_from_artist_on": "2025-01-02"},
    )  # fmt: skip
    assert answer.status_code == 302, answer.text
    work.expire_all()
    kept = work.get_one(Lot, lot.id)
    assert (kept.vat, kept.artist_id, kept.premium) == ("import_reduced", artist.id, [["0", "10"]])
    with pytest.raises(ReckoningInvalid):
        operations.set_lot_money(
            work, lot.id, vat=None, artist_id=None, bought_from_artist_on=None,
            premium=[["5", "10"]], actor=None,
        )  # fmt: skip


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sale SET money = '[]'",
        "UPDATE lot SET vat = 'normal'",
        "UPDATE lot SET premium = '{}'",
        "INSERT INTO artist (name, nationality) VALUES ('x', 'France')",
        "INSERT INTO artist (name, nationality, born, died) VALUES ('x', 'FR', 1990, 1900)",
    ],
)
def test_the_database_refuses_what_makes_no_sense(work: HouseSession, statement: str) -> None:
    make_open_sale(work, reference="constrained")
    with pytest.raises(IntegrityError):
        work.execute(text(statement))


def test_staff_try_terms_without_saving(clerk: Desk) -> None:
    address = (
        "/manage/money/try?hammer=10000&premium=0%3A+12&treatment=margin&vat_standard=20"
        "&commission=0%3A+12"
    )
    page = clerk.get(address)
    assert page.status_code == 200, page.text
    assert "£11,200" in page.text
    assert "£8,800" in page.text
    assert "£400" in page.text
    assert clerk.get("/manage/money/try").status_code == 200
    refused = clerk.get(f"{address}&vat_registered=y")
    assert refused.status_code == 422
    assert "margin scheme" in refused.text
    assert "negative" in clerk.get("/manage/money/try?hammer=-5").text


def test_a_bidder_reads_what_a_lot_costs_in_all(
    work: HouseSession, web: Any, settings: Any, oak: House, database: Database
) -> None:
    sale = make_open_sale(work, reference="costly", opening=100000)
    work.execute(
        text("UPDATE sale SET premium_percent = 25, money = :m WHERE id = :i"),
        {
            "i": sale.sale_id,
            "m": '{"treatment": "standard", "vat": {"standard": "20"}, "premium_above": '
            '[["500", "20"]], "resale_right": {"country": "GB"}}',
        },
    )
    artist = Artist(name="An artist", nationality="FR")
    work.add(artist)
    work.flush()
    work.get_one(Lot, sale.lots[0]).artist_id = artist.id
    work.commit()
    visitor = visit(web, settings, oak)
    page = visitor.get("/sales/costly/lots/1").text
    assert "†" in page
    assert "†" in visitor.get("/sales/costly/").text
    assert "VAT is charged on the hammer price and on the premium." in page
    assert "£1,510" in page
    answer = visitor.get("/sales/costly/lots/1/total?maximum=1000").json
    assert answer == {
        "maximum": "£1,000",
        "lines": [
            ["Buyer’s premium", "£225"],
            ["VAT 20%", "£245"],
            ["Artist’s resale right 4%", "£40"],
        ],
        "premium": "£225",
        "total": "£1,510",
    }


def test_bidders_cannot_see_the_houses_terms(desk_of: Callable[..., Desk]) -> None:
    bidder = desk_of()
    for address in ("/manage/money/try", "/manage/money/artists"):
        assert bidder.get(address).status_code == 403
