"""The rule simulator: a story of bids in a table, and what the rules make of it, with reasons.

It runs what `bidding replay` runs, touches no lot and keeps nothing.
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_time
from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from auctionhouse.bidding.presets import INCREMENTS, preset_terms
from auctionhouse.bidding.replay_reading import LineInvalid
from auctionhouse.bidding.selling import counts_pieces
from auctionhouse.bidding.simulation import Simulated, settings_of, simulate
from auctionhouse.bidding.ways import buy_now_limit
from auctionhouse.catalogue.models import Lot, Sale
from auctionhouse.catalogue.rules import lot_label
from auctionhouse.manage.blueprint import STAFF, blueprint
from auctionhouse.manage.choices import choice
from auctionhouse.manage.forms.setting_words import PRESETS
from auctionhouse.manage.forms.story import SimulatorForm, Telling, as_loaded, pasted_rows
from auctionhouse.manage.queries import sales as queries
from auctionhouse.manage.views.sales import UNPROCESSABLE
from auctionhouse.members.access import staff_required
from auctionhouse.requests import house_session
from auctionhouse.services import services
from auctionxchange.i18n import gettext as _
from auctionxchange.i18n.formats import datetime_seconds, house_zone, reader_locale
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import Currency, currency, parse_amount
from auctionxchange.tenancy.current import current_house

FIRST_TERMS = "preset:uk-saleroom"
MOST_SALES = 50
LONGEST_FILE = 1_000_000


class FileInvalid(LineInvalid):
    """What was loaded is no replay file."""

    def message(self) -> str:
        return str(self.fields["problem"])


@blueprint.route("/simulator", methods=["GET", "POST"])
@staff_required(*STAFF)
def simulator() -> ResponseReturnValue:
    """Show the table, run the story, or hand it over as a file."""
    form = _form()
    act, _dash, place = request.form.get("do", "run").partition("-")
    told: Simulated | None = None
    if request.method == "GET":
        _begin(form)
        told = _run(form)
    elif act == "download":
        line = _line(form)
        told = None if line is None else _simulated(form, line)
        if line is not None and told is not None:
            return _download(line)
    else:
        _rearrange(form, act, place)
        told = _run(form) if act != "add" else None
    page = render_template("manage/simulator.html", form=form, told=told)
    return page, UNPROCESSABLE if form.errors else 200


def _form() -> SimulatorForm:
    wanted = request.form.get("terms") or request.args.get("terms") or FIRST_TERMS
    form = SimulatorForm(unit=_unit(wanted))
    form.terms.choices = _choices(wanted)
    if form.terms.raw_data is None or not form.terms.raw_data:
        form.terms.data = wanted if wanted in _values(form) else FIRST_TERMS
    return form


def _values(form: SimulatorForm) -> list[str]:
    return [entry[0] for entry in form.terms.iter_choices()]


def _choices(wanted: str) -> list[Any]:
    """Return the presets, the house's sales, and the lot or file that is asked for."""
    offered = [choice(f"preset:{name}", PRESETS.get(name, name)) for name in INCREMENTS]
    sales = queries.sales(house_session())[:MOST_SALES]
    offered += [choice(f"sale:{sale.id}", sale.title) for sale in sales]
    lot = _lot(wanted)
    if lot is not None:
        words = _("Lot %(label)s", label=lot_label(lot.number, lot.suffix))
        offered.append(choice(wanted, f"{words} · {lot.title[:60]}"))
    offered.append(choice("file", _("Those of the loaded file")))
    return offered


def _row(model: Any, wanted: str, kind: str) -> Any:
    name, _colon, number = wanted.partition(":")
    if name != kind or not (number.isascii() and number.isdecimal() and len(number) < 19):  # noqa: PLR2004 - digits of a bigint
        return None
    return house_session().get(model, int(number))


def _lot(wanted: str) -> Lot | None:
    found: Lot | None = _row(Lot, wanted, "lot")
    return found


def _sale(wanted: str) -> Sale | None:
    """Return the sale whose terms are meant, the lot's own where a lot is."""
    lot = _lot(wanted)
    found: Sale | None = _row(Sale, f"sale:{lot.sale_id}" if lot else wanted, "sale")
    return found


def _unit(wanted: str) -> Currency:
    """Return the currency of the sale or file, else the house's."""
    sale = _sale(wanted)
    code = sale.currency if sale else current_house().currency
    if wanted == "file":
        code = as_loaded(request.form.get("loaded")).get("currency", code)
    try:
        return currency(str(code))
    except DomainError:
        return currency(current_house().currency)


