"""Everything that somebody can do in a random evening, and when they are likely to do it.

Each act takes an evening, picks whom and what it is about, and calls the service: `random_facilitator`, `random_desk`
and `random_attendee` hold them. What is not there to be picked is `Impossible`; what the service refuses is the
service's business.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.meetings.random_attendee import (
    cast,
    cast_by_all,
    check_in,
    check_in_guest,
    check_out,
    choose_group,
    come_back,
    move,
    object_to_consent,
    raise_hand,
    step_out,
    withdraw_hand,
)
from tests.meetings.random_desk import (
    agree_on_hands,
    check_in_at_the_desk,
    enter_hands,
    excuse,
    give_proxy,
    revoke,
    revoke_proxy,
)
from tests.meetings.random_evening import Act, Evening
from tests.meetings.random_facilitator import (
    add_fallback,
    add_item,
    add_poll,
    add_poll_on_a_motion,
    add_poll_without_quorum,
    add_runoff,
    adjourn,
    admit_hand,
    adopt_consent_group,
    advance,
    advance_to_any,
    amend,
    answer_driver,
    approve_minutes,
    ask_to_drive,
    blank,
    call_next,
    call_speaker,
    call_to_order,
    cancel,
    cancel_closing,
    cast_deciding_vote,
    close_counted_down,
    close_poll,
    decide_by_agreement,
    decline_hand,
    draft_minutes,
    edit_item,
    edit_meeting,
    end_motion,
    extend,
    finish_speaker,
    go_back,
    lay_aside,
    mark_for_consent,
    move_hand,
    move_item,
    no_show,
    note_outcome,
    open_doors,
    open_hand_count,
    open_poll,
    pause_speaker,
    postpone,
    put_motion,
    raise_hand_for,
    recess,
    reconsider,
    reconvene,
    release_hand,
    remove_item,
    remove_poll,
    resume,
    resume_speaker,
    reveal_poll,
    save_minutes,
    schedule,
    set_phase,
    set_queue,
    set_scene,
    set_speaking_rules,
    sign_minutes,
    skip_item,
    start_closing,
    stop_driving,
    stop_hand_count,
    take_back,
    take_back_item,
    take_from_table,
    void_decision,
    void_poll,
    withdraw_amendment,
    withdraw_item,
)


def perform(evening: Evening, name: str, numbers: tuple[int, ...]) -> object:
    """Time goes on a little, then somebody does this."""
    evening.numbers, evening.used = numbers, 0
    evening.now += timedelta(seconds=1 + numbers[-1] % 10)
    return ACTS[name](evening)


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
