# SPDX-License-Identifier: AGPL-3.0-or-later
"""Ballots by the thousand, put into polls that are open. What comes out is counted by voting itself."""

import random
import secrets
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from django.db.models import QuerySet

from voting.choices import Choice
from voting.models import BallotType, OpenBallot, Poll, RegisterLine

from .content.evenings import Question
from .content.idea import Idea
from .content.people import Person
from .electorate import approvals, voters

BATCH = 2000
CHANNELS, CHANNEL_SHARES = ("web", "paper", "kiosk"), (71, 23, 6)


def fill_budget(
    poll: Poll,
    ideas: Sequence[Idea],
    *,
    named: Sequence[Person],
    number: int,
    within_budget: bool,
    until: datetime,
    seed: str,
) -> None:
    """This many ballots are in: those of the named people, then those of people without an account."""
    chance = random.Random(f"ballots {seed}")  # noqa: S311 - tastes, not secrets
    keys = {option.title: option.key for option in poll.options.all()}
    budget = (poll.budget or 0) // 100 if within_budget else None
    choices = [
        _options([keys[ideas[place].title] for place in chosen])
        for voter in voters(number, known=[person.district for person in named], seed=seed)
        for chosen in [approvals(voter, ideas, most=poll.max_choices or len(ideas), budget=budget, chance=chance)]
    ]
    lines = _lines(poll)
    by_email = {line.membership.user.email: line for line in lines.filter(membership__isnull=False) if line.membership}
    without_account = list(lines.filter(membership=None)[: number - len(named)])
    voting_lines = [by_email[person.email] for person in named] + without_account
    _put(poll, voting_lines, choices, chance, until)


def fill_room(poll: Poll, question: Question, *, turnout: int, until: datetime, seed: str) -> None:
    """So many of the people in the room have voted, each by their own liking."""
    chance = random.Random(f"room {seed} {question.question}")  # noqa: S311 - tastes, not secrets
    keys = [option.key for option in poll.options.all()]
    lines = list(_lines(poll).order_by("membership__user__email"))
    lines = chance.sample(lines, min(turnout, len(lines)))
    choices = [_room_choice(poll, keys, question.liking, chance) for _line in lines]
    _put(poll, lines, choices, chance, until)


def _room_choice(poll: Poll, keys: list[str], liking: Sequence[int], chance: random.Random) -> Choice:
    if poll.ballot_type == BallotType.APPROVAL:
        return _options([key for key, like in zip(keys, liking, strict=True) if chance.randrange(100) < like])
    if poll.ballot_type == BallotType.RANKED:
        order = sorted(zip(keys, liking, strict=True), key=lambda pair: -pair[1] * chance.random())
        return {"ranking": [key for key, _like in order[: chance.choice((2, 3, 4, len(order)))]]}
    return _options(chance.choices(keys, liking))


def _options(keys: list[str]) -> Choice:
    return {"options": sorted(keys)} if keys else {}


def _lines(poll: Poll) -> QuerySet[RegisterLine]:
    return RegisterLine.objects.filter(register=poll.register).select_related("membership__user")


def _put(
    poll: Poll, lines: Sequence[RegisterLine], choices: Sequence[Choice], chance: random.Random, until: datetime
) -> None:
    if poll.opened_at is None:
        raise ValueError("ballots go into an open poll")
    span = until - poll.opened_at
    OpenBallot.objects.bulk_create(
        (
            OpenBallot(
                poll=poll,
                line=line,
                choice=choice,
                key_hash=sha256(secrets.token_bytes(18)).digest(),
                channel=chance.choices(CHANNELS, CHANNEL_SHARES)[0] if line.membership_id is None else "web",
                cast_at=poll.opened_at + span * _when(chance),
            )
            for line, choice in zip(lines, choices, strict=True)
        ),
        batch_size=BATCH,
    )


def _when(chance: random.Random) -> float:
    """Most people vote at once or at the last moment."""
    return chance.betavariate(0.7, 0.9)
