# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which ballots a person can fill in: the pots that stand alone, and the groups among which they choose."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from assemblies.models import Viewer
from voting.models import Poll, RegisterLine
from voting.services import have_voted, polls_left

from .models import Heading, HeadingGroup


class PotState(StrEnum):
    OPEN = "open"  # it can be filled in
    VOTED = "voted"
    USED_UP = "used_up"  # this person voted in as many pots of the group as they may
    NOT_YOURS = "not_yours"  # this person is not in its register
    UNKNOWN = "unknown"  # nobody is signed in


@dataclass(frozen=True)
class Pot:
    heading: Heading
    state: PotState


@dataclass
class Block:
    """Pots that are shown together; in a group with how many ballots this person has left."""

    group: HeadingGroup | None
    pots: list[Pot] = field(default_factory=list)
    left: int | None = None


def ballot_choice(headings: Sequence[Heading], user: Viewer) -> list[Block]:
    """The open pots in their order, each group in one block; four queries, and one for each group."""
    polls = {heading.pk: heading.poll for heading in headings if heading.poll is not None}
    lines = _lines(user, list(polls.values()))
    voted = {
        poll
        for poll, _line in have_voted([(p, lines[p.register_id]) for p in polls.values() if p.register_id in lines])
    }
    blocks: dict[object, Block] = {}
    for heading in headings:
        poll = polls[heading.pk]
        line = lines.get(poll.register_id)
        block = blocks.get(heading.group_id)
        if block is None:
            block = blocks[heading.group_id] = Block(heading.group)
            if heading.group is not None and line is not None and poll.register is not None:
                block.left = polls_left(poll.register, line)
        block.pots.append(Pot(heading, _state(user, poll, line, voted, block.left)))
    return list(blocks.values())


def _lines(user: Viewer, polls: Sequence[Poll]) -> dict[object, RegisterLine]:
    if not user.is_authenticated:
        return {}
    held = RegisterLine.objects.held_by(user).filter(register__in=[poll.register_id for poll in polls])
    return {line.register_id: line for line in held}


def _state(user: Viewer, poll: Poll, line: RegisterLine | None, voted: set[object], left: int | None) -> PotState:
    if not user.is_authenticated:
        return PotState.UNKNOWN
    if line is None:
        return PotState.NOT_YOURS
    if poll.pk in voted:
        return PotState.VOTED
    return PotState.USED_UP if left == 0 else PotState.OPEN
