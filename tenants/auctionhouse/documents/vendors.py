"""Papers for consignors: statements, agreements, receipts, the advice before a sale and results."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from auctionhouse.consignors.models import Agreement, Intake
from auctionhouse.consignors.queries.one import SaleOfVendor, client_of, items_of
from auctionhouse.consignors.words import agreement_heading, agreement_rows
from auctionhouse.documents.brand import current_brand
from auctionhouse.documents.kept import kept_file
from auctionhouse.documents.paper import (
    Amount,
    LotGroup,
    Pair,
    Panel,
    Paper,
    Part,
    Table,
    Totals,
    Words,
    set_in_type,
)
from auctionhouse.documents.readers import read_by
from auctionhouse.invoicing.models import LegalEntity
from auctionhouse.invoicing.parties import buyer_lines, foot_of, seller_lines
from auctionhouse.members.models import Client
from auctionhouse.settlement.models import Statement
from auctionhouse.settlement.queries.statements import StatementPage, statement_page
from auctionhouse.settlement.shown import statement_sheet
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import datetime_long, day, house_zone, money, money_range
from auctionxchange.kernel.clock import database_now
from auctionxchange.kernel.storage import Storage
from auctionxchange.tenancy.current import current_house

STATEMENT = "statement"


def statement_file(
    session: Session, storage: Storage, static_root: Path, found: Statement
) -> bytes:
    """Return a statement as PDF in its consignor's language; a released one as it was issued."""

    def made() -> bytes:
        with read_by(session, found.client_id):
            paper = _statement(statement_page(session, found.id), _today(session))
            return set_in_type(paper, current_brand(), static_root)

    if found.number is None:
        return made()
    return kept_file(
        session, storage, kind=STATEMENT, subject_id=found.id, client_id=found.client_id, make=made
    )


def _today(session: Session) -> date:
    return database_now(session).astimezone(house_zone()).date()


def _statement(page: StatementPage, today: date) -> Paper:
    found, words = page.statement, statement_sheet(page)["sheet_words"]
    released = found.released_at
    made_on = today if released is None else released.astimezone(house_zone()).date()
    facts: list[Pair] = [(_("Date"), day(made_on))]
    if page.sale is not None:
        facts.append((_("Sale"), page.sale.title))
    if page.corrects is not None:
        facts.append((_("Corrects"), page.corrects.number or ""))
    if page.invoice is not None:
        facts.append((_("Your invoice"), page.invoice.number or ""))
    if found.reason:
        facts.append((_("Reason"), found.reason))
    lots = [
        LotGroup(
            label=view.part.label,
            title=view.part.title or _("Charges on no single lot"),
            amounts=[
                *(Amount(words["line"](line), money(line.amount, found.currency))
                  for line in view.lines),
                Amount(_("Together"), money(view.part.amount, found.currency), strong=True),
            ],
        )
        for view in page.parts
    ]  # fmt: skip
    total = Totals([Amount(_("Total"), money(found.total, found.currency), strong=True)])
    notes = words["notes"]
    return Paper(
        title=statement_sheet(page)["heading"],
        made_on=made_on,
        sender=words["seller"],
        recipient=words["consignor"],
        facts=facts,
        parts=[*lots, total, *([Words(notes, small=True)] if notes else [])],
        foot=foot_of(page.seller),
    )


def agreement_paper(session: Session, static_root: Path, found: Agreement) -> bytes:
    """Return an agreement to be signed, or as it was signed."""
    entity = session.get_one(LegalEntity, found.entity_id)
    seller = {name: getattr(entity, name) for name in ("name", "address", "country", "vat_number")}
    client = client_of(session, found.client_id)
    with read_by(session, client.id):
        parts: list[Part] = [
            Table((_("Agreed"), ""), [list(row) for row in agreement_rows(found)], wide=1)
        ]
        if found.note:
            parts.append(Words(found.note.splitlines()))
        parts.append(_signature(found, client.name, entity.name))
        paper = Paper(
            title=agreement_heading(found),
            made_on=found.created_at.astimezone(house_zone()).date(),
            sender=seller_lines(seller),
            recipient=buyer_lines(_party(client)),
            facts=[(_("Date"), day(found.signed_on or _today(session)))],
            parts=parts,
            foot=foot_of(seller),
        )
        return set_in_type(paper, current_brand(), static_root)


