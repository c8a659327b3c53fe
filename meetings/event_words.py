# SPDX-License-Identifier: AGPL-3.0-or-later
"""What happened in a meeting, each event in one plain sentence, for those who write the minutes beside it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assemblies.money import format_count
from meetings.models import (
    AgendaItem,
    Amendment,
    Attendee,
    Decision,
    HandCount,
    ItemPhase,
    ItemPoll,
    Meeting,
    MeetingEvent,
    Motion,
    MotionState,
    Outcome,
    Queue,
    Scene,
    SpeakerEntry,
)

FEWEST_TO_FOLD = 3  # two lines are read as fast as one
COURSE, AGENDA, PEOPLE, FLOOR, DECISIONS, SCREEN = "course", "agenda", "people", "floor", "decisions", "screen"
GROUPS = {
    COURSE: gettext_lazy("The meeting"),
    AGENDA: gettext_lazy("Agenda"),
    PEOPLE: gettext_lazy("Coming and going"),
    FLOOR: gettext_lazy("Speakers"),
    DECISIONS: gettext_lazy("Votes and decisions"),
    SCREEN: gettext_lazy("Projector and cockpit"),
}


class Names(dict[str, str]):
    """What the ids in events stand for; what is gone by now has no name."""

    def of(self, data: Mapping[str, Any], key: str) -> str:
        """The name of what stands under this key."""
        found = data.get(key)
        return self.get(str(found), _("something that is not there any more")) if found else ""


@dataclass(frozen=True)
class ToldEvent:
    """An event as it is read."""

    seq: int
    at: datetime
    group: str
    sentence: str
    kind: str = ""
    folded: "list[ToldEvent]" = field(default_factory=list)  # what this one line stands for


Words = Callable[[Mapping[str, Any], Names], str]


@dataclass(frozen=True)
class _Kind:
    group: str
    words: Words = field(repr=False)


def told(meeting: Meeting) -> list[ToldEvent]:
    """Everything that happened, in order; seven queries however much it was."""
    names = names_in(meeting)
    events = MeetingEvent.objects.filter(meeting=meeting).order_by("seq")
    return [
        ToldEvent(event.seq, event.at, group_of(event.kind), sentence(event, names), event.kind) for event in events
    ]


def fold(events: Iterable[ToldEvent]) -> list[ToldEvent]:
    """The same, but people who came one after another are one line that holds them all."""
    lines: list[ToldEvent] = []
    for kind, run in groupby(events, key=lambda event: event.kind):
        same = list(run)
        if kind != "checked_in" or len(same) < FEWEST_TO_FOLD:
            lines += same
            continue
        text = ngettext("%(n)s person checked in.", "%(n)s people checked in.", len(same))
        first = same[0]
        told_once = text % {"n": format_count(len(same))}
        lines.append(ToldEvent(first.seq, first.at, first.group, told_once, kind, same))
    return lines


def group_of(kind: str) -> str:
    """To what this belongs."""
    return _KINDS[kind].group if kind in _KINDS else COURSE


def knows(kind: str) -> bool:
    """Whether there is a sentence for this."""
    return kind in _KINDS


def sentence(event: MeetingEvent, names: Names) -> str:
    """What happened, in one sentence."""
    known = _KINDS.get(event.kind)
    return known.words(event.data, names) if known else _("Something was noted: %(kind)s.") % {"kind": event.kind}


def names_in(meeting: Meeting) -> Names:
    """What everything in this meeting is called."""
    names = Names()
    for item in AgendaItem.objects.filter(meeting=meeting):
        names[str(item.pk)] = f"{item.number}. {item.title}"
    for held in ItemPoll.objects.filter(item__meeting=meeting).select_related("poll"):
        names[str(held.poll_id)] = held.poll.question
    for motion in Motion.objects.filter(item__meeting=meeting):
        names[str(motion.pk)] = motion.title
    for amendment in Amendment.objects.filter(motion__item__meeting=meeting):
        names[str(amendment.pk)] = format_count(amendment.number)
    for count in HandCount.objects.filter(item__meeting=meeting):
        names[str(count.pk)] = count.question
    for decision in Decision.objects.filter(meeting=meeting):
        names[str(decision.pk)] = decision.question
    people: dict[int, str] = {}
    for attendee in Attendee.objects.filter(meeting=meeting).select_related("membership__user"):
        people[attendee.pk] = names[str(attendee.public_id)] = str(attendee)
    for pk, attendee_id in SpeakerEntry.objects.filter(meeting=meeting).values_list("pk", "attendee"):
        names[str(pk)] = people.get(attendee_id, "")
    return names


def _plain(text: Callable[[], str]) -> Words:
    return lambda data, names: text()


def _about(text: Callable[[], str], key: str) -> Words:
    """A sentence with one name in it, as %(name)s."""
    return lambda data, names: text() % {"name": names.of(data, key)}


def _stored(text: Callable[[], str], key: str) -> Words:
    """A sentence with something in it that the event itself says, as %(name)s."""
    return lambda data, names: text() % {"name": data.get(key, "")}


def _with_reason(words: Words, key: str = "reason") -> Words:
    def with_reason(data: Mapping[str, Any], names: Names) -> str:
        reason = str(data.get(key) or "")
        return (
            _("%(sentence)s Reason: %(reason)s") % {"sentence": words(data, names), "reason": reason}
            if reason
            else words(data, names)
        )

    return with_reason


def _label(choices: Any, value: object) -> str:
    """What a stored choice is called."""
    return str(choices(value).label) if value in choices.values else str(value)


def _moved_hand(data: Mapping[str, Any], names: Names) -> str:
    return _("The hand of %(name)s was moved from place %(before)s to place %(after)s.") % {
        "name": names.of(data, "entry"), "before": data.get("from"), "after": data.get("to"),
    }  # fmt: skip


def _missing_speaker(data: Mapping[str, Any], names: Names) -> str:
    return _("%(name)s was called and did not come.") % {"name": names.of(data, "entry")}


def _quorum(text: Callable[[], str]) -> Words:
    return lambda data, names: text() % {
        "present": format_count(data.get("present", 0)), "required": format_count(data.get("required", 0)),
    }  # fmt: skip


def _call_to_order(data: Mapping[str, Any], names: Names) -> str:
    here = int(data.get("present", 0))
    text = ngettext("The meeting began; %(n)s was checked in.", "The meeting began; %(n)s were checked in.", here)
    return text % {"n": format_count(here)}


def _adjourned(data: Mapping[str, Any], names: Names) -> str:
    left = int(data.get("carried_over", 0))
    if not left:
        return _("The meeting was closed.")
    text = ngettext(
        "The meeting was closed; %(n)s item was carried over.",
        "The meeting was closed; %(n)s items were carried over.",
        left,
    )
    return text % {"n": format_count(left)}


def _carried_in(data: Mapping[str, Any], names: Names) -> str:
    taken = len(data.get("items", []))
    text = ngettext(
        "%(n)s item of an earlier meeting was taken in.", "%(n)s items of an earlier meeting were taken in.", taken
    )
    return text % {"n": format_count(taken)}


def _extended(data: Mapping[str, Any], names: Names) -> str:
    minutes = int(data.get("minutes", 0))
    if minutes < 0:
        text = ngettext("“%(item)s” got %(n)s minute less.", "“%(item)s” got %(n)s minutes less.", -minutes)
    else:
        text = ngettext("“%(item)s” got %(n)s minute more.", "“%(item)s” got %(n)s minutes more.", minutes)
    return text % {"item": names.of(data, "item"), "n": format_count(abs(minutes))}


def _phase(data: Mapping[str, Any], names: Names) -> str:
    if not data.get("phase"):
        return _("“%(item)s” goes on without steps.") % {"item": names.of(data, "item")}
    return _("“%(item)s” came to this step: %(phase)s.") % {
        "item": names.of(data, "item"), "phase": _label(ItemPhase, data["phase"]),
    }  # fmt: skip


def _outcome_noted(data: Mapping[str, Any], names: Names) -> str:
    told = {"item": names.of(data, "item"), "outcome": data.get("outcome", "")}
    return _("Noted as the outcome of “%(item)s”: %(outcome)s") % told


def _postponed(data: Mapping[str, Any], names: Names) -> str:
    return _("“%(item)s” was postponed: %(to)s.") % {"item": names.of(data, "item"), "to": data.get("to", "")}


def _queue(data: Mapping[str, Any], names: Names) -> str:
    told = {"item": names.of(data, "item"), "queue": _label(Queue, data.get("queue"))}
    return _("Who may ask to speak on “%(item)s”: %(queue)s.") % told


def _decided(data: Mapping[str, Any], names: Names) -> str:
    told = {
        "n": format_count(int(data.get("number", 0))),
        "question": names.of(data, "decision"),
        "outcome": _label(Outcome, data.get("outcome")),
    }
    if data.get("supersedes"):
        return _("Decision %(n)s, on “%(question)s”: %(outcome)s. It replaces decision %(before)s.") % {
            **told, "before": format_count(int(data["supersedes"])),
        }  # fmt: skip
    return _("Decision %(n)s, on “%(question)s”: %(outcome)s.") % told


def _ended_motion(data: Mapping[str, Any], names: Names) -> str:
    told = {"motion": data.get("title") or names.of(data, "motion"), "state": _label(MotionState, data.get("state"))}
    if data.get("to"):
        return _("Motion “%(motion)s”: %(state)s to %(to)s.") % {**told, "to": data["to"]}
    return _("Motion “%(motion)s”: %(state)s.") % told


def _amendment(text: Callable[[], str]) -> Words:
    return lambda data, names: text() % {
        "motion": names.of(data, "motion"), "n": names.of(data, "amendment"),
    }  # fmt: skip


def _proxy(text: Callable[[], str]) -> Words:
    return lambda data, names: text() % {
        "giver": names.of(data, "giver"), "holder": names.of(data, "holder"),
    }  # fmt: skip


def _agreed_hands(data: Mapping[str, Any], names: Names) -> str:
    told = {"question": names.of(data, "hand_count")}
    told |= {answer: format_count(int(data.get(answer, 0))) for answer in ("yes", "no", "abstain")}
    if data.get("one_teller"):
        return (
            _("Hands on “%(question)s”: %(yes)s yes, %(no)s no, %(abstain)s abstain; one teller counted twice.") % told
        )
    return _("Hands on “%(question)s”: %(yes)s yes, %(no)s no, %(abstain)s abstain; both tellers agree.") % told


def _scene(data: Mapping[str, Any], names: Names) -> str:
    return _("The projector showed: %(scene)s.") % {"scene": _label(Scene, data.get("scene"))}


def _version(text: Callable[[], str]) -> Words:
    return lambda data, names: text() % {"n": format_count(int(data.get("version", 0)))}


_KINDS: dict[str, _Kind] = {
    # The meeting
    "created": _Kind(COURSE, _plain(lambda: _("The meeting was planned."))),
    "edited": _Kind(COURSE, _plain(lambda: _("Title, time, place or rules of the meeting were changed."))),
    "scheduled": _Kind(COURSE, _plain(lambda: _("The meeting was announced."))),
    "doors_opened": _Kind(COURSE, _plain(lambda: _("The doors were opened."))),
    "called_to_order": _Kind(COURSE, _call_to_order),
    "recessed": _Kind(COURSE, _plain(lambda: _("A break began."))),
    "resumed": _Kind(COURSE, _plain(lambda: _("The break was over."))),
    "adjourned": _Kind(COURSE, _adjourned),
    "reconvened": _Kind(COURSE, _plain(lambda: _("The meeting was taken up again."))),
    "rehearsal_removed": _Kind(COURSE, _plain(lambda: _("The rehearsal was removed."))),
    "cancelled": _Kind(COURSE, _with_reason(_plain(lambda: _("The meeting was called off.")))),
    "minutes_drafted": _Kind(
        COURSE, _version(lambda: _("The minutes were drafted from what happened: version %(n)s."))
    ),
    "minutes_saved": _Kind(COURSE, _version(lambda: _("The minutes were changed: version %(n)s."))),
    "minutes_signed": _Kind(COURSE, _version(lambda: _("The minutes were signed: version %(n)s."))),
    "minutes_approved": _Kind(COURSE, _version(lambda: _("The minutes were approved: version %(n)s."))),
    # The agenda
    "item_added": _Kind(AGENDA, _stored(lambda: _("“%(name)s” came on the agenda."), "title")),
    "item_edited": _Kind(AGENDA, _about(lambda: _("“%(name)s” was changed."), "item")),
    "item_moved": _Kind(AGENDA, _about(lambda: _("“%(name)s” has another place on the agenda."), "item")),
    "item_removed": _Kind(AGENDA, _stored(lambda: _("“%(name)s” was taken off the agenda."), "title")),
    "item_skipped": _Kind(AGENDA, _about(lambda: _("“%(name)s” was left out."), "item")),
    "item_taken_back": _Kind(AGENDA, _about(lambda: _("“%(name)s” came back on the agenda."), "item")),
    "items_carried_over": _Kind(AGENDA, _carried_in),
    "item_taken_up": _Kind(AGENDA, _about(lambda: _("“%(name)s” was taken up."), "item")),
    "item_reopened": _Kind(AGENDA, _about(lambda: _("The meeting went back to “%(name)s”."), "item")),
    "item_reconsidered": _Kind(AGENDA, _with_reason(_about(lambda: _("“%(name)s” was taken up once more."), "item"))),
    "item_tabled": _Kind(AGENDA, _about(lambda: _("“%(name)s” was laid aside."), "item")),
    "item_taken_from_table": _Kind(
        AGENDA, _about(lambda: _("“%(name)s”, which had been laid aside, was taken up again."), "item")
    ),
    "item_postponed": _Kind(AGENDA, _postponed),
    "item_withdrawn": _Kind(AGENDA, _about(lambda: _("“%(name)s” was withdrawn."), "item")),
    "item_extended": _Kind(AGENDA, _extended),
    "phase_set": _Kind(AGENDA, _phase),
    "outcome_noted": _Kind(AGENDA, _outcome_noted),
    "consent_marked": _Kind(AGENDA, _about(lambda: _("“%(name)s” is to be adopted together with others."), "item")),
    "consent_unmarked": _Kind(AGENDA, _about(lambda: _("“%(name)s” is to be talked about after all."), "item")),
    "consent_objected": _Kind(AGENDA, _about(lambda: _("Somebody asked to talk about “%(name)s”."), "item")),
    "document_added": _Kind(AGENDA, _stored(lambda: _("A document was added: %(name)s."), "title")),
    "document_removed": _Kind(AGENDA, _stored(lambda: _("A document was taken away: %(name)s."), "title")),
    # Who is there
    "checked_in": _Kind(PEOPLE, _about(lambda: _("%(name)s checked in."), "attendee")),
    "came_back": _Kind(PEOPLE, _about(lambda: _("%(name)s came back."), "attendee")),
    "moved": _Kind(PEOPLE, _about(lambda: _("%(name)s went on from elsewhere, or in the room."), "attendee")),
    "stepped_out": _Kind(PEOPLE, _about(lambda: _("%(name)s stepped out."), "attendee")),
    "checked_out": _Kind(PEOPLE, _about(lambda: _("%(name)s left."), "attendee")),
    "revoked": _Kind(PEOPLE, _about(lambda: _("The desk took %(name)s off the list."), "attendee")),
    "excused": _Kind(PEOPLE, _about(lambda: _("%(name)s is excused."), "attendee")),
    "not_excused": _Kind(PEOPLE, _about(lambda: _("%(name)s is not excused any more."), "attendee")),
    "group_chosen": _Kind(PEOPLE, _plain(lambda: _("Somebody put themselves into a group, or out of one."))),
    "proxy_given": _Kind(PEOPLE, _proxy(lambda: _("%(giver)s gave a proxy to %(holder)s."))),
    "proxy_revoked": _Kind(PEOPLE, _proxy(lambda: _("The proxy of %(giver)s to %(holder)s was taken back."))),
    "quorum_met": _Kind(PEOPLE, _quorum(lambda: _("The quorum was met: %(present)s present, %(required)s needed."))),
    "quorum_lost": _Kind(PEOPLE, _quorum(lambda: _("The quorum was lost: %(present)s present, %(required)s needed."))),
    # Who speaks
    "hand_raised": _Kind(FLOOR, _about(lambda: _("%(name)s asked to speak."), "entry")),
    "hand_withdrawn": _Kind(FLOOR, _about(lambda: _("%(name)s did not want to speak any more."), "entry")),
    "hand_admitted": _Kind(FLOOR, _about(lambda: _("%(name)s was admitted to the queue."), "entry")),
    "hand_declined": _Kind(FLOOR, _about(lambda: _("The hand of %(name)s was taken off the list."), "entry")),
    "hand_moved": _Kind(FLOOR, _with_reason(_moved_hand)),
    "hand_released": _Kind(
        FLOOR, _about(lambda: _("The hand of %(name)s stands again where the rules put it."), "entry")
    ),
    "speaker_called": _Kind(FLOOR, _about(lambda: _("%(name)s was called."), "entry")),
    "speaker_started": _Kind(FLOOR, _about(lambda: _("%(name)s began to speak."), "entry")),
    "speaker_paused": _Kind(FLOOR, _about(lambda: _("The speech of %(name)s was interrupted."), "entry")),
    "speaker_resumed": _Kind(FLOOR, _about(lambda: _("%(name)s went on speaking."), "entry")),
    "speaker_finished": _Kind(FLOOR, _about(lambda: _("%(name)s had spoken."), "entry")),
    "speaker_missing": _Kind(FLOOR, _missing_speaker),
    "queue_set": _Kind(FLOOR, _queue),
    "groups_forgotten": _Kind(FLOOR, _plain(lambda: _("Who is in which group was forgotten."))),
    "speaking_rules_set": _Kind(FLOOR, _plain(lambda: _("The queue of speakers got other rules."))),
    # Votes and decisions
    "motion_put": _Kind(DECISIONS, _stored(lambda: _("A motion was put forward: %(name)s."), "title")),
    "motion_ended": _Kind(DECISIONS, _ended_motion),
    "amendment_put": _Kind(
        DECISIONS, _amendment(lambda: _("Change %(n)s to the motion “%(motion)s” was put forward."))
    ),
    "amendment_withdrawn": _Kind(
        DECISIONS, _amendment(lambda: _("Change %(n)s to the motion “%(motion)s” was withdrawn."))
    ),
    "poll_added": _Kind(DECISIONS, _stored(lambda: _("A vote was prepared: %(name)s"), "question")),
    "poll_removed": _Kind(
        DECISIONS, _stored(lambda: _("A vote that was never opened was taken away: %(name)s"), "question")
    ),
    "poll_opened": _Kind(DECISIONS, _about(lambda: _("The vote opened: %(name)s"), "poll")),
    "poll_closing": _Kind(DECISIONS, _about(lambda: _("The last ten seconds of the vote began: %(name)s"), "poll")),
    "poll_stays_open": _Kind(DECISIONS, _about(lambda: _("The vote stayed open after all: %(name)s"), "poll")),
    "poll_late": _Kind(DECISIONS, _about(lambda: _("Who came late was let into the vote: %(name)s"), "poll")),
    "poll_closed": _Kind(DECISIONS, _about(lambda: _("The vote closed: %(name)s"), "poll")),
    "poll_counted": _Kind(DECISIONS, _about(lambda: _("The ballots were counted: %(name)s"), "poll")),
    "poll_published": _Kind(DECISIONS, _about(lambda: _("The result was shown: %(name)s"), "poll")),
    "poll_void_asked": _Kind(
        DECISIONS,
        _about(lambda: _("Somebody asked to declare a vote void. A second person must confirm it: %(name)s"), "poll"),
    ),
    "poll_voided": _Kind(DECISIONS, _about(lambda: _("The vote was declared void: %(name)s"), "poll")),
    "hand_count_opened": _Kind(DECISIONS, _stored(lambda: _("Hands were raised: %(name)s"), "question")),
    "hand_count_stopped": _Kind(
        DECISIONS, _with_reason(_about(lambda: _("The count of hands was stopped: %(name)s."), "hand_count"))
    ),
    "hands_entered": _Kind(DECISIONS, _about(lambda: _("One teller entered the hands: %(name)s"), "hand_count")),
    "hands_differ": _Kind(
        DECISIONS, _about(lambda: _("The tellers differed and counted again: %(name)s"), "hand_count")
    ),
    "hands_agreed": _Kind(DECISIONS, _agreed_hands),
    "decided": _Kind(DECISIONS, _decided),
    "decision_void_asked": _Kind(
        DECISIONS,
        _with_reason(
            _stored(
                lambda: _("Somebody asked to declare decision %(name)s void. A second person must confirm it."),
                "number",
            )
        ),
    ),
    "decision_voided": _Kind(
        DECISIONS, _with_reason(_stored(lambda: _("Decision %(name)s was declared void."), "number"))
    ),
    # What the room saw, and who steered
    "driver_asked": _Kind(SCREEN, _plain(lambda: _("Somebody asked to take over the cockpit."))),
    "driver_began": _Kind(SCREEN, _plain(lambda: _("Somebody began to steer the meeting."))),
    "driver_not_asked": _Kind(SCREEN, _plain(lambda: _("Nobody asks to take over the cockpit any more."))),
    "driver_stays": _Kind(SCREEN, _plain(lambda: _("Whoever steered the meeting went on steering."))),
    "driver_stopped": _Kind(SCREEN, _plain(lambda: _("Nobody steered the meeting for a moment."))),
    "driver_handed_over": _Kind(SCREEN, _plain(lambda: _("The cockpit was handed over."))),
    "driver_took_over": _Kind(SCREEN, _plain(lambda: _("Somebody took over the cockpit."))),
    "undone": _Kind(COURSE, _plain(lambda: _("What was done last was taken back."))),
    "scene_set": _Kind(SCREEN, _scene),
    "screen_blanked": _Kind(SCREEN, _plain(lambda: _("The projector was made dark."))),
    "screen_lit": _Kind(SCREEN, _plain(lambda: _("The projector showed its picture again."))),
}
