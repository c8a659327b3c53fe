# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which options were taken off a ballot while people voted, and how many lines of ballots are void by it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from .models import Option, OptionWithdrawal, Poll


def taken_off(poll: Poll) -> list[OptionWithdrawal]:
    """In the order in which it happened. Only where money is given out: no other vote knows this."""
    if poll.budget is None:
        return []
    return list(OptionWithdrawal.objects.filter(option__poll=poll).select_related("option").order_by("at"))


def keys_taken_off(poll: Poll) -> frozenset[str]:
    return frozenset(withdrawal.option.key for withdrawal in taken_off(poll))


def options_left(poll: Poll) -> list[Option]:
    """What a voter can choose now."""
    gone = keys_taken_off(poll)
    return [option for option in poll.options.all() if option.key not in gone]


def keys_in(choice: Mapping[str, Any]) -> set[str]:
    """Every option that a choice names."""
    named: set[str] = set()
    for entry in choice.get("ranking", ()):
        named.update(entry if isinstance(entry, list) else [entry])
    return named | set(choice.get("options", ())) | set(choice.get("points", ()))


def in_words(votes: str) -> str:
    """Why an option that was taken off did not win, with the votes that it still has on ballots."""
    if not votes:
        return _("It was withdrawn before the count.")
    return _("It was withdrawn before the count. The votes that it has on ballots are void: %(votes)s.") % {
        "votes": votes
    }
