"""Filling the installation once: houses, people, conditions, sales; each house in a process."""

import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from auctionhouse.catalogue.operations import publish_conditions
from auctionhouse.demo.houses import HOUSES, DemoHouse
from auctionhouse.demo.people import make_operator, make_people, simulation_password
from auctionhouse.demo.sales import make_sale, plans, quick_plan, quick_sales
from auctionhouse.demo.works import works
from auctionhouse.seed import seed_house
from auctionxchange.kernel.config import Settings, load_settings
from auctionxchange.kernel.database import Database
from auctionxchange.kernel.storage import make_storage
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.provisioning import create_house, owner_engine

ACTOR = "demo"


def seed(settings: Settings, folder: Path) -> list[str]:
    """Make whichever of the three houses is missing; returns the slugs that were made."""
    database = Database(settings.database_url)
    directory = Directory(database, settings)
    missing = [place for place, house in enumerate(HOUSES) if not _known(directory, house)]
    if missing:
        make_operator(database)
    database.dispose()
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_make_house, missing, [str(folder)] * len(missing)))


def open_next(database: Database, settings: Settings, house: House) -> str | None:
    """Open another quick sale where the last one is over; returns its reference."""
    place = next(n for n, demo in enumerate(HOUSES) if demo.new.slug == house.slug)
    with acting_for(house), database.house_session(house) as session, session.begin():
        made, ends = quick_sales(session)
        if ends is not None:
            return None
        share = works()[place::3]
        start = made * 10 % max(len(share) - 10, 1)
        plan = quick_plan(HOUSES[place], made + 1, share[start : start + 10])
        make_sale(session, make_storage(settings), HOUSES[place], plan)
        return plan.reference


def _known(directory: Directory, house: DemoHouse) -> bool:
    return directory.by_slug(house.new.slug) is not None


def _make_house(place: int, folder: str) -> str:
    """Make one house in a process of its own; settings come from the environment."""
    started = time.monotonic()
    settings = load_settings(os.environ)
    demo = HOUSES[place]
    engine = owner_engine(settings.database_admin_url or "")
    schema = create_house(engine, demo.new, seed_house, actor=ACTOR)
    engine.dispose()
    database = Database(settings.database_url)
    house = Directory(database, settings).by_schema(schema)
    if house is None:
        raise RuntimeError(f"{demo.new.slug} was made but is not there")
    with acting_for(house), database.house_session(house) as session, session.begin():
        make_people(session, demo.new.slug, demo.new.language, simulation_password(Path(folder)))
        publish_conditions(session, demo.conditions_title, demo.conditions, actor=None)
        storage = make_storage(settings)
        for plan in reversed(plans(demo, place)):
            make_sale(session, storage, demo, plan)
    database.dispose()
    took = time.monotonic() - started
    sys.stdout.write(f"  {demo.new.name}: {demo.new.currency}, three sales ({took:.0f} s)\n")
    sys.stdout.flush()
    return demo.new.slug
