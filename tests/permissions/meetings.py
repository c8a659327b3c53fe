"""Meetings: everybody who may see the assembly reads them, members take part, facilitators run them."""

from collections.abc import Callable, Sequence
from typing import Any

from meetings import passes, services
from meetings.documents import File
from meetings.feeds import token_of
from tests.meetings.evening import (
    announced,
    current,
    in_session,
    item,
    make_meeting,
    put_to_the_vote,
    put_up,
    seat,
    with_doors_open,
)
from tests.permissions.rows import Place, Row, TopicRow, row, topic

AT_DESK = "facilitator,secretary,clerk"
RUN = "403 visitor=login facilitator=302"
SEES_EDITOR = "403 visitor=login facilitator=200"
ONLY_FACILITATORS = "404 facilitator=200"

MEETING = {
    "title": "Winter assembly",
    "starts_at": "2031-01-10T18:00",
    "planned_end_at": "2031-01-10T21:00",
    "place": "Old Tram Hall",
}
ITEM = {"title": "Benches", "kind": "discussion", "planned_minutes": "15"}
PAGE = {"title": "Plan", "link": "https://example.org/plan"}
RUN_BUT_NOT_NOW = "403 visitor=login facilitator=409"  # allowed, and refused in words as things stand
MOTION = {"title": "Trees", "text": "Ten trees in Mill Lane."}
CHANGE = {"text": "Twelve trees in Mill Lane."}
RULES = {"speaking_policies": ["least_time"], "safe_places": "1", "speech_seconds": "120", "responses_per_speech": "1"}
POLL = {"question": "Shall we?", "template": "yes_no", "secrecy": "1"}


def of(name: str, *more: str) -> Callable[[Place], Sequence[Any]]:
    """The meeting of this name in a place, and ids that belong to it."""
    return lambda place: [getattr(place, each) for each in (name, *more)]


def act(name: str, meeting: str, *more: str, post: str = RUN, get: str = "", label: str = "", **data: Any) -> Row:
    """Something that only facilitators do."""
    return row(f"meetings:{name}", args=of(meeting, *more), get=get, post=post, label=label, data=lambda place: data)


