# SPDX-License-Identifier: AGPL-3.0-or-later
"""The three levels of secrecy in the words of every page on which somebody chooses one."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from .models import Secrecy

IN_WORDS: dict[Secrecy, Any] = {
    Secrecy.NAMED: _("Named. Each ballot is stored with the name of its voter. Screens show totals only."),
    Secrecy.CONFIDENTIAL: _("Sealed. Hidden from people, trusting this server."),
    Secrecy.SECRET: _(
        "Secret. Sealed too, and two people must agree to open it, to close it early, to publish it and to"
        " declare it void."
    ),
}


def levels(*, two_can_run: bool) -> list[tuple[int, Any]]:
    """What can be chosen; where a second person is missing, a secret vote would wait for them for ever."""
    return [(level, words) for level, words in IN_WORDS.items() if two_can_run or level != Secrecy.SECRET]
