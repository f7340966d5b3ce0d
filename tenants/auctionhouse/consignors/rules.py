"""How a consignor's money is divided among payees, to the penny. Pure; amounts are minor units."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from auctionhouse.consignors.refusals import PayeesInvalid
from auctionxchange.kernel.translation import gettext as _

Rule = Literal["share", "amount", "house"]
MOST_PAYEES = 20


@dataclass(frozen=True, slots=True)
class Claim:
    """What a payee is to get: a share of the rest, or a fixed amount before it.

    left is what remains of a fixed amount after earlier payouts.
    """

    rule: Rule
    share: Fraction = Fraction()
    left: int = 0


def read_share(text: str) -> Fraction:
    """Read “50%”, “33.3%” or “1/3” as an exact share; raises ValueError for anything else."""
    text = text.strip()
    parts = re.fullmatch(r"([0-9]{1,6})\s*/\s*([0-9]{1,6})", text)
    if parts is not None:
        if not int(parts[2]):
            raise ValueError(text)
        return Fraction(int(parts[1]), int(parts[2]))
    percent = re.fullmatch(r"([0-9]{1,3}(?:[.,][0-9]{1,6})?)\s*%?", text)
    if percent is None:
        raise ValueError(text)
    return Fraction(percent[1].replace(",", ".")) / 100


def check_claims(claims: Sequence[Claim]) -> None:
    """Refuse payees that do not take exactly the whole; raises PayeesInvalid."""
    shares = [claim.share for claim in claims if claim.rule == "share"]
    if not shares:
        raise PayeesInvalid(
            None, "", _("Name somebody who gets the rest: one payee with a share of all of it.")
        )
    if any(share <= 0 for share in shares):
        raise PayeesInvalid(None, "", _("A share is more than nothing."))
    if sum(shares) != 1:
        raise PayeesInvalid(
            None, "", _("The shares must come to exactly the whole; write thirds as 1/3, 1/3, 1/3.")
        )


def divide(total: int, claims: Sequence[Claim]) -> list[int]:
    """Divide an amount among claims, in their order; what comes out adds up to it exactly.

    Fixed amounts are taken first as far as the money reaches. Of what is left each share gets its
    whole units and the largest remainders one more, the earlier first where they are equal.
    """
    given, left = [0] * len(claims), total
    for place, claim in enumerate(claims):
        if claim.rule != "share":
            given[place] = min(left, claim.left)
            left -= given[place]
    shares = [place for place, claim in enumerate(claims) if claim.rule == "share"]
    exact = {place: left * claims[place].share for place in shares}
    for place in shares:
        given[place] = exact[place].numerator // exact[place].denominator
    short = left - sum(given[place] for place in shares)
    remainders = sorted(shares, key=lambda place: (given[place] - exact[place], place))
    for place in remainders[:short]:
        given[place] += 1
    return given
