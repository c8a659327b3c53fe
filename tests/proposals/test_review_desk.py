"""Who checks what, two estimates and a signature, conflicts, notes, the clock, appeals, and undo."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

import ledger
from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from proposals.desk_forms import NamedForm
from proposals.models import (
    Assignment,
    Conflict,
    Cycle,
    Department,
    DeskAct,
    Estimate,
    Proposal,
    ReplyTemplate,
    Review,
    ReviewAppeal,
    ReviewRule,
)
from proposals.services import (
    CycleRefused,
    appeal_review,
    assign_proposals,
    decide_review_appeal,
    declare_conflict,
    give_estimate,
    review_proposal,
    send_back,
    set_review_rule,
    sign_answer,
    start_phase,
    unassign_proposals,
    undo_desk_act,
    write_note,
)
from tests.make import make_member
from tests.proposals.making import Kind, make_proposal


@pytest.fixture
def ewa(riverside: Assembly) -> Membership:
    """A second evaluator."""
    return make_member(riverside, "Ewa", Role.EVALUATOR)


@pytest.fixture
def trees(amina: Membership, ideas: Cycle) -> Proposal:
    return make_proposal(ideas, amina, category="green")


@pytest.fixture
def two(ideas: Cycle) -> ReviewRule:
    """In this budget two people check each proposal."""
    return ReviewRule.objects.create(cycle=ideas, estimates=2)


@pytest.fixture
def parks(riverside: Assembly, eva: Membership) -> Department:
    found = Department.objects.create(
        assembly=riverside, name="Parks", categories=["green"], checklist=["The ground is ours."]
    )
    found.evaluators.add(eva)
    return found


def no(proposal: Proposal, evaluator: Membership) -> Review:
    return review_proposal(
        proposal=proposal, evaluator=evaluator, feasibility="unfeasible", public_reason="The ground is not ours."
    )


def test_two_estimates_then_the_difference_then_a_signature(
    client: Client, trees: Proposal, two: ReviewRule, eva: Membership, ewa: Membership, parks: Department
) -> None:
    address = f"/proposals/{trees.pk}/review/"
    client.force_login(eva.user)
    assert "You are the first." in client.get(address).content.decode()
    first = {"feasibility": "feasible", "cost": "38 000", "checked": ["The ground is ours."]}
    assert client.post(address, first).status_code == 302
    trees.refresh_from_db()
    assert trees.state == Proposal.State.SUBMITTED
    again = client.post(address, first)
    assert again.status_code == 422
    assert "Somebody else gives the second one." in again.content.decode()
    client.force_login(ewa.user)
    assert "38\u00a0000" not in client.get(address).content.decode()  # each on their own
    client.post(address, {"feasibility": "feasible", "cost": "40 000"})
    page = client.get(address).content.decode()
    assert "2\u00a0000\u00a0€</bdi> apart" in page
    assert "The ground is ours." in page
    mine, other = Estimate.objects.get(evaluator=ewa), Estimate.objects.get(evaluator=eva)
    client.post(f"/estimates/{mine.pk}/sign/")
    assert not Review.objects.exists()
    assert client.post(f"/estimates/{other.pk}/sign/")["Location"] == f"/cycles/{trees.cycle.pk}/desk/"
    review = Review.objects.get()
    assert (review.cost, review.evaluator, review.signed_by) == (38_000_00, eva, ewa)
    assert "38\u00a0000\u00a0€" in Client().get(trees.get_absolute_url()).content.decode()


def test_one_person_alone_answers_nothing_where_two_are_asked(
    trees: Proposal, two: ReviewRule, eva: Membership, ewa: Membership, ideas: Cycle
) -> None:
    with pytest.raises(CycleRefused, match="second person signs"):
        review_proposal(proposal=trees, evaluator=eva, feasibility="feasible", cost=100)
    estimate = give_estimate(proposal=trees, evaluator=eva, feasibility="feasible", cost=100)
    with pytest.raises(CycleRefused, match="second evaluator must"):
        sign_answer(estimate=estimate, signer=ewa)
    with pytest.raises(IntegrityError, match="estimate_one_each"), transaction.atomic():
        Estimate.objects.create(proposal=trees, evaluator=eva, feasibility="feasible", cost=5)
    with pytest.raises(IntegrityError, match="signed_by_another"), transaction.atomic():
        Review.objects.create(proposal=trees, evaluator=eva, signed_by=eva, feasibility="feasible", cost=5)
    with pytest.raises(IntegrityError, match="estimate_whole"), transaction.atomic():
        Estimate.objects.create(proposal=trees, evaluator=ewa, feasibility="feasible")
    with pytest.raises(CycleRefused, match="can no longer change"):
        set_review_rule(cycle=ideas, actor=eva.user, estimates=1)


def test_what_nobody_signs_goes_back_with_a_note(
    client: Client, trees: Proposal, two: ReviewRule, eva: Membership, ewa: Membership
) -> None:
    for person in (eva, ewa):
        give_estimate(proposal=trees, evaluator=person, feasibility="feasible", cost=100)
    client.force_login(ewa.user)
    assert client.post(f"/proposals/{trees.pk}/send-back/", {"text": ""}).status_code == 422
    client.post(f"/proposals/{trees.pk}/send-back/", {"text": "Ask for the soil report."})
    assert not Estimate.objects.filter(closed_at=None).exists()
    assert "Ask for the soil report." in client.get(f"/proposals/{trees.pk}/review/").content.decode()
    with pytest.raises(CycleRefused, match="no estimate to send back"):
        send_back(proposal=trees, signer=ewa, text="Again")


def test_who_is_not_free_to_judge_is_locked_out_and_the_log_has_no_reason(
    client: Client, trees: Proposal, eva: Membership, ideas: Cycle, ewa: Membership
) -> None:
    assign_proposals(cycle=ideas, proposals=[trees.pk], actor=ewa, evaluator=eva)
    client.force_login(eva.user)
    refused = client.post(f"/proposals/{trees.pk}/conflict/", {"reason": " "})
    assert refused.status_code == 422
    client.post(f"/proposals/{trees.pk}/conflict/", {"reason": "My sister wrote it."})
    assert Conflict.objects.get().evaluator == eva
    assert not Assignment.objects.filter(ended_at=None).exists()
    answer = client.post(
        f"/proposals/{trees.pk}/review/", {"feasibility": "unfeasible", "public_reason": "Kept reason"}
    )
    assert answer.status_code == 422
    assert "You said that you are not free" in answer.content.decode()
    with pytest.raises(CycleRefused, match="Nobody was assigned"):
        assign_proposals(cycle=ideas, proposals=[trees.pk], actor=ewa, evaluator=eva)
    told = [event for event in ledger.events(ideas.pk) if event.kind == "review.conflict_declared"]
    assert told[0].data["reference"] == trees.reference
    assert "sister" not in told[0].body
    assert "sister" not in Client().get(trees.get_absolute_url()).content.decode()


def test_notes_are_for_colleagues_alone(
    client: Client, trees: Proposal, eva: Membership, amina: Membership, ideas: Cycle
) -> None:
    client.force_login(eva.user)
    assert client.post(f"/proposals/{trees.pk}/note/", {"text": "x" * 2001}).status_code == 422
    client.post(f"/proposals/{trees.pk}/note/", {"text": "NOT FOR RESIDENTS"})
    assert "NOT FOR RESIDENTS" in client.get(f"/proposals/{trees.pk}/review/").content.decode()
    client.force_login(amina.user)
    assert "NOT FOR RESIDENTS" not in client.get(trees.get_absolute_url()).content.decode()
    assert "NOT FOR RESIDENTS" not in client.get(f"/cycles/{ideas.pk}/proposals.csv").content.decode()
    assert client.post(f"/proposals/{trees.pk}/note/", {"text": "Mine"}).status_code == 403
    with pytest.raises(CycleRefused, match="Write something"):
        write_note(proposal=trees, author=eva, text=" ")


def test_words_that_are_often_needed_are_put_into_the_reason_and_nothing_is_sent_yet(
    client: Client, trees: Proposal, eva: Membership, riverside: Assembly
) -> None:
    client.force_login(eva.user)
    client.post("/a/riverside/replies/", {"title": "Not ours", "text": "The ground belongs to the railway."})
    reply = ReplyTemplate.objects.get()
    typed = {"reply": str(reply.pk), "public_reason": "Sadly no.", "note_internal": "Called them", "insert": "1"}
    page = client.post(f"/proposals/{trees.pk}/review/", typed)
    assert page.status_code == 200
    assert "Sadly no.\n\nThe ground belongs to the railway." in page.content.decode()
    assert "Called them" in page.content.decode()
    assert not Review.objects.exists()
    assert client.post("/a/riverside/replies/", {"title": "Not ours", "text": "x"}).status_code == 422
    client.post(f"/replies/{reply.pk}/", {"title": "Railway", "text": "It is the railway's."})
    reply.refresh_from_db()
    assert reply.title == "Railway"
    client.post(f"/replies/{reply.pk}/", {"delete": "1"})
    assert not ReplyTemplate.objects.exists()


@pytest.mark.parametrize("is_protected", [True, False])
@pytest.mark.parametrize(
    ("address", "typed", "sentence"),
    [
        ("departments", {"name": "Roads", "checklist": "Our ground"}, "There is a department of this name already."),
        ("replies", {"title": "Roads", "text": "Our ground"}, "There are words of this name already."),
    ],
)
def test_of_two_who_save_the_same_name_at_once_the_later_reads_what_the_form_says_of_a_taken_name(
    client: Client,
    riverside: Assembly,
    address: str,
    typed: dict[str, str],
    sentence: str,
    is_protected: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """When the form looked, the name was free: its look is switched off. Without the protection nobody catches it."""
    client.force_login(make_member(riverside, "Fay", Role.FACILITATOR, Role.EVALUATOR).user)
    monkeypatch.setattr(NamedForm, "clean", lambda form: None)
    new = f"/a/riverside/{address}/"
    assert client.post(new, typed).status_code == 302
    if not is_protected:
        monkeypatch.setattr(NamedForm, "is_saved", lambda form: form.save())
        with pytest.raises(IntegrityError, match="one_per"), transaction.atomic():
            client.post(new, typed)
        return
    first = (Department if address == "departments" else ReplyTemplate).objects.get()
    assert client.post(new, typed | dict.fromkeys(["name", "title"], "Parks")).status_code == 302
    for there in (new, f"/{address}/{first.pk}/"):
        refused = client.post(there, typed | dict.fromkeys(["name", "title"], "Parks"))
        assert refused.status_code == 422
        assert sentence in refused.content.decode()
        assert "Our ground</textarea>" in refused.content.decode()
    assert "<h1><bdi>Roads</bdi></h1>" in refused.content.decode()


def test_departments_name_who_checks_and_who_has_least_to_do_comes_first(
    ideas: Cycle, amina: Membership, eva: Membership, ewa: Membership, parks: Department
) -> None:
    parks.evaluators.add(ewa)
    by_eva = make_proposal(ideas, eva, "Eva's tree", category="green")
    assign_proposals(cycle=ideas, proposals=[by_eva.pk], actor=eva)
    assert Assignment.objects.get().evaluator == ewa
    trees = [make_proposal(ideas, amina, f"Tree {number}", category="green") for number in range(3)]
    road = make_proposal(ideas, amina, "A road", category="streets")
    assign_proposals(cycle=ideas, proposals=[one.pk for one in [*trees, road]], actor=eva)
    assert [Assignment.objects.filter(evaluator=one).count() for one in (eva, ewa)] == [2, 2]
    assert not Assignment.objects.filter(proposal=road).exists()


def test_many_are_assigned_at_once_and_it_is_undone_as_one(
    client: Client, ideas: Cycle, amina: Membership, eva: Membership, ewa: Membership, parks: Department
) -> None:
    proposals = [make_proposal(ideas, amina, f"Tree {number}", category="green") for number in range(3)]
    client.force_login(ewa.user)
    chosen = [str(one.pk) for one in proposals]
    address = f"/cycles/{ideas.pk}/desk/assign/"
    for wrong in ({"who": "hand", "proposals": chosen}, {"who": "rules", "proposals": ["nonsense"]}):
        refused = client.post(address, wrong)
        assert refused.status_code == 422
    assert client.post(address, {"who": "hand", "proposals": chosen}).content.decode().count(" checked") >= 3
    client.post(address, {"who": "rules", "proposals": chosen})
    assert Assignment.objects.filter(ended_at=None, evaluator=eva).count() == 3
    first = DeskAct.objects.get()
    unassign_proposals(cycle=ideas, proposals=[one.pk for one in proposals[:2]], actor=ewa)
    second = DeskAct.objects.first()
    assert second is not None
    assert Assignment.objects.filter(ended_at=None).count() == 1
    client.post(f"/desk-acts/{second.pk}/undo/")
    assert Assignment.objects.filter(ended_at=None).count() == 3
    with pytest.raises(CycleRefused, match="undone already"):
        undo_desk_act(act=second, actor=ewa)
    with pytest.raises(CycleRefused, match="24 hours only"):
        undo_desk_act(act=first, actor=ewa, at=timezone.now() + timedelta(hours=25))
    client.post(f"/desk-acts/{first.pk}/undo/")
    assert not Assignment.objects.filter(ended_at=None).exists()


def test_an_author_appeals_and_another_evaluator_decides(
    client: Client, trees: Proposal, amina: Membership, bao: Membership, eva: Membership, ewa: Membership
) -> None:
    review = no(trees, eva)
    address = f"/reviews/{review.pk}/appeal/"
    client.force_login(bao.user)
    assert client.get(address).status_code == 404
    client.force_login(amina.user)
    assert "You can appeal until" in client.get(trees.get_absolute_url()).content.decode()
    assert client.post(address, {"text": ""}).status_code == 422
    client.post(address, {"text": "The town bought the ground in May."})
    twice = client.post(address, {"text": "And once more."})
    assert twice.status_code == 422
    assert "And once more." in twice.content.decode()
    decide = f"{address}decide/"
    assert client.get(decide).status_code == 403
    client.force_login(eva.user)
    assert "Another evaluator decides" in client.get(f"/proposals/{trees.pk}/review/").content.decode()
    refused = client.post(decide, {"outcome": "again", "reason": "Kept words"})
    assert refused.status_code == 422
    assert "Kept words" in refused.content.decode()
    client.force_login(ewa.user)
    client.post(decide, {"outcome": "again", "reason": "True: it is ours since May."})
    trees.refresh_from_db()
    assert trees.state == Proposal.State.SUBMITTED
    page = Client().get(trees.get_absolute_url()).content.decode()
    assert "The town bought the ground in May." in page
    assert "True: it is ours since May." in page
    run_waiting()
    assert mail.outbox[-1].to == [amina.user.email]
    assert "is checked again" in mail.outbox[-1].body


def test_an_appeal_has_its_days_its_author_and_its_step(
    trees: Proposal, amina: Membership, bao: Membership, eva: Membership, ewa: Membership, ideas: Cycle
) -> None:
    review = no(trees, eva)
    with pytest.raises(CycleRefused, match="Only the author"):
        appeal_review(review=review, actor=bao.user, text="x")
    late = ReviewRule.objects.create(cycle=ideas, appeal_days=2)
    with pytest.raises(CycleRefused, match="are over"):
        appeal_review(review=review, actor=amina.user, text="x", at=timezone.now() + timedelta(days=3))
    appeal = appeal_review(review=review, actor=amina.user, text="x")
    decide_review_appeal(appeal=appeal, evaluator=ewa, is_granted=False, reason="It is not ours.")
    trees.refresh_from_db()
    assert trees.state == Proposal.State.UNFEASIBLE
    with pytest.raises(CycleRefused, match="decided already"):
        decide_review_appeal(appeal=appeal, evaluator=ewa, is_granted=True, reason="x")
    review_proposal(proposal=trees, evaluator=eva, feasibility="unfeasible", public_reason="Still not.")
    with pytest.raises(CycleRefused, match="newer answer"):
        appeal_review(review=review, actor=amina.user, text="x")
    late.delete()
    with pytest.raises(IntegrityError, match="decided_whole"), transaction.atomic():
        ReviewAppeal.objects.filter(pk=appeal.pk).update(reason="")


def test_nothing_is_checked_assigned_or_appealed_once_the_vote_began(
    trees: Proposal, amina: Membership, bao: Membership, eva: Membership, ewa: Membership, ideas: Cycle
) -> None:
    review = no(trees, eva)
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    for act in (
        lambda: appeal_review(review=review, actor=amina.user, text="x"),
        lambda: declare_conflict(proposal=trees, evaluator=ewa, reason="x"),
        lambda: write_note(proposal=trees, author=ewa, text="x"),
        lambda: assign_proposals(cycle=ideas, proposals=[trees.pk], actor=ewa, evaluator=eva),
        lambda: unassign_proposals(cycle=ideas, proposals=[trees.pk], actor=ewa),
        lambda: give_estimate(proposal=trees, evaluator=ewa, feasibility="feasible", cost=1),
    ):
        with pytest.raises(CycleRefused, match="the step"):
            act()


def test_the_clock_of_a_proposal_runs_and_says_when_it_is_late(
    client: Client, ideas: Cycle, amina: Membership, eva: Membership
) -> None:
    early, late = make_proposal(ideas, amina, "On time"), make_proposal(ideas, amina, "Too late")
    now = timezone.now()
    Proposal.objects.filter(pk=early.pk).update(submitted_at=now - timedelta(days=20))
    Proposal.objects.filter(pk=late.pk).update(submitted_at=now - timedelta(days=22))
    client.force_login(eva.user)
    desk = f"/cycles/{ideas.pk}/desk/"
    page = client.get(desk).content.decode()
    assert "22 days, overdue" in page
    assert "20 days, overdue" not in page
    only = client.get(desk, {"overdue": "on"}).content.decode()
    assert "Too late" in only
    assert "On time" not in only
    board = client.get(desk, {"view": "board"}).content.decode()
    assert "22 days, overdue" in board
    assert "To be assigned" in board


def test_each_state_has_its_filter(
    client: Client, ideas: Cycle, amina: Membership, eva: Membership, ewa: Membership, two: ReviewRule
) -> None:
    names = ["Unassigned", "Assigned", "Second", "Sign", "Feasible"]
    proposals = {name: make_proposal(ideas, amina, name) for name in names}
    assign_proposals(cycle=ideas, proposals=[proposals["Assigned"].pk], actor=ewa, evaluator=eva)
    for name in ("Second", "Sign", "Feasible"):
        give_estimate(proposal=proposals[name], evaluator=eva, feasibility="feasible", cost=100)
    for name in ("Sign", "Feasible"):
        theirs = give_estimate(proposal=proposals[name], evaluator=ewa, feasibility="feasible", cost=100)
    sign_answer(estimate=theirs, signer=eva)
    client.force_login(eva.user)
    for name in names:
        page = client.get(f"/cycles/{ideas.pk}/desk/", {"stage": name.lower()}).content.decode()
        assert [other for other in names if f'dir="auto">{other}</a>' in page] == [name]


def test_the_settings_are_for_those_who_run_the_budget(
    client: Client, ideas: Cycle, bao: Membership, eva: Membership
) -> None:
    client.force_login(bao.user)
    rule = {"estimates": "2", "needs_signature": "on", "days": "30", "appeal_days": "10"}
    assert client.post(f"/cycles/{ideas.pk}/review-rule/", rule | {"days": "0"}).status_code == 422
    client.post(f"/cycles/{ideas.pk}/review-rule/", rule)
    assert ReviewRule.objects.get().days == 30
    address = "/a/riverside/departments/"
    assert client.post(address, {"name": "Roads", "checklist": "x" * 201}).status_code == 422
    client.post(
        address, {"name": "Roads", "categories": ["streets"], "evaluators": [eva.pk], "checklist": "One\nTwo\n"}
    )
    roads = Department.objects.get()
    assert (roads.checklist, list(roads.evaluators.all())) == (["One", "Two"], [eva])
    assert client.post(address, {"name": "Roads"}).status_code == 422
    client.post(f"/departments/{roads.pk}/", {"delete": "1"})
    assert not Department.objects.exists()


@pytest.mark.parametrize("view", ["table", "board"])
def test_the_desk_asks_the_same_number_of_questions_for_few_or_many(
    client: Client,
    amina: Membership,
    eva: Membership,
    ewa: Membership,
    ideas: Cycle,
    parks: Department,
    django_assert_num_queries: DjangoAssertNumQueries,
    view: str,
) -> None:
    client.force_login(ewa.user)
    for _twice in range(2):
        made = [make_proposal(ideas, amina, f"{view} {_twice} {number}", category="green") for number in range(8)]
        assign_proposals(cycle=ideas, proposals=[one.pk for one in made[:5]], actor=ewa)
        no(made[6], eva)
        review_proposal(proposal=made[7], evaluator=eva, feasibility="feasible", cost=100)
        with django_assert_num_queries(17 if view == "table" else 15):
            assert client.get(f"/cycles/{ideas.pk}/desk/", {"view": view, "stage": ""}).status_code == 200
