# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a meeting looks like now: everything its screens show, read once with a fixed number of queries.

Results come from voting.results alone, so that nobody, facilitators included, sees one before it is revealed.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from django.db.models import Prefetch
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from meetings import timing
from meetings.decided import Decided, ShownDecision, ShownMotion, ShownNote, ShownPoll
from meetings.decided import read as put_to_the_room
from meetings.models import (
    AgendaItem,
    Decision,
    HandCount,
    ItemDocument,
    ItemKind,
    ItemPhase,
    ItemState,
    Meeting,
    MeetingState,
    Scene,
    SpeakerEntry,
)
from meetings.quorum_now import Room, count_room
from meetings.speaking_limits import limits_of
from meetings.speaking_order import Floor, read_floor
from meetings.timing import ItemTime, MeetingTime
from voting import results
from voting.results import RunningTally

SPREAD_PER_VOTER = 2  # milliseconds: 500 phones a second ask for their ballots
LONGEST_SPREAD = 4000
LINES_ON_THE_WALL = 6
TRIES_TO_LOOK = 3  # a hall that changes faster than that is shown by the next frame


@dataclass(frozen=True)
class ShownItem:
    """An agenda item with its polls and its time, planned and actual."""

    item: AgendaItem
    time: ItemTime
    polls: list[ShownPoll] = field(default_factory=list)

    @property
    def begins_at(self) -> datetime:
        """When it began or should begin."""
        return self.time.begins_at

    @property
    def opened_polls(self) -> list[ShownPoll]:
        """Its polls, without those that nobody but facilitators may know of."""
        return [shown for shown in self.polls if not shown.is_ready]

    @property
    def note(self) -> str:
        """What came of it, or what is to be expected, in a few words for those who run the meeting."""
        last = self.polls[-1] if self.polls else None
        match self.item.state:
            case ItemState.CONCLUDED | ItemState.CONSENTED:
                return self.item.outcome or str(self.item.get_state_display())
            case ItemState.POSTPONED:
                return _("Postponed: %(to)s") % {"to": self.item.postponed_to}
            case ItemState.PLANNED:
                is_ready = last is not None and last.is_ready
                kind = last.poll.get_ballot_type_display() if last else self.item.get_kind_display()
                return _("%(kind)s, ready") % {"kind": kind} if is_ready else str(self.item.get_kind_display())
            case ItemState.CURRENT if last is not None:
                return {
                    "ready": _("A vote is ready"),
                    "open": _("The vote is open"),
                    "closing": _("The vote is closing"),
                    "counted": _("Counted, not shown yet"),
                    "shown": _("The result is shown"),
                }.get(last.step, _("The vote is void"))
            case ItemState.CURRENT:
                return str(self.item.get_phase_display() if self.item.phase else self.item.get_kind_display())
        return str(self.item.get_state_display())


