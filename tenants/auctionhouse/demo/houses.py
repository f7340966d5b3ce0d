"""Who the three houses are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from auctionxchange.tenancy.provisioning import NewHouse


@dataclass(frozen=True, slots=True)
class DemoHouse:
    """A house with the texts of its sales, in its first language.

    collects names what it sells; later keeps the houses' sales from closing in step.
    """

    new: NewHouse
    collects: Literal["old", "later", "world"]
    later: timedelta
    place: str
    viewing: str
    shipping: str
    quick: str
    long: str
    upcoming: str
    ways: str
    prints: str
    """How a lot of several prints after a work is called."""

    past: str
    about: str
    note: str
    conditions_title: str
    conditions: str
    premium: Decimal
    increments: str
    money: Mapping[str, Any]
    """The money terms of its sales, and the VAT treatment of their lots."""

    entity: Mapping[str, Any]
    """The company it invoices in."""


_NOTE_EN = (
    "Demonstration: simulated bidders follow real bid histories of timed estate sales (MaxSold, "
    "CC BY 4.0). Amounts are scaled to each lot and time is compressed."
)
_NOTE_FR = (
    "Démonstration : des enchérisseurs simulés suivent des historiques d’enchères réels de ventes "
    "chronométrées (MaxSold, CC BY 4.0). Les montants sont adaptés à chaque lot et le temps est "
    "comprimé."
)
_CONDITIONS_EN = """
## Registration

You bid with an account, and register for each sale. The house may ask questions first, set a
limit or decline. Your paddle number is yours alone; you answer for every bid made from your
account.

## Bidding

Every bid is a maximum. We bid for you, only as much as needed, in the steps shown on the lot’s
page. Of two equal maxima the earlier leads. A bid shortly before a lot’s end keeps the lot open
longer. A bid may be taken back only as the lot’s page says. Some lots are sold by sealed bids, by
the piece or at once for a fixed price; their pages say how.

## Reserve

Some lots have a reserve, the least the seller accepts. It is not shown; whether it has been met
is. Below it a lot is not sold, and the house may bid for the seller; such bids are marked.

## Price

The buyer pays the hammer price, the buyer’s premium and the taxes shown on the lot’s page. Before
you bid you see what your maximum would cost in all.

## Payment and collection

Payment is due within seven days of the invoice. Lots leave once they are paid, from our rooms or
by carrier at the buyer’s expense; they are at the buyer’s risk from then on.

## Descriptions

Catalogue texts and condition reports are opinions, given with care. View the lots, or ask us
before you bid.
"""
_CONDITIONS_FR = """
## Inscription

Pour enchérir, il faut un compte et une inscription à chaque vente. La maison peut poser des
questions, fixer une limite ou refuser. Votre numéro d’enchérisseur n’appartient qu’à vous ; vous
répondez de toute enchère portée depuis votre compte.

## Enchères

Chaque enchère est un maximum. Nous enchérissons pour vous, au plus juste, selon le barème affiché
sur la page du lot. De deux maximums égaux, le premier l’emporte. Une enchère portée peu avant la
fin prolonge le lot. Une enchère ne se retire que comme l’indique la page du lot. Certains lots se
vendent sous pli fermé, à la pièce ou immédiatement à prix fixe ; leur page dit comment.

## Prix de réserve

Certains lots ont un prix de réserve, le minimum que le vendeur accepte. Il n’est pas affiché ; le
fait qu’il soit atteint l’est. En dessous, le lot n’est pas vendu et la maison peut enchérir pour
le vendeur ; ces enchères sont signalées.

## Prix

L’acheteur paie le prix d’adjudication, les frais et les taxes indiqués sur la page du lot. Avant
d’enchérir, vous voyez ce que votre maximum coûterait en tout.

## Paiement et retrait

Le paiement est dû sous sept jours à compter de la facture. Les lots payés sont retirés dans nos
salles ou expédiés aux frais de l’acheteur ; dès lors, ils sont à ses risques.

## Descriptions

