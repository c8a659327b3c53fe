# SPDX-License-Identifier: AGPL-3.0-or-later
"""How large a file with ballots of the past may be where a page takes it, and what a file may say about its rule.

Measured on one core, with ballots drawn at random, which are the slowest: 50,000 ballots that name 10 of 400 projects
take Equal Shares 8 seconds, and all other rules under one; the whole import, with its ballots and files, takes 70. What
Equal Shares takes grows with MOST_CLIMB: 10**9 took 40 seconds. 20,000 rankings of 10 from 100 projects come in within
30 seconds; their slowest rule is instant run-off, which takes 10, and 130 from 200 projects. The slowest real file that
we know, from Budapest, takes 8 seconds.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from django.core.cache import cache
from django.utils.translation import gettext_noop

from accounts.models import User
from voting.tally.pb import PbFile
from voting.tally.types import Election, Kind, Number

from .pb_refusals import TooLarge

MOST_PROJECTS, MOST_BALLOTS = 400, 50_000
MOST_RANKED_PROJECTS, MOST_RANKED_BALLOTS = 100, 20_000
MOST_CLIMB = 10**9  # steps of Equal Shares, times the marks that each goes through
FILES_AN_HOUR = 20  # of one person, on all pages that count ballots of the past
MOST_VALUES, MOST_LETTERS, LARGEST_NUMBER = 5000, 200, 10**18
NUMBER = re.compile(r"\d{1,18}(?:[./]\d{1,9})?", re.ASCII)
NUMBERS = frozenset({"increment", "share", "threshold", "and_threshold", "quorum", "more_than", "talk_above"})


def has_tried_many(user: User) -> bool:
    """Whether this is one file too many in an hour; each call is one file."""
    tries = f"rules-tried/{user.pk}"
    cache.add(tries, 0, 3600)
    return cache.incr(tries) > FILES_AN_HOUR


def require_small(file: PbFile) -> None:
    """Refuse a file that a page does not count, before its ballots are looked at one by one."""
    is_ranked = file.kind is Kind.ORDINAL
    projects = MOST_RANKED_PROJECTS if is_ranked else MOST_PROJECTS
    ballots = MOST_RANKED_BALLOTS if is_ranked else MOST_BALLOTS
    if len(file.projects) > projects or len(file) > ballots:
        raise TooLarge(
            gettext_noop(
                "On this page a file of this kind has at most %(projects)s projects and %(ballots)s ballots. Whoever"
                " looks after the server can bring in a larger one with “manage.py import_pb”."
            ),
            projects=projects,
            ballots=ballots,
        )


def climbs_long(election: Election, *, largest: Number, step: Number) -> bool:
    """Whether Equal Shares would raise everybody's money for longer than a page lets the worker count.

    It takes about as many steps as the largest amount divided among the voters, and each walks through all marks.
    """
    ballots = election.ballots
    marks = int((np.diff(ballots.starts) * ballots.weights).sum())
    return largest // step * marks > MOST_CLIMB * max(ballots.total, 1)


def too_long_a_climb() -> TooLarge:
    return TooLarge(
        gettext_noop(
            "With this much money, counting this file by Equal Shares takes too long for this page. Whoever looks after"
            " the server can bring it in with “manage.py import_pb”."
        )
    )


def are_plain(parameters: Mapping[str, Any], *, step: int) -> bool:
    """Whether a file's parameters of a rule are few and short, and its numbers such as people write them.

    A step of Equal Shares is at least one large unit of money, as everywhere in this house: a tiny one climbs for ever.
    """
    values = list(_values(parameters))
    if len(values) > MOST_VALUES or not all(_is_plain(value) for value in values):
        return False
    if any(isinstance(parameters.get(name), str) and not NUMBER.fullmatch(parameters[name]) for name in NUMBERS):
        return False
    increment = parameters.get("increment", step)
    return isinstance(increment, int) and increment >= step


def _values(given: Any) -> Iterator[Any]:
    """All that stands in lists and mappings, with the keys; what is nested too deep stands as it is."""
    waiting = [(given, 0)]
    while waiting:
        value, depth = waiting.pop()
        if depth > 3 or not isinstance(value, list | dict):
            yield value
            continue
        inside = [*value, *value.values()] if isinstance(value, dict) else value
        waiting += [(each, depth + 1) for each in inside]


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) <= MOST_LETTERS and "\0" not in value
    return value is None or (isinstance(value, int) and abs(value) <= LARGEST_NUMBER)
