"""Bank accounts as payees have them: read, checked, masked. Pure but for the banks' registry.

IBANs and BICs are checked by schwifty (ISO 13616, ISO 9362, and each country's own check digits);
of a British account the forms of sort code and number are checked, since the banks' own modulus
tables are not free to use.
"""

import json
import re
from dataclasses import asdict, dataclass
from typing import Literal

from auctionhouse.consignors.refusals import AccountInvalid
from auctionxchange.kernel.translation import gettext as _

Kind = Literal["iban", "uk"]
SHOWN = 4
SORT_CODE, UK_NUMBER, SHORTEST_UK_NUMBER = 6, 8, 6


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account by IBAN (and BIC, where known) or by sort code and number."""

    kind: Kind
    iban: str = ""
    bic: str = ""
    sort_code: str = ""
    number: str = ""

    @property
    def masked(self) -> str:
        """Return what may be shown: the country or bank, and the last digits."""
        if self.kind == "iban":
            return f"{self.iban[:2]}•• •••• {self.iban[-SHOWN:]}"
        return f"{self.sort_code[:2]}-••-•• ••••{self.number[-SHOWN:]}"

    def packed(self) -> bytes:
        """Return the account as it is sealed."""
        return json.dumps(asdict(self), sort_keys=True).encode()


def unpacked(value: bytes) -> BankAccount:
    """Return an account from what was sealed."""
    return BankAccount(**json.loads(value))


def read_account(
    kind: str, *, iban: str = "", bic: str = "", sort_code: str = "", number: str = ""
) -> BankAccount:
    """Read typed bank details; raises AccountInvalid with the field's name."""
    if kind == "uk":
        return _british(sort_code, number)
    return _international(iban, bic)


def _british(sort_code: str, number: str) -> BankAccount:
    code, account = re.sub(r"[\s\-]", "", sort_code), re.sub(r"\s", "", number)
    if not re.fullmatch(r"[0-9]{6}", code) or code == "0" * SORT_CODE:
        raise AccountInvalid("sort_code", _("A sort code has six digits, such as 20-20-15."))
    if not re.fullmatch(rf"[0-9]{{{SHORTEST_UK_NUMBER},{UK_NUMBER}}}", account) or not int(account):
        raise AccountInvalid("number", _("An account number has eight digits."))
    return BankAccount("uk", sort_code=code, number=account.rjust(UK_NUMBER, "0"))


def _international(iban: str, bic: str) -> BankAccount:
    from schwifty import BIC, IBAN  # noqa: PLC0415 - its registry of banks is slow to load
    from schwifty.exceptions import SchwiftyException  # noqa: PLC0415 - the same

    try:
        account = IBAN(iban.upper(), validate_bban=True)
    except SchwiftyException as error:
        raise AccountInvalid(
            "iban", _("This is no IBAN: a character is missing or mistyped.")
        ) from error
    try:
        bank = BIC(bic.upper()) if bic.strip() else account.bic
    except SchwiftyException as error:
        raise AccountInvalid("bic", _("This is no BIC; leave it empty if unsure.")) from error
    if bic.strip() and bank is not None and bank.country_code != account.country_code:
        raise AccountInvalid("bic", _("This bank is in another country than the IBAN."))
    return BankAccount("iban", iban=str(account), bic="" if bank is None else str(bank))


def in_sepa(account: BankAccount) -> bool:
    """Tell whether an account can get a SEPA credit transfer."""
    from schwifty import IBAN  # noqa: PLC0415 - its registry of banks is slow to load

    return account.kind == "iban" and bool(IBAN(account.iban).in_sepa_zone)
