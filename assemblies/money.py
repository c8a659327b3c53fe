# SPDX-License-Identifier: AGPL-3.0-or-later
"""Money as people read and type it; inside it is always a whole number of the currency's smallest unit."""

import re
import unicodedata
from typing import Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

NO_BREAK_SPACE: Final = "\u00a0"
MINUS: Final = "\u2212"

# The smallest unit that people pay with. The forint has none below it: its fillér left the shops in 1999.
UNITS_IN_ONE: Final = {0: 1, 2: 100}  # by decimals
WITHOUT_CENTS: Final = frozenset({"HUF", "ISK", "JPY", "KRW", "CLP"})
SIGNS: Final = {
    "CAD": "$",
    "CZK": "Kč",
    "DKK": "kr",
    "EUR": "€",
    "GBP": "£",
    "HUF": "Ft",
    "ISK": "kr",
    "JPY": "¥",
    "NOK": "kr",
    "PLN": "zł",
    "SEK": "kr",
    "UAH": "₴",
    "USD": "$",
}
SIGN_BEFORE_IN_ENGLISH: Final = frozenset("$£¥")
DECIMAL_POINT_LANGUAGES: Final = frozenset({"en", "he", "ja", "ko", "th", "zh"})
GROUPING_MARKS: Final = re.compile(r"[\s'\u2019_]")
LONGEST: Final = 15  # digits: far above any budget, far below what the database column holds


def decimals_of(currency: str) -> int:
    """Answer how many digits stand after the decimal mark: 2, or 0 for a currency without cents."""
    return 0 if currency in WITHOUT_CENTS else 2


def format_count(number: int) -> str:
    """Write a whole number in groups of three, held together by no-break spaces."""
    figure = f"{abs(number):,}".replace(",", NO_BREAK_SPACE)
    return MINUS + figure if number < 0 else figure


def format_money(minor: int, currency: str, language: str) -> str:
    """Write an amount for a reader of this language; cents are shown only where there are some.

    >>> format_money(3_800_000, "EUR", "en").replace(NO_BREAK_SPACE, " ")
    '38 000 €'
    >>> format_money(1_250, "EUR", "es").replace(NO_BREAK_SPACE, " ")
    '12,50 €'
    """
    base = language.split("-")[0].lower()
    decimals = decimals_of(currency)
    whole, cents = divmod(abs(minor), UNITS_IN_ONE[decimals])
    figure = format_count(whole)
    if cents:
        figure += ("." if base in DECIMAL_POINT_LANGUAGES else ",") + f"{cents:0{decimals}d}"
    sign = SIGNS.get(currency, currency)
    minus = MINUS if minor < 0 else ""
    if base == "en" and sign in SIGN_BEFORE_IN_ENGLISH:
        return f"{minus}{sign}{figure}"
    return f"{minus}{figure}{NO_BREAK_SPACE}{sign}"


def money_text(minor: int | None, currency: str) -> str:
    """Write an amount for whoever reads this now, without markup; nothing where there is no amount."""
    return "" if minor is None else format_money(minor, currency, get_language() or "en")


def parse_money(text: str, currency: str) -> int:
    """Read a typed amount into smallest units, or raise a ValueError whose sentence says what to type.

    >>> parse_money("12.500,00", "EUR"), parse_money("€ 300", "EUR")
    (1250000, 30000)
    """
    figure = _bare_figure(text, currency)
    whole, cents = _split_decimals(figure, decimals_of(currency))
    if len(whole) > LONGEST:
        raise ValueError(_("This amount is too large. Check the number of zeros."))
    decimals = decimals_of(currency)
    return int(whole or "0") * UNITS_IN_ONE[decimals] + int(cents.ljust(decimals, "0") or "0")


def _bare_figure(text: str, currency: str) -> str:
    """Leave only Western digits, points and commas: signs, codes, spaces and apostrophes are taken away."""
    figure = "".join(_western(character) for character in GROUPING_MARKS.sub("", text))
    for word in (currency, SIGNS.get(currency, "")):
        if not word:
            continue
        if figure.lower().startswith(word.lower()):
            figure = figure[len(word) :]
        elif figure.lower().endswith(word.lower()):
            figure = figure[: -len(word)]
    if figure.startswith(("-", MINUS)):
        raise ValueError(_("Write an amount of zero or more, without a minus sign."))
    if not figure.strip(".,"):
        raise ValueError(_("Write an amount in figures, for example 12 500."))
    if not re.fullmatch(r"[0-9.,]+", figure):
        raise ValueError(_("Use only figures for the amount, for example 12 500."))
    return figure


def _western(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    return character if digit is None else str(digit)


def _split_decimals(figure: str, decimals: int) -> tuple[str, str]:
    """Tell thousands from cents: the last mark parts cents unless exactly three digits follow it."""
    marks = [mark for mark in figure if mark in ".,"]
    if not marks:
        return figure, ""
    whole, _mark, tail = figure.rpartition(marks[-1])
    cents_follow = len(set(marks)) == 2 or (len(marks) == 1 and len(tail) != 3)
    if not cents_follow:
        whole, tail = figure, ""
    if set(marks) == {".", ","} and marks.count(marks[-1]) > 1:
        raise ValueError(_("Write the amount as in 12 500 or 12 500.50."))
    _check_groups(whole)
    if tail.strip("0") and decimals == 0:
        raise ValueError(_("This currency has no cents. Write a whole number."))
    if len(tail) > 2:
        raise ValueError(_("Write no more than two figures for the cents, as in 12 500.50."))
    return re.sub(r"[.,]", "", whole), tail[:decimals]


def _check_groups(whole: str) -> None:
    first, *groups = re.split(r"[.,]", whole)
    if groups and (not 1 <= len(first) <= 3 or first.startswith("0") or any(len(group) != 3 for group in groups)):
        raise ValueError(_("Write the amount as in 12 500 or 12 500.50."))
