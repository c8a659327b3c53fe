# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who has the floor and who comes next, read from the hands and speeches of a meeting.

The order everywhere is `turns.order(...)` of what is stored, so cockpit, phones and projector agree, and "Call next"
calls whom they show. Two things are kept with the meeting for that, written with every change of the queue:
`standing_order` is who stood on the safe places of the order before the change, and `order_at` is when it changed: a
speech that runs counts with its seconds up to then, so the order does not move while nothing happens.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from meetings import turns
from meetings.models import HAS_FLOOR, IN_LINE, Meeting, SpeakerEntry, SpeakerKind, SpeakerState
from meetings.turns import Hand, Reason, Spoken, Turn, TurnSettings

INTERRUPTING = (SpeakerKind.POINT_OF_ORDER, SpeakerKind.TECHNICAL, SpeakerKind.DIRECT_RESPONSE)
SECONDS_TO_INTERRUPT = 60  # a guide for whoever interrupts a speech; shorter where speeches are


@dataclass(frozen=True)
class Waiting:
    """A raised hand at its place, with the reason for it."""

    entry: SpeakerEntry
    place: int
    reason: Reason

    @property
    def is_moved(self) -> bool:
        """Whether a facilitator put it there."""
        return self.entry.pinned_place is not None

    @property
    def can_move(self) -> bool:
        return self.entry.kind != SpeakerKind.POINT_OF_ORDER


@dataclass(frozen=True)
class Floor:
    """Everybody who speaks or asked to, as the meeting stands now."""

    meeting: Meeting
    entries: list[SpeakerEntry]  # hands that are up and speeches that are not over, in the order of asking
    turns: list[Turn]  # who waits, as the rules and the facilitator put them

    def _in(self, state: SpeakerState) -> list[SpeakerEntry]:
        return [entry for entry in self.entries if entry.state == state]

    @cached_property
    def speaking(self) -> SpeakerEntry | None:
        return next(iter(self._in(SpeakerState.SPEAKING)), None)

    @cached_property
    def paused(self) -> SpeakerEntry | None:
        """Who goes on when the interruption is over."""
        return next(iter(self._in(SpeakerState.PAUSED)), None)

    @cached_property
    def called(self) -> SpeakerEntry | None:
        """Who was asked to get ready."""
        return next(iter(self._in(SpeakerState.CALLED)), None)

    @cached_property
    def requested(self) -> list[SpeakerEntry]:
        """Hands that wait to be admitted."""
        return self._in(SpeakerState.REQUESTED)

    @cached_property
    def waiting(self) -> list[Waiting]:
        """Who waits, in the order in which they will be called."""
        by_id = {entry.pk: entry for entry in self.entries}
        return [Waiting(by_id[turn.hand.id], place, turn.reason) for place, turn in enumerate(self.turns, 1)]  # type: ignore[index]

    @property
    def next_up(self) -> SpeakerEntry | None:
        """Whom "Call next" calls: whoever got ready already, or else the first who waits."""
        return self.called or (self.waiting[0].entry if self.waiting else None)

    @property
    def speech(self) -> SpeakerEntry | None:
        """The speech that people may answer: the one that runs, or the one that was interrupted."""
        return next((entry for entry in (self.paused, self.speaking) if entry and entry.kind not in INTERRUPTING), None)

    @property
    def on_the_floor(self) -> SpeakerEntry | None:
        """Who speaks, or who was interrupted and will go on."""
        return self.speaking or self.paused

    @property
    def rules(self) -> list[str]:
        return rules_of(self.meeting)

    def place_of(self, entry: SpeakerEntry) -> Waiting | None:
        return next((waiting for waiting in self.waiting if waiting.entry.pk == entry.pk), None)


def read_floor(meeting: Meeting) -> Floor:
    """The floor of this meeting, in two queries."""
    hands = SpeakerEntry.objects.filter(meeting=meeting, state__in=[*IN_LINE, *HAS_FLOOR])
    entries = list(hands.select_related("attendee__membership__user").order_by("asked_seq"))
    waiting = [hand_of(entry) for entry in entries if entry.state == SpeakerState.WAITING]
    return Floor(meeting, entries, turns.order(waiting, history(meeting), settings_of(meeting)))


def history(meeting: Meeting) -> list[Spoken]:
    """The turns of this meeting in the order in which they were taken, the one that runs with its seconds so far."""
    speeches = SpeakerEntry.objects.filter(meeting=meeting, state__in=[*HAS_FLOOR, SpeakerState.FINISHED])
    columns = ("attendee_id", "attendee__group", "side", "kind", "spoken_for", "running_since")
    return [
        Spoken(person, group, side, seconds_of(spoken_for, running_since, meeting.order_at), kind)
        for person, group, side, kind, spoken_for, running_since in speeches.order_by(
            "started_at", "asked_seq"
        ).values_list(*columns)
    ]


def seconds_of(spoken_for: timedelta, running_since: datetime | None, at: datetime | None) -> int:
    """Whole seconds of a speech, with those since it began or went on."""
    running = max(at - running_since, timedelta()) if running_since and at else timedelta()
    return (spoken_for + running) // timedelta(seconds=1)


def hand_of(entry: SpeakerEntry) -> Hand:
    return Hand(
        id=entry.pk,
        person=entry.attendee_id,
        kind=entry.kind,
        side=entry.side,
        group=entry.attendee.group,
        seq=entry.asked_seq,
        pinned_place=entry.pinned_place,
        no_shows=entry.no_shows,
        sent_back_seq=entry.sent_back_seq,
    )


def settings_of(meeting: Meeting) -> TurnSettings:
    return TurnSettings(tuple(meeting.speaking_policies), meeting.safe_places, tuple(meeting.standing_order))


def seconds_for(meeting: Meeting, kind: str) -> int:
    """How long a turn of this kind should take at most. It is shown, and it ends nothing."""
    return min(meeting.speech_seconds, SECONDS_TO_INTERRUPT) if kind in INTERRUPTING else meeting.speech_seconds


def rules_of(meeting: Meeting) -> list[str]:
    """How this meeting takes turns, in plain sentences, the first one deciding first."""
    named: Iterable[str] = [name for name in meeting.speaking_policies if name != "fifo"]
    return [str(turns.POLICIES[name].says) for name in [*named, "fifo"]]
