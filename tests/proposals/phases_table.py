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
does not lead to a write. What it is about is made by `build()` in the permission module, or in `build()` below.
A write that asks another guard than `require_phase` says `guard="..."` in words.
A service without an address of its own stands in NOT_BY_HAND with the reason.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from proposals import services
from proposals.models import Follow, Phase
from proposals.photo_files import Picture
from tests.permissions import proposals as permissions
from tests.permissions.rows import GROUPS, MEMBERS, Place
from tests.proposals.making import calendar, make_cycle, moment_in, pot_of
from tests.proposals.making import make_feasible as make_checked

Kind = Phase.Kind
BEFORE, AFTER = "before", "after"  # of the first step, and of the last
COLUMNS = (BEFORE, *Kind.values, AFTER)
EVER = COLUMNS
CHECKING = (Kind.REVIEWING, Kind.SELECTING, Kind.VALUATING, Kind.PUBLISHING_PRICES)
REVIEW = (Kind.ACCEPTING, *CHECKING)
TALKING = tuple(kind for kind in Kind.values if kind not in (Kind.DRAFTING, Kind.INFORMING))
RESULTS = (Kind.FINISHED, Kind.IMPLEMENTING, AFTER)
RUNNERS = "facilitator administrator"
MODERATORS = "facilitator moderator"
AUTHOR = "resident"  # of everything that tests/permissions/proposals.py makes

Given = Callable[[Place, Any], Mapping[str, Any]]


@dataclass(frozen=True)
class Write:
    """When, who, and which service."""

    allowed: tuple[str, ...]
    roles: frozenset[str]
    service: str
    given: Given
    args: Callable[[Place], Sequence[Any]] | None
    data: Callable[[Place], Mapping[str, Any]] | None
    guard: str

    @property
    def by(self) -> str:
        """One of those who may."""
        return next(role for role in MEMBERS if role in self.roles)


def write(
    allowed: Sequence[str],
    roles: str,
    *,
    service: str,
    given: Given,
    args: Callable[[Place], Sequence[Any]] | None = None,
    data: Callable[[Place], Mapping[str, Any]] | None = None,
    guard: str = "",
) -> Write:
    """One line of the table."""
    who: set[str] = set()
    for name in roles.split():
        named = set(GROUPS.get(name.lstrip("-"), (name.lstrip("-"),)))
        who = who - named if name.startswith("-") else who | named
    return Write(tuple(allowed), frozenset(who), service, given, args, data, guard)


