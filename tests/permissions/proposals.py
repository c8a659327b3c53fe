"""Budgets: everybody who may see the assembly reads them, members propose, evaluators check, who runs them runs them."""

from collections.abc import Callable, Sequence
from typing import Any

from proposals.models import Department, Moderation, Phase, ReplyTemplate, ReviewRule
from proposals.photo_files import Picture
from proposals.services import (
    NewHeading,
    add_photo,
    add_project_photo,
    appeal_moderation,
    appeal_review,
    ask_question,
    assign_proposals,
    create_cycle,
    decide_reports,
    give_estimate,
    look_at_file,
    review_proposal,
    submit_proposal,
    write_comment,
)
from proposals.spreadsheets import Row as FileRow
from tests.permissions import behind
from tests.permissions.rows import Place, Row, TopicRow, row
from tests.proposals.making import (
    calendar,
    make_cycle,
    make_draft,
    make_evaluator,
    make_feasible,
    make_open_ballot,
    make_proposal,
    make_published,
    pot_of,
    project_of,
)
from tests.proposals.planning import editor_data

Kind = Phase.Kind
RUNNERS = "facilitator,administrator"
MODERATORS = "facilitator,moderator"
IDEA = {"title": "A bench", "summary": "To sit.", "text": "There is none.", "category": "streets"}
BUDGET = {
    "title": "Budget 2027", "amount": "1000", "rule": "greedy",
    "limit": "number", "secrecy": "1", "ideas_from": "2027-01-01", "check_from": "2027-02-01",
    "vote_from": "2027-03-01", "results_from": "2027-04-01",
}  # fmt: skip


def _pk(name: str) -> Callable[[Place], Sequence[Any]]:
    return lambda place: [getattr(place, name).pk]


def _pot(name: str) -> Callable[[Place], Sequence[Any]]:
    return lambda place: [pot_of(getattr(place, name)).pk]


def _slug(place: Place) -> Sequence[Any]:
    return [place.assembly.slug]


