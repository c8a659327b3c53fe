# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a resident asked for, as the demo writes it down."""

from dataclasses import dataclass
from enum import StrEnum

from .town import DISTRICT_NAMES


class Theme(StrEnum):
    """What people care for; the values are those of proposals.models.Category."""

    STREETS = "streets"
    GREEN = "green"
    WHEELS = "wheels"
    PLAY = "play"
    LEARNING = "learning"
    CULTURE = "culture"
    SPORT = "sport"
    CARE = "care"
    MEETING = "meeting"


@dataclass(frozen=True)
class Idea:
    """One proposal. `near` and `far` say how many of a hundred people like it, in its district and elsewhere."""

    title: str
    district: str  # empty when it is for the whole town
    theme: Theme
    cost: int  # whole euros, as estimated
    author: str  # the first part of an e-mail address
    near: int
    far: int
    place: str
    summary: str
    text: str
    language: str = "en"

    def __post_init__(self) -> None:
        if self.district and self.district not in DISTRICT_NAMES:
            raise ValueError(f"{self.title}: there is no district {self.district}")


@dataclass(frozen=True)
class Answer:
    """What the officials wrote under an idea: a cost in whole euros, or a reason why it cannot be built."""

    by: str
    reason: str = ""
    cost: int | None = None


@dataclass(frozen=True)
class Unreviewed:
    """An idea that has not reached a ballot: still on the desk, answered, taken back, or a draft of its author."""

    idea: Idea
    answer: Answer | None = None
    taken_back: bool = False
    draft: bool = False
