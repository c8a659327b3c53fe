"""What facilitators do in a random evening, from the schedule to the approved minutes."""

from meetings import services
from meetings.models import (
    DONE,
    HAS_FLOOR,
    IN_LINE,
    ItemKind,
    ItemPhase,
    ItemState,
    MotionState,
    Outcome,
    Queue,
    QuorumBase,
    Scene,
    SpeakerState,
)
from meetings.services import driving, minutes, undo
from tests.meetings.random_evening import Evening, Impossible
from voting.models import PollState, Secrecy

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


# The floor


def raise_hand_for(e: Evening) -> object:
    return services.raise_hand_for(attendee=e.pick(e.attendees()), actor=e.facilitator(), at=e.now)


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
