"""Jobs of the plan: the house's copy of what it has subscribed to, and its sold lots' meter."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from auctionhouse.plan.charging import mark_sent, meter_sold_lots, unsent
from auctionhouse.plan.limits import Usage, allowance, usage
from auctionhouse.plan.models import PlanAllowance
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.operations import SPREAD
from auctionxchange.billing.rules import suspends_at
from auctionxchange.billing.stripe_side import METER
from auctionxchange.jobs.registry import TASKS, WorkerServices
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import PlatformSession
from auctionxchange.payments.billing_gateway import make_billing_gateway
from auctionxchange.tenancy.house import House

METERING = "plan.meter"


@TASKS.platform_task(SPREAD)
def spread(services: WorkerServices, session: PlatformSession, *, schema: str) -> None:
    """Write a house's copy of its plan, suspended or not."""
    row = session.get_one(Subscription, schema)
    plan = session.get_one(Plan, row.plan)
    house = services.directory.by_schema(schema)
    if house is None or house.status in {"provisioning", "deleted"}:
        return
    values = {
        "plan": plan.code,
        "name": plan.name,
        "lots": plan.lots,
        "staff": plan.staff,
        "storage_mb": plan.storage_mb,
        "sales_charge": plan.sales_charge,
        "fee_basis_points": plan.fee_basis_points,
        "state": row.state,
        "trial_ends_at": row.trial_ends_at,
        "paid_until": row.paid_until,
        "suspends_at": suspends_at(row.failed_at),
        "customer": row.customer,
        "price": plan.price,
        "meter_price": plan.meter_price,
        "currency": plan.currency,
    }
    statement = insert(PlanAllowance).values(one=True, **values)
    with services.database.house_session(house) as own, own.begin():
        own.execute(statement.on_conflict_do_update(index_elements=["one"], set_=values))


@TASKS.house_task(METERING, every="*/10 * * * *")
def meter(services: WorkerServices, house: House, session: Session) -> None:
    """Note the lots that were sold, and tell the meter of each once, outside of a transaction."""
    del session
    with services.database.house_session(house) as own, own.begin():
        meter_sold_lots(own, house.schema)
        plan, used, waiting = allowance(own), usage(own), unsent(own)
        customer = None if plan is None else plan.customer
    _tell_usage(services, house, used)
    if customer is None or not waiting or services.settings.stripe_secret_key is None:
        return
    gateway = make_billing_gateway(services.settings)
    for lot_id, identifier, at in waiting:
        gateway.meter_event(METER, customer, identifier=identifier, at=int(at.timestamp()))
        with services.database.house_session(house) as own, own.begin():
            mark_sent(own, lot_id)


def _tell_usage(services: WorkerServices, house: House, used: Usage) -> None:
    with services.database.platform_session() as session, session.begin():
        row = session.get(Subscription, house.schema, with_for_update=True)
        if row is not None:
            row.used_lots, row.used_staff, row.used_mb = used.lots, used.staff, used.megabytes
            row.used_at = database_now(session)
