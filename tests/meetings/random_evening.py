"""One evening of a meeting from which acts are picked by numbers: its people, its matters, and its clock."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import (
    AgendaItem,
    Amendment,
    AmendmentState,
    Attendee,
    Decision,
    HandCount,
    ItemPoll,
    ItemState,
    Meeting,
    Motion,
    MotionState,
    QuorumBase,
    SpeakerEntry,
)

BEGAN = timedelta(hours=8)  # ago: voting reads the real clock, and what is past for it must be past for the evening

Act = Callable[["Evening"], object]


class Impossible(Exception):
    """There is nothing that this act could be about."""


class Evening:
    """One meeting, the people who come to it, and a clock that only goes forward."""

    def __init__(self, assembly: Assembly, people: Sequence[Membership], facilitators: Sequence[Membership]) -> None:
        self.assembly, self.people, self.facilitators = assembly, people, facilitators
        self.now = (timezone.now() - BEGAN).replace(microsecond=0)
        self.numbers: tuple[int, ...] = (0,)
        self.used = 0
        self.pk: Any = None
        self.names = 0

    @property
    def meeting(self) -> Meeting:
        return Meeting.objects.select_related("assembly", "chair").get(pk=self.pk)

    def number(self, below: int) -> int:
        """The next of the numbers that were drawn, small enough."""
        drawn = self.numbers[self.used % len(self.numbers)] // (1 + self.used // len(self.numbers))
        self.used += 1
        return drawn % below

    def pick(self, things: Any) -> Any:
        found = list(things)
        if not found:
            raise Impossible
        return found[self.number(len(found))]

    def name(self) -> str:
        self.names += 1
        return f"Matter {self.names}"

    def facilitator(self) -> User:
        return self.pick(self.facilitators).user  # type: ignore[no-any-return]

    def told(self) -> dict[str, Any]:
        """Who steers, when, and which version of the meeting they saw: now and then an old one."""
        version = Meeting.objects.values_list("version", flat=True).get(pk=self.pk) - int(self.number(12) == 11)
        return {"actor": self.facilitator(), "at": self.now, "expected_version": version}

    def items(self, *states: str) -> Any:
        found = AgendaItem.objects.select_related("meeting__assembly").filter(meeting=self.pk).order_by("position")
        return found.filter(state__in=states) if states else found

    def current(self) -> AgendaItem:
        return self.pick(self.items(ItemState.CURRENT))  # type: ignore[no-any-return]

    def attendees(self) -> Any:
        people = Attendee.objects.select_related("meeting__assembly", "membership__user")
        return people.filter(meeting=self.pk).order_by("pk")

    def here(self) -> Any:
        return self.attendees().filter(attendances__ended_at=None, attendances__isnull=False)

    def hands(self, *states: str) -> Any:
        found = SpeakerEntry.objects.select_related("meeting__assembly", "attendee__membership__user")
        return found.filter(meeting=self.pk, state__in=states).order_by("asked_seq")

    def polls(self, *states: str) -> Any:
        found = ItemPoll.objects.select_related("item__meeting__assembly", "poll__register", "motion", "amendment")
        return found.filter(item__meeting=self.pk, poll__state__in=states).order_by("pk")

    def motions(self, *states: str) -> Any:
        found = Motion.objects.select_related("item__meeting__assembly").filter(item__meeting=self.pk)
        return found.filter(state__in=states or MotionState.values).order_by("created_at", "title")

    def amendments(self) -> Any:
        found = Amendment.objects.select_related("motion__item__meeting__assembly")
        found = found.filter(motion__item__meeting=self.pk, state=AmendmentState.PROPOSED)
        return found.order_by("created_at", "motion__title", "number")

    def decisions(self) -> Any:
        return Decision.objects.select_related("meeting__assembly").filter(meeting=self.pk).order_by("number")

    def counts(self) -> Any:
        found = HandCount.objects.select_related("item__meeting__assembly", "motion", "amendment")
        return found.filter(item__meeting=self.pk, closed_at=None).order_by("opened_at")

    def someone(self) -> Membership:
        return self.pick(self.people)  # type: ignore[no-any-return]


def begin(evening: Evening, numbers: tuple[int, ...]) -> None:
    """A meeting with rules of its own; mostly it is in session already, with people in it."""
    evening.numbers, evening.used = numbers, 0
    quorums: list[dict[str, Any]] = [
        {},
        {"quorum_needed": 3},
        {"quorum_base": QuorumBase.MEMBERS, "quorum_denominator": 4},
        {"quorum_base": QuorumBase.RESIDENTS, "quorum_denominator": 3, "quorum_counts": "with_proxies"},
    ]
    meeting = services.create_meeting(
        assembly=evening.assembly,
        title="Any evening",
        starts_at=evening.now,
        planned_end_at=evening.now + timedelta(hours=2),
        actor=None,
        at=evening.now,
        is_moderated=evening.number(3) == 2,
        proxies_per_holder=evening.number(3),
        safe_places=evening.number(3),
        chair_breaks_ties=True,
        group_names=["North", "South"],
        speaking_policies=[["fifo"], ["first_timers_first"], ["alternate_sides"]][evening.number(3)],
        **quorums[evening.number(4)],
    )
    evening.pk = meeting.pk
    for place in range(4):
        services.add_item(
            meeting=evening.meeting, title=f"Item {place + 1}", actor=None, is_consent=place > 1, at=evening.now
        )
    if evening.number(4) == 3:
        return
    services.schedule(meeting=evening.meeting, actor=None, at=evening.now)
    services.open_doors(meeting=evening.meeting, actor=evening.facilitators[0].user, at=evening.now)
    for person in evening.people[: 3 + evening.number(4)]:
        services.check_in(meeting=evening.meeting, membership=person, at=evening.now)
    services.call_to_order(meeting=evening.meeting, actor=None, at=evening.now)
    services.advance(meeting=evening.meeting, to=evening.items()[0], actor=None, at=evening.now)
