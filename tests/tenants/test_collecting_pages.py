"""What staff and buyers do after a release, at their browsers."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import text

from auctionhouse.handover.models import ReleaseOrder
from auctionhouse.invoicing.models import Invoice
from auctionhouse.invoicing.operations import make_proformas, release_invoice
from auctionhouse.members.models import Client
from auctionxchange.kernel.database import HouseSession
from factories.desks import Desk
from factories.invoices import SoldSale, make_sold_sale
from factories.pages import Page
from factories.papers import amounts_in, said_by


@dataclass
class Owed:
    """A released invoice that was due forty days ago, its buyer's browser, and staff's."""

    invoice: Invoice
    sold: SoldSale
    owner: Desk
    clerk: Desk
    buyer: Desk

    @property
    def path(self) -> str:
        return f"/manage/money/invoices/{self.invoice.id}"

    def act(self, act: str, **typed: str) -> int:
        form = {"act": act} | {f"{act}-{key}": value for key, value in typed.items()}
        return self.clerk.post(self.path, form).status_code

    def approve(self, work: HouseSession) -> None:
        """Let the owner approve whatever waits."""
        work.rollback()
        query = text("SELECT id, digest FROM approval_request WHERE state = 'waiting' ORDER BY id")
        for row in work.execute(query).all():
            page = f"/manage/approvals/{row.id}"
            self.owner.visitor.submit(page, {"digest": row.digest}, to=f"{page}/approve")


@pytest.fixture
def owed(work: HouseSession, desk_of: Callable[..., Desk]) -> Owed:
    sold = make_sold_sale(work)
    sold.entity.payment_days = -40
    buyer = desk_of("bidder")
    newest = work.scalar(text("SELECT max(id) FROM member"))
    client = work.query(Client).filter_by(member_id=newest).one()
    work.execute(
        text("UPDATE lot_state SET leader_client_id = :c WHERE sale_id = :s"),
        {"c": client.id, "s": sold.sale.sale_id},
    )
    made = make_proformas(work, sold.sale.sale_id, actor=None)[0]
    invoice = release_invoice(work, made.id, actor=None)
    work.commit()
    return Owed(invoice, sold, desk_of("owner"), desk_of("clerk"), buyer)


def test_staff_see_what_is_overdue_and_go_the_whole_way(owed: Owed, work: HouseSession) -> None:
    listed = Page(owed.clerk.get("/manage/money/overdue").text)
    assert owed.path in listed.links()
    assert owed.act("warn", reason="") == 422
    assert owed.act("cancel", reason="Unpaid", notice="Cancelled.") == 422
    assert owed.act("warn", reason="No answer to three mails") == 302
    assert owed.act("cancel", reason="Unpaid", notice="The sale was cancelled.") == 302
    assert "waits for approval" in owed.clerk.get(owed.path).text
    owed.approve(work)
    shown = owed.clerk.get(owed.path).text
    assert "Sale cancelled" in shown
    assert owed.act("block", reason="Never pays") == 302
    assert owed.buyer.get("/account/invoices/").status_code == 302
    outcomes = text("SELECT DISTINCT outcome FROM lot_state WHERE sale_id = :s")
    assert list(work.scalars(outcomes, {"s": owed.sold.sale.sale_id})) == ["unsold"]


def test_a_write_off_needs_a_second_person(owed: Owed, work: HouseSession) -> None:
    assert owed.act("write_off", reason="Died") == 302
    assert owed.path in Page(owed.clerk.get("/manage/money/overdue").text).links()
    owed.approve(work)
    assert owed.path not in Page(owed.clerk.get("/manage/money/overdue").text).links()
    assert work.query(ReleaseOrder).filter_by(invoice_id=owed.invoice.id).count() == 1


def test_rules_are_set_and_lateness_charged(owed: Owed, work: HouseSession) -> None:
    page = f"/manage/money/entities/{owed.sold.entity.id}/collecting"
    assert owed.clerk.get(page).status_code == 403
    typed = {
        "reminder_days": "21, 3", "interest_reference": "4", "interest_margin": "8",
        "interest_after_days": "0", "storage_vat": "0", "at_close": "draft", "charge": "invoice",
        "charge_after_hours": "24", "link_days": "3",
    }  # fmt: skip
    refused = owed.owner.post(page, typed)
    assert refused.status_code == 422
    assert "Set a limit" in refused.text
    assert owed.owner.post(page, {**typed, "reminder_days": "x"}).status_code == 422
    assert owed.owner.post(page, {**typed, "interest_margin": ""}).status_code == 422
    assert owed.owner.post(page, {**typed, "charge_up_to": "500"}).status_code == 302
    assert "3, 21" in owed.owner.get(page).text
    assert owed.act("late") == 302
    work.rollback()
    charged = work.query(Invoice).filter_by(charges_for=owed.invoice.id).one()
    said = said_by(owed.buyer.get(f"/account/invoices/{charged.id}.pdf").data)
    assert "Late interest" in said
    assert str(charged.number) in said


def test_a_wrong_invoice_is_put_right_in_one_act(owed: Owed, work: HouseSession) -> None:
    assert owed.act("reissue", name="", reason="x") == 422
    answer = owed.clerk.post(
        owed.path, {"act": "reissue", "reissue-name": "Ada Ltd", "reissue-reason": "Company"}
    )
    fresh = answer.headers["Location"]
    assert fresh != owed.path
    assert "Ada Ltd" in owed.clerk.get(fresh).text
    assert "Credited by" in owed.clerk.get(owed.path).text


def test_a_buyers_papers_are_theirs_and_lots_leave_against_the_code(
    owed: Owed, work: HouseSession, desk_of: Callable[..., Desk]
) -> None:
    """Seen to fail for others' receipts, statements and orders without asking whose they are."""
    total = owed.invoice.total
    paid = {
        "act": "pay", "amount": f"{(total + 1000) / 100:.2f}", "method": "transfer",
        "received_on": "2026-11-24", "reference": "",
    }  # fmt: skip
    refused = owed.clerk.post(owed.path, {**paid, "reference": "card 4242 4242 4242 4242"})
    assert refused.status_code == 422
    assert "card number" in refused.text
    assert owed.clerk.post(owed.path, paid).status_code == 302
    work.rollback()
    order = work.query(ReleaseOrder).filter_by(invoice_id=owed.invoice.id).one()
    payment = work.scalar(text("SELECT max(id) FROM invoice_payment"))
    entity = owed.sold.entity.id
    papers = {
        f"/account/receipts/{payment}.pdf": "Received with thanks",
        f"/account/statement-{entity}.pdf": "Statement of account",
        f"/account/release/{order.id}.pdf": order.code,
    }
    stranger = desk_of("bidder")
    for path, word in papers.items():
        assert word in said_by(owed.buyer.get(path).data), path
        assert stranger.get(path).status_code == 404, path
    statement = owed.buyer.get("/account/statement").text
    found = Page(statement.partition("<tbody>")[2].partition("</table>")[0]).text
    pdf = said_by(owed.buyer.get(f"/account/statement-{entity}.pdf").data)
    assert amounts_in(found) == amounts_in(pdf)
    assert order.code in owed.buyer.get(f"/account/invoices/{owed.invoice.id}").text
    desk = f"/manage/money/release/{order.id}"
    lots = [str(lot) for lot in owed.sold.sale.lots]
    wrong = {"act": "collect", "collect-lots": lots[0], "collect-code": "AAAAAA",
             "collect-collected_by": "Ada"}  # fmt: skip
    assert owed.clerk.post(desk, wrong).status_code == 422
    pack = {"act": "pack", "pack-lots": lots[1], "pack-carrier": "DHL", "pack-tracking": "T1"}
    assert owed.clerk.post(desk, pack).status_code == 302
    assert "DHL" in said_by(owed.clerk.get(f"{desk}/parcel-1.pdf").data)
    assert owed.clerk.post(desk, {**wrong, "collect-code": order.code}).status_code == 302
    assert f"R-{order.id:05d}" in owed.clerk.get("/manage/money/release/").text