@dataclass(frozen=True)
class Situation:
    """A meeting as it is now."""

    meeting: Meeting
    items: list[ShownItem]
    time: MeetingTime
    decided: Decided
    room: Room  # who is there, and whether that is a quorum
    floor: Floor

    @property
    def speaking_limits(self) -> list[str]:
        """How often and how long one person may speak, for everybody to read."""
        return limits_of(self.meeting)

    @property
    def speaking(self) -> SpeakerEntry | None:
        return self.floor.speaking

    @cached_property
    def current(self) -> ShownItem | None:
        return next((shown for shown in self.items if shown.item.is_current), None)

    @cached_property
    def next_item(self) -> ShownItem | None:
        """The item that comes next: the first one planned after the current one, or else the first planned."""
        planned = [shown for shown in self.items if shown.item.is_planned]
        here = self.current.item.position if self.current else 0
        return next((shown for shown in planned if shown.item.position > here), planned[0] if planned else None)

    @property
    def after_break(self) -> ShownItem | None:
        """What the room comes back to: the item that was interrupted, or else the next one that is no break."""
        if self.meeting.state == MeetingState.IN_RECESS and self.current and self.current.item.kind != ItemKind.BREAK:
            return self.current
        here = self.current.item.position if self.current else 0
        planned = [s for s in self.items if s.item.is_planned and s.item.kind != ItemKind.BREAK]
        return next((shown for shown in planned if shown.item.position > here), planned[0] if planned else None)

    @cached_property
    def consent_group(self) -> list[ShownItem]:
        """The items that would be adopted together now."""
        return [shown for shown in self.items if shown.item.is_planned and shown.item.is_consent]

    @property
    def consent_ids(self) -> str:
        """The same as their button sends them, so that nobody adopts another group than they see."""
        return ",".join(str(shown.item.pk) for shown in self.consent_group)

    @property
    def agenda_window(self) -> list[ShownItem]:
        """As many items as fit on the wall, around the one on the floor or the next one."""
        here = self.current or self.next_item
        place = self.items.index(here) if here else len(self.items)
        first = max(0, min(place - LINES_ON_THE_WALL // 2, len(self.items) - LINES_ON_THE_WALL))
        return self.items[first : first + LINES_ON_THE_WALL]

    @property
    def phases(self) -> list[tuple[str, str]]:
        """The steps that an item can go through."""
        return [(value, str(label)) for value, label in ItemPhase.choices]

    @cached_property
    def planned_items(self) -> list[ShownItem]:
        """The items that are still to come: only these change places."""
        return [shown for shown in self.items if shown.item.is_planned]

    @cached_property
    def can_go_back(self) -> bool:
        return any(shown.item.state == ItemState.CONCLUDED for shown in self.items)

    @cached_property
    def public_poll(self) -> ShownPoll | None:
        """The vote that phones show: the one that takes ballots, else the one opened last under the current item."""
        opened = self.current.opened_polls if self.current else []
        running = [shown for shown in opened if shown.step in ("open", "closing")]
        return running[0] if running else max(opened, key=_opened_at, default=None)

    @cached_property
    def poll_in_hand(self) -> ShownPoll | None:
        """The vote that the cockpit steers: open before hidden before ready before shown."""
        if self.current is None:
            return None
        for steps in (("open", "closing"), ("counted",), ("ready",)):
            for shown in self.current.polls:
                if shown.step in steps:
                    return shown
        last = max(self.current.polls, key=_opened_at, default=None)
        return None if last and last.is_void and self._is_decided_otherwise else last

    @property
    def _is_decided_otherwise(self) -> bool:
        """Whether a decision on the current item stands that came of none of its votes."""
        item = self.current.item.pk if self.current else None
        made = (shown.decision for shown in self.decided.decisions if shown.stands)
        return any(decision.item_id == item and decision.poll_id is None for decision in made)

    @cached_property
    def other_polls(self) -> list[ShownPoll]:
        """Votes of the current item that wait beside the one in hand."""
        if self.current is None:
            return []
        return [shown for shown in self.current.polls if shown.is_ready and shown is not self.poll_in_hand]

    @cached_property
    def forgotten_polls(self) -> list[ShownPoll]:
        """Counted votes of earlier items that were never revealed."""
        return [s for i in self.items if not i.item.is_current for s in i.polls if s.is_hidden]

    @property
    def may_prepare(self) -> bool:
        """Whether there is another vote to put up, to open or to reveal beside the one in hand."""
        if self.meeting.state != MeetingState.IN_SESSION or self.current is None or self.open_poll:
            return False
        is_free = self.poll_in_hand is None or not self.poll_in_hand.is_ready
        return is_free or bool(self.other_polls or self.forgotten_polls)

    @cached_property
    def open_poll(self) -> ShownPoll | None:
        return self.public_poll if self.public_poll and self.public_poll.is_open else None

    @cached_property
    def ballots_in(self) -> int:
        return self.public_poll.poll.turnout if self.public_poll else 0

    @cached_property
    def entitled(self) -> int:
        return self.public_poll.poll.entitled if self.public_poll else 0

    @property
    def spread(self) -> int:
        """Over how many milliseconds phones spread what they ask when a vote opens or the session begins."""
        return min(LONGEST_SPREAD, SPREAD_PER_VOTER * max(self.entitled, self.present))

    @cached_property
    def tally(self) -> RunningTally | None:
        """The running tally of an open vote; None for every other."""
        return results.running_tally(self.open_poll.poll) if self.open_poll else None

    @cached_property
    def decisions(self) -> list[ShownDecision | ShownNote]:
        """What the meeting decided so far, void and replaced ones too, and what was noted, in the order of time."""
        notes = [
            ShownNote(shown.item.title, shown.item.outcome, shown.item.ended_at or shown.begins_at)
            for shown in self.items
            if shown.item.outcome
        ]
        return sorted([*self.decided.decisions, *notes], key=lambda one: one.at)

    @property
    def standing_decisions(self) -> list[ShownDecision | ShownNote]:
        return [one for one in self.decisions if one.stands]

    @cached_property
    def motions(self) -> list[ShownMotion]:
        """What the room is asked to adopt under the current item."""
        return self.decided.motions.get(self.current.item.pk, []) if self.current else []

    @cached_property
    def motion(self) -> ShownMotion | None:
        """The motion that is talked about: the first that is not decided, else the last."""
        undecided = [shown for shown in self.motions if shown.is_open]
        return undecided[0] if undecided else self.motions[-1] if self.motions else None

    @property
    def running_count(self) -> HandCount | None:
        """The show of hands that tellers count now."""
        return self.decided.running_count

    @cached_property
    def tie(self) -> Decision | None:
        """The tie under the current item that the chair may decide now."""
        breaks = self.meeting.chair_breaks_ties and self.meeting.state == MeetingState.IN_SESSION
        return self.decided.tie_of(self.current.item if self.current else None) if breaks else None

    @property
    def present(self) -> int:
        """Everybody who is there, guests too."""
        return self.room.people.all

    @property
    def present_and_verified(self) -> int:
        """How many could vote on what is opened now: by themselves, with a voter code, or through a proxy."""
        return self.room.may_vote

    @property
    def quorum_is_met(self) -> bool:
        return not self.room.is_lacking

    @cached_property
    def screen_poll(self) -> ShownPoll | None:
        """The vote that the projector shows."""
        if self.meeting.scene_poll_id is None:
            return None
        return next(
            (shown for item in self.items for shown in item.polls if shown.poll.pk == self.meeting.scene_poll_id), None
        )

    @property
    def scene(self) -> str:
        """What is on the wall: the chosen scene where there is something to show, else the item or the welcome."""
        scene, shown = self.meeting.scene, self.screen_poll
        if scene == Scene.RESULT and not (shown and shown.outcome):
            scene = Scene.ITEM
        if scene == Scene.POLL and (shown is None or shown.is_ready or shown.is_void):
            scene = Scene.ITEM
        if scene == Scene.SPEAKER and not self.floor.on_the_floor:
            scene = Scene.ITEM
        if scene in (Scene.ITEM, Scene.SPEAKER) and self.current is None:
            scene = Scene.WELCOME
        return scene

    @property
    def screen_item(self) -> AgendaItem | None:
        """The item that the projector is about."""
        if self.scene in (Scene.POLL, Scene.RESULT) and self.screen_poll:
            return self.screen_poll.item
        return self.current.item if self.current and self.scene != Scene.WELCOME else None

    @property
    def late_result(self) -> ShownPoll | None:
        """The result of an earlier item that is on the wall now, so that phones show it too."""
        shown = self.screen_poll
        return shown if self.scene == Scene.RESULT and shown and shown is not self.public_poll else None


def look(meeting_id: UUID) -> Situation:
    """The meeting as it is now, of one piece: what happens while it is read makes us read again.

    Otherwise a screen could offer the next step with the version of the step before, and the click would be refused.
    """
    for _attempt in range(TRIES_TO_LOOK):
        now = _look(meeting_id)
        if Meeting.objects.values_list("event_seq", flat=True).get(pk=meeting_id) == now.meeting.event_seq:
            break
    return now


def _look(meeting_id: UUID) -> Situation:
    meeting = Meeting.objects.select_related("assembly").annotate(read_at=Now()).get(pk=meeting_id)
    time, items, decided = _shown_items(meeting, at=vars(meeting)["read_at"])
    return Situation(
        meeting=meeting,
        items=items,
        time=time,
        decided=decided,
        room=count_room(meeting),
        floor=read_floor(meeting),
    )


def _shown_items(meeting: Meeting, *, at: datetime) -> tuple[MeetingTime, list[ShownItem], Decided]:
    documents = Prefetch("documents", queryset=ItemDocument.objects.defer("content"))
    items = list(meeting.items.select_related("proposal").prefetch_related(documents))
    time, times = timing.read(meeting, items, at=at)
    decided = put_to_the_room(meeting, items)
    shown = []
    for item in items:
        item.meeting = meeting
        shown.append(ShownItem(item, times[item.pk], decided.polls.get(item.pk, [])))
    return time, shown, decided


def _opened_at(shown: ShownPoll) -> tuple[bool, datetime | None]:
    return shown.poll.opened_at is not None, shown.poll.opened_at