Les notices et les rapports d’état sont des avis, donnés avec soin. Venez voir les lots, ou
interrogez-nous avant d’enchérir.
"""


def _house(
    slug: str, name: str, language: str, place: tuple[str, str, str], theme: str
) -> NewHouse:
    currency, time_zone, country = place
    return NewHouse(
        slug=slug,
        name=name,
        currency=currency,
        time_zone=time_zone,
        country=country,
        language=language,
        languages=("fr", "en") if language == "fr" else ("en", "fr"),
        owner_email=f"owner@{slug}.example",
        theme=theme,
    )


def _entity(
    name: str, address: str, country: str, vat_number: str, series: str, *, bank: str
) -> dict[str, Any]:
    return {
        "name": name,
        "address": address,
        "country": country,
        "vat_number": vat_number,
        "series": series,
        "credit_series": f"{series}C-",
        "bank": bank,
        "payment_days": 7,
    }


HOUSES = (
    DemoHouse(
        new=_house("oak", "Oak & Sons", "en", ("GBP", "Europe/London", "GB"), "manor"),
        collects="old",
        later=timedelta(),
        place="12 Duke Street, London",
        viewing="Monday to Friday, 10 am to 5 pm",
        shipping="We pack and send by specialist carrier; a quotation follows every purchase.",
        quick="The Ten-Minute Sale",
        long="Old Master Paintings",
        upcoming="A Country House Library of Pictures",
        ways="Every Way of Selling",
        prints="%(pieces)s prints after “%(title)s”",
        past="Autumn Pictures",
        about="Paintings from private collections, without reserve or with a modest one.",
        note=_NOTE_EN,
        conditions_title="Conditions of sale",
        conditions=_CONDITIONS_EN,
        premium=Decimal(25),
        increments="uk-saleroom",
        money={"treatment": "premium_only", "vat": {"standard": "20", "reduced": "5"}},
        entity=_entity(
            "Oak & Sons Ltd",
            "12 Duke Street\nLondon",
            "GB",
            "GB123456789",
            "OAK-",
            bank="Oak & Sons client account, GB33 BUKB 2020 1555 5555 55",
        ),
    ),
    DemoHouse(
        new=_house("verlaine", "Maison Verlaine", "fr", ("EUR", "Europe/Paris", "FR"), "galerie"),
        collects="later",
        later=timedelta(minutes=1),
        place="8, rue de Seine, Paris",
        viewing="Du mardi au samedi, de 11 h à 18 h",
        shipping="Emballage et envoi par transporteur spécialisé, sur devis après la vente.",
        quick="La vente express",
        long="Peintures modernes",
        upcoming="L’atelier d’un collectionneur",
        ways="Toutes les façons de vendre",
        prints="%(pieces)s gravures d’après « %(title)s »",
        past="Tableaux d’automne",
        about="Un choix de tableaux provenant de collections particulières.",
        note=_NOTE_FR,
        conditions_title="Conditions de vente",
        conditions=_CONDITIONS_FR,
        premium=Decimal(28),
        increments="even-steps",
        money={"treatment": "margin", "vat": {"standard": "20"}},
        entity=_entity(
            "Maison Verlaine SARL",
            "8, rue de Seine\nParis",
            "FR",
            "FR12345678901",
            "MV-",
            bank="Compte clients, FR14 2004 1010 0505 0001 3M02 606",
        ),
    ),
    DemoHouse(
        new=_house("hudson", "Hudson Row", "en", ("USD", "America/New_York", "US"), "nocturne"),
        collects="world",
        later=timedelta(minutes=2),
        place="41 Hudson Street, New York",
        viewing="By appointment",
        shipping="Local pick-up, or our partners ship worldwide.",
        quick="Ten Minutes on Hudson",
        long="Masterworks After Dark",
        upcoming="The Winter Evening Sale",
        ways="Seven Ways to Sell",
        prints="%(pieces)s prints after “%(title)s”",
        past="Fall Pictures",
        about="A tight selection of paintings, sold timed and online.",
        note=_NOTE_EN,
        conditions_title="Terms of sale",
        conditions=_CONDITIONS_EN,
        premium=Decimal(26),
        increments="us-saleroom",
        money={"treatment": "outside", "sales_tax": {"percent": "8.875"}},
        entity=_entity(
            "Hudson Row LLC",
            "41 Hudson Street\nNew York",
            "US",
            "",
            "HR-",
            bank="Client account 000123456789, routing 110000000",
        ),
    ),
)
