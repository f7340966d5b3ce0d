"""Filling the installation once: houses, people, conditions, sales; each house in a process."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import active_children, get_context
from pathlib import Path

from sqlalchemy import text

import auctionhouse.listeners
import auctionhouse.models  # noqa: F401 - a lot refers to tables of other capabilities
from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.demo.after_sale import choose_for_simulated, offer_unsold
from auctionhouse.demo.houses import HOUSES, DemoHouse
from auctionhouse.demo.past import close_past_sale, hold_past_sale, invoice_past_sale, set_rules
from auctionhouse.demo.people import make_operator, make_people, simulation_password
from auctionhouse.demo.programme import KINDS, QUICK
from auctionhouse.demo.sales import make_due_sales
from auctionhouse.demo.vendors import consign_lots, make_vendors
from auctionhouse.invoicing.entities import save_entity
from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database, HouseSession
from auctionxchange.kernel.storage import make_storage
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import create_house, owner_engine

ACTOR = "demo"
LONGER = tuple(kind for kind in KINDS if kind is not QUICK)
"""What a house is furnished with; the quick sale follows when everything else is ready."""


def seed(settings: Settings, folder: Path) -> bool:
    """Make whichever of the three houses is missing or was left half-made; tell if one was."""
    database = Database(settings.database_url, secret_key=settings.secret_key)
    missing = [place for place in range(len(HOUSES)) if not _filled(database, settings, place)]
    if missing:
        sys.stdout.write("  Furnishing three houses; the pictures take longest, a minute or two\n")
        sys.stdout.flush()
        make_operator(database)
    database.dispose()
    in_processes(_make_house, missing, folder)
    return bool(missing)


def make_sales(folder: Path) -> None:
    """Have every house's programme complete: what is over is followed by the next."""
    in_processes(_make_due_sales, range(len(HOUSES)), folder)


def in_processes(work: Callable[[int, Path], None], places: Iterable[int], folder: Path) -> None:
    """Do some work for several houses side by side; it ends with us when we are interrupted."""
    with ProcessPoolExecutor(
        len(HOUSES), mp_context=get_context("spawn"), initializer=_leave_interrupts
    ) as pool:
        futures = [pool.submit(work, place, folder) for place in places]
        try:
            for future in futures:
                future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for child in active_children():
                child.terminate()
            raise


def open_next(database: Database, settings: Settings, house: House, demo: DemoHouse) -> list[str]:
    """Make the house's sales that are due; returns their references."""
    with acting_for(house), database.house_session(house) as session, session.begin():
        choose_for_simulated(session)
        offer_unsold(session)
        return make_due_sales(session, make_storage(settings), demo)


def _leave_interrupts() -> None:
    """Ctrl-C reaches every process of the terminal; the first one decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _filled(database: Database, settings: Settings, place: int) -> bool:
    house = Directory(database, settings).by_slug(HOUSES[place].new.slug)
    if house is None:
        return False
    with database.house_connection(house) as connection:
        return bool(connection.execute(text("SELECT EXISTS (SELECT FROM sale)")).scalar())


def _make_house(place: int, folder: Path) -> None:
    """Make one house with its people and its longer sales; settings come from the environment."""
    started = time.monotonic()
    settings = load_settings(os.environ)
    demo = HOUSES[place]
    database = Database(settings.database_url, secret_key=settings.secret_key)
    house = _created(database, settings, demo)
    with acting_for(house), database.house_session(house) as session, session.begin():
        make_people(session, demo.new.slug, demo.new.language, simulation_password(folder))
        values = {**demo.entity, "currency": demo.new.currency}
        entity = save_entity(session, None, values, actor=None)
        entity_id = entity.id
        set_rules(session, entity.id, demo)
        make_vendors(session, demo.new.slug, demo.new.language, entity)
        publish_conditions(session, demo.conditions_title, unwrapped(demo.conditions), actor=None)
        hold_past_sale(session, make_storage(settings), demo, demo.new.slug)
    with acting_for(house), database.house_session(house) as session, session.begin():
        make_due_sales(session, make_storage(settings), demo, LONGER)
        for reference in ("paintings", "winter"):
            consign_lots(session, _sale(session, reference), (1, 2))
    close_past_sale(database, house)
    with acting_for(house), database.house_session(house) as session, session.begin():
        invoice_past_sale(session, entity_id, demo.new.slug)
    database.dispose()
    took = time.monotonic() - started
    sys.stdout.write(f"  {demo.new.name}: people, sales, lots and pictures ({took:.0f} s)\n")
    sys.stdout.flush()


def _sale(session: HouseSession, reference: str) -> int:
    found: int = session.execute(
        text("SELECT id FROM sale WHERE reference = :reference"), {"reference": reference}
    ).scalar_one()
    return found


def _created(database: Database, settings: Settings, demo: DemoHouse) -> House:
    """Return the house, made now unless an interrupted start left it empty."""
    found = Directory(database, settings).by_slug(demo.new.slug)
    if found is not None:
        return found
    engine = owner_engine(settings.database_admin_url or "")
    schema = create_house(engine, demo.new, seed_house, actor=ACTOR)
    engine.dispose()
    made = Directory(database, settings).by_schema(schema)
    if made is None:
        raise RuntimeError(f"{demo.new.slug} was made but is not there")
    return made


def _make_due_sales(place: int, _folder: Path) -> None:
    settings = load_settings(os.environ)
    database = Database(settings.database_url, secret_key=settings.secret_key)
    house = Directory(database, settings).by_slug(HOUSES[place].new.slug)
    if house is not None and house.status == "active":
        open_next(database, settings, house, HOUSES[place])
    database.dispose()


def unwrapped(text: str) -> str:
    """Join the lines of each paragraph: on a page a line break is one, here it is the margin's."""
    return "\n\n".join(part.replace("\n", " ") for part in text.strip().split("\n\n"))
