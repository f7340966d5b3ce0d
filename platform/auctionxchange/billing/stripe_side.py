"""Subscriptions at Stripe, on the platform's own account: customers, pages, what is now true."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from auctionxchange.billing import rules
from auctionxchange.billing.models import Plan, Subscription
from auctionxchange.billing.operations import take_in
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.database import Database
from auctionxchange.payments.billing_gateway import BillingGateway
from auctionxchange.payments.refusals import NotAtStripe
from auctionxchange.tenancy.models import HouseRecord

METER = "lot_sold"
SHORTEST_TRIAL = timedelta(hours=48)
"""Stripe's Checkout takes a trial's end that is two days away or more."""


@dataclass(frozen=True, slots=True)
class Till:
    """Where a house's subscription is dealt with; Stripe is never called inside a transaction."""

    database: Database
    gateway: BillingGateway
    schema: str

    def checkout_url(self, *, back: str) -> str:
        """Return the address of Stripe's page on which the house subscribes to its plan.

        What an earlier Stripe account had made, as before going live, is made anew.
        """
        try:
            return self._checkout_url(back)
        except NotAtStripe:
            self._forget()
            return self._checkout_url(back)

    def _checkout_url(self, back: str) -> str:
        plan = self._priced()
        customer = self._customer()
        with self.database.platform_session() as session:
            row = session.get_one(Subscription, self.schema)
            now = database_now(session)
        left = (row.trial_ends_at - now) if row.trial_ends_at else timedelta(0)
        trial_end = row.trial_ends_at if left > SHORTEST_TRIAL else None
        page = self.gateway.subscription_session(
            customer=customer,
            prices=[plan.stripe_price or ""],
            metered=plan.stripe_meter_price,
            trial_end=None if trial_end is None else int(trial_end.timestamp()),
            house=self.schema,
            back=back,
            key=f"billing:{self.schema}:{plan.code}:{now:%Y%m%d%H%M%S%f}",
        )
        return str(page["url"])

    def portal_url(self, *, back: str) -> str:
        """Return the address where the house looks after its card, invoices and subscription."""
        return self.gateway.portal_url(self._customer(), back=back)

    def refresh(self) -> None:
        """Ask Stripe what the house has subscribed to, and write it down."""
        with self.database.platform_session() as session:
            row = session.get(Subscription, self.schema)
        if row is None or row.customer is None:
            return
        found = [
            one
            for one in self.gateway.subscriptions_of(row.customer)
            if one["status"] in rules.OF_STRIPE
        ]
        living = [one for one in found if one["status"] != "canceled"]
        for thing in (living or found)[:1]:
            with self.database.platform_session() as session, session.begin():
                held = session.get_one(Subscription, self.schema, with_for_update=True)
                take_in(session, held, thing)

    def _forget(self) -> None:
        """Forget prices this account lacks, and the customer of a house that pays nothing."""
        with self.database.platform_session() as session, session.begin():
            row = session.get_one(Subscription, self.schema, with_for_update=True)
            plan = session.get_one(Plan, row.plan, with_for_update=True)
            plan.stripe_price = plan.stripe_meter_price = None
            if row.stripe_subscription is None:
                row.customer = None

    def _customer(self) -> str:
        """Return the house's customer at the platform's account, made where there is none."""
        with self.database.platform_session() as session:
            row = session.get_one(Subscription, self.schema)
            house = session.get_one(HouseRecord, self.schema)
        if row.customer is not None:
            return row.customer
        key = f"billing:{self.schema}:customer"
        made = self.gateway.create_customer(house.name, house.owner_email, self.schema, key=key)
        with self.database.platform_session() as session, session.begin():
            held = session.get_one(Subscription, self.schema, with_for_update=True)
            held.customer = held.customer or made
            return held.customer

    def _priced(self) -> Plan:
        """Return the house's plan with its prices at Stripe, made where they are missing."""
        with self.database.platform_session() as session:
            row = session.get_one(Subscription, self.schema)
            plan = session.get_one(Plan, row.plan)
        price = plan.stripe_price or (self._price(plan, plan.price) if plan.price else None)
        metered = plan.stripe_meter_price
        if plan.sales_charge == "meter" and metered is None:
            meter = self.gateway.meter(METER, key="billing:meter")
            metered = self._price(plan, plan.meter_price, meter=meter)
        with self.database.platform_session() as session, session.begin():
            held = session.get_one(Plan, plan.code, with_for_update=True)
            held.stripe_price = held.stripe_price or price
            held.stripe_meter_price = held.stripe_meter_price or metered
        return held

    def _price(self, plan: Plan, amount: int, *, meter: str | None = None) -> str:
        return self.gateway.price(
            plan.name, amount, plan.currency, meter=meter,
            key=f"billing:plan:{plan.code}:{'meter' if meter else 'base'}:{amount}",
        )  # fmt: skip


def schema_of_customer(database: Database, customer: str) -> str | None:
    """Return whose a customer of the platform's is."""
    query = select(Subscription.house_schema).where(Subscription.customer == customer)
    with database.platform_session() as session:
        return session.scalar(query)
