# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who wants to speak: hands go up and down, are admitted, moved and declined. Who speaks is in speeches.py.

Every change writes down who stood on the safe places before it, so that they keep their turn (meetings/speaking_order.py).
"""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from meetings import turns
from meetings.models import (
    HAS_FLOOR,
    IN_LINE,
    AgendaItem,
    Attendance,
    Attendee,
    Meeting,
    MeetingState,
    Queue,
    Side,
    SpeakerEntry,
    SpeakerKind,
    SpeakerState,
)
from meetings.models.floor import SpeakerQuerySet
from meetings.speaking_limits import used_up
from meetings.speaking_order import Floor, read_floor

from .acts import MeetingRefused, clock, current_item, lock, lock_item, record, refuse_when_over, require_state
from .before import before

GROUPS_ARE_KEPT = timedelta(days=30)
MOST_HANDS = 12  # of one person on one item, raised by themselves
ALWAYS_HEARD = (SpeakerKind.POINT_OF_ORDER, SpeakerKind.TECHNICAL)  # also when the list is closed, and never moderated


@transaction.atomic
def raise_hand(
    *,
    attendee: Attendee,
    kind: SpeakerKind = SpeakerKind.NORMAL,
    side: Side = Side.NONE,
    responds_to: SpeakerEntry | None = None,
    at: datetime | None = None,
) -> SpeakerEntry:
    """The person asks to speak on the current item. A hand of this kind that is up already stays where it is."""
    return _put_up(attendee, kind, side, responds_to, attendee.user, False, at)


@transaction.atomic
def raise_hand_for(
    *,
    attendee: Attendee,
    actor: User,
    kind: SpeakerKind = SpeakerKind.NORMAL,
    side: Side = Side.NONE,
    responds_to: SpeakerEntry | None = None,
    at: datetime | None = None,
) -> SpeakerEntry:
    """Somebody without a phone waits to speak: the desk or a facilitator put the hand up, so nobody has to admit it."""
    return _put_up(attendee, kind, side, responds_to, actor, True, at)


def _put_up(
    attendee: Attendee,
    kind: SpeakerKind,
    side: Side,
    responds_to: SpeakerEntry | None,
    actor: User | None,
    is_for_them: bool,
    at: datetime | None,
) -> SpeakerEntry:
    meeting = lock(attendee.meeting)
    require_state(
        meeting, MeetingState.IN_SESSION, otherwise=_("You can raise your hand while the meeting is in session.")
    )
    item = current_item(meeting)
    if item is None:
        raise MeetingRefused(_("No item has been taken up yet. Raise your hand when one is."))
    if not Attendance.objects.present().filter(attendee=attendee).exists():
        raise MeetingRefused(
            _("This person is not checked in.") if is_for_them else _("Check in first, then raise your hand.")
        )
    raised = SpeakerEntry.objects.in_line().filter(attendee=attendee, kind=kind).first()
    if raised is not None:
        return raised
    if item.queue == Queue.CLOSED:
        raise MeetingRefused(_("Nobody can ask to speak on this item now."))
    if item.queue == Queue.LIST_CLOSED and kind not in ALWAYS_HEARD:
        raise MeetingRefused(_("The list of speakers is closed. You can still raise a point of order."))
    floor = read_floor(meeting)
    if kind == SpeakerKind.DIRECT_RESPONSE:
        responds_to = _speech_to_answer(floor, attendee, responds_to)
    at = clock(at)
    if not is_for_them and SpeakerEntry.objects.filter(item=item, attendee=attendee).count() >= MOST_HANDS:
        raise MeetingRefused(_("You have asked to speak very often on this item. Ask at the desk."))
    if not is_for_them and kind in turns.TIMED and (reason := used_up(meeting, item, attendee, kind, at)):
        raise MeetingRefused(reason)
    # Whoever scanned the code may join as a guest, so nobody hears a guest's point of order without a look at it.
    is_interruption = attendee.is_guest and kind == SpeakerKind.POINT_OF_ORDER
    must_be_admitted = not is_for_them and (is_interruption or (meeting.is_moderated and kind not in ALWAYS_HEARD))
    entry = SpeakerEntry.objects.create(
        meeting=meeting,
        item=item,
        attendee=attendee,
        kind=kind,
        side=side if kind == SpeakerKind.NORMAL else Side.NONE,
        responds_to=responds_to if kind == SpeakerKind.DIRECT_RESPONSE else None,
        state=SpeakerState.REQUESTED if must_be_admitted else SpeakerState.WAITING,
        actor=actor,
        asked_seq=meeting.event_seq + 1,
        asked_at=at,
    )
    data = {"entry": str(entry.pk), "kind": str(kind)}
    changes = order_before(floor, at)
    record(
        meeting, "hand_raised", actor=actor, at=at, steers=False, in_passing=_is_of_a_crowd(entry), data=data, **changes
    )
    return entry


def _is_of_a_crowd(entry: SpeakerEntry) -> bool:
    """Whether many raise such hands at once. Every other kind interrupts, and all wait for who was called or speaks."""
    return entry.kind == SpeakerKind.NORMAL and entry.state in (SpeakerState.REQUESTED, SpeakerState.WAITING)


def _speech_to_answer(floor: Floor, attendee: Attendee, wanted: SpeakerEntry | None) -> SpeakerEntry:
    """The speech that runs, if one more answer to it is taken from this person."""
    speech = floor.speech
    if speech is None or (wanted is not None and wanted.pk != speech.pk):
        raise MeetingRefused(_("That speech is over. Ask for a turn of your own."))
    if speech.attendee_id == attendee.pk:
        raise MeetingRefused(_("You have the floor yourself."))
    dropped = (SpeakerState.WITHDRAWN, SpeakerState.DECLINED, SpeakerState.NO_SHOW)
    if speech.responses.exclude(state__in=dropped).count() >= floor.meeting.responses_per_speech:
        raise MeetingRefused(_("No more answers to this speech are taken. Ask for a turn of your own."))
    return speech


@transaction.atomic
def withdraw_hand(*, attendee: Attendee, entry: SpeakerEntry | None = None, at: datetime | None = None) -> SpeakerEntry:
    """The person does not wait to speak any more: this hand is down, or the one that went up first."""
    meeting = lock(attendee.meeting)
    raised = SpeakerEntry.objects.in_line().filter(attendee=attendee)
    found = raised.filter(pk=entry.pk).first() if entry else raised.first()
    if found is None:
        raise MeetingRefused(_("Your hand is not up."))
    at = clock(at)
    floor = read_floor(meeting)
    in_passing = _is_of_a_crowd(found)
    end(found, SpeakerState.WITHDRAWN, at)
    close_ranks(floor, {found.pk})
    record(
        meeting,
        "hand_withdrawn",
        actor=attendee.user,
        at=at,
        steers=False,
        in_passing=in_passing,
        data={"entry": str(found.pk)},
        **order_before(floor, at),
    )
    return found


@transaction.atomic
def admit_hand(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """The person waits to speak, at the place that belongs to when they asked."""
    meeting, entry = lock_entry(entry, expected_version)
    if entry.state != SpeakerState.REQUESTED:
        raise MeetingRefused(_("This hand does not wait to be admitted any more."))
    at = clock(at)
    floor = read_floor(meeting)
    entry.state = SpeakerState.WAITING
    entry.save(update_fields=["state"])
    record(meeting, "hand_admitted", actor=actor, at=at, data={"entry": str(entry.pk)}, **order_before(floor, at))
    return entry


@transaction.atomic
def decline_hand(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """The facilitator has taken the hand off the list, or never put it there."""
    meeting, entry = lock_entry(entry, expected_version)
    if entry.state not in (SpeakerState.REQUESTED, SpeakerState.WAITING):
        raise MeetingRefused(_("This person is not waiting to speak any more."))
    at = clock(at)
    floor = read_floor(meeting)
    end(entry, SpeakerState.DECLINED, at)
    close_ranks(floor, {entry.pk})
    record(meeting, "hand_declined", actor=actor, at=at, data={"entry": str(entry.pk)}, **order_before(floor, at))
    return entry


@transaction.atomic
def move_hand(
    *,
    entry: SpeakerEntry,
    up: bool,
    actor: User | None,
    reason: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
) -> SpeakerEntry:
    """The hand stands one place nearer or farther and stays there; the rules order the others around it."""
    meeting, entry = lock_entry(entry, expected_version)
    floor = read_floor(meeting)
    if entry.kind == SpeakerKind.POINT_OF_ORDER:
        raise MeetingRefused(_("Points of order come first, in the order in which they were asked."))
    others = [turn.hand for turn in floor.turns if turn.hand.kind != SpeakerKind.POINT_OF_ORDER]
    ids = [hand.id for hand in others]
    if entry.pk not in ids:
        raise MeetingRefused(_("This person is not waiting to speak any more."))
    place = ids.index(entry.pk) + 1
    wanted = min(max(place + (-1 if up else 1), 1), len(ids))
    if wanted == place:
        return entry
    neighbour = others[wanted - 1]
    pins = turns.pins_after(floor.turns, NOBODY) | {entry.pk: wanted}
    if neighbour.pinned_place is not None:
        pins[neighbour.id] = place
    _store_pins(pins)
    entry.refresh_from_db()
    at = clock(at)
    data = {"entry": str(entry.pk), "from": place, "to": wanted, "reason": reason.strip()[:300]}
    record(meeting, "hand_moved", actor=actor, at=at, data=data, **order_before(floor, at))
    return entry


@transaction.atomic
def release_hand(
    *, entry: SpeakerEntry, actor: User | None, expected_version: int | None = None, at: datetime | None = None
) -> SpeakerEntry:
    """The hand that was moved stands again where the rules put it."""
    meeting, entry = lock_entry(entry, expected_version)
    if entry.state != SpeakerState.WAITING or entry.pinned_place is None:
        raise MeetingRefused(_("This hand stands where the rules put it."))
    at = clock(at)
    floor = read_floor(meeting)
    entry.pinned_place = None
    entry.save(update_fields=["pinned_place"])
    kept = [hand_id for hand_id in turns.shown(floor.turns) if hand_id != entry.pk]
    changes = order_before(floor, at) | {"standing_order": kept[: meeting.safe_places]}
    record(meeting, "hand_released", actor=actor, at=at, data={"entry": str(entry.pk)}, **changes)
    return entry


@transaction.atomic
def set_queue(
    *,
    item: AgendaItem,
    queue: Queue,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
) -> AgendaItem:
    """People may ask to speak on this item, only with a point of order, or not at all. Who waits goes on waiting."""
    meeting, item = lock_item(item, expected_version=expected_version)
    refuse_when_over(meeting)
    undo = before(meeting, item)
    item.queue = queue
    item.save(update_fields=["queue"])
    data = {"item": str(item.pk), "queue": str(queue)}
    record(meeting, "queue_set", actor=actor, at=clock(at), data=data, undo=undo)
    return item


@transaction.atomic
def set_speaking_rules(
    *,
    meeting: Meeting,
    actor: User | None,
    expected_version: int | None = None,
    at: datetime | None = None,
    **rules: Any,
) -> Meeting:
    """The queue has these rules from now on. Who put themselves into a group that is gone is in none."""
    meeting = lock(meeting, expected_version=expected_version)
    refuse_when_over(meeting)
    refuse_unknown_policies(rules)
    at = clock(at)
    floor = read_floor(meeting)
    order = order_before(floor, at)
    if "group_names" in rules:
        meeting.attendees.exclude(group="").exclude(group__in=rules["group_names"]).update(group="")
    data = {"rules": {name: value for name, value in rules.items() if name != "group_names"}}
    record(meeting, "speaking_rules_set", actor=actor, at=at, data=data, **(order | rules))
    return meeting


def refuse_unknown_policies(rules: Mapping[str, Any]) -> None:
    """Refuse rules of the queue that nobody knows: with one of them no order could be made any more."""
    unknown = [str(name) for name in rules.get("speaking_policies", ()) if name not in turns.POLICIES]
    if unknown:
        known = ", ".join(turns.POLICIES)
        raise MeetingRefused(
            _("There is no rule “%(unknown)s” for who speaks next. Choose from these: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": known}
        )


@transaction.atomic
def choose_group(*, attendee: Attendee, group: str, at: datetime | None = None) -> Attendee:
    """The person is in this group of those that the meeting names, or in none. No event says which: nobody reads it."""
    meeting = lock(attendee.meeting)
    refuse_when_over(meeting)
    if group and group not in meeting.group_names:
        raise MeetingRefused(_("Choose one of the groups in the list."))
    at = clock(at)
    floor = read_floor(meeting)
    attendee.group = group
    attendee.save(update_fields=["group"])
    record(
        meeting,
        "group_chosen",
        actor=attendee.user,
        at=at,
        steers=False,
        in_passing=True,
        data={"attendee": str(attendee.public_id)},
        **order_before(floor, at),
    )
    return attendee


def forget_groups(meeting: Meeting) -> int:
    """Nobody of this meeting is in a group any more; call it with the meeting locked, before its minutes are approved."""
    return meeting.attendees.exclude(group="").update(group="")


def forget_old_groups(*, at: datetime | None = None) -> None:
    """A month after a meeting nobody is in a group any more, also when its minutes were never approved."""
    at = clock(at)
    over = Q(adjourned_at__lt=at - GROUPS_ARE_KEPT) | Q(
        state=MeetingState.CANCELLED, starts_at__lt=at - GROUPS_ARE_KEPT
    )
    named = Attendee.objects.exclude(group="").values("meeting")
    for meeting in Meeting.objects.filter(over, pk__in=named).exclude(state=MeetingState.MINUTES_APPROVED):
        with transaction.atomic():
            locked = lock(meeting)
            if locked.state != MeetingState.MINUTES_APPROVED and forget_groups(locked):
                record(locked, "groups_forgotten", actor=None, at=at, steers=False)


def clear_floor(meeting: Meeting, *, at: datetime, waiting_too: bool = True) -> None:
    """Nobody speaks, and unless told otherwise nobody waits; call it with the meeting locked."""
    entries = SpeakerEntry.objects.filter(meeting=meeting)
    leave_the_floor(entries if waiting_too else entries.on_the_floor(), at=at)


def leave_the_floor(entries: SpeakerQuerySet, *, at: datetime) -> bool:
    """Of these, who speaks has finished, and whose hand is up has taken it down; call it with the meeting locked.

    Answers whether the hall sees somebody go who was its business: who spoke, was called or had interrupted.
    """
    leaving = list(entries.filter(state__in=[*IN_LINE, *HAS_FLOOR]).select_related("meeting"))
    if not leaving:
        return False
    concerns_all = not all(_is_of_a_crowd(entry) for entry in leaving)
    floor = read_floor(leaving[0].meeting)
    for entry in leaving:
        end(entry, SpeakerState.FINISHED if entry.state in HAS_FLOOR else SpeakerState.WITHDRAWN, at)
    close_ranks(floor, {entry.pk for entry in leaving})
    Meeting.objects.filter(pk=floor.meeting.pk).update(**order_before(floor, at))
    return concerns_all


# What the queue and the speeches share

NOBODY = ""  # the id of no hand


def lock_entry(entry: SpeakerEntry, expected_version: int | None) -> tuple[Meeting, SpeakerEntry]:
    """The entry's meeting and then the entry, both locked until the transaction ends."""
    meeting = lock(entry.meeting, expected_version=expected_version)
    require_state(meeting, MeetingState.IN_SESSION, otherwise=_("The meeting is not in session."))
    locked = SpeakerEntry.objects.select_for_update(of=("self",)).select_related("attendee").get(pk=entry.pk)
    locked.meeting = meeting
    return meeting, locked


