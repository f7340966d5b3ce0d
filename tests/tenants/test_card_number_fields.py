"""No form takes a card number where people write about people: every text field of every form."""

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField
from wtforms.fields.core import UnboundField

import auctionhouse
import auctionxchange.accounts
from auctionxchange.kernel.card_numbers import CardNumberTyped

MODULES = ("auctionhouse.", "auctionxchange.accounts.")
CARD = "4242 4242 4242 4242"
TOO_LONG = re.compile("At most|two letters|Two capital letters|Write days")
"""What fields say in which no card number has room."""

ANY_DIGITS = {
    "LotForm": "what is sold may be all digits",
    "SaleForm": "what is sold may be all digits",
    "TrialForm": "rates and prices, kept nowhere",
    "ConditionsForm": "the house's own text",
    "SimulatorForm": "a story of bids, kept nowhere",
    "LimitsForm": "numbers of lots",
    "AgreementForm.commission": "rates", "AgreementForm.fees": "rates",
    "MoneyTermsForm.fees": "rates", "MoneyTermsForm.premium": "rates",
    "LotMoneyForm.premium": "rates",
    "LotTermsForm.piece_names": "what is sold may be all digits",
    "ParcelForm.tracking": "a carrier's number",
    "EntityForm.bank": "an account at a bank",
    "PayerForm.iban": "an account at a bank", "PayerForm.number": "an account at a bank",
    "RegisterForm.email": "an address is proved by a mail to it",
}  # fmt: skip
"""Forms, or fields of forms, in which digits are the matter, and why."""


def every_form() -> Iterator[type[FlaskForm]]:
    for package in (auctionhouse, auctionxchange.accounts):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "forms" in module.name and ".demo" not in module.name:
                importlib.import_module(module.name)
    waiting, seen = [FlaskForm], set[type[FlaskForm]]()
    while waiting:
        for form in waiting.pop().__subclasses__():
            waiting.append(form)
            if form not in seen and form.__module__.startswith(MODULES):
                seen.add(form)
                yield form


def texts() -> Iterator[tuple[str, str, type[FlaskForm]]]:
    for form in every_form():
        for name in dir(form):
            field = getattr(form, name)
            if isinstance(field, UnboundField) and issubclass(field.field_class, StringField):
                hidden = field.field_class.__name__ in {"HiddenField", "PasswordField"}
                if not hidden and not ANY_DIGITS.keys() & {
                    form.__name__, f"{form.__name__}.{name}"
                }:  # fmt: skip
                    yield f"{form.__name__}.{name}", name, form


FIELDS = sorted(set(texts()), key=lambda one: one[0])


@pytest.mark.parametrize(
    ("name", "form"),
    [(name, form) for _label, name, form in FIELDS],
    ids=[label for label, _name, _form in FIELDS],
)
def test_a_card_number_is_refused_at_its_field(name: str, form: type[FlaskForm]) -> None:
    """Seen to fail with a field that has no check of its own."""
    alone = type("Alone", (Form,), {"typed": getattr(form, name)})
    filled = alone(MultiDict({"typed": f"my card is {CARD}, thanks"}))
    assert not filled.validate()
    said = [str(one) for one in filled["typed"].errors]
    assert CardNumberTyped().message() in said or TOO_LONG.search(" ".join(said))


def test_the_exceptions_are_forms_that_exist() -> None:
    forms = {form.__name__: form for form in every_form()}
    for exception in ANY_DIGITS:
        form, _dot, field = exception.partition(".")
        assert not field or hasattr(forms[form], field)
        assert form in forms
