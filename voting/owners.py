# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who a poll belongs to: a meeting, a budget cycle or the assembly itself. Voting imports none of them.

Each owner registers here in `AppConfig.ready()` under a kind, and answers for its polls. Views and the
closing job go through the owner, so that an agenda item cannot conclude while its poll is open.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Q

from accounts.models import User
from assemblies.models import Membership, Viewer

from .electorate import NewLine
from .models import Poll
from .models.polls import HIDDEN


@dataclass(frozen=True)
class AboutOption:
    """What a ballot paper tells about an option besides its title and cost."""

    area: str = ""  # the heading under which it stands
    sign: str = ""  # of the sprite
    url: str = ""
    place: str = ""
    summary: str = ""
    language: str = ""  # in which somebody wrote all this


class Owner(Protocol):
    def may(self, user: Viewer, verb: str, poll: Poll) -> bool:
        """Whether this person may do this to the poll; before it opens, nobody else learns that it exists.

        `change`: write its draft anew. `open`: all else before voting begins, and the register, the voter codes and
        the trustees. `close`. `publish`: show the result, and name scrutineers. `void`: declare it void, and take
        out a ballot.
        """

    def people(self, poll: Poll, verb: str) -> list[Membership]:
        """Everybody who may do this: where two must agree, they are asked by mail once the first has agreed."""

    def blockers(self, poll: Poll) -> list[str]:
        """Sentences that stand in the way of opening; empty when nothing does."""

    def open(self, poll: Poll, actor: User) -> Poll:
        """Open it for its voters, as its calendar and its room allow; raises PollRefused where they do not."""

    def lock(self, poll: Poll) -> None:
        """Lock the owner's own rows, before the poll's: meeting, then agenda item, then poll, always."""

    def happened(self, poll: Poll, event: str) -> None:
        """Hear of `opened`, `late`, `closed`, `counted`, `published`, `void_asked` or `voided` in the same transaction."""

    def electorate(self, poll: Poll) -> list[NewLine]:
        """Who would be in the register if the poll opened now, people with voter codes left aside."""

    def code_scopes(self, poll: Poll) -> Sequence[str]:
        """Which voter codes the poll takes; new ones are made for the first. At most 80 letters each."""

    def url(self, poll: Poll) -> str:
        """The page from which this poll is run."""

    def voters_url(self, poll: Poll) -> str:
        """The page to which a voter goes back after voting."""

    def about_options(self, poll: Poll) -> Mapping[str, AboutOption]:
        """What the ballot tells about each option besides its title, by option key; often nothing."""


HEARD_BY_OWNERS = frozenset({"opened", "late", "closed", "counted", "published", "voided"})
_owners: dict[str, Owner] = {}


def register(kind: str, owner: Owner) -> None:
    """Let this owner answer for the polls of its kind."""
    _owners[kind] = owner


def hide(hidden_from: Callable[[Viewer], Q]) -> None:
    """Polls that have opened are not there for this person, where their owner took them back."""
    if hidden_from not in HIDDEN:
        HIDDEN.append(hidden_from)


def owner_of(poll: Poll) -> Owner:
    return _owners[poll.owner_kind]


def scopes_of(poll: Poll) -> list[str]:
    """Whose voter codes are in the register of this poll: its own, and those of every poll that shares the register."""
    sharing = [poll]
    if poll.register is not None and poll.register.max_polls is not None:
        sharing += poll.register.polls.exclude(pk=poll.pk).order_by("pk")
    return list(dict.fromkeys(scope for one in sharing for scope in owner_of(one).code_scopes(one)))