A_POINT = bytes.fromhex(  # a picture of one point
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
HARM = "harm has no calendar"
NO_CALENDAR = "the calendar does not speak of it"
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
    "proposals:publish_cycle": write(
        EVER, RUNNERS, service="publish_cycle", guard=NO_CALENDAR, args=lambda place: [place.unpublished.pk],
        given=lambda place, who: {"cycle": place.unpublished, "actor": who.user},
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
        EVER,
        RUNNERS,
        service="copy_cycle",
        guard=NO_CALENDAR,
        given=lambda place, who: {"cycle": place.ideas, "actor": who.user},
    ),
    "proposals:lock_rule": write(
        COLUMNS[: COLUMNS.index(Kind.BALLOTING) + 1],
        RUNNERS,
        service="lock_rule",
        guard="until the vote is over, and only before a ballot is open",
        given=lambda place, who: {"cycle": place.ideas, "rule": "greedy", "reason": "We know it.", "actor": who.user},
    ),
    "proposals:conditions": write(
        [*CHECKING, Kind.BALLOTING],
        RUNNERS,
        service="set_conditions",
        given=lambda place, who: {
            "heading": place.checked_heading,
            "minimum_votes": 2,
            "district_floors": {},
            "rival_sets": [],
            "actor": who.user,
        },
    ),
    # ideas
    "proposals:submit": write(
        EVER, "members", service="draft_proposal", guard="a draft is nobody's business but its author's",
        given=lambda place, who: {
            "heading": pot_of(place.ideas), "author": who, "title": "A bench", "summary": "To sit.", "text": "None yet.",
        },
    ),
    "proposals:edit": write(
        EVER, AUTHOR, service="edit_draft", guard="a draft is nobody's business but its author's",
        given=lambda place, who: {"proposal": place.draft, "title": "Another name"},
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
            "rows": [permissions.FileRow(2, permissions.IDEA)],
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
        TALKING, "members", service="follow_proposal",
        given=lambda place, who: {"proposal": place.sent, "person": who},
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
    # the check
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
    # the ballot
    "proposals:put_on_ballot": write(
        [*CHECKING, Kind.BALLOTING], RUNNERS, service="put_on_ballot",
        given=lambda place, who: {"heading": place.checked_heading, "actor": who.user},
    ),
    "proposals:open_ballot": write(
        [Kind.BALLOTING], RUNNERS, service="open_ballot", args=lambda place: [place.drawn_up.pk],
        given=lambda place, who: {"heading": place.drawn_up, "actor": who.user},
    ),
    "proposals:report_incident": write(
        [Kind.BALLOTING], RUNNERS, service="report_incident",
        given=lambda place, who: {
            "project": permissions.project_of(place.open, "Chess tables"), "kind": "unfeasible",
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
        RESULTS, RUNNERS, service="fund_next_project",
        given=lambda place, who: {"heading": pot_of(place.published), "actor": who.user},
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
            "key": "second", "alt": "The tables", "file": SimpleUploadedFile("tables.png", A_POINT),
        },
        given=lambda place, who: {
            "project": place.project, "key": "second", "alt": "The tables", "picture": Picture(b"large", b"small", 4, 3),
            "actor": who.user,
        },
    ),
    "proposals:remove_project_photo": write(
        EVER, RUNNERS, service="remove_project_photo", guard=HARM,
        given=lambda place, who: {"photo": place.work, "actor": who.user},
    ),
}  # fmt: skip

# Written while this table was: each still needs its line. Take a name out here when you give it one.
LINES_TO_COME = frozenset(
    {
        "proposals:appeal_review",
        "proposals:assign",
        "proposals:contact",
        "proposals:decide_review_appeal",
        "proposals:declare_conflict",
        "proposals:department",
        "proposals:departments",
        "proposals:discard",
        "proposals:guess",
        "proposals:hide_photo",
        "proposals:photos",
        "proposals:put_photo_first",
        "proposals:remove_photo",
        "proposals:replies",
        "proposals:reply",
        "proposals:review_rule",
        "proposals:send_back",
        "proposals:show_photo",
        "proposals:sign_answer",
        "proposals:undo_desk_act",
        "proposals:where",
        "proposals:write_note",
    }
)
SERVICES_TO_COME = frozenset(
    {
        "add_photo",
        "appeal_review",
        "assign_proposals",
        "decide_review_appeal",
        "declare_conflict",
        "give_estimate",
        "put_photo_first",
        "remove_photo",
        "send_back",
        "set_review_rule",
        "sign_answer",
        "unassign_proposals",
        "undo_desk_act",
        "write_note",
    }
)
NOT_A_WRITE = {"proposals:try_file": "counted in the request and not kept"}
NOT_BY_HAND = {
    "hash_of_rule": "a read",
    "rule_in_full": "a read",
    "rule_of": "a read",
    "draw_up_awards": "voting publishes a result",
    "revoke_awards": "voting declares a result void",
    "end_unsupported": "the clock",
    "end_all_unsupported": "the clock",
    "support_phases": "a read",
    "support_rule_of": "a read",
    "supports_end_at": "a read",
}


def a_table_of_ideas() -> Any:
    """An upload with one idea."""
    return SimpleUploadedFile("ideas.csv", b"title,summary,text,category\nA bench,To sit.,There is none.,streets\n")


def build(place: Place) -> None:
    """What the permission rows need, and what only a write needs; every budget has a calendar with all steps."""
    permissions.build(place)
    author, evaluator = place.people["resident"], place.people["evaluator"]
    place.saving = make_cycle(place.assembly, Kind.BALLOTING, savings_rule="next_cycle")
    permissions.make_published(place.saving, author, evaluator, {"Shade trees": 10, "Chess tables": 20})
    place.follow = Follow.objects.create(proposal=place.sent, person=place.people["verified"])
    importer = place.people["facilitator"]
    place.taken_in = services.look_at_file(
        cycle=place.ideas, importer=importer, name="more.csv", file_hash="2" * 64, rows=[permissions.FileRow(2, {})]
    )
    row = services.NewProposal(2, pot_of(place.ideas), {"title": "A swing", "summary": "-", "text": "-"})
    services.take_in(batch=place.taken_in, importer=importer, rows=[row])
    listed = make_cycle(place.assembly, Kind.BALLOTING)
    make_checked(listed, author, evaluator, {"Shade trees": 10, "Chess tables": 20})
    place.drawn_up = pot_of(listed)
    services.put_on_ballot(heading=place.drawn_up, actor=None, at=moment_in(listed, Kind.REVIEWING))
    place.drawn_up.refresh_from_db()
