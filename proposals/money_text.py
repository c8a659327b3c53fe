# SPDX-License-Identifier: AGPL-3.0-or-later
"""Amounts as files for machines write them: a plain decimal number, the same in every language."""

from assemblies.money import decimals_of


def decimal_text(minor: int, currency: str) -> str:
    """The amount in whole units of the currency.

    >>> decimal_text(123456, "EUR"), decimal_text(-5, "EUR"), decimal_text(1000, "HUF")
    ('1234.56', '-0.05', '1000')
    """
    decimals = decimals_of(currency)
    whole, rest = divmod(abs(minor), 10**decimals)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}.{rest:0{decimals}d}" if decimals else f"{sign}{whole}"
