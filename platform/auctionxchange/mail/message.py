"""Building a mail: two equal parts, headers that cannot be broken out of."""

from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from auctionxchange.kernel.errors import Invalid
from auctionxchange.kernel.translation import gettext as _


class MailInvalid(Invalid):
    """An address or subject that would break the headers."""

    code = "mail_invalid"

    def message(self) -> str:
        return _("This address cannot be written to.")


def build_message(
    *,
    sender_name: str,
    sender: str,
    to: str,
    subject: str,
    text: str,
    html: str | None,
    host: str,
) -> EmailMessage:
    """Build a mail with a plain part and, where given, an HTML twin; raises MailInvalid."""
    if any(character in field for field in (to, subject) for character in "\r\n\0"):
        raise MailInvalid
    message = EmailMessage()
    message["From"] = _address(sender, sender_name)
    message["To"] = _address(to)
    message["Subject"] = subject
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text.strip() + "\n")
    if html:
        message.add_alternative(html, subtype="html")
    return message


def _address(text: str, name: str = "") -> Address:
    """Read exactly one address: a list in disguise would send a mail to a stranger."""
    try:
        address = Address(" ".join(name.split()), addr_spec=text)
    except (HeaderParseError, ValueError, IndexError) as error:
        raise MailInvalid from error
    if not address.username or not address.domain:
        raise MailInvalid
    return address
