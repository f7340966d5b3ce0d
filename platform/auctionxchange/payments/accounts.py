"""Whose a Stripe account is, whether it may take cards, and when its house took it away."""

from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionxchange.kernel.database import Database
from auctionxchange.payments.gateway import StripeGateway
from auctionxchange.payments.models import StripeAccount
from auctionxchange.payments.refusals import NotConnected
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.models import AuditRecord

_LOOKED = text(
    "UPDATE exchange.stripe_account SET card_payments = :state, looked_at = clock_timestamp()"
    " WHERE account = :account"
)
_REVOKED = text(
    "UPDATE exchange.stripe_account SET revoked_at = clock_timestamp(), card_payments = 'revoked'"
    " WHERE account = :account AND revoked_at IS NULL RETURNING house_schema"
)


@dataclass(frozen=True, slots=True)
class Connected:
    """An account as those who charge need it."""

    account: str
    house_schema: str
    entity: int
    card_payments: str

    @property
    def active(self) -> bool:
        """Tell whether cards may be charged."""
        return self.card_payments == "active"


def account_of(database: Database, house: House, entity: int) -> Connected | None:
    """Return the account of a house's legal entity, or None."""
    with database.platform_session() as session:
        row = session.scalars(
            select(StripeAccount).where(
                StripeAccount.house_schema == house.schema,
                StripeAccount.entity == entity,
                StripeAccount.revoked_at.is_(None),
            )
        ).one_or_none()
    return None if row is None else _connected(row)


def active_account(database: Database, house: House, entity: int) -> Connected:
    """Return an account that may take cards; raises NotConnected."""
    found = account_of(database, house, entity)
    if found is None or not found.active:
        raise NotConnected
    return found


def owner_of(session: Session, account: str) -> Connected | None:
    """Return whose an account is, revoked ones included."""
    row = session.get(StripeAccount, account)
    return None if row is None else _connected(row)


def _connected(row: StripeAccount) -> Connected:
    return Connected(row.account, row.house_schema, row.entity, row.card_payments)


def connect(
    database: Database, gateway: StripeGateway, house: House, entity: int, *, name: str,
    email: str, currency: str, actor: str,
) -> Connected:  # fmt: skip
    """Return the entity's account, made at Stripe where there is none yet."""
    known = account_of(database, house, entity)
    if known is not None:
        return known
    made = gateway.create_account(name=name, email=email, country=house.country, currency=currency)
    with database.platform_session() as session, session.begin():
        session.add(StripeAccount(account=made["id"], house_schema=house.schema, entity=entity))
        _audit(session, actor, "stripe.connected", house.schema, made["id"])
    return Connected(made["id"], house.schema, entity, "restricted")


def look_again(session: Session, gateway: StripeGateway, account: str) -> str:
    """Ask Stripe whether an account may take cards, and keep the answer."""
    state = gateway.card_payments(account)
    session.execute(_LOOKED, {"state": state, "account": account})
    return state


def revoke(session: Session, account: str) -> None:
    """Note that a house took our access away; its records stay."""
    schema = session.execute(_REVOKED, {"account": account}).scalar()
    if schema is not None:
        _audit(session, "Stripe", "stripe.revoked", schema, account)


def _audit(session: Session, actor: str, action: str, schema: str, account: str) -> None:
    session.add(AuditRecord(actor=actor, action=action, subject=schema, after={"account": account}))
