"""The words of phases_table.py: the steps of a calendar, who acts in them, and what one line of the table says."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proposals.models import Phase
from tests.permissions.rows import GROUPS, MEMBERS, Place

Kind = Phase.Kind
BEFORE, AFTER = "before", "after"  # of the first step, and of the last
COLUMNS = (BEFORE, *Kind.values, AFTER)
EVER = COLUMNS
CHECKING = (Kind.REVIEWING, Kind.SELECTING, Kind.VALUATING, Kind.PUBLISHING_PRICES)
REVIEW = (Kind.ACCEPTING, *CHECKING)
IDEAS_AHEAD = (BEFORE, Kind.DRAFTING, Kind.INFORMING, Kind.ACCEPTING)  # a draft can still be sent
CHECK_AHEAD = (*IDEAS_AHEAD, *CHECKING)
TALKING = tuple(kind for kind in Kind.values if kind not in (Kind.DRAFTING, Kind.INFORMING))
RESULTS = (Kind.FINISHED, Kind.IMPLEMENTING, AFTER)
RUNNERS = "facilitator administrator"
MODERATORS = "facilitator moderator"
AUTHOR = "resident"  # of everything that tests/permissions/proposals.py makes

Given = Callable[[Place, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Write:
    """When, who, and which service."""

    allowed: tuple[str, ...]
    roles: frozenset[str]
    service: str
    given: Given
    args: Callable[[Place], Sequence[Any]] | None
    data: Callable[[Place], Mapping[str, Any]] | None
    guard: str

    @property
    def is_ever(self) -> bool:
        return set(self.allowed) == set(EVER)

    @property
    def by(self) -> str:
        """One of those who may."""
        return next(role for role in MEMBERS if role in self.roles)


def write(
    allowed: Sequence[str],
    roles: str,
    *,
    service: str,
    given: Given = lambda place, who: {},
    args: Callable[[Place], Sequence[Any]] | None = None,
    data: Callable[[Place], Mapping[str, Any]] | None = None,
    guard: str = "",
) -> Write:
    """One line of the table."""
    who: set[str] = set()
    for name in roles.split():
        named = set(GROUPS.get(name.lstrip("-"), (name.lstrip("-"),)))
        who = who - named if name.startswith("-") else who | named
    return Write(tuple(allowed), frozenset(who), service, given, args, data, guard)


def address(name: str) -> str:
    """The address that this line is about."""
    return name.partition(",")[0]