def _begin(form: SimulatorForm) -> None:
    """Begin with a short story on the lot that is asked for, or on one of a usual opening."""
    lot = _lot(form.terms.data)
    unit = form.unit
    form.opening.data = lot.opening if lot else parse_amount("100", unit)
    form.reserve.data = lot.reserve if lot else None
    if lot is not None and lot.buy_now is not None:
        merged = {**house_session().get_one(Sale, lot.sale_id).terms, **(lot.terms or {})}
        form.buy_now.data = lot.buy_now
        form.buy_now_until.data = buy_now_limit(merged, lot.estimate_low, lot.estimate_high)
    tomorrow = services().clock.now().astimezone(house_zone()) + timedelta(days=1)
    form.ends_at.data = end = tomorrow.replace(hour=18, minute=0, second=0, microsecond=0)
    opening = form.opening.data // 10**unit.exponent or 1
    form.story.rows = [
        Telling(_clock(end, minutes=30), "Ann", str(opening * 2)),
        Telling(_clock(end, minutes=20), "Ben", str(opening + opening // 2)),
        Telling(_clock(end, minutes=1), "Cleo", str(opening * 3)),
        Telling(),
    ]


def _clock(end: datetime, *, minutes: int) -> str:
    return f"{end - timedelta(minutes=minutes):%H:%M:%S}"


def _rearrange(form: SimulatorForm, act: str, place: str) -> None:
    if act == "add":
        form.story.add_rows()
    elif act == "remove" and place.isdecimal():
        form.story.remove_row(int(place[:4]))
    elif act == "paste":
        form.story.add_rows(pasted_rows(form.paste.data or ""))
        form.paste.data = ""
    elif act == "load":
        _load(form)


def _load(form: SimulatorForm) -> None:
    """Take terms and story from a replay file's first line."""
    try:
        form.load(_first_line())
    except DomainError as refusal:
        form.file.errors = [refusal.message()]


def _first_line() -> Mapping[str, Any]:
    """Return the first line of the file that was sent; raises FileInvalid."""
    sent = request.files.get("file")
    content = sent.read(LONGEST_FILE) if sent else b""
    lines = [line for line in content.splitlines() if line.strip()]
    if not lines:
        raise FileInvalid("file", _("Choose a replay file: one JSON object a line."))
    try:
        line = json.loads(lines[0].decode("utf-8-sig"), parse_float=str)
    except (ValueError, RecursionError) as error:
        raise FileInvalid("file", _("This is no replay file: one JSON object a line.")) from error
    if not isinstance(line, dict):
        raise FileInvalid("file", _("This is no replay file: one JSON object a line."))
    return line


def _run(form: SimulatorForm) -> Simulated | None:
    """Run the story and put what became of it beside its rows, or the reasons at the fields."""
    line = _line(form)
    return None if line is None else _simulated(form, line)


def _line(form: SimulatorForm) -> dict[str, Any] | None:
    if form.file.errors or (request.method == "POST" and not form.validate()):
        return None
    return form.line(_settings(form), services().clock.now())


def _settings(form: SimulatorForm) -> Mapping[str, Any]:
    """Return the chosen terms as a replay file's line has them."""
    wanted = form.terms.data
    if wanted == "file":
        return as_loaded(form.loaded.data)
    kind, _colon, name = wanted.partition(":")
    if kind == "preset":
        return settings_of(preset_terms(name, form.unit), form.unit)
    sale, lot = _sale(wanted), _lot(wanted)
    own = (lot.terms or {}) if lot else {}
    merged = {**(sale.terms if sale else {}), **own}
    counted = counts_pieces(merged.get("format", "timed"), merged.get("bid_for", "lot"))
    pieces = {"pieces": lot.quantity} if lot and counted else {}
    return {**settings_of(merged, form.unit), **pieces}


def _simulated(form: SimulatorForm, line: Mapping[str, Any]) -> Simulated | None:
    try:
        told = simulate(line, str(reader_locale()), _clock_of(form))
    except LineInvalid as refusal:
        form.complain(refusal)
        return None
    for row, step in zip(form.story.told, told.steps, strict=True):
        row.step = step
    return told


def _clock_of(form: SimulatorForm) -> Callable[[datetime], str]:
    """Return how times are written: without the day on the day of the end."""
    zone = house_zone()
    end = form.ends_at.data

    def write(moment: datetime) -> str:
        local = moment.astimezone(zone)
        if end is None or local.date() != end.astimezone(zone).date():
            return datetime_seconds(moment)
        return str(format_time(local, "medium", tzinfo=zone, locale=reader_locale()))

    return write


def _download(line: Mapping[str, Any]) -> Response:
    """Hand the story over as a replay file."""
    answer = Response(json.dumps(line, ensure_ascii=False) + "\n", mimetype="application/x-ndjson")
    answer.headers["Content-Disposition"] = 'attachment; filename="story.jsonl"'
    return answer
