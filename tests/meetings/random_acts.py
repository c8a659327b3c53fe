"""Everything that facilitators, the desk and people with phones can do in a meeting, picked by numbers.

Each act takes an evening, picks whom and what it is about, and calls the service. What is not there to be picked
is `Impossible`; what the service refuses is the service's business.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, Membership
from meetings import services
from meetings.models import (
    DONE,
    HAS_FLOOR,
    IN_LINE,
    AgendaItem,
    Amendment,
    AmendmentState,
    AttendanceMode,
    AttendanceSource,
    Attendee,
    Decision,
    HandCount,
    ItemKind,
    ItemPhase,
    ItemPoll,
    ItemState,
    Meeting,
    Motion,
    MotionState,
    Outcome,
    Proxy,
    Queue,
    QuorumBase,
    Scene,
    Side,
    SpeakerEntry,
    SpeakerKind,
    SpeakerState,
)
from meetings.services import driving, minutes, undo
from voting.models import PollState, RegisterLine, Secrecy
from voting.services import cast_ballot

Thing = TypeVar("Thing")
BEGAN = timedelta(hours=8)  # ago: voting reads the real clock, and what is past for it must be past for the evening


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
        version = self.meeting.version - int(self.number(12) == 11)
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


Act = Callable[[Evening], object]


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


def perform(evening: Evening, name: str, numbers: tuple[int, ...]) -> object:
    """Time goes on a little, then somebody does this."""
    evening.numbers, evening.used = numbers, 0
    evening.now += timedelta(seconds=1 + numbers[-1] % 10)
    return ACTS[name](evening)


# The meeting as a whole


def schedule(e: Evening) -> object:
    return services.schedule(meeting=e.meeting, **e.told())


def open_doors(e: Evening) -> object:
    return services.open_doors(meeting=e.meeting, **e.told())


def call_to_order(e: Evening) -> object:
    return services.call_to_order(meeting=e.meeting, **e.told())


def recess(e: Evening) -> object:
    return services.recess(meeting=e.meeting, **e.told())


def resume(e: Evening) -> object:
    return services.resume(meeting=e.meeting, **e.told())


def adjourn(e: Evening) -> object:
    return services.adjourn(meeting=e.meeting, carry_current_over=e.number(2) == 1, **e.told())


def reconvene(e: Evening) -> object:
    return services.reconvene(meeting=e.meeting, **e.told())


def cancel(e: Evening) -> object:
    return services.cancel(meeting=e.meeting, reason="Storm", **e.told())


def edit_meeting(e: Evening) -> object:
    needed = 1 + e.number(5)
    return services.edit_meeting(
        meeting=e.meeting, quorum_base=QuorumBase.FIXED, quorum_needed=needed, chair=e.facilitators[0], **e.told()
    )


def set_scene(e: Evening) -> object:
    return services.set_scene(meeting=e.meeting, scene=Scene(e.pick(Scene.values)), **e.told())


def blank(e: Evening) -> object:
    return services.blank(meeting=e.meeting, on=e.number(2) == 1, **e.told())


def take_back(e: Evening) -> object:
    for actor in (person.user for person in e.facilitators):
        event = undo.undoable(e.meeting, actor, at=e.now)
        if event is not None:
            break
    else:
        raise Impossible
    return undo.undo(meeting=e.meeting, actor=actor, seq=event.seq, at=e.now)


def ask_to_drive(e: Evening) -> object:
    return driving.ask_to_drive(meeting=e.meeting, actor=e.facilitator(), at=e.now)


def answer_driver(e: Evening) -> object:
    return driving.answer_driver(meeting=e.meeting, agrees=e.number(2) == 1, actor=e.facilitator(), at=e.now)


def stop_driving(e: Evening) -> object:
    return driving.stop_driving(meeting=e.meeting, actor=e.facilitator(), at=e.now)


# The agenda


def add_item(e: Evening) -> object:
    kind = ItemKind(e.pick(ItemKind.values))
    return services.add_item(meeting=e.meeting, title=e.name(), kind=kind, planned_minutes=1 + e.number(12), **e.told())


def move_item(e: Evening) -> object:
    return services.move_item(item=e.pick(e.items()), up=e.number(2) == 1, **e.told())


def remove_item(e: Evening) -> object:
    return services.remove_item(item=e.pick(e.items()), **e.told())


def skip_item(e: Evening) -> object:
    return services.skip_item(item=e.pick(e.items()), **e.told())


def take_back_item(e: Evening) -> object:
    return services.take_back_item(item=e.pick(e.items(ItemState.SKIPPED, ItemState.POSTPONED)), **e.told())


def mark_for_consent(e: Evening) -> object:
    return services.mark_for_consent(item=e.pick(e.items()), on=e.number(4) > 0, **e.told())


def edit_item(e: Evening) -> object:
    return services.edit_item(item=e.pick(e.items()), title=e.name(), is_consent=e.number(2) == 1, **e.told())


def note_outcome(e: Evening) -> object:
    return services.note_outcome(item=e.pick(e.items()), outcome="So be it", **e.told())


def advance(e: Evening) -> object:
    return services.advance(meeting=e.meeting, to=e.pick(e.items(ItemState.PLANNED)), **e.told())


def advance_to_any(e: Evening) -> object:
    return services.advance(meeting=e.meeting, to=e.pick(e.items()), **e.told())


def go_back(e: Evening) -> object:
    return services.go_back(meeting=e.meeting, **e.told())


def extend(e: Evening) -> object:
    return services.extend(item=e.pick(e.items()), minutes=1 + e.number(10), **e.told())


def lay_aside(e: Evening) -> object:
    return services.lay_aside(item=e.current(), basis="vote", **e.told())


def take_from_table(e: Evening) -> object:
    return services.take_from_table(item=e.pick(e.items(ItemState.TABLED)), **e.told())


def postpone(e: Evening) -> object:
    return services.postpone(item=e.pick(e.items()), to="the next meeting", **e.told())


def withdraw_item(e: Evening) -> object:
    return services.withdraw_item(item=e.pick(e.items()), **e.told())


def reconsider(e: Evening) -> object:
    return services.reconsider(item=e.pick(e.items(*DONE)), reason="New facts", **e.told())


def set_phase(e: Evening) -> object:
    return services.set_phase(item=e.pick(e.items()), phase=ItemPhase(e.pick(ItemPhase.values)), **e.told())


def set_queue(e: Evening) -> object:
    return services.set_queue(item=e.current(), queue=Queue(e.pick(Queue.values)), **e.told())


def adopt_consent_group(e: Evening) -> object:
    return services.adopt_consent_group(meeting=e.meeting, **e.told())


def object_to_consent(e: Evening) -> object:
    return services.object_to_consent(attendee=e.pick(e.attendees()), item=e.pick(e.items()), at=e.now)


# Coming and going


def check_in(e: Evening) -> object:
    mode = AttendanceMode(e.pick(AttendanceMode.values))
    return services.check_in(meeting=e.meeting, membership=e.someone(), mode=mode, at=e.now)


def check_in_at_the_desk(e: Evening) -> object:
    source = AttendanceSource.DESK
    return services.check_in(meeting=e.meeting, membership=e.someone(), source=source, actor=e.facilitator(), at=e.now)


def check_in_guest(e: Evening) -> object:
    return services.check_in_guest(meeting=e.meeting, handle=f"Guest {e.number(4)}", at=e.now)


def check_out(e: Evening) -> object:
    return services.check_out(attendee=e.pick(e.here()), at=e.now)


def step_out(e: Evening) -> object:
    return services.step_out(attendee=e.pick(e.here()), at=e.now)


def come_back(e: Evening) -> object:
    return services.come_back(attendee=e.pick(e.attendees()), at=e.now)


def move(e: Evening) -> object:
    mode = AttendanceMode(e.pick(AttendanceMode.values))
    return services.move(attendee=e.pick(e.attendees()), mode=mode, at=e.now)


def revoke(e: Evening) -> object:
    return services.revoke(attendee=e.pick(e.here()), reason="Not who they said", actor=e.facilitator(), at=e.now)


def excuse(e: Evening) -> object:
    return services.excuse(
        meeting=e.meeting, membership=e.someone(), excused=e.number(2) == 1, actor=e.facilitator(), at=e.now
    )


def give_proxy(e: Evening) -> object:
    giver, holder = e.someone(), e.someone()
    return services.give_proxy(
        meeting=e.meeting, giver=giver, holder=holder, document="Folder 3", actor=e.facilitator(), at=e.now
    )


def revoke_proxy(e: Evening) -> object:
    given = Proxy.objects.select_related("meeting__assembly").filter(meeting=e.pk).order_by("given_at")
    return services.revoke_proxy(proxy=e.pick(given), actor=e.facilitator(), at=e.now)


# The floor


def raise_hand(e: Evening) -> object:
    kind = SpeakerKind(e.pick([*SpeakerKind.values, "normal", "normal"]))
    return services.raise_hand(attendee=e.pick(e.attendees()), kind=kind, side=Side(e.pick(Side.values)), at=e.now)


def raise_hand_for(e: Evening) -> object:
    return services.raise_hand_for(attendee=e.pick(e.attendees()), actor=e.facilitator(), at=e.now)


def withdraw_hand(e: Evening) -> object:
    return services.withdraw_hand(attendee=e.pick(e.attendees()), at=e.now)


def admit_hand(e: Evening) -> object:
    return services.admit_hand(entry=e.pick(e.hands(SpeakerState.REQUESTED)), **e.told())


def decline_hand(e: Evening) -> object:
    return services.decline_hand(entry=e.pick(e.hands(*IN_LINE)), **e.told())


def move_hand(e: Evening) -> object:
    return services.move_hand(entry=e.pick(e.hands(*IN_LINE)), up=e.number(2) == 1, **e.told())


def release_hand(e: Evening) -> object:
    return services.release_hand(entry=e.pick(e.hands(SpeakerState.WAITING)), **e.told())


def call_next(e: Evening) -> object:
    return services.call_next(meeting=e.meeting, **e.told())


def call_speaker(e: Evening) -> object:
    return services.call_speaker(entry=e.pick(e.hands(*IN_LINE)), starts=e.number(2) == 1, **e.told())


def pause_speaker(e: Evening) -> object:
    return services.pause_speaker(entry=e.pick(e.hands(*HAS_FLOOR)), **e.told())


def resume_speaker(e: Evening) -> object:
    return services.resume_speaker(entry=e.pick(e.hands(*HAS_FLOOR)), **e.told())


def finish_speaker(e: Evening) -> object:
    return services.finish_speaker(entry=e.pick(e.hands(*HAS_FLOOR)), **e.told())


def no_show(e: Evening) -> object:
    return services.no_show(entry=e.pick(e.hands(SpeakerState.CALLED, *HAS_FLOOR)), **e.told())


def set_speaking_rules(e: Evening) -> object:
    policies = e.pick([["fifo"], ["first_timers_first", "alternate_sides"], ["least_time"]])
    return services.set_speaking_rules(
        meeting=e.meeting, speaking_policies=policies, is_moderated=e.number(2) == 1, **e.told()
    )


def choose_group(e: Evening) -> object:
    return services.choose_group(attendee=e.pick(e.attendees()), group=e.pick(["North", "South", ""]), at=e.now)


# Deciding


def put_motion(e: Evening) -> object:
    item = e.pick(e.items(ItemState.CURRENT, ItemState.PLANNED))
    return services.put_motion(item=item, title=e.name(), text=f"As it was moved, {e.names}", **e.told())


def amend(e: Evening) -> object:
    return services.amend(motion=e.pick(e.motions()), text=f"Otherwise: {e.name()}", **e.told())


def withdraw_amendment(e: Evening) -> object:
    return services.withdraw_amendment(amendment=e.pick(e.amendments()), **e.told())


def end_motion(e: Evening) -> object:
    state = e.pick([MotionState.WITHDRAWN, MotionState.REFERRED, MotionState.NO_DECISION])
    return services.end_motion(motion=e.pick(e.motions()), state=state, referred_to="the board", **e.told())


def decide_by_agreement(e: Evening) -> object:
    motion = e.pick(e.motions(MotionState.PROPOSED))
    waiting = [one for one in e.amendments() if one.motion_id == motion.pk]
    amendment = waiting[0] if waiting and e.number(2) else None
    return services.decide_by_agreement(motion=motion, amendment=amendment, carried=e.number(3) > 0, **e.told())


def add_poll(e: Evening) -> object:
    template = e.pick(["yes_no", "yes_no", "choose_one", "approval", "ranked", "score", "temperature", "consensus"])
    options = () if template in ("yes_no", "temperature", "consensus") else ("Bench", "Well", "Tree")
    secrecy = Secrecy.CONFIDENTIAL if e.number(6) == 5 and template != "approval" else Secrecy.NAMED
    consent = services.Consent(has_fallback=True)
    return services.add_poll(
        item=e.current(), template=template, question=e.name(), options=options, secrecy=secrecy, consent=consent,
        threshold=e.pick([services.MAJORITY, services.TWO_THIRDS, services.Threshold(base="present")]), **e.told(),
    )  # fmt: skip


def add_poll_on_a_motion(e: Evening) -> object:
    motion = e.pick(e.motions())
    waiting = [one for one in e.amendments() if one.motion_id == motion.pk]
    amendment = waiting[0] if waiting and e.number(2) else None
    return services.add_poll(
        item=motion.item, template="yes_no", question=e.name(), motion=motion, amendment=amendment, **e.told()
    )


def add_poll_without_quorum(e: Evening) -> object:
    return services.add_poll_without_quorum(item=e.current(), matter="recess", **e.told())


def remove_poll(e: Evening) -> object:
    return services.remove_poll(item_poll=e.pick(e.polls(*PollState.values)), **e.told())


def open_poll(e: Evening) -> object:
    return services.open_item_poll(item_poll=e.pick(e.polls(PollState.DRAFT, PollState.READY)), **e.told())


def cast(e: Evening) -> object:
    poll = e.pick(e.polls(PollState.OPEN)).poll
    line = e.pick(RegisterLine.objects.filter(register=poll.register).order_by("membership__user__email"))
    keys = list(poll.options.order_by("position").values_list("key", flat=True))
    key = keys[e.number(len(keys))]
    choices: dict[str, Any] = {
        "ranked": {"ranking": [key]},
        "score": {"points": {key: 1 + e.number(5)}},
        "consensus": {"options": [key], "reason": "It is too dear"} if key == "block" else {"options": [key]},
    }
    choice = choices.get(poll.ballot_type, {"options": [key]})
    return cast_ballot(poll=poll, line=line, choice=choice, key=f"the key of {line.pk} {e.number(2)}")


def cast_by_all(e: Evening) -> object:
    """Everybody in the register votes the same, so that something is decided now and then."""
    poll = e.pick(e.polls(PollState.OPEN)).poll
    if poll.ballot_type not in ("yes_no", "choose_one", "approval"):
        raise Impossible
    key = poll.options.order_by("position").values_list("key", flat=True)[e.number(2)]
    lines = RegisterLine.objects.filter(register=poll.register).order_by("membership__user__email")
    return [
        cast_ballot(poll=poll, line=line, choice={"options": [key]}, key=f"the key of {line.pk} again")
        for line in lines
    ]


def close_poll(e: Evening) -> object:
    return services.close_item_poll(item_poll=e.pick(e.polls(PollState.OPEN)), **e.told())


def reveal_poll(e: Evening) -> object:
    return services.reveal_item_poll(item_poll=e.pick(e.polls(PollState.COUNTED, PollState.WITHHELD)), **e.told())


def void_poll(e: Evening) -> object:
    told = e.told()
    del told["at"]
    return services.void_item_poll(item_poll=e.pick(e.polls(*PollState.values)), reason="A wrong word", **told)


def start_closing(e: Evening) -> object:
    return services.start_closing(item_poll=e.pick(e.polls(PollState.OPEN)), **e.told())


def cancel_closing(e: Evening) -> object:
    return services.cancel_closing(item_poll=e.pick(e.polls(PollState.OPEN)), **e.told())


def close_counted_down(e: Evening) -> object:
    return services.close_counted_down(e.meeting, at=e.now)


def open_hand_count(e: Evening) -> object:
    motion = next(iter(e.motions(MotionState.PROPOSED)), None) if e.number(2) else None
    return services.open_hand_count(
        item=e.current(), question=e.name(), motion=motion, is_straw=motion is None and e.number(3) == 0, **e.told()
    )


def enter_hands(e: Evening) -> object:
    counted = {"yes": e.number(3), "no": e.number(3)}
    return services.enter_hands(hand_count=e.pick(e.counts()), counted=counted, teller=e.facilitator(), at=e.now)


def agree_on_hands(e: Evening) -> object:
    count, counted = e.pick(e.counts()), {"yes": e.number(3), "no": e.number(2)}
    return [
        services.enter_hands(hand_count=count, counted=counted, teller=teller.user, at=e.now)
        for teller in e.facilitators
    ]


def stop_hand_count(e: Evening) -> object:
    return services.stop_hand_count(hand_count=e.pick(e.counts()), reason="Too dark", **e.told())


def cast_deciding_vote(e: Evening) -> object:
    tied = e.pick(e.decisions().filter(outcome=Outcome.TIE))
    return services.cast_deciding_vote(decision=tied, vote=e.pick(["yes", "no"]), **e.told())


def add_runoff(e: Evening) -> object:
    return services.add_runoff(item_poll=e.pick(e.polls(PollState.PUBLISHED)), **e.told())


def add_fallback(e: Evening) -> object:
    return services.add_fallback(item_poll=e.pick(e.polls(PollState.PUBLISHED)), **e.told())


def void_decision(e: Evening) -> object:
    return services.void_without_poll(decision=e.pick(e.decisions()), reason="A wrong word", **e.told())


# The minutes


def _last(e: Evening) -> int:
    last = minutes.last_version(e.meeting)
    return last.version if last else 0


def draft_minutes(e: Evening) -> object:
    return minutes.draft_minutes(meeting=e.meeting, actor=e.facilitator(), at=e.now)


def save_minutes(e: Evening) -> object:
    version = _last(e) - e.number(2)
    return minutes.save_minutes(
        meeting=e.meeting, text=e.name(), expected_version=version, actor=e.facilitator(), at=e.now
    )


def sign_minutes(e: Evening) -> object:
    return minutes.sign_minutes(meeting=e.meeting, expected_version=_last(e), actor=e.facilitator(), at=e.now)


def approve_minutes(e: Evening) -> object:
    return minutes.approve_minutes(meeting=e.meeting, expected_version=_last(e), actor=e.facilitator(), at=e.now)


Rows = Mapping[str, Sequence[Mapping[str, Any]]]
ALWAYS: Sequence[Act] = (
    *(check_in, check_out, come_back, step_out, move, revoke, excuse, check_in_at_the_desk, check_in_guest),
    *(give_proxy, revoke_proxy, edit_meeting, set_scene, blank, ask_to_drive, answer_driver, stop_driving),
    *(add_item, move_item, remove_item, skip_item, take_back_item, mark_for_consent, edit_item, choose_group),
    *(take_back, take_back, set_speaking_rules, object_to_consent, postpone, withdraw_item),
)
BY_STATE: Mapping[str, Sequence[Act]] = {
    "draft": (schedule,) * 30,
    "scheduled": (open_doors,) * 30,
    "doors_open": (*[call_to_order] * 20, *[check_in] * 10),
    "in_session": (
        *(recess, adjourn, note_outcome, advance, advance, advance_to_any, go_back, extend, lay_aside, take_from_table),
        *(take_from_table, reconsider, set_phase, set_queue, adopt_consent_group, raise_hand, raise_hand, raise_hand),
        *(raise_hand_for, add_poll, add_poll, add_poll_without_quorum, put_motion, put_motion, open_hand_count),
    ),
    "in_recess": (*[resume] * 20, adjourn),
    "adjourned": (*[reconvene] * 20, *[draft_minutes] * 10),
    "minutes_draft": (*[save_minutes] * 10, *[sign_minutes] * 10, *[approve_minutes] * 5, draft_minutes),
}
WITH_HANDS: Mapping[str, Sequence[Act]] = {
    "requested": (admit_hand, admit_hand, decline_hand),
    "waiting": (call_next, call_next, call_next, call_speaker, withdraw_hand, move_hand, release_hand, decline_hand),
    "called": (call_speaker, no_show, no_show, call_next),
    "speaking": (finish_speaker, finish_speaker, pause_speaker, no_show, call_next),
    "paused": (resume_speaker, resume_speaker, finish_speaker),
}
WITH_POLLS: Mapping[str, Sequence[Act]] = {
    "draft": (*[open_poll] * 6, remove_poll),
    "ready": (*[open_poll] * 6, remove_poll),
    "open": (*[cast] * 8, *[cast_by_all] * 8, *[close_poll] * 8, start_closing, cancel_closing, close_counted_down),
    "counted": (*[reveal_poll] * 8, void_poll),
    "withheld": (*[reveal_poll] * 8, void_poll),
    "published": (add_runoff, add_fallback, void_poll),
}
WITH_A_COUNT: Sequence[Act] = (*[agree_on_hands] * 12, enter_hands, enter_hands, stop_hand_count, recess, advance)
WITH_MOTIONS: Sequence[Act] = (
    *(add_poll_on_a_motion, add_poll_on_a_motion, amend, amend, withdraw_amendment, end_motion, decide_by_agreement),
    *(decide_by_agreement, open_hand_count, withdraw_item),
)
WITH_A_TIE: Sequence[Act] = (cast_deciding_vote,) * 6
WITH_DECISIONS: Sequence[Act] = (void_decision, reconsider)
SELDOM: Sequence[Act] = (cancel,)
LISTS = (ALWAYS, WITH_A_COUNT, WITH_MOTIONS, WITH_A_TIE, WITH_DECISIONS, SELDOM)
TABLES = (BY_STATE, WITH_HANDS, WITH_POLLS)
ACTS: dict[str, Act] = {
    act.__name__: act for acts in (*LISTS, *(one for table in TABLES for one in table.values())) for act in acts
}
EVERY_SO_OFTEN = 6  # anything at all, whether or not it makes sense now


def fitting(state: str, rows: Rows, ticket: int) -> str:
    """The name of an act that makes sense now, mostly: what is likely in real meetings is likely here."""
    if ticket % EVERY_SO_OFTEN == 0:
        names = sorted(ACTS)
        return names[ticket // EVERY_SO_OFTEN % len(names)]
    hands, polls = ({row["state"] for row in rows[name]} for name in ("hands", "polls"))
    acts: list[Act] = [*ALWAYS, *BY_STATE.get(state, ())]
    if state == "in_session":
        for table, found in ((WITH_HANDS, hands), (WITH_POLLS, polls)):
            acts += [act for name, some in table.items() if name in found for act in some]
        acts += WITH_A_COUNT if any(row["closed_at"] is None for row in rows["counts"]) else ()
        acts += WITH_MOTIONS if any(row["state"] == "proposed" for row in rows["motions"]) else ()
        acts += WITH_A_TIE if any(row["outcome"] == "tie" for row in rows["decisions"]) else ()
        acts += WITH_DECISIONS if rows["decisions"] else ()
    return acts[ticket % len(acts)].__name__
