"""Which function does which task; the worker looks tasks up here by name."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from auctionxchange.kernel.config import Settings
from auctionxchange.kernel.database import Database, HouseSession, PlatformSession
from auctionxchange.mail.delivery import Mailer
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.directory import Directory
from auctionxchange.tenancy.house import House


@dataclass(frozen=True, slots=True)
class WorkerServices:
    """What tasks work with; app renders mails in a house's theme and language."""

    settings: Settings
    database: Database
    directory: Directory
    mailer: Mailer
    app: Flask


HouseTask = Callable[..., None]
"""Called with (services, house, session, **arguments) inside the house's context."""

PlatformTask = Callable[..., None]
"""Called with (services, session, **arguments)."""


@dataclass(frozen=True, slots=True)
class Registry:
    """Tasks by name; every holds the schedules, as cron writes them in UTC, of those with one."""

    of_houses: dict[str, HouseTask] = field(default_factory=dict)
    of_platform: dict[str, PlatformTask] = field(default_factory=dict)
    every: dict[str, str] = field(default_factory=dict)

    def house_task(
        self, name: str, *, every: str | None = None
    ) -> Callable[[HouseTask], HouseTask]:
        """Register a task of houses; with a schedule it is done at each active house."""

        def register(task: HouseTask) -> HouseTask:
            self.of_houses[name] = task
            self._schedule(name, every)
            return task

        return register

    def platform_task(
        self, name: str, *, every: str | None = None
    ) -> Callable[[PlatformTask], PlatformTask]:
        """Register a task of the platform, with a schedule or without."""

        def register(task: PlatformTask) -> PlatformTask:
            self.of_platform[name] = task
            self._schedule(name, every)
            return task

        return register

    def _schedule(self, name: str, every: str | None) -> None:
        if every is not None:
            self.every[name] = every


TASKS = Registry()


class JobRefused(RuntimeError):
    """A job without a house, of an unknown house or with an unknown name: never run."""


class JobParked(RuntimeError):
    """A job of a suspended house: it waits until the house is back."""


def run_job(
    registry: Registry, services: WorkerServices, owner: str, task: str, arguments: dict[str, Any]
) -> None:
    """Do one job for its owner, a house's schema or the platform's role.

    Raises JobRefused, JobParked and whatever the task raises; one transaction a job.
    """
    if owner == services.database.platform_scope.role:
        _run_for_platform(registry, services, task, arguments)
        return
    house = services.directory.by_schema(owner) if owner else None
    if house is None or house.status in {"provisioning", "deleted"}:
        raise JobRefused(f"{task} has no house")
    if house.status != "active":
        raise JobParked(f"{house.slug} is {house.status}")
    if task not in registry.of_houses:
        raise JobRefused(f"{task} is no task of houses")
    _run_for_house(registry.of_houses[task], services, house, arguments)


def _run_for_house(
    task: HouseTask, services: WorkerServices, house: House, arguments: dict[str, Any]
) -> None:
    session: HouseSession
    with (
        acting_for(house),
        services.app.app_context(),
        services.database.house_session(house) as session,
        session.begin(),
    ):
        task(services, house, session, **arguments)


def _run_for_platform(
    registry: Registry, services: WorkerServices, task: str, arguments: dict[str, Any]
) -> None:
    if task not in registry.of_platform:
        raise JobRefused(f"{task} is no task of the platform")
    session: PlatformSession
    with services.database.platform_session() as session, session.begin():
        registry.of_platform[task](services, session, **arguments)
