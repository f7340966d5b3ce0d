"""Commands on a house's ledgers and on told lots, for whoever wants to know whether they hold."""

import json
from typing import IO

import click
from flask.cli import AppGroup
from sqlalchemy import text

from auctionhouse.bidding.checked import check_sale
from auctionhouse.bidding.published import published_head
from auctionhouse.bidding.replay import replay_lines
from auctionhouse.members.commands import named, opened
from auctionhouse.receipts.keys import retire_key
from auctionxchange.kernel.errors import NotFound
from auctionxchange.kernel.translation import gettext as _
from auctionxchange.tenancy.cli import plainly, settings_from_environment

bidding = AppGroup("bidding", help="The ledgers of a house's sales, and lots retold.")
_SALE = text("SELECT id FROM sale WHERE reference = :reference")


class SaleUnknown(NotFound):
    """No sale of this house has this reference."""

    code = "sale_unknown"

    def message(self) -> str:
        return _("There is no sale “%(reference)s”.", **self.fields)


@bidding.command("verify", with_appcontext=False)
@click.argument("house")
@click.argument("sale")
@plainly
def _verify(house: str, sale: str) -> None:
    """Check a sale's ledgers in words: chains, every bid decided again, and what is stored.

    Exits with 1 where a lot does not hold.
    """
    with opened(settings_from_environment()) as (database, directory):
        found = named(directory, house)
        with database.house_session(found) as session, session.begin():
            sale_id = session.execute(_SALE, {"reference": sale}).scalar()
            if sale_id is None:
                raise SaleUnknown(reference=sale)
            lots = check_sale(session, sale_id)
            head = published_head(session, sale_id)
    for lot in lots:
        for sentence in lot.sentences():
            click.echo(sentence)
    held = sum(lot.holds for lot in lots)
    click.echo(f"{held} of {len(lots)} lots hold; the sale's head is {head}")
    if held < len(lots):
        raise SystemExit(1)


@bidding.command("replay", with_appcontext=False)
@click.argument("file", type=click.File("rb"))
@click.option("--out", type=click.File("wb"), help="Write here, not to print it.")
def _replay(file: IO[bytes], out: IO[bytes] | None) -> None:
    """Decide the lots of FILE (- for standard input) by the rules, without any house.

    One JSON object a line, as docs/replay-format.md says. Exits with 1 where a line was bad.
    Results are UTF-8, whatever the terminal's own encoding.
    """
    bad = 0
    for line in replay_lines(file):
        if line.result is None:
            bad += 1
            click.echo(f"line {line.number}: {line.problem}", err=True)
        else:
            click.echo(json.dumps(line.result, ensure_ascii=False).encode(), file=out)
    if bad:
        raise SystemExit(1)


@bidding.command("new-key", with_appcontext=False)
@click.argument("house")
@plainly
def _new_key(house: str) -> None:
    """Sign receipts and heads of HOUSE with a new key; the old one stays published."""
    with opened(settings_from_environment()) as (database, directory):
        found = named(directory, house)
        with database.house_session(found) as session, session.begin():
            signer = retire_key(session)
    click.echo(f"{house} signs with key {signer.id} from now on")
