# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voter codes on paper: a card for each, with a square for cameras that opens the page with the code filled in."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.mails import site_address
from assemblies.qr_code import qr_code

from .services.credentials import PrintedCode


@dataclass(frozen=True)
class Card:
    printed: PrintedCode
    square: SafeString


def cards(codes: Iterable[PrintedCode]) -> list[Card]:
    """What is printed for these codes. Nothing is kept: who needs a sheet again makes new codes."""
    # The code stands behind a #, so browsers keep it to themselves and no log of a server has it.
    return [Card(printed, qr_code(f"{_address()}#{printed.code}")) for printed in codes]


def short_address() -> str:
    """What to type into a phone before the code."""
    return _address().removeprefix("https://").removeprefix("http://").rstrip("/")


def _address() -> str:
    return site_address() + reverse("voting:enter_code")