ROWS: list[Row] = [
    row("proposals:cycles", args=_slug, get="200"),
    row(
        "proposals:create_cycle",
        args=_slug,
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: BUDGET,
    ),
    row("proposals:cycle", args=_pk("ideas"), label="published", get="200"),
    row("proposals:cycle", args=_pk("unpublished"), label="unpublished", get=f"404 {RUNNERS}=200"),
    row("proposals:manage", args=_pk("ideas"), get=f"403 visitor=login {RUNNERS}=200"),
    row(
        "proposals:edit_cycle",
        args=_pk("unpublished"),
        data=lambda place: editor_data(place.unpublished, title="Another name"),
        get=f"404 visitor=login {RUNNERS}=200",
        post=f"404 visitor=login {RUNNERS}=302",
    ),
    row("proposals:publish_cycle", args=_pk("ideas"), label="published", post=f"403 visitor=login {RUNNERS}=302"),
    row(
        "proposals:publish_cycle", args=_pk("unpublished"), label="unpublished", post=f"404 visitor=login {RUNNERS}=302"
    ),
    row(
        "proposals:start_phase",
        args=_pk("ideas"),
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"kind": Kind.REVIEWING},
    ),
    row("proposals:move_end", args=_pk("ideas"), post=f"403 visitor=login {RUNNERS}=422"),
    row("proposals:copy_cycle", args=_pk("ideas"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:rules", args=_pk("ideas"), label="nothing chosen", get="200"),
    row("proposals:try_file", args=_pk("ideas"), post="422 visitor=login"),
    row(
        "proposals:lock_rule",
        args=_pk("ideas"),
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"rule": "greedy", "reason": "We know it."},
    ),
    row(
        "proposals:conditions",
        args=_pk("checked_heading"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"minimum_votes": "2"},
    ),
    row("proposals:put_on_ballot", args=_pk("checked_heading"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:take_off_list", args=_pk("project"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:open_ballot", args=_pk("checked_heading"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:ballot", args=_pk("ideas"), label="no ballot", get="200"),
    row("proposals:ballot", args=_pk("open"), label="open", get="302"),
    row("proposals:proposals", args=_pk("ideas"), get="200"),
    row(
        "proposals:submit",
        args=_pk("ideas"),
        get="200",
        post="302 visitor=login stranger=403",
        foreign_post="404",
        data=lambda place: IDEA,
    ),
    row("proposals:similar_while_typing", args=_pk("ideas"), get="200"),
    *(
        row(
            f"proposals:{page}",
            args=_pk("draft"),
            get="404 visitor=login resident=200",
            post="404 visitor=login resident=302",
            data=lambda place: {"where": "town"},
        )
        for page in ("where", "guess")
    ),
    row("proposals:similar", args=_pk("draft"), get="404 visitor=login resident=200"),
    row(
        "proposals:photos",
        args=_pk("draft"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=422",
    ),
    row(
        "proposals:contact",
        args=_pk("draft"),
        get="404 visitor=login resident=302",
        post="404 visitor=login resident=302",
    ),
    row("proposals:discard", args=_pk("draft"), post="404 visitor=login resident=302"),
    row("proposals:photo", args=lambda p: [p.photo.pk, "small"], label="sent in", get="200"),
    row("proposals:photo", args=lambda p: [p.draft_photo.pk, "large"], label="draft", get="404 resident=200"),
    row("proposals:remove_photo", args=_pk("draft_photo"), post="404 visitor=login resident=302"),
    row("proposals:put_photo_first", args=_pk("draft_photo"), post="404 visitor=login resident=302"),
    row(
        "proposals:hide_photo",
        args=_pk("photo"),
        post="403 visitor=login moderator,facilitator=302",
        data=lambda place: {"reason": "A face."},
    ),
    row("proposals:show_photo", args=_pk("photo"), post="403 visitor=login moderator,facilitator=302"),
    row("proposals:proposal", args=_pk("sent"), label="sent in", get="200"),
    row("proposals:proposal", args=_pk("draft"), label="draft", get="404 resident=302"),
    row(
        "proposals:edit",
        args=_pk("draft"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
        data=lambda place: IDEA,
    ),
    row(
        "proposals:check",
        args=_pk("draft"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
    ),
    row("proposals:sent", args=_pk("sent"), get="404 visitor=login resident=200"),
    row("proposals:withdraw", args=_pk("sent"), post="404 visitor=login resident=302"),
    row("proposals:versions", args=_pk("sent"), get="200"),
    row(
        "proposals:change",
        args=_pk("sent"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
        data=lambda place: IDEA | {"reason": "A shorter name."},
    ),
    row("proposals:support", args=_pk("sent"), post="302 visitor=login stranger,resident=403"),
    row("proposals:follow", args=_pk("sent"), post="302 visitor=login stranger=403"),
    row("proposals:unfollow", args=_pk("sent"), post="302 visitor=login stranger=403"),
    row(
        "proposals:stop_following",
        args=lambda place: ["forged"],
        get="200",
        post="200",
        foreign_get="200",
        foreign_post="200",
    ),
    row("proposals:withdraw_support", args=_pk("sent"), post="302 visitor=login stranger,resident=403"),
    row(
        "proposals:support_rule",
        args=_pk("ideas"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"threshold": "20", "days": ""},
    ),
    row(
        "proposals:comment",
        args=_pk("sent"),
        post="302 visitor=login stranger=403",
        data=lambda place: {"text": "I like it."},
    ),
    row(
        "proposals:report_proposal",
        args=_pk("sent"),
        get="200 visitor=login stranger=403",
        post="302 visitor=login stranger=403",
        data=lambda place: {"reason": "spam"},
    ),
    row("proposals:withdraw_comment", args=_pk("comment"), post="404 visitor=login resident=302"),
    row("proposals:restore_comment", args=_pk("comment"), post="404 visitor=login resident=302"),
    row("proposals:helpful", args=_pk("comment"), post="302 visitor=login stranger=403"),
    row(
        "proposals:report_comment",
        args=_pk("comment"),
        get="200 visitor=login stranger=403",
        post="302 visitor=login stranger=403",
        data=lambda place: {"reason": "spam"},
    ),
    row("proposals:moderation", args=_slug, get=f"403 visitor=login {MODERATORS}=200"),
    row("proposals:moderation_numbers", args=_slug, get="200"),
    row(
        "proposals:moderate_comment",
        args=_pk("comment"),
        get=f"403 visitor=login {MODERATORS}=200",
        post=f"403 visitor=login {MODERATORS}=302",
        data=lambda place: {"verdict": "left"},
    ),
    row(
        "proposals:moderate_proposal",
        args=_pk("sent"),
        get=f"403 visitor=login {MODERATORS}=200",
        post=f"403 visitor=login {MODERATORS}=302",
        data=lambda place: {"verdict": "left"},
    ),
    row(
        "proposals:moderation_decision",
        args=_pk("hidden"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
        data=lambda place: {"text": "It helps."},
    ),
    row(
        "proposals:decide_moderation_appeal",
        args=_pk("appealed"),
        post="403 visitor=login facilitator=302 moderator=422",  # who hid it does not answer
        data=lambda place: {"outcome": "shown", "reason": "It helps."},
    ),
    row("proposals:bring_back", args=_pk("hidden"), post=f"403 visitor=login {MODERATORS}=302"),
    row(
        "proposals:ask",
        args=_pk("sent"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"text": "Which side of the street?"},
    ),
    row(
        "proposals:answer",
        args=_pk("question"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
        data=lambda place: {"text": "The sunny side."},
    ),
    row("proposals:desk", args=_pk("ideas"), get="403 visitor=login evaluator=200"),
    row(
        "proposals:review",
        args=_pk("sent"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"feasibility": "feasible", "cost": "100"},
    ),
    row(
        "proposals:assign",
        args=_pk("ideas"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"who": "hand", "evaluator": place.people["evaluator"].pk, "proposals": [place.sent.pk]},
    ),
    row("proposals:undo_desk_act", args=_pk("desk_act"), post="403 visitor=login evaluator=302"),
    row(
        "proposals:write_note",
        args=_pk("sent"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"text": "Call the railway."},
    ),
    row(
        "proposals:declare_conflict",
        args=_pk("sent"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"reason": "My sister wrote it."},
    ),
    row(
        "proposals:send_back",
        args=_pk("estimated"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"text": "Measure again."},
    ),
    row("proposals:sign_answer", args=_pk("estimate"), post="403 visitor=login evaluator=302"),
    row(
        "proposals:appeal_review",
        args=_pk("refused"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=422",  # has appealed already
        data=lambda place: {"text": "The ground is ours."},
    ),
    row(
        "proposals:decide_review_appeal",
        args=_pk("refused"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=422",  # said the No
        data=lambda place: {"outcome": "again", "reason": "True."},
    ),
    row(
        "proposals:review_rule",
        args=_pk("ideas"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"estimates": "1", "days": "20", "appeal_days": "10"},
    ),
    row(
        "proposals:departments",
        args=_slug,
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"name": "Roads"},
    ),
    row(
        "proposals:department",
        args=_pk("department"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"name": "Roads"},
    ),
    row(
        "proposals:replies",
        args=_slug,
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"title": "Not ours", "text": "The ground is not ours."},
    ),
    row(
        "proposals:reply",
        args=_pk("reply"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=302",
        data=lambda place: {"title": "Not ours", "text": "The ground is not ours."},
    ),
    row("proposals:results", args=_pk("published"), label="published", get="200"),
    row("proposals:results", args=_pk("ideas"), label="not yet", get="200"),
    row("proposals:table", args=lambda p: [p.published.pk, "results", "csv"], label="published results", get="200"),
    row("proposals:table", args=lambda p: [p.ideas.pk, "results", "xlsx"], label="no results yet", get="404"),
    row("proposals:table", args=lambda p: [p.ideas.pk, "proposals", "xlsx"], label="proposals", get="200"),
    row(
        "proposals:table",
        args=lambda p: [p.unpublished.pk, "spending", "csv"],
        label="unpublished",
        get=f"404 {RUNNERS}=200",
    ),
    row("proposals:results_pb", args=_pot("published"), label="published", get="200"),
    row("proposals:results_pb", args=_pot("ideas"), label="not yet", get="404"),
    row("proposals:table", args=lambda p: [p.open.pk, "results", "csv"], label="results while voting", get="404"),
    row("proposals:table", args=lambda p: [p.ideas.pk, "supports", "csv"], label="supports", get="200"),
    row("proposals:count", args=_pot("published"), label="published", get="200"),
    row("proposals:count", args=_pot("open"), label="not yet", get="404"),
    row("proposals:card", args=_pk("project"), get="200"),
    row(
        "proposals:upload",
        args=_pk("ideas"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=422",
    ),
    row("proposals:import", args=_pk("batch"), get=f"403 visitor=login {RUNNERS}=200"),
    row("proposals:take_in", args=_pk("batch"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:undo_import", args=_pk("batch"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:delivery", args=_pk("published"), get="200"),
    row("proposals:decided", args=_slug, get="200"),
    row("proposals:savings", args=_pot("published"), get="200"),
    row("proposals:fund_next_project", args=_pot("published"), post=f"403 visitor=login {RUNNERS}=302"),
    row("proposals:carry_over", args=_pot("published"), post=f"403 visitor=login {RUNNERS}=422"),
    row("proposals:project", args=_pk("project"), get="200"),
    row(
        "proposals:report_incident",
        args=lambda place: [project_of(place.open, "Chess tables").pk],
        get=f"403 visitor=login {RUNNERS}=302",  # the second factor comes before the form
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"kind": "unfeasible", "reason": "A water pipe runs there."},
    ),
    row(
        "proposals:record_milestone",
        args=_pk("project"),
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"title": "Opening", "due_on": "2027-01-01"},
    ),
    row(
        "proposals:record_spending",
        args=_pk("project"),
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"kind": "paid", "amount": "5", "on": "2026-01-01"},
    ),
    row(
        "proposals:set_status",
        args=_pk("project"),
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"status": "done"},
    ),
    row("proposals:add_project_photo", args=_pk("project"), post=f"403 visitor=login {RUNNERS}=422"),
    row("proposals:project_photo", args=lambda place: [place.work.pk, "small"], get="200"),
    row("proposals:remove_project_photo", args=_pk("work"), post=f"403 visitor=login {RUNNERS}=302"),
]
ROWS += behind.ROWS
TOPICS: list[TopicRow] = []


def _desk(place: Place) -> None:
    """What stands at the evaluator's desk: an act to undo, an estimate to sign, a No with an appeal."""
    author, evaluator = place.people["resident"], place.people["evaluator"]
    place.department = Department.objects.create(assembly=place.assembly, name="Parks")
    place.reply = ReplyTemplate.objects.create(assembly=place.assembly, title="Thanks", text="Thank you.")
    waiting = make_proposal(place.ideas, author, "A well")
    place.desk_act = assign_proposals(cycle=place.ideas, proposals=[waiting.pk], actor=evaluator, evaluator=evaluator)
    place.refused = review_proposal(
        proposal=make_proposal(place.ideas, author, "A tower"),
        evaluator=evaluator,
        feasibility="unfeasible",
        public_reason="Too high.",
    )
    appeal_review(review=place.refused, actor=author.user, text="It is low.")
    signed = make_cycle(place.assembly, Kind.ACCEPTING)
    ReviewRule.objects.create(cycle=signed, needs_signature=True)
    place.estimated = make_proposal(signed, author, "A bridge")
    other = make_evaluator(place.assembly)
    place.estimate = give_estimate(proposal=place.estimated, evaluator=other, feasibility="feasible", cost=100)


def _hidden(place: Place, text: str) -> Moderation:
    """A comment of the resident that the moderator hid."""
    return decide_reports(
        about=write_comment(proposal=place.sent, author=place.people["resident"], text=text),
        moderator=place.people["moderator"],
        verdict="hidden",
        broken_rule="spam",
        reason="Advertising.",
    )


def build(place: Place) -> None:
    """A budget at each step; the resident is the author of everything."""
    author, evaluator = place.people["resident"], place.people["evaluator"]
    place.ideas = make_cycle(place.assembly, Kind.ACCEPTING)
    place.sent = make_proposal(place.ideas, author)
    place.comment = write_comment(proposal=place.sent, author=author, text="Shade helps everybody.")
    place.hidden, place.appealed = (_hidden(place, text) for text in ("Buy shoes.", "Buy more shoes."))
    appeal_moderation(decision=place.appealed, actor=author.user, text="My shoes are good.")
    _desk(place)
    place.question = ask_question(proposal=place.sent, asker=evaluator, text="How many trees?")
    behind.build(place)
    place.batch = look_at_file(
        cycle=place.ideas, importer=place.people["facilitator"], name="ideas.csv", file_hash="", rows=[FileRow(2, IDEA)]
    )
    place.draft = make_draft(place.ideas, author, "A draft")
    picture = Picture(b"large", b"small", 4, 3)
    place.draft_photo = add_photo(proposal=place.draft, key="k", alt="A bench", picture=picture)
    shown = make_draft(place.ideas, author, "A bench with a photo")
    place.photo = add_photo(proposal=shown, key="k", alt="A bench", picture=picture)
    submit_proposal(proposal=shown)
    place.unpublished = create_cycle(
        assembly=place.assembly,
        title="Secret",
        year=2027,
        summary="For small works in the town.",
        headings=[NewHeading("All", 100)],
        phases=calendar(),
        actor=None,
    )
    checked = make_cycle(place.assembly, Kind.BALLOTING)
    make_feasible(checked, author, evaluator, {"Shade trees": 10, "Chess tables": 20})
    place.checked_heading = pot_of(checked)
    place.open = make_cycle(place.assembly, Kind.BALLOTING)
    make_open_ballot(place.open, author, evaluator)
    place.published = make_cycle(place.assembly, Kind.BALLOTING)
    make_published(place.published, author, evaluator)
    place.project = project_of(place.published, "Chess tables")
    place.work = add_project_photo(project=place.project, key="k", alt="A digger", picture=picture, actor=None)
