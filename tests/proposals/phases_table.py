"""The calendar decides what may be written: one line here for each write, and test_phases_table tries every cell.

A NEW WRITE NEEDS ONE LINE. You have added a URL that takes POST, with its row in tests/permissions/proposals.py:
add the same name to WRITES below, with the steps in which it is allowed and who may do it.

    "proposals:support": write(
        (Kind.SELECTING,),                 # in which steps of a calendar that has all of them; EVER: in every one
        "verified staff",                  # who succeeds: roles or groups of tests/permissions/rows.py, `-role` takes out
        service="support_proposal",        # the service, which must refuse by itself
        given=lambda place, who: {"proposal": place.sent, "person": who},
    ),

Its address and its form are those of the (first) permission row; `args` and `data` here take their place where that row
does not lead to a write. What it is about is made by `build()` in the permission module, or in phases_world.py.
A write that asks another guard than `require_phase` or `require_ahead` says `guard="..."` in words.
An address that leads to several writes has a line for each: "proposals:assign, nobody" is one of "proposals:assign".
What the calendar does not speak of may be written by a form alone: `service=""`.
A service without an address of its own stands in NOT_BY_HAND with the reason.
"""

from copy import copy
from datetime import timedelta

from django.utils import timezone

from proposals import services
from proposals.models import Cycle
from proposals.spreadsheets import Row
from tests.permissions import proposals as permissions
from tests.permissions.behind import WORDS
from tests.proposals.making import calendar, pot_of, project_of
from tests.proposals.phases_words import (
    AFTER,
    AUTHOR,
    BEFORE,
    CHECK_AHEAD,
    CHECKING,
    COLUMNS,
    EVER,
    IDEAS_AHEAD,
    MODERATORS,
    RESULTS,
    REVIEW,
    RUNNERS,
    TALKING,
    Kind,
    Write,
    write,
)
from tests.proposals.phases_world import PICTURE, a_photo, a_table_of_ideas
from tests.proposals.planning import editor_data, plan_of

HARM = "harm has no calendar"
AWAY = "whoever takes away what is theirs alone is never asked to wait"
NO_CALENDAR = "the calendar does not speak of it"
OWN_NAME = "nobody waits to take a name or an invitation back"
IT_IS_OVER = "what comes in is a budget of the past"
ITS_OWN = "it moves the calendar, and looks at the one step that it moves"

