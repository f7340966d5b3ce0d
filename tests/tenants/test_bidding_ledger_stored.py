"""The ledger as it is stored: checked by query and by command, and downloaded."""

import json

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from wsgi import create_app

from auctionhouse.bidding import published, queries
from auctionhouse.bidding.book import book_of
from auctionhouse.bidding.checked import check_sale
from auctionhouse.bidding.ledger import Entry, Fault, commitment, commitment_salt, verify
from auctionhouse.receipts.keys import current_signer
from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import owner_engine
from factories.floor import Floor, make_floor


@pytest.fixture
def floor(database: Database, oak: House) -> Floor:
    made = make_floor(database, oak, lots=2, reserve=4000)
    made.bid(0, 9000)
    made.bid(1, 5500)
    return made


def as_owner(settings: Settings, house: House, statement: str, **values: object) -> None:
    """Do to a house's tables what the house itself may not."""
    with owner_engine(settings.database_admin_url or "").begin() as connection:
        connection.exec_driver_sql(f'SET LOCAL search_path = "{house.schema}"')
        connection.execute(text(statement), values)


def faults(floor: Floor) -> list[Fault]:
    with floor.database.house_session(floor.house) as session:
        return queries.verify_lot(session, floor.sale.lots[0])


def test_a_rewritten_entry_is_found(floor: Floor, settings: Settings) -> None:
    as_owner(
        settings, floor.house,
        "UPDATE ledger_entry SET payload = replace(payload, '5500', '5400') WHERE lot_id = :lot",
        lot=floor.sale.lots[0],
    )  # fmt: skip
    assert [fault.fault for fault in faults(floor)] == ["hash"]


def test_an_entry_cut_off_at_the_end_is_found_by_the_lots_head(
    floor: Floor, settings: Settings
) -> None:
    as_owner(
        settings, floor.house,
        "DELETE FROM ledger_entry WHERE lot_id = :lot AND sequence = 4",
        lot=floor.sale.lots[0],
    )  # fmt: skip
    assert faults(floor) == [Fault(3, "head")]


def test_a_download_can_be_checked_and_its_commitments_opened(floor: Floor) -> None:
    with floor.database.house_session(floor.house) as session:
        lines = published.download(session, floor.sale.lots[0]).splitlines()
        kept = session.execute(
            text("SELECT salt, maximum FROM ledger_entry WHERE lot_id = :lot AND sequence = 2"),
            {"lot": floor.sale.lots[0]},
        ).one()
        book = book_of(session, floor.sale.lots[0])
        secret, maximum = book.open_salt(kept.salt), book.open(kept.maximum)
    entries = [json.loads(line) for line in lines]
    assert verify(Entry(entry["payload"], bytes.fromhex(entry["hash"])) for entry in entries) == []
    bid = json.loads(entries[1]["payload"])
    assert secret is not None
    assert maximum == 9000
    assert bid["maximum"] == commitment(commitment_salt(secret, "maximum"), "maximum", maximum)
    assert not any(str(floor.sale.bidders[0]) in line for line in lines)


def verified(settings: Settings, house: str, sale: str) -> Result:
    return run(settings, "verify", house, sale)


def run(settings: Settings, *words: str) -> Result:
    environment = {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key,
        "PUBLIC_URL": settings.public_url,
        "AUCTIONXCHANGE_ENVIRONMENT": "test",
    }
    return CliRunner().invoke(create_app().cli, ("bidding", *words), env=environment)


def test_the_command_says_what_holds_and_what_does_not(floor: Floor, settings: Settings) -> None:
    with floor.database.house_session(floor.house) as session:
        reference = session.execute(
            text("SELECT reference FROM sale WHERE id = :id"), {"id": floor.sale.sale_id}
        ).scalar_one()
        head = published.published_head(session, floor.sale.sale_id)
    held = verified(settings, floor.house.slug, reference)
    assert held.exit_code == 0, held.output
    assert held.output == (
        "lot 1: 4 entries, 4 statements proved: holds\n"
        "lot 2: 1 entries, 1 statements proved: holds\n"
        f"2 of 2 lots hold; the sale's head is {head}\n"
    )
    as_owner(
        settings, floor.house,
        "UPDATE ledger_entry SET payload = '{}' WHERE lot_id = :lot AND sequence = 2",
        lot=floor.sale.lots[1],
    )  # fmt: skip
    as_owner(
        settings, floor.house,
        "DELETE FROM ledger_entry WHERE lot_id = :lot AND sequence = 2",
        lot=floor.sale.lots[0],
    )  # fmt: skip
    broken = verified(settings, floor.house.slug, reference)
    assert broken.exit_code == 1
    assert "lot 1, entry 2: it does not follow the entry before it" in broken.output
    assert "1 of 2 lots hold" in broken.output


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("price = price + 1", "price"),
        ("leader_client_id = leader_client_id + 1", "leader"),
        ("asking = asking + 1", "asking price"),
        ("bid_count = bid_count + 1", "number of bids"),
        ("ends_at = ends_at + interval '1 second'", "end"),
        ("reserve_met = NOT reserve_met", "reserve"),
    ],
)
def test_a_state_the_ledger_does_not_lead_to_is_named(
    floor: Floor, change: str, named: str
) -> None:
    lot = floor.sale.lots[0]
    floor.run(f"UPDATE lot_state SET {change} WHERE lot_id = :lot", lot=lot)
    with floor.database.house_session(floor.house) as session:
        lots = check_sale(session, floor.sale.sale_id)
    assert [one.holds for one in lots] == [False, True]
    assert f"lot 1: the stored {named} is not what its ledger leads to" in lots[0].sentences()


def test_another_maximum_in_the_place_of_the_leaders_is_found(floor: Floor) -> None:
    lot = floor.sale.lots[0]
    with floor.database.house_connection(floor.house) as connection:
        other = book_of(connection, lot).close(99999)
    floor.run("UPDATE lot_state SET maximum = :other WHERE lot_id = :lot", other=other, lot=lot)
    with floor.database.house_session(floor.house) as session:
        found = check_sale(session, floor.sale.sale_id)[0]
    assert found.differences == ["maximum"]


def test_the_command_names_what_it_cannot_find(settings: Settings, oak: House) -> None:
    assert "There is no house “nowhere”." in verified(settings, "nowhere", "x").output
    assert "There is no sale “nothing”." in verified(settings, oak.slug, "nothing").output


def test_a_house_gets_a_new_key_by_command(settings: Settings, floor: Floor) -> None:
    told = run(settings, "new-key", floor.house.slug)
    assert told.exit_code == 0, told.output
    with floor.database.house_session(floor.house) as session:
        assert f"signs with key {current_signer(session).id} from now on" in told.output