def order_before(floor: Floor, at: datetime) -> dict[str, Any]:
    """What to keep with the meeting of the order as it was before this change."""
    safe = turns.shown(floor.turns)[: floor.meeting.safe_places]
    return {"standing_order": list(safe), "order_at": at}


def close_ranks(floor: Floor, gone: Collection[UUID]) -> None:
    """Who was moved by hand comes nearer when somebody before them has gone."""
    _store_pins(turns.pins_after([turn for turn in floor.turns if turn.hand.id not in gone], NOBODY))


def _store_pins(pins: dict[turns.Id, int]) -> None:
    for entry_id, place in pins.items():
        SpeakerEntry.objects.filter(pk=str(entry_id)).update(pinned_place=place)


def end(entry: SpeakerEntry, state: SpeakerState, at: datetime) -> None:
    """The entry is in this state, and its seconds are added up."""
    stop_the_clock(entry, at)
    entry.state = state
    if state != SpeakerState.PAUSED:
        entry.ended_at = at
    entry.save(update_fields=["state", "ended_at", "running_since", "spoken_for", "spoken_seconds"])


def stop_the_clock(entry: SpeakerEntry, at: datetime) -> None:
    """The time since the speech began or went on belongs to what was spoken."""
    if entry.running_since is not None:
        entry.spoken_for += max(at - entry.running_since, timedelta())
        entry.spoken_seconds = entry.spoken_for // timedelta(seconds=1)
    entry.running_since = None
