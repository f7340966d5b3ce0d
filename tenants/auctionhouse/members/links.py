"""Links that let a person set a first password, told to whoever set the account up."""

from flask import Flask
from flask_security.recoverable import generate_reset_link

from auctionhouse.members.operations import member_by_email
from auctionhouse.requests import house_session
from auctionxchange.kernel.config import Settings
from auctionxchange.tenancy.current import acting_for
from auctionxchange.tenancy.house import House


def password_link(app: Flask, settings: Settings, house: House, email: str) -> str:
    """Return an address where a member sets a password, valid for a day; raises MemberUnknown."""
    with acting_for(house), app.test_request_context(base_url=house.url(settings)):
        member = member_by_email(house_session(), email)
        link: str = generate_reset_link(member)[0]  # type: ignore[no-untyped-call]
        return link
