"""Budgets: everybody who may see the assembly reads them, members propose, evaluators check, who runs them runs them."""

from django.core.files.uploadedfile import SimpleUploadedFile

from proposals.budget_files import begin_budget_import, send_budget_file, work_on_budget_file
from proposals.models import BudgetImport, Department, Moderation, Phase, ReplyTemplate, ReviewRule
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
    take_back_budget,
    write_comment,
)
from proposals.spreadsheets import Row as FileRow
from tests.permissions import behind
from tests.permissions.rows import Args, Place, Row, TopicRow, button, form, pk_of, row, slug_of
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
from tests.proposals.test_import_pb import SMALL

Kind = Phase.Kind
RUNNERS = "facilitator,administrator"
MODERATORS = "facilitator,moderator"
IDEA = {"title": "A bench", "summary": "To sit.", "text": "There is none.", "category": "streets"}
BUDGET = {
    "title": "Budget 2027", "amount": "1000", "rule": "greedy",
    "limit": "number", "secrecy": "1", "ideas_from": "2027-01-01", "check_from": "2027-02-01",
    "vote_from": "2027-03-01", "results_from": "2027-04-01",
}  # fmt: skip


def _pot(name: str) -> Args:
    return lambda place: [pot_of(getattr(place, name)).pk]


def _ballot(name: str) -> Args:
    return lambda place: [pot_of(getattr(place, name)).poll_id]