def _signature(found: Agreement, client: str, entity: str) -> Panel:
    if found.signed_on is not None:
        return Panel(_("Signed"), [(_("By"), found.signed_by), (_("On"), day(found.signed_on))])
    line = "………………………………………………"
    return Panel(_("Signatures"), [(client, line), (entity, line), (_("Place and day"), line)])


def _party(client: Client) -> dict[str, str]:
    return {"name": client.name, "company": client.company or ""}


def receipt_paper(session: Session, static_root: Path, found: Intake) -> bytes:
    """Return a receipt for what a consignor brought."""
    client = client_of(session, found.client_id)
    with read_by(session, client.id):
        rows = [
            [
                str(item.quantity), item.description, item.condition or "–",
                "–" if item.reserve is None else money(item.reserve, found.currency),
            ]
            for item in items_of(session, found.id)
        ]  # fmt: skip
        heads = (_("Pieces"), _("What it is"), _("Condition"), _("Reserve agreed"))
        facts: list[Pair] = [(_("Received on"), day(found.received_on))]
        if found.place:
            facts.append((_("Where"), found.place))
        parts: list[Part] = [Table(heads, rows, ends=(0, 3), wide=1)]
        if found.note:
            parts.append(Words(found.note.splitlines()))
        title = _("Receipt %(number)s", number=found.number)
        paper = _house_paper(client, title, found.received_on, facts, parts)
        return set_in_type(paper, current_brand(), static_root)


def sale_paper(session: Session, static_root: Path, client_id: int, sale: SaleOfVendor) -> bytes:
    """Return the advice before a sale, or the results after it, for one consignor."""
    client = client_of(session, client_id)
    with read_by(session, client.id):
        title = _("Your results") if sale.over else _("Your lots before the sale")
        facts: list[Pair] = [(_("Sale"), sale.title)]
        if sale.ends_at:
            facts.append((_("Closes from"), datetime_long(sale.ends_at)))
        paper = _house_paper(client, title, _today(session), facts, [_lots(sale)])
        return set_in_type(paper, current_brand(), static_root)


def _house_paper(
    client: Client, title: str, made_on: date, facts: Sequence[Pair], parts: Sequence[Part]
) -> Paper:
    name = current_house().name
    recipient = buyer_lines(_party(client))
    return Paper(title, made_on, [name], recipient, facts, parts, foot=name)


def _lots(sale: SaleOfVendor) -> Table:
    heads = (_("Lot"), _("Title"), _("Estimate"), _("Reserve"), _("Hammer price"))
    rows = [
        [
            lot.label,
            lot.title,
            money_range(lot.estimate_low, lot.estimate_high, sale.currency)
            if lot.estimate_low or lot.estimate_high
            else "–",
            _("none") if lot.reserve is None else money(lot.reserve, sale.currency),
            _hammer(lot, sale),
        ]
        for lot in sale.lots
    ]
    ends, strong = (2, 3, 4), ()
    if sale.over:
        rows.append(["", _("Total"), "", "", money(sale.hammer, sale.currency)])
        return Table(heads, rows, ends=ends, strong=(len(rows) - 1,), wide=1)
    return Table(heads[:4], [row[:4] for row in rows], ends=ends[:2], strong=strong, wide=1)


def _hammer(lot: Any, sale: SaleOfVendor) -> str:
    if lot.sold_for is not None:
        return money(lot.sold_for, sale.currency)
    return _("withdrawn") if lot.withdrawn_at else _("unsold")
