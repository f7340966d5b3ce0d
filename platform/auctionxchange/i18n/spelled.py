"""Sums in words, as on a cheque: what a slip of the finger cannot hide.

English and French are spelled out; other languages get the digits with the currency's name.
"""

# ruff: noqa: PLR2004 - the names of numbers need the numbers

from babel.numbers import format_decimal, get_currency_name

from auctionxchange.kernel.money import Currency

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen"
).split()
_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_FRENCH = (
    "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize"
    " dix-sept dix-huit dix-neuf"
).split()
_FRENCH_TENS = "vingt trente quarante cinquante soixante soixante quatre-vingt quatre-vingt".split()
_ENGLISH_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"))
_FRENCH_SCALES = ((10**12, "billion"), (10**9, "milliard"), (10**6, "million"), (1000, "mille"))


def spelled(minor: int, unit: Currency, locale: str) -> str:
    """Write minor units in words, what is less than a whole unit as a fraction of it."""
    whole, rest = divmod(minor, 10**unit.exponent)
    language = locale.replace("-", "_").partition("_")[0]
    if language == "en":
        words = _english(whole)
    elif language == "fr":
        words = _french(whole)
    else:
        words = format_decimal(whole, locale=locale)
    name = get_currency_name(unit.code, count=whole, locale=locale)
    if language == "fr" and whole and whole % 10**6 == 0:
        name = f"d’{name}" if name[0].lower() in "aeéiouy" else f"de {name}"
    fraction = f" {rest:0{unit.exponent}d}/{10**unit.exponent}" if rest else ""
    return f"{words} {name}{fraction}"


def _english(number: int) -> str:
    for size, name in _ENGLISH_SCALES:
        if number >= size:
            head, rest = divmod(number, size)
            joint = " and " if 0 < rest < 100 else " "
            return f"{_english(head)} {name}" + (joint + _english(rest) if rest else "")
    if number >= 100:
        head, rest = divmod(number, 100)
        return f"{_ENGLISH[head]} hundred" + (f" and {_english(rest)}" if rest else "")
    if number < len(_ENGLISH):
        return _ENGLISH[number]
    tens, ones = divmod(number, 10)
    return _ENGLISH_TENS[tens - 2] + (f"-{_ENGLISH[ones]}" if ones else "")


def _french(number: int) -> str:
    for size, name in _FRENCH_SCALES:
        if number >= size:
            head, rest = divmod(number, size)
            tail = f" {_french(rest)}" if rest else ""
            if size == 1000:
                return (f"{_french(head).removesuffix('s')} mille" if head > 1 else "mille") + tail
            return f"{_french(head)} {name}{'s' if head > 1 else ''}{tail}"
    if number >= 100:
        head, rest = divmod(number, 100)
        hundreds = "cent" if head == 1 else f"{_FRENCH[head]} cent{'' if rest else 's'}"
        return hundreds + (f" {_french(rest)}" if rest else "")
    return _french_tens(number)


def _french_tens(number: int) -> str:
    if number < len(_FRENCH):
        return _FRENCH[number]
    tens, ones = divmod(number, 10)
    stem = _FRENCH_TENS[tens - 2]
    if tens in {7, 9}:
        ones += 10
    if ones == 0:
        return "quatre-vingts" if tens == 8 else stem
    joint = " et " if ones in {1, 11} and tens < 8 else "-"
    return f"{stem}{joint}{_FRENCH[ones]}"
