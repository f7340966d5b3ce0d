"""Reading CAMT.053 in any of its versions: names are looked at, not the version's namespace.

defusedxml refuses entities, external or not, so a file made to harm is no file.
"""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

from auctionhouse.banking.lines import FileUnreadable, Line, StatementRead
from auctionxchange.kernel.errors import DomainError
from auctionxchange.kernel.money import currency, parse_amount

BOOKED = ("BOOK", "")


def read_camt(content: bytes) -> list[StatementRead]:
    """Return the file's statements with their booked entries; raises FileUnreadable."""
    try:
        root = fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise FileUnreadable("xml") from error
    statements = [one for one in root.iter() if _name(one) == "Stmt"]
    if _name(root) != "Document" or not statements:
        raise FileUnreadable("camt")
    return [_statement(one) for one in statements]


def _statement(element: Element) -> StatementRead:
    account = _text(element, "Acct/Id/IBAN") or _text(element, "Acct/Id/Othr/Id")
    lines = [line for entry in _all(element, "Ntry") for line in _lines(entry)]
    unit = _text(element, "Acct/Ccy") or (lines[0].currency if lines else "")
    return StatementRead(account, unit, lines)


def _lines(entry: Element) -> Iterator[Line]:
    """Yield an entry's payments: each of its details where they have amounts, else the whole."""
    status = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if status.strip() not in BOOKED:
        return
    details = [one for one in entry.iter() if _name(one) == "TxDtls"]
    split = [one for one in details if _amount_of(one) is not None]
    if len(split) == len(details) > 1:
        for one in split:
            yield _line(entry, one, _amount_of(one))
    else:
        yield _line(entry, details[0] if details else entry, None)


def _amount_of(details: Element) -> Element | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"):
        found = _find(details, path)
        if found is not None:
            return found
    return None


def _line(entry: Element, details: Element, amount: Element | None) -> Line:
    amount = _find(entry, "Amt") if amount is None else amount
    if amount is None:
        raise FileUnreadable("amount")
    unit = amount.get("Ccy", "")
    outgoing = _text(details, "CdtDbtInd") or _text(entry, "CdtDbtInd")
    party = "Cdtr" if outgoing == "DBIT" else "Dbtr"
    try:
        minor = parse_amount(amount.text or "", currency(unit))
        booked = date.fromisoformat(_booked(entry)[:10])
    except (DomainError, ValueError) as error:
        raise FileUnreadable("amount") from error
    return Line(
        booked_on=booked,
        amount=-minor if outgoing == "DBIT" else minor,
        currency=unit,
        payer=_text(details, f"RltdPties/{party}/Nm")
        or _text(details, f"RltdPties/{party}/Pty/Nm"),
        payer_account=_text(details, f"RltdPties/{party}Acct/Id/IBAN")
        or _text(details, f"RltdPties/{party}Acct/Id/Othr/Id"),
        reference=" ".join(_references(entry, details)),
        bank_reference=_text(details, "Refs/AcctSvcrRef") or _text(entry, "AcctSvcrRef"),
    )


def _booked(entry: Element) -> str:
    for path in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        if found := _text(entry, path):
            return found
    return ""


def _references(entry: Element, details: Element) -> list[str]:
    texts = [one.text or "" for one in details.iter() if _name(one) == "Ustrd"]
    texts += [_text(one, "CdtrRefInf/Ref") for one in details.iter() if _name(one) == "Strd"]
    texts.append(_text(details, "Refs/EndToEndId"))
    if not any(text.strip() for text in texts):
        texts.append(_text(entry, "AddtlNtryInf"))
    return [text.strip() for text in texts if text.strip() and text.strip() != "NOTPROVIDED"]


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _all(element: Element, name: str) -> list[Element]:
    return [child for child in element if _name(child) == name]


def _find(element: Element, path: str) -> Element | None:
    here: Element | None = element
    for name in path.split("/"):
        here = next(iter(_all(here, name)), None) if here is not None else None
    return here


def _text(element: Element, path: str) -> str:
    found = _find(element, path)
    return "" if found is None else (found.text or "").strip()