WRITES: dict[str, Write] = {
    # the calendar
    "proposals:create_cycle": write(
        EVER, RUNNERS, service="create_cycle", guard=NO_CALENDAR,
        given=lambda place, who: {
            "assembly": place.assembly, "title": "Another", "year": 2028, "actor": who.user, "phases": calendar(),
            "headings": [services.NewHeading("All", 100)],
        },
    ),
    "proposals:edit_cycle": write(
        EVER, RUNNERS, service="edit_cycle", guard="an unpublished budget has no step yet; a published one keeps its past",
        args=lambda place: [place.unpublished.pk],
        data=lambda place: editor_data(place.unpublished, title="Another name"),
        given=lambda place, who: {
            "cycle": place.unpublished, "plan": plan_of(place.unpublished, title="Another name"), "actor": who.user,
            "expected_version": Cycle.objects.get(pk=place.unpublished.pk).version,
        },
    ),
    "proposals:publish_cycle": write(
        EVER, RUNNERS, service="publish_cycle", guard=NO_CALENDAR, args=lambda place: [place.unpublished.pk],
        given=lambda place, who: {"cycle": place.unpublished, "actor": who.user},
    ),
    "proposals:budget_file": write(
        EVER, RUNNERS, service="", guard=IT_IS_OVER, data=lambda place: {"file": permissions.a_past_budget("2023")},
    ),
    "proposals:bring_in": write(EVER, RUNNERS, service="", guard=IT_IS_OVER),
    "proposals:take_back": write(
        EVER, RUNNERS, service="take_back_budget", guard=NO_CALENDAR,
        given=lambda place, who: {"cycle": place.imported, "reason": "A mistake.", "actor": who.user},
    ),
    "proposals:start_phase": write(
        [step for step in COLUMNS if step not in (Kind.IMPLEMENTING, AFTER)], RUNNERS,
        service="start_phase", guard=ITS_OWN, data=lambda place: {"kind": Kind.IMPLEMENTING},
        given=lambda place, who: {"cycle": place.ideas, "kind": Kind.IMPLEMENTING, "actor": who.user},
    ),
    "proposals:move_end": write(
        [step for step in COLUMNS if step != AFTER], RUNNERS, service="move_end", guard=ITS_OWN,
        data=lambda place: {"kind": Kind.IMPLEMENTING, "last_day": (timezone.localdate() + timedelta(days=500)).isoformat()},
        given=lambda place, who: {
            "cycle": place.ideas, "kind": Kind.IMPLEMENTING, "actor": who.user,
            "ends_at": timezone.now() + timedelta(days=500),
        },
    ),
    "proposals:copy_cycle": write(
        EVER, RUNNERS, service="copy_cycle", guard=NO_CALENDAR,
        given=lambda place, who: {"cycle": place.ideas, "actor": who.user},
    ),
    "proposals:lock_rule": write(
        COLUMNS[: COLUMNS.index(Kind.BALLOTING) + 1], RUNNERS,
        service="lock_rule", guard="until the vote is over, and only before a ballot is open",
        given=lambda place, who: {"cycle": place.ideas, "rule": "greedy", "reason": "We know it.", "actor": who.user},
    ),
    "proposals:conditions": write(
        [*CHECKING, Kind.BALLOTING], RUNNERS, service="set_conditions",
        given=lambda place, who: {
            "heading": place.checked_heading, "minimum_votes": 2, "district_floors": {}, "rival_sets": [],
            "actor": who.user,
        },
    ),
    # ideas
    "proposals:submit": write(
        IDEAS_AHEAD, "members", service="draft_proposal",
        given=lambda place, who: {
            "heading": pot_of(place.ideas), "author": who, "title": "A bench", "summary": "To sit.", "text": "None yet.",
        },
    ),
    "proposals:edit": write(
        IDEAS_AHEAD, AUTHOR, service="edit_draft",
        given=lambda place, who: {"proposal": place.draft, "title": "Another name"},
    ),
    "proposals:where": write(
        IDEAS_AHEAD, AUTHOR, service="edit_draft", given=lambda place, who: {"proposal": place.draft, "place": "Here"},
    ),
    "proposals:guess": write(
        IDEAS_AHEAD, AUTHOR, service="edit_draft", given=lambda place, who: {"proposal": place.draft, "cost_guess": 5},
    ),
    "proposals:contact": write(
        EVER, AUTHOR, service="", guard="a name belongs to the person, whatever becomes of the idea",
        data=lambda place: {"name": "Rosa"},
    ),
    "proposals:photos": write(
        IDEAS_AHEAD, AUTHOR, service="add_photo",
        data=lambda place: {"key": "new", "alt": "A bench", "file": a_photo()},
        given=lambda place, who: {"proposal": place.draft, "key": "new", "alt": "A bench", "picture": PICTURE},
    ),
    "proposals:put_photo_first": write(
        IDEAS_AHEAD, AUTHOR, service="put_photo_first", given=lambda place, who: {"photo": place.draft_photo},
    ),
    "proposals:remove_photo": write(
        EVER, AUTHOR, service="remove_photo", guard=AWAY, given=lambda place, who: {"photo": copy(place.draft_photo)},
    ),
    "proposals:discard": write(
        EVER, AUTHOR, service="discard_draft", guard=AWAY, given=lambda place, who: {"proposal": place.draft},
    ),
    "proposals:check": write(
        [Kind.ACCEPTING], AUTHOR, service="submit_proposal", given=lambda place, who: {"proposal": place.draft},
    ),
    "proposals:withdraw": write(
        REVIEW, AUTHOR, service="withdraw_proposal",
        given=lambda place, who: {"proposal": place.sent, "actor": who.user},
    ),
    "proposals:change": write(
        [Kind.ACCEPTING], AUTHOR, service="change_proposal",
        given=lambda place, who: {"proposal": place.sent, "editor": who, "reason": "Shorter.", "title": "A bench"},
    ),
    "proposals:upload": write(
        [Kind.ACCEPTING], RUNNERS, service="look_at_file", data=lambda place: {"file": a_table_of_ideas()},
        given=lambda place, who: {
            "cycle": place.ideas, "importer": who, "name": "ideas.csv", "file_hash": "1" * 64,
            "rows": [Row(2, permissions.IDEA)],
        },
    ),
    "proposals:take_in": write(
        [Kind.ACCEPTING], RUNNERS, service="take_in",
        given=lambda place, who: {
            "batch": place.batch, "importer": who,
            "rows": [services.NewProposal(2, pot_of(place.ideas), {"title": "A bench", "summary": "-", "text": "-"})],
        },
    ),
    "proposals:undo_import": write(
        REVIEW, RUNNERS, service="undo_import", args=lambda place: [place.taken_in.pk],
        given=lambda place, who: {"batch": place.taken_in, "importer": who},
    ),
    # who stands behind it
    "proposals:co_sponsors": write(
        REVIEW, AUTHOR, service="invite_co_sponsor",
        given=lambda place, who: {"proposal": place.sent, "author": who, "email": "somebody.else@example.org"},
    ),
    "proposals:accept_co_sponsorship": write(
        REVIEW, "verified", service="accept_co_sponsorship",
        given=lambda place, who: {"co_sponsor": place.asked, "person": who},
    ),
    "proposals:decline_co_sponsorship": write(
        EVER, "verified", service="decline_co_sponsorship", guard=OWN_NAME,
        given=lambda place, who: {"co_sponsor": place.asked, "user": who.user},
    ),
    "proposals:leave_co_sponsorship": write(
        EVER, "verified", service="leave_co_sponsorship", guard=OWN_NAME,
        given=lambda place, who: {"co_sponsor": place.sponsoring, "user": who.user},
    ),
    "proposals:take_invitation_back": write(
        EVER, AUTHOR, service="take_invitation_back", guard=OWN_NAME,
        given=lambda place, who: {"co_sponsor": place.asked, "author": who.user},
    ),
    # supports and talk
    "proposals:support": write(
        [Kind.SELECTING], "verified staff", service="support_proposal",
        given=lambda place, who: {"proposal": place.sent, "person": who},
    ),
    "proposals:withdraw_support": write(
        [Kind.SELECTING], "verified staff", service="withdraw_support",
        given=lambda place, who: {"proposal": place.sent, "person": who},
    ),
    "proposals:follow": write(
        TALKING, "members", service="follow_proposal", args=lambda place: [place.other.pk],
        given=lambda place, who: {"proposal": place.other, "person": who},
    ),
    "proposals:unfollow": write(
        EVER, "members", service="unfollow_proposal", guard="whoever wants no more mails is never asked to wait",
        given=lambda place, who: {"proposal": place.sent, "person": who},
    ),
    "proposals:stop_following": write(
        EVER, "visitor guest stranger members", service="unfollow_proposal",
        guard="whoever wants no more mails is never asked to wait", args=lambda place: [place.follow.token],
        given=lambda place, who: {"proposal": place.sent, "person": who},
    ),
    "proposals:support_rule": write(
        [BEFORE, Kind.DRAFTING, Kind.INFORMING, Kind.ACCEPTING, Kind.REVIEWING], RUNNERS, service="set_support_rule",
        guard="only until the first support can be given",
        given=lambda place, who: {"cycle": place.ideas, "threshold": 20, "days": None, "actor": who.user},
    ),
    "proposals:comment": write(
        TALKING, "members", service="write_comment",
        given=lambda place, who: {"proposal": place.sent, "author": who, "text": "I like it."},
    ),
    "proposals:withdraw_comment": write(
        TALKING, AUTHOR, service="withdraw_comment",
        given=lambda place, who: {"comment": place.comment, "actor": who.user},
    ),
    "proposals:restore_comment": write(
        TALKING, AUTHOR, service="restore_comment",
        given=lambda place, who: {"comment": place.comment, "actor": who.user},
    ),
    "proposals:helpful": write(
        TALKING, "verified staff", service="mark_helpful",
        given=lambda place, who: {"comment": place.comment, "person": who, "is_helpful": True},
    ),
    "proposals:report_proposal": write(
        EVER, "members", service="report", guard=HARM,
        given=lambda place, who: {"about": place.sent, "reporter": who, "reason": "spam"},
    ),
    "proposals:report_comment": write(
        EVER, "members", service="report", guard=HARM,
        given=lambda place, who: {"about": place.comment, "reporter": who, "reason": "spam"},
    ),
    # moderation: harm has no calendar
    "proposals:moderate_comment": write(
        EVER, MODERATORS, service="decide_reports", guard=HARM,
        given=lambda place, who: {"about": place.comment, "moderator": who, "verdict": "left"},
    ),
    "proposals:moderate_proposal": write(
        EVER, MODERATORS, service="decide_reports", guard=HARM,
        given=lambda place, who: {"about": place.sent, "moderator": who, "verdict": "left"},
    ),
    "proposals:moderation_decision": write(
        EVER, AUTHOR, service="appeal_moderation", guard=HARM,
        given=lambda place, who: {"decision": place.hidden, "actor": who.user, "text": "It helps."},
    ),
    "proposals:decide_moderation_appeal": write(
        EVER, "facilitator", service="decide_moderation_appeal", guard=HARM,
        given=lambda place, who: {"decision": place.appealed, "moderator": who, "is_shown": True, "reason": "It helps."},
    ),
    "proposals:bring_back": write(
        EVER, MODERATORS, service="bring_back", guard=HARM,
        given=lambda place, who: {"decision": place.hidden, "moderator": who},
    ),
    "proposals:hide_photo": write(
        EVER, MODERATORS, service="hide_photo", guard=HARM,
        given=lambda place, who: {"photo": place.photo, "actor": who.user, "reason": "A face."},
    ),
    "proposals:show_photo": write(
        EVER, MODERATORS, service="show_photo", guard=HARM, args=lambda place: [place.hidden_photo.pk],
        given=lambda place, who: {"photo": place.hidden_photo, "actor": who.user},
    ),
    # the check
    "proposals:review_rule": write(
        CHECK_AHEAD, RUNNERS, service="set_review_rule",
        given=lambda place, who: {"cycle": place.ideas, "actor": who.user, "days": 20},
    ),
    **{
        f"proposals:{page}": write(EVER, roles, service="", guard=NO_CALENDAR)
        for page, roles in {
            "departments": RUNNERS, "department": RUNNERS, "replies": "evaluator", "reply": "evaluator",
        }.items()
    },
    **{
        f"proposals:{page}, deleted": write(
            EVER, roles, service="", guard=NO_CALENDAR, data=lambda place: {"delete": "1"}
        )
        for page, roles in {"department": RUNNERS, "reply": "evaluator"}.items()
    },
    "proposals:assign": write(
        REVIEW, "evaluator", service="assign_proposals",
        given=lambda place, who: {
            "cycle": place.ideas, "proposals": [place.sent.pk], "actor": who, "evaluator": who,
        },
    ),
    "proposals:assign, nobody": write(
        REVIEW, "evaluator", service="unassign_proposals",
        data=lambda place: {"who": "nobody", "proposals": [place.assigned.pk]},
        given=lambda place, who: {"cycle": place.ideas, "proposals": [place.assigned.pk], "actor": who},
    ),
    "proposals:undo_desk_act": write(
        REVIEW, "evaluator", service="undo_desk_act", given=lambda place, who: {"act": place.desk_act, "actor": who},
    ),
    "proposals:write_note": write(
        REVIEW, "evaluator", service="write_note",
        given=lambda place, who: {"proposal": place.sent, "author": who, "text": "Call the railway."},
    ),
    "proposals:declare_conflict": write(
        REVIEW, "evaluator", service="declare_conflict",
        given=lambda place, who: {"proposal": place.sent, "evaluator": who, "reason": "My sister wrote it."},
    ),
    "proposals:ask": write(
        REVIEW, "evaluator", service="ask_question",
        given=lambda place, who: {"proposal": place.sent, "asker": who, "text": "How many?"},
    ),
    "proposals:answer": write(
        TALKING, AUTHOR, service="answer_question",
        given=lambda place, who: {"question": place.question, "author": who, "text": "Twelve."},
    ),
    "proposals:review": write(
        REVIEW, "evaluator", service="review_proposal",
        given=lambda place, who: {"proposal": place.sent, "evaluator": who, "feasibility": "feasible", "cost": 100_00},
    ),
    "proposals:review, for a second person": write(
        REVIEW, "evaluator", service="give_estimate", args=lambda place: [place.not_estimated.pk],
        given=lambda place, who: {
            "proposal": place.not_estimated, "evaluator": who, "feasibility": "feasible", "cost": 100_00,
        },
    ),
    "proposals:sign_answer": write(
        REVIEW, "evaluator", service="sign_answer",
        given=lambda place, who: {"estimate": place.estimate, "signer": who},
    ),
    "proposals:send_back": write(
        REVIEW, "evaluator", service="send_back",
        given=lambda place, who: {"proposal": place.estimated, "signer": who, "text": "Measure again."},
    ),
    "proposals:appeal_review": write(
        REVIEW, AUTHOR, service="appeal_review", args=lambda place: [place.not_appealed.pk],
        given=lambda place, who: {"review": place.not_appealed, "actor": who.user, "text": "The ground is ours."},
    ),
    "proposals:decide_review_appeal": write(
        REVIEW, "evaluator", service="decide_review_appeal", args=lambda place: [place.not_decided.pk],
        given=lambda place, who: {
            "appeal": place.not_decided, "evaluator": who, "is_granted": True, "reason": "It is low indeed.",
        },
    ),
    "proposals:return_proposal": write(
        REVIEW, "evaluator", service="return_proposal",
        given=lambda place, who: {
            "proposal": place.sent, "official": who, "reason": "Say where.", "until": timezone.now() + timedelta(days=3),
        },
    ),
    "proposals:extend_correction": write(
        REVIEW, "evaluator", service="extend_correction",
        given=lambda place, who: {
            "proposal": place.returned, "official": who, "until": timezone.now() + timedelta(days=4),
        },
    ),
    "proposals:accept_uncorrected": write(
        REVIEW, "evaluator", service="accept_uncorrected",
        given=lambda place, who: {"proposal": place.returned, "official": who},
    ),
    "proposals:send_again": write(
        REVIEW, AUTHOR, service="send_again",
        given=lambda place, who: {"proposal": place.returned, "author": who, "reason": "Done.", "title": "A stair here"},
    ),
    # one of several, and several of one
    "proposals:suggest_merge": write(
        REVIEW, "resident evaluator", service="suggest_merge",
        given=lambda place, who: {
            "target": place.sent, "others": [place.other], "suggester": who, **WORDS,
        },
    ),
    "proposals:agree_to_merge": write(
        REVIEW, "resident verified", service="agree_to_merge",
        given=lambda place, who: {"merge": place.merge, "author": who.user, "wording": 1},
    ),
    "proposals:refuse_merge": write(
        REVIEW, "resident verified", service="refuse_merge",
        given=lambda place, who: {"merge": place.merge, "author": who.user},
    ),
    "proposals:take_merge_back": write(
        REVIEW, "evaluator", service="take_merge_back",
        given=lambda place, who: {"merge": place.merge, "actor": who.user},
    ),
    "proposals:reword_merge": write(
        REVIEW, "resident verified", service="reword_merge",
        given=lambda place, who: {"merge": place.merge, "author": who.user, **WORDS, "title": "Other"},
    ),
    "proposals:undo_merge": write(
        REVIEW, "resident verified", service="undo_merge",
        given=lambda place, who: {"merge": place.merged, "author": who.user, "reason": "They differ."},
    ),
    "proposals:split": write(
        REVIEW, "resident evaluator", service="split_proposal",
        given=lambda place, who: {
            "proposal": place.sent, "actor": who, "reason": "Two things.",
            "pieces": [services.Piece("A door", "-", "-"), services.Piece("A roof", "-", "-")],
        },
    ),
    "proposals:agree_to_split": write(
        REVIEW, AUTHOR, service="agree_to_split",
        given=lambda place, who: {"split": place.split, "author": who.user},
    ),
    "proposals:refuse_split": write(
        REVIEW, AUTHOR, service="refuse_split",
        given=lambda place, who: {"split": place.split, "author": who.user},
    ),
    "proposals:undo_split": write(
        REVIEW, AUTHOR, service="undo_split",
        given=lambda place, who: {"split": place.was_split, "author": who.user, "reason": "It is one thing."},
    ),
    "proposals:take_split_back": write(
        REVIEW, "evaluator", service="take_split_back",
        given=lambda place, who: {"split": place.split, "actor": who.user},
    ),
    # the ballot
    "proposals:put_on_ballot": write(
        [*CHECKING, Kind.BALLOTING], RUNNERS, service="put_on_ballot",
        given=lambda place, who: {"heading": place.checked_heading, "actor": who.user},
    ),
    "proposals:take_off_list": write(
        CHECKING, RUNNERS, service="take_off_list", args=lambda place: [place.drawn_up.projects.all()[0].pk],
        given=lambda place, who: {"project": place.drawn_up.projects.all()[0], "actor": who.user},
    ),
    "proposals:open_ballot": write(
        [Kind.BALLOTING], RUNNERS, service="open_ballot", args=lambda place: [place.drawn_up.pk],
        given=lambda place, who: {"heading": place.drawn_up, "actor": who.user},
    ),
    "proposals:report_incident": write(
        [Kind.BALLOTING], RUNNERS, service="report_incident",
        given=lambda place, who: {
            "project": project_of(place.open, "Chess tables"), "kind": "unfeasible",
            "reason": "A water pipe runs there.", "actor": who.user,
        },
    ),
    # what became of it
    "proposals:record_milestone": write(
        RESULTS, RUNNERS, service="record_milestone",
        given=lambda place, who: {
            "project": place.project, "title": "Opening", "due_on": timezone.localdate(), "actor": who.user,
        },
    ),
    "proposals:record_spending": write(
        RESULTS, RUNNERS, service="record_spending",
        given=lambda place, who: {
            "project": place.project, "kind": "paid", "amount": 5, "on": timezone.localdate(), "actor": who.user,
        },
    ),
    "proposals:fund_next_project": write(
        RESULTS, RUNNERS, service="fund_next_project", args=lambda place: [pot_of(place.sparing).pk],
        given=lambda place, who: {"heading": pot_of(place.sparing), "actor": who.user},
    ),
    "proposals:carry_over": write(
        RESULTS, RUNNERS, service="carry_over", args=lambda place: [pot_of(place.saving).pk],
        data=lambda place: {"into": pot_of(place.ideas).pk},
        given=lambda place, who: {"heading": pot_of(place.saving), "into": pot_of(place.ideas), "actor": who.user},
    ),
    "proposals:set_status": write(
        RESULTS, RUNNERS, service="set_status",
        given=lambda place, who: {"project": place.project, "status": "done", "actor": who.user},
    ),
    "proposals:add_project_photo": write(
        RESULTS, RUNNERS, service="add_project_photo",
        data=lambda place: {
            "key": "second", "alt": "The tables", "file": a_photo(),
        },
        given=lambda place, who: {
            "project": place.project, "key": "second", "alt": "The tables", "picture": PICTURE,
            "actor": who.user,
        },
    ),
    "proposals:remove_project_photo": write(
        EVER, RUNNERS, service="remove_project_photo", guard=HARM,
        given=lambda place, who: {"photo": place.work, "actor": who.user},
    ),
}  # fmt: skip

NOT_A_WRITE = {"proposals:try_file": "counted in the request and not kept"}
NOT_BY_HAND = {
    "hash_of_rule": "a read",
    "rule_in_full": "a read",
    "rule_of": "a read",
    "draw_up_awards": "voting publishes a result",
    "forget_old_drafts": "the clock",
    "revoke_awards": "voting declares a result void",
    "end_unsupported": "the clock",
    "end_all_unsupported": "the clock",
    "end_unanswered": "the clock",
    "remind_of_unanswered": "the clock",
    "can_be_joined": "a read",
    "can_be_undone": "a read",
    "may_take_back": "a read",
    "refuse_undoing": "a read",
    "last_day_for_correction": "a read",
    "support_phases": "a read",
    "support_rule_of": "a read",
    "supports_end_at": "a read",
    "rule_is_in_use": "a read",
    "voters_live_in": "a read",
}
