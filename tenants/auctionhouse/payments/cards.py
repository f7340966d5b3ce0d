"""The card a client keeps with the house: typed on Stripe's page, never seen here."""

from auctionhouse.audit import record
from auctionhouse.members.models import Client
from auctionhouse.payments.desk import Desk
from auctionhouse.payments.models import CardOnFile
from auctionxchange.kernel.clock import database_now
from auctionxchange.payments.accounts import active_account
from auctionxchange.payments.refusals import AccessRevoked, NotAtStripe, OutcomeUnknown


def customer_at(desk: Desk, client_id: int, account: str) -> str:
    """Return the client's customer id at an account, made where there is none."""
    with desk.writing() as session:
        client = session.get_one(Client, client_id)
        kept = session.get(CardOnFile, (client_id, account))
        session.expunge_all()
    if kept is not None and kept.customer is not None:
        return kept.customer
    key = f"{desk.house.schema}:client:{client_id}:customer:{account}"
    customer = desk.gateway.create_customer(account, name=client.name, email=client.email, key=key)
    with desk.writing() as session:
        kept = session.get(CardOnFile, (client_id, account), with_for_update=True)
        if kept is None:
            session.add(CardOnFile(client_id=client_id, account=account, customer=customer))
        else:
            kept.customer = kept.customer or customer
    return customer


def open_card_page(desk: Desk, client_id: int, *, entity: int, currency: str, back: str) -> str:
    """Return the address of Stripe's page on which the client keeps a card."""
    account = active_account(desk.database, desk.house, entity, currency).account
    customer = customer_at(desk, client_id, account)
    with desk.writing() as session:
        now = database_now(session)
    key = f"{desk.house.schema}:client:{client_id}:card:{now:%Y%m%d%H%M%S%f}"
    page = desk.gateway.setup_session(
        account, customer=customer, currency=currency, back=back, key=key
    )
    with desk.writing() as session:
        session.get_one(CardOnFile, (client_id, account), with_for_update=True).session = page["id"]
    return str(page["url"])


def take_in_card(desk: Desk, account: str, page_id: str) -> bool:
    """Keep the card of a finished page; False where the page has none or is nobody's."""
    page = desk.gateway.find(account, "checkout.session", page_id)
    if page["status"] != "complete" or not page.get("setup_intent"):
        return False
    setup = desk.gateway.find(account, "setup_intent", page["setup_intent"])
    if setup["status"] != "succeeded":
        return False
    card = desk.gateway.find(account, "payment_method", setup["payment_method"])
    with desk.writing() as session:
        kept = (
            session.query(CardOnFile)
            .filter_by(account=account, customer=setup["customer"])
            .with_for_update()
            .one_or_none()
        )
        if kept is None:
            return False
        if kept.card != card["id"] and kept.session in {None, page_id}:
            kept.card, kept.saved_at = card["id"], database_now(session)
            kept.brand, kept.last4 = card["card"]["brand"], card["card"]["last4"]
            record(session, "card.kept", f"client:{kept.client_id}", actor=None, last4=kept.last4)
    return True


def look_for_card(desk: Desk, client_id: int, account: str) -> CardOnFile | None:
    """Return what a client keeps at an account, asking Stripe about a page that was open.

    Where Stripe does not answer it is what we know.
    """
    with desk.writing() as session:
        kept = session.get(CardOnFile, (client_id, account))
        session.expunge_all()
    if kept is None or kept.session is None:
        return kept
    try:
        take_in_card(desk, account, kept.session)
    except (AccessRevoked, NotAtStripe, OutcomeUnknown):
        return kept
    with desk.writing() as session:
        found = session.get(CardOnFile, (client_id, account))
        session.expunge_all()
    return found
