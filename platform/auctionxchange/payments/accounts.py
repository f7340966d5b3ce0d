"""Whose a Stripe account is, whether it may take cards, and when its house took it away."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from auctionxchange.kernel.database import Database
from auctionxchange.payments.gateway import StripeGateway
from auctionxchange.payments.models import StripeAccount
from auctionxchange.payments.refusals import CurrencyLacking, NotConnected
from auctionxchange.tenancy.house import House
from auctionxchange.tenancy.models import AuditRecord

_LOOKED = text(
    "UPDATE exchange.stripe_account a SET card_payments = :state, lacks = CAST(:lacks AS jsonb),"
    " currency = coalesce(:currency, a.currency), looked_at = clock_timestamp()"
    " FROM (SELECT card_payments FROM exchange.stripe_account WHERE account = :account FOR UPDATE)"
    " before WHERE a.account = :account AND a.revoked_at IS NULL RETURNING before.card_payments"
)
_REVOKED = text(
    "UPDATE exchange.stripe_account SET revoked_at = clock_timestamp(), card_payments = 'revoked'"
    " WHERE account = :account AND revoked_at IS NULL RETURNING house_schema"
)


@dataclass(frozen=True, slots=True)
class Connected:
    """An account as those who charge need it; lacks are Stripe's codes for what is missing."""

    account: str
    house_schema: str
    entity: int
    card_payments: str
    currency: str | None = None
    lacks: tuple[str, ...] = ()
    revoked_at: datetime | None = None

    @property
    def active(self) -> bool:
        """Tell whether cards may be charged."""
        return self.card_payments == "active"


def account_of(database: Database, house: House, entity: int) -> Connected | None:
    """Return the account of a house's legal entity, or None."""
    found = [one for one in accounts_of(database, house) if one.entity == entity]
    return found[0] if found and found[0].revoked_at is None else None


def accounts_of(database: Database, house: House) -> list[Connected]:
    """Return the newest account of each of a house's legal entities, taken away or not."""
    query = select(StripeAccount).where(StripeAccount.house_schema == house.schema)
    newest = (StripeAccount.revoked_at.is_not(None), StripeAccount.created_at.desc())
    found: dict[int, Connected] = {}
    with database.platform_session() as session:
        for row in session.scalars(query.order_by(StripeAccount.entity, *newest)):
            found.setdefault(row.entity, _connected(row))
    return list(found.values())


def active_account(database: Database, house: House, entity: int, currency: str) -> Connected:
    """Return an account that may take cards in a currency; raises NotConnected, CurrencyLacking."""
    found = account_of(database, house, entity)
    if found is None or not found.active:
        raise NotConnected
    if found.currency not in {None, currency}:
        raise CurrencyLacking(currency=currency, account_currency=found.currency)
    return found


def owner_of(session: Session, account: str) -> Connected | None:
    """Return whose an account is, revoked ones included."""
    row = session.get(StripeAccount, account)
    return None if row is None else _connected(row)


def _connected(row: StripeAccount) -> Connected:
    return Connected(
        row.account, row.house_schema, row.entity, row.card_payments, row.currency,
        tuple(row.lacks or ()), row.revoked_at,
    )  # fmt: skip


def connect(
    database: Database, gateway: StripeGateway, house: House, entity: int, *, name: str,
    email: str, country: str, currency: str, actor: str,
) -> Connected:  # fmt: skip
    """Return the entity's account, made at Stripe where there is none yet."""
    known = account_of(database, house, entity)
    if known is not None:
        return known
    made = gateway.create_account(name=name, email=email, country=country, currency=currency)
    with database.platform_session() as session, session.begin():
        session.add(
            StripeAccount(
                account=made["id"], house_schema=house.schema, entity=entity, currency=currency
            )
        )
        _audit(session, actor, "stripe.connected", house.schema, made["id"])
    return Connected(made["id"], house.schema, entity, "restricted", currency)


@dataclass(frozen=True, slots=True)
class Looked:
    """What an account's card payments were said to be before, and are now."""

    before: str
    now: str


def look_again(session: Session, gateway: StripeGateway, account: str) -> Looked:
    """Ask Stripe whether an account may take cards, and keep the answer."""
    state = gateway.account_state(account)
    values = {
        "state": state.card_payments,
        "lacks": json.dumps(state.lacks),
        "currency": state.currency,
        "account": account,
    }
    before = session.execute(_LOOKED, values).scalar()
    return Looked(before or "revoked", state.card_payments)


def revoke(session: Session, account: str) -> None:
    """Note that a house took our access away; its records stay."""
    schema = session.execute(_REVOKED, {"account": account}).scalar()
    if schema is not None:
        _audit(session, "Stripe", "stripe.revoked", schema, account)


def _audit(session: Session, actor: str, action: str, schema: str, account: str) -> None:
    session.add(AuditRecord(actor=actor, action=action, subject=schema, after={"account": account}))