def test_a_hold_is_set_and_lifted_and_credit_paid_back(owed: Owed, work: HouseSession) -> None:
    paid = {
        "act": "pay", "amount": f"{(owed.invoice.total + 5000) / 100:.2f}", "method": "transfer",
        "received_on": "2026-11-24",
    }  # fmt: skip
    owed.clerk.post(owed.path, paid)
    page = f"/manage/clients/{owed.invoice.client_id}/money"
    hold = {"act": "hold", "hold-kind": "due_diligence", "hold-reason": "Over 10,000"}
    assert owed.clerk.post(page, hold).status_code == 302
    work.rollback()
    order = work.query(ReleaseOrder).filter_by(invoice_id=owed.invoice.id).one()
    assert owed.buyer.get(f"/account/release/{order.id}.pdf").status_code == 409
    assert "Due diligence" in owed.clerk.get(f"/manage/money/release/{order.id}").text
    name = "lift-due_diligence"
    lift = {"act": name, f"{name}-reason": "Passport seen"}
    assert owed.clerk.post(page, lift).status_code == 302
    assert owed.buyer.get(f"/account/release/{order.id}.pdf").status_code == 200
    name = f"refund-{owed.sold.entity.id}"
    back = {
        "act": name, f"{name}-entity_id": str(owed.sold.entity.id), f"{name}-amount": "50",
        f"{name}-paid_on": "2026-11-24", f"{name}-token": f"token{owed.invoice.id}",
        f"{name}-reason": "Asked for it",
    }  # fmt: skip
    assert owed.clerk.post(page, {**back, f"{name}-amount": "51"}).status_code == 422
    assert owed.clerk.post(page, back).status_code == 302
    owed.approve(work)
    assert "Credit paid back" in owed.buyer.get("/account/statement").text


def test_a_sale_asks_for_a_deposit(owed: Owed, work: HouseSession) -> None:
    page = f"/manage/sales/{owed.sold.sale.sale_id}/deposit"
    assert owed.clerk.post(page, {"way": "hold"}).status_code == 422
    asked = {"way": "hold", "amount": "200", "above": "1000"}
    assert owed.clerk.post(page, asked).status_code == 302
    assert "1000" in owed.clerk.get(page).text
    assert owed.clerk.post(page, {"way": ""}).status_code == 302