ROWS: list[Row] = [
    row("proposals:cycles", args=slug_of, get="200"),
    form("create_cycle", slug_of, RUNNERS, **BUDGET),
    row(
        "proposals:budget_file",
        args=slug_of,
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"file": a_past_budget("2023")},
    ),
    row("proposals:budget_import", args=pk_of("past"), label="looked at", get=f"403 visitor=login {RUNNERS}=200"),
    row("proposals:budget_import", args=pk_of("past_in"), label="brought in", get=f"403 visitor=login {RUNNERS}=302"),
    button("bring_in", pk_of("past"), RUNNERS),
    button("take_back", pk_of("imported"), RUNNERS, reason="Another town's file."),
    row("proposals:cycle", args=pk_of("taken_back"), label="taken back", get=f"404 {RUNNERS}=200 auditor=200"),
    row(
        "voting:poll", args=_ballot("taken_back"), label="of a budget taken back", get=f"404 {RUNNERS}=200 auditor=200"
    ),
    row("proposals:results", args=pk_of("taken_back"), label="taken back", get=f"404 {RUNNERS}=200 auditor=200"),
    row(
        "proposals:manage",
        args=pk_of("taken_back"),
        label="taken back",
        get=f"404 visitor=login {RUNNERS}=200 auditor=403",
    ),
    row("proposals:cycle", args=pk_of("ideas"), label="published", get="200"),
    row("proposals:cycle", args=pk_of("unpublished"), label="unpublished", get=f"404 {RUNNERS}=200"),
    row("proposals:manage", args=pk_of("ideas"), get=f"403 visitor=login {RUNNERS}=200"),
    row(
        "proposals:edit_cycle",
        args=pk_of("unpublished"),
        data=lambda place: editor_data(place.unpublished, title="Another name"),
        get=f"404 visitor=login {RUNNERS}=200",
        post=f"404 visitor=login {RUNNERS}=302",
    ),
    button("publish_cycle", pk_of("ideas"), RUNNERS, label="published"),
    button("publish_cycle", pk_of("unpublished"), RUNNERS, others="404", label="unpublished"),
    button("start_phase", pk_of("ideas"), RUNNERS, kind=Kind.REVIEWING),
    row("proposals:move_end", args=pk_of("ideas"), post=f"403 visitor=login {RUNNERS}=422"),
    button("copy_cycle", pk_of("ideas"), RUNNERS),
    row("proposals:rules", args=pk_of("ideas"), label="nothing chosen", get="200"),
    row("proposals:try_file", args=pk_of("ideas"), post="422 visitor=login"),
    button("lock_rule", pk_of("ideas"), RUNNERS, rule="greedy", reason="We know it."),
    form("conditions", pk_of("checked_heading"), RUNNERS, minimum_votes="2"),
    button("put_on_ballot", pk_of("checked_heading"), RUNNERS),
    button("take_off_list", pk_of("project"), RUNNERS),
    button("open_ballot", pk_of("checked_heading"), RUNNERS),
    row("proposals:ballot", args=pk_of("ideas"), label="no ballot", get="200"),
    row("proposals:ballot", args=pk_of("open"), label="open", get="302"),
    row("proposals:proposals", args=pk_of("ideas"), get="200"),
    row(
        "proposals:submit",
        args=pk_of("ideas"),
        get="200",
        post="302 visitor=login stranger=403",
        foreign_post="404",
        data=lambda place: IDEA,
    ),
    row("proposals:similar_while_typing", args=pk_of("ideas"), get="200"),
    form("where", pk_of("draft"), "resident", others="404", where="town"),
    form("guess", pk_of("draft"), "resident", others="404", where="town"),
    row("proposals:similar", args=pk_of("draft"), get="404 visitor=login resident=200"),
    row(
        "proposals:photos",
        args=pk_of("draft"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=422",
    ),
    row(
        "proposals:contact",
        args=pk_of("draft"),
        get="404 visitor=login resident=302",
        post="404 visitor=login resident=302",
    ),
    button("discard", pk_of("draft"), "resident", others="404"),
    row("proposals:photo", args=lambda p: [p.photo.pk, "small"], label="sent in", get="200"),
    row("proposals:photo", args=lambda p: [p.draft_photo.pk, "large"], label="draft", get="404 resident=200"),
    button("remove_photo", pk_of("draft_photo"), "resident", others="404"),
    button("put_photo_first", pk_of("draft_photo"), "resident", others="404"),
    button("hide_photo", pk_of("photo"), MODERATORS, reason="A face."),
    button("show_photo", pk_of("photo"), MODERATORS),
    row("proposals:proposal", args=pk_of("sent"), label="sent in", get="200"),
    row("proposals:proposal", args=pk_of("draft"), label="draft", get="404 resident=302"),
    form("edit", pk_of("draft"), "resident", others="404", **IDEA),
    form("check", pk_of("draft"), "resident", others="404"),
    row("proposals:sent", args=pk_of("sent"), get="404 visitor=login resident=200"),
    button("withdraw", pk_of("sent"), "resident", others="404"),
    row("proposals:versions", args=pk_of("sent"), get="200"),
    form("change", pk_of("sent"), "resident", others="404", **IDEA, reason="A shorter name."),
    row("proposals:support", args=pk_of("sent"), post="302 visitor=login stranger,resident=403"),
    row("proposals:follow", args=pk_of("sent"), post="302 visitor=login stranger=403"),
    row("proposals:unfollow", args=pk_of("sent"), post="302 visitor=login stranger=403"),
    row(
        "proposals:stop_following",
        args=lambda place: ["forged"],
        get="200",
        post="200",
        foreign_get="200",
        foreign_post="200",
    ),
    row("proposals:withdraw_support", args=pk_of("sent"), post="302 visitor=login stranger,resident=403"),
    row(
        "proposals:support_rule",
        args=pk_of("ideas"),
        label="supporting has begun",
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=422",
        data=lambda place: {"threshold": "20", "days": ""},
    ),
    row(
        "proposals:comment",
        args=pk_of("sent"),
        post="302 visitor=login stranger=403",
        data=lambda place: {"text": "I like it."},
    ),
    row(
        "proposals:report_proposal",
        args=pk_of("sent"),
        get="200 visitor=login stranger=403",
        post="302 visitor=login stranger=403",
        data=lambda place: {"reason": "spam"},
    ),
    button("withdraw_comment", pk_of("comment"), "resident", others="404"),
    button("restore_comment", pk_of("comment"), "resident", others="404"),
    row("proposals:helpful", args=pk_of("comment"), post="302 visitor=login stranger=403"),
    row(
        "proposals:report_comment",
        args=pk_of("comment"),
        get="200 visitor=login stranger=403",
        post="302 visitor=login stranger=403",
        data=lambda place: {"reason": "spam"},
    ),
    row("proposals:moderation", args=slug_of, get=f"403 visitor=login {MODERATORS}=200"),
    row("proposals:moderation_numbers", args=slug_of, get="200"),
    form("moderate_comment", pk_of("comment"), MODERATORS, verdict="left"),
    form("moderate_proposal", pk_of("sent"), MODERATORS, verdict="left"),
    form("moderation_decision", pk_of("hidden"), "resident", others="404", text="It helps."),
    row(
        "proposals:decide_moderation_appeal",
        args=pk_of("appealed"),
        post="403 visitor=login facilitator=302 moderator=422",  # who hid it does not answer
        data=lambda place: {"outcome": "shown", "reason": "It helps."},
    ),
    button("bring_back", pk_of("hidden"), MODERATORS),
    form("ask", pk_of("sent"), "evaluator", text="Which side of the street?"),
    form("answer", pk_of("question"), "resident", others="404", text="The sunny side."),
    row("proposals:desk", args=pk_of("ideas"), get="403 visitor=login evaluator=200"),
    form("review", pk_of("sent"), "evaluator", feasibility="feasible", cost="100"),
    row(
        "proposals:assign",
        args=pk_of("ideas"),
        post="403 visitor=login evaluator=302",
        data=lambda place: {"who": "hand", "evaluator": place.people["evaluator"].pk, "proposals": [place.sent.pk]},
    ),
    button("undo_desk_act", pk_of("desk_act"), "evaluator"),
    button("write_note", pk_of("sent"), "evaluator", text="Call the railway."),
    button("declare_conflict", pk_of("sent"), "evaluator", reason="My sister wrote it."),
    button("send_back", pk_of("estimated"), "evaluator", text="Measure again."),
    button("sign_answer", pk_of("estimate"), "evaluator"),
    row(
        "proposals:appeal_review",
        args=pk_of("refused"),
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=422",  # has appealed already
        data=lambda place: {"text": "The ground is ours."},
    ),
    row(
        "proposals:decide_review_appeal",
        args=pk_of("refused"),
        get="403 visitor=login evaluator=200",
        post="403 visitor=login evaluator=422",  # said the No
        data=lambda place: {"outcome": "again", "reason": "True."},
    ),
    form("review_rule", pk_of("ideas"), RUNNERS, estimates="1", days="20", appeal_days="10"),
    form("departments", slug_of, RUNNERS, name="Roads"),
    form("department", pk_of("department"), RUNNERS, name="Roads"),
    form("replies", slug_of, "evaluator", title="Not ours", text="The ground is not ours."),
    form("reply", pk_of("reply"), "evaluator", title="Not ours", text="The ground is not ours."),
    row("proposals:results", args=pk_of("published"), label="published", get="200"),
    row("proposals:results", args=pk_of("ideas"), label="not yet", get="200"),
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
    row("proposals:card", args=pk_of("project"), get="200"),
    row(
        "proposals:upload",
        args=pk_of("ideas"),
        get=f"403 visitor=login {RUNNERS}=200",
        post=f"403 visitor=login {RUNNERS}=422",
    ),
    row("proposals:import", args=pk_of("batch"), get=f"403 visitor=login {RUNNERS}=200"),
    button("take_in", pk_of("batch"), RUNNERS),
    button("undo_import", pk_of("batch"), RUNNERS),
    row("proposals:delivery", args=pk_of("published"), get="200"),
    row("proposals:decided", args=slug_of, get="200"),
    row("proposals:savings", args=_pot("published"), get="200"),
    button("fund_next_project", _pot("published"), RUNNERS),
    row("proposals:carry_over", args=_pot("published"), post=f"403 visitor=login {RUNNERS}=422"),
    row("proposals:project", args=pk_of("project"), get="200"),
    row(
        "proposals:report_incident",
        args=lambda place: [project_of(place.open, "Chess tables").pk],
        get=f"403 visitor=login {RUNNERS}=302",  # the second factor comes before the form
        post=f"403 visitor=login {RUNNERS}=302",
        data=lambda place: {"kind": "unfeasible", "reason": "A water pipe runs there."},
    ),
    button("record_milestone", pk_of("project"), RUNNERS, title="Opening", due_on="2027-01-01"),
    button("record_spending", pk_of("project"), RUNNERS, kind="paid", amount="5", on="2026-01-01"),
    button("set_status", pk_of("project"), RUNNERS, status="done"),
    row("proposals:add_project_photo", args=pk_of("project"), post=f"403 visitor=login {RUNNERS}=422"),
    row("proposals:project_photo", args=lambda place: [place.work.pk, "small"], get="200"),
    button("remove_project_photo", pk_of("work"), RUNNERS),
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


def a_past_budget(year: str, *, of: str = "") -> SimpleUploadedFile:
    """An upload with a budget of the past, another one for each place and year."""
    return SimpleUploadedFile("past.pb", SMALL.replace("instance;2024", f"instance;{year} {of}").encode())


def _past_budgets(place: Place) -> None:
    """Files with budgets of the past: one looked at, one brought in, one taken back again."""

    def look(year: str) -> BudgetImport:
        data = a_past_budget(year, of=place.assembly.name).read()
        sent = {"assembly": place.assembly, "importer": place.people["facilitator"], "name": "past.pb"}
        batch = send_budget_file(**sent, data=data)
        work_on_budget_file(str(batch.pk))
        batch.refresh_from_db()
        return batch

    def bring_in(year: str) -> BudgetImport:
        batch = look(year)
        begin_budget_import(batch=batch, actor=place.people["facilitator"])
        work_on_budget_file(str(batch.pk))
        batch.refresh_from_db()
        return batch

    place.past_in = bring_in("2022")
    place.imported = place.past_in.cycle
    other = bring_in("2021").cycle
    assert other is not None
    place.taken_back = take_back_budget(cycle=other, reason="A mistake.", actor=None)
    place.past = look("2020")


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
    _past_budgets(place)
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