ROWS: list[Row] = [
    row("meetings:meetings", args=lambda place: [place.assembly.slug], get="200"),
    row(
        "meetings:create",
        args=lambda place: [place.assembly.slug],
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: MEETING,
    ),
    row("meetings:meeting", args=of("announced_meeting"), label="announced", get="200"),
    act("rehearse", "announced_meeting"),
    act("remove_rehearsal", "announced_meeting"),  # refused in words: it is none
    row("meetings:meeting", args=of("draft_meeting"), label="draft", get=ONLY_FACILITATORS),
    row("meetings:calendar", args=of("announced_meeting"), get="200"),
    row("meetings:edit", args=of("announced_meeting"), get=SEES_EDITOR, post=RUN, data=lambda place: MEETING),
    row("meetings:agenda", args=of("announced_meeting"), get=SEES_EDITOR),
    row("meetings:agenda", args=of("draft_meeting"), label="draft", get="404 visitor=login facilitator=200"),
    row("meetings:add_item", args=of("announced_meeting"), get=SEES_EDITOR, post=RUN, data=lambda place: ITEM),
    row(
        "meetings:edit_item",
        args=of("announced_meeting", "planned_item"),
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: ITEM,
    ),
    row(
        "meetings:add_poll",
        args=of("announced_meeting", "planned_item"),
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: POLL,
    ),
    row("meetings:feed", args=lambda place: [place.assembly.slug], get="200"),
    row(
        "meetings:member_feed",  # its address is the right to read it, whoever is signed in
        args=lambda place: [place.assembly.slug, token_of(place.people["resident"])],
        get="200",
        foreign_get="200",
    ),
    row(
        "meetings:documents",
        args=of("announced_meeting", "planned_item"),
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: PAGE,
    ),
    row("meetings:document", args=of("announced_meeting", "document"), get="200"),
    act("remove_document", "announced_meeting", "document"),
    act("place_item", "announced_meeting", item="", label="no item", post="403 visitor=login facilitator=404"),
    act("turn_item", "announced_meeting", "planned_item", turn="down"),
    act("turn_item", "announced_meeting", "skipped_item", turn="take_back", label="take back"),
    act("extend_item", "idle_meeting", "idle_item", minutes="5", basis="chair"),
    act("postpone_item", "announced_meeting", "planned_item", to="spring"),
    act("set_phase", "idle_meeting", "idle_item", phase="debate"),
    act("adopt_consent_group", "consent_meeting"),
    act("carry_over", "announced_meeting", label="no meeting", post="403 visitor=login facilitator=404"),
    act("reconvene", "closed_meeting"),
    row(
        "meetings:object_to_consent",
        args=of("consent_meeting", "consent_item"),
        post="302 visitor=login stranger=403",
    ),
    # Taking part
    row("meetings:join", get="200", post="422", data=lambda place: {"code": "!"}),
    row(
        "meetings:join_code",
        args=of("room_code"),
        get="200",
        post="302 stranger=403",
        foreign_get="404 visitor,guest=login",
        foreign_post="404 visitor,guest=login",
        data=lambda place: {"mode": "in_room", "handle": "Somebody new"},
    ),
    row("meetings:my_place", args=of("running_meeting"), get="200"),
    row("meetings:my_pass", args=of("running_meeting"), get="200 visitor=login stranger=403"),
    row("meetings:step_out", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:come_back", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:change_mode", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:live", args=of("running_meeting"), get="200"),
    row("meetings:my_vote", args=of("running_meeting"), get="200"),
    row("meetings:my_hand", args=of("running_meeting"), get="200"),
    row("meetings:screen", args=of("running_meeting"), get="200"),
    row("meetings:check_in", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:check_out", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:raise_hand", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:withdraw_hand", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:choose_group", args=of("running_meeting"), post="302 visitor=login stranger=403"),
    row("meetings:time_shares", args=of("running_meeting"), get="200"),
    # The desk
    row("meetings:desk", args=of("running_meeting"), get=f"403 visitor=login {AT_DESK}=200"),
    row("meetings:desk_list", args=of("running_meeting"), get=f"403 visitor=login {AT_DESK}=200"),
    row(
        "meetings:desk_guest",
        args=of("running_meeting"),
        post=f"403 visitor=login {AT_DESK}=302",
        data=lambda place: {"handle": "Somebody new"},
    ),
    row(
        "meetings:give_proxy",
        args=of("running_meeting", "person_here"),
        get=f"403 visitor=login {AT_DESK}=200",
        post=f"403 visitor=login {AT_DESK}=422",
        data=lambda place: {"document": ""},
    ),
    row(
        "meetings:open_pass",
        args=of("running_meeting", "pass_of_person"),
        get=f"403 visitor=login verified=302 {AT_DESK}=200",
        post=f"403 visitor=login {AT_DESK}=200",
    ),
    *(
        row(
            f"meetings:{name}",
            args=of("running_meeting", "person_here"),
            post=f"403 visitor=login {AT_DESK}=302",
            data=lambda place: {"reason": "Left without a word"},
        )
        for name in (
            "desk_check_in",
            "desk_step_out",
            "desk_come_back",
            "desk_check_out",
            "desk_move",
            "desk_revoke",
            "desk_excuse",
            "desk_verify",
            "desk_group",
        )
    ),
    row(
        "meetings:revoke_proxy",
        args=of("running_meeting", "some_proxy"),
        post=f"403 visitor=login {AT_DESK}=302",
    ),
    # Running it
    row("meetings:cockpit", args=of("running_meeting"), get=SEES_EDITOR),
    row("meetings:schedule", args=of("draft_meeting"), post="404 visitor=login facilitator=302"),
    act("open_doors", "announced_meeting"),
    act("call_to_order", "waiting_meeting"),
    act("recess", "idle_meeting"),
    act("resume", "resting_meeting"),
    act("adjourn", "idle_meeting"),
    act("cancel", "announced_meeting", get=SEES_EDITOR, reason="The hall is flooded."),
    act("advance", "idle_meeting", "next_item"),
    act("go_back", "idle_meeting"),
    act("remove_item", "announced_meeting", "planned_item"),
    act("note_outcome", "idle_meeting", "idle_item", outcome="Noted"),
    act("quick_poll", "idle_meeting", "idle_item"),
    act("open_poll", "idle_meeting", "ready_poll"),
    act("remove_poll", "idle_meeting", "ready_poll"),
    act("close_poll", "running_meeting", "running_poll"),
    act("void_poll", "running_meeting", "running_poll", get=SEES_EDITOR, reason="The question was wrong."),
    act("reveal_poll", "hidden_meeting", "hidden_poll"),
    # Motions, hands and decisions
    act("poll_without_quorum", "idle_meeting", "idle_item", matter="adjourn"),
    row(
        "meetings:put_motion",
        args=of("idle_meeting", "idle_item"),
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: MOTION,
    ),
    row("meetings:motion", args=of("moving_meeting", "motion"), get="200"),
    row("meetings:amend", args=of("moving_meeting", "motion"), get=SEES_EDITOR, post=RUN, data=lambda place: CHANGE),
    act("end_motion", "moving_meeting", "motion", state="withdrawn"),
    act("agree", "moving_meeting", "motion"),
    act("withdraw_amendment", "moving_meeting", "motion", "amendment"),
    row(
        "meetings:count_hands",
        args=of("idle_meeting", "idle_item"),
        get=SEES_EDITOR,
        post=RUN,
        data=lambda place: {"question": "Shall we?", "how_many": "majority", "base": "cast"},
    ),
    row(
        "meetings:hands",
        args=of("counting_meeting", "hand_count"),
        get="403 visitor=login facilitator,secretary,clerk=200",
        post="403 visitor=login facilitator,secretary,clerk=302",
        data=lambda place: {"yes": "1", "no": "0", "abstain": "0"},
    ),
    act("stop_hands", "counting_meeting", "hand_count", get=SEES_EDITOR, reason="The lights went out."),
    act("start_closing", "running_meeting", "running_poll"),
    act("keep_open", "closing_meeting", "closing_poll"),
    act("close_when_over", "closing_meeting"),
    row("meetings:runoff", args=of("hidden_meeting", "hidden_poll"), post=RUN_BUT_NOT_NOW),
    row("meetings:fallback", args=of("hidden_meeting", "hidden_poll"), post=RUN_BUT_NOT_NOW),
    row("meetings:break_tie", args=of("deciding_meeting", "decision_number"), post=RUN_BUT_NOT_NOW),
    act(
        "void_decision",
        "deciding_meeting",
        "decision_number",
        get=SEES_EDITOR,
        post=RUN_BUT_NOT_NOW,  # alone
        reason="Too early.",
    ),
    row("meetings:decisions", args=of("deciding_meeting"), get="200"),
    row("meetings:decisions_file", args=of("deciding_meeting"), get="200"),
    row(
        "meetings:who_was_there",
        args=of("deciding_meeting", "decision_number"),
        get="200 visitor=login stranger=403",
    ),
    act("call_next", "running_meeting"),
    act("call_speaker", "running_meeting", "waiting_entry"),
    act("move_hand", "running_meeting", "waiting_entry", to="up"),
    act("decline_hand", "running_meeting", "waiting_entry"),
    act("admit_hand", "running_meeting", "asking_entry"),
    act("pause_speaker", "hidden_meeting", "speaking_entry"),
    act("resume_speaker", "idle_meeting", "paused_entry"),
    act("finish_speaker", "hidden_meeting", "speaking_entry"),
    act("no_show", "hidden_meeting", "speaking_entry"),
    act("set_queue", "running_meeting", "running_item", queue="list_closed"),
    act("raise_hand_for", "running_meeting", "attendee"),
    row("meetings:find_speaker", args=of("running_meeting"), get=SEES_EDITOR),
    row("meetings:queue_rules", args=of("announced_meeting"), get=SEES_EDITOR, post=RUN, data=lambda place: RULES),
    row("meetings:scene", args=of("running_meeting"), get="200", post=RUN, data=lambda place: {"scene": "welcome"}),
    row("meetings:undo", args=of("running_meeting"), post="403 visitor=login facilitator=409"),
    act("drive", "running_meeting"),
    row("meetings:answer_driver", args=of("running_meeting"), post="403 visitor=login facilitator=409"),
    row("meetings:stop_driving", args=of("running_meeting"), post="403 visitor=login facilitator=409"),
    row("meetings:before", args=of("announced_meeting"), get=SEES_EDITOR),
    row("meetings:paper", args=of("running_meeting"), get=SEES_EDITOR),
    act("blank", "running_meeting", on="1"),
]

TOPICS: list[TopicRow] = [
    topic("meeting", id=lambda place: place.running_meeting, audience="attendee outsiders=public"),
    topic("screen", id=lambda place: place.running_meeting, audience=f"screen outsiders=public {AT_DESK}=wall"),
    topic("desk", id=lambda place: place.running_meeting, audience=f"- {AT_DESK}=desk"),
    topic("cockpit", id=lambda place: place.running_meeting, audience="- facilitator=facilitator"),
]


def build(place: Place) -> None:
    """A meeting in each state that a row needs. The verified resident is in the room."""
    assembly, person = place.assembly, place.people["verified"]
    draft, coming = make_meeting(assembly), announced(assembly)
    place.draft_meeting, place.announced_meeting = draft.pk, coming.pk
    place.planned_item, place.skipped_item = item(coming, 1).pk, item(coming, 3).pk
    services.skip_item(item=item(coming, 3), actor=None)
    plan = services.add_document(
        item=item(coming, 1), title="Plan", file=File("plan.pdf", "application/pdf", b"%PDF-"), actor=None
    )
    place.document = plan.pk
    waiting = with_doors_open(assembly)
    place.waiting_meeting, place.room_code = waiting.pk, waiting.join_code

    idle = in_session(assembly, person, taken_up=2)
    place.idle_meeting, place.idle_item, place.next_item = idle.pk, current(idle).pk, item(idle, 3).pk
    place.ready_poll = put_up(idle).poll_id
    moving = in_session(assembly, person)
    place.moving_meeting = moving.pk
    motion = services.put_motion(item=current(moving), title="Trees", text="Ten trees.", actor=None)
    place.motion = motion.pk
    place.amendment = services.amend(motion=motion, text="Twelve trees.", actor=None).pk
    interrupted = services.call_next(
        meeting=idle, actor=None, shown=services.raise_hand(attendee=seat(idle, person)).pk
    )
    place.paused_entry = services.pause_speaker(entry=interrupted, actor=None).pk
    place.resting_meeting = services.recess(meeting=in_session(assembly), actor=None).pk

    together = in_session(assembly, person)
    services.mark_for_consent(item=item(together, 2), on=True, actor=None)
    place.consent_meeting, place.consent_item = together.pk, item(together, 2).pk
    place.closed_meeting = services.adjourn(meeting=in_session(assembly), actor=None).pk

    running = in_session(assembly, person, proxies_per_holder=1)
    place.person_here, place.pass_of_person = person.pk, passes.pass_of(running, person)
    proxy = services.give_proxy(
        meeting=running, giver=place.people["auditor"], holder=person, document="Folder 1", actor=None
    )
    place.some_proxy = proxy.pk
    place.running_meeting, place.running_poll = running.pk, put_to_the_vote(running).poll_id
    place.running_item = current(running).pk
    place.attendee = seat(running, person).public_id
    place.waiting_entry = services.raise_hand(attendee=seat(running, person)).pk
    services.set_speaking_rules(meeting=running, actor=None, is_moderated=True)
    running.refresh_from_db()
    other = services.check_in(meeting=running, membership=place.people["resident"]).attendee
    place.asking_entry = services.raise_hand(attendee=other).pk

    hidden = in_session(assembly, person)
    item_poll = put_to_the_vote(hidden)
    services.close_item_poll(item_poll=item_poll, actor=None)
    place.hidden_meeting, place.hidden_poll = hidden.pk, item_poll.poll_id
    entry = services.raise_hand(attendee=seat(hidden, person))
    place.speaking_entry = services.call_speaker(entry=entry, actor=None).pk

    counting = in_session(assembly, person)
    place.counting_meeting = counting.pk
    place.hand_count = services.open_hand_count(item=current(counting), question="Shall we?", actor=None).pk
    closing = in_session(assembly, person)
    closing_poll = put_to_the_vote(closing)
    services.start_closing(item_poll=closing_poll, actor=None)
    place.closing_meeting, place.closing_poll = closing.pk, closing_poll.poll_id
    deciding = in_session(assembly, person)
    moved = services.put_motion(item=current(deciding), title="Trees", text="Ten trees.", actor=None)
    decision = services.decide_by_agreement(motion=moved, actor=None)
    place.deciding_meeting, place.decision_number = deciding.pk, decision.number
