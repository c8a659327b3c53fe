"""A bad day of who runs a budget: nothing is offered that can only be refused, and what is lost is said before."""

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Assembly, Membership, Role
from proposals.models import CoSponsor, Cycle
from proposals.services import (
    agree_to_merge,
    give_estimate,
    open_ballot,
    put_on_ballot,
    report_incident,
    review_proposal,
    set_review_rule,
    start_phase,
    suggest_merge,
)
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_open_ballot, make_proposal, pot_of, project_of
from tests.proposals.test_table_files import GOOD, upload
from voting import services as voting


def page(client: Client, person: Membership, url: str) -> str:
    client.force_login(person.user)
    return client.get(url, follow=True).content.decode()


def test_whoever_ends_the_check_reads_first_how_many_have_no_answer(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    url = f"/cycles/{cycle.pk}/manage/"
    assert "has no answer yet" not in page(client, bao, url)
    make_proposal(cycle, amina)
    seen = page(client, bao, url)
    assert "1 proposal has no answer yet" in seen
    assert f"/cycles/{cycle.pk}/desk/" not in seen
    rita = make_member(riverside, "Rita", Role.FACILITATOR, Role.EVALUATOR)
    assert f"/cycles/{cycle.pk}/desk/" in page(client, rita, url)  # who may answer them is led there
    ideas = make_cycle(riverside)
    make_proposal(ideas, amina)
    assert "has no answer yet" not in page(client, bao, f"/cycles/{ideas.pk}/manage/")  # the check comes next


def test_a_budget_that_lacks_something_has_no_button_to_publish_it(
    client: Client, riverside: Assembly, bao: Membership
) -> None:
    cycle = make_cycle(riverside, phases=None, now_in=Kind.ACCEPTING)
    Cycle.objects.filter(pk=cycle.pk).update(published_at=None)
    url, button = f"/cycles/{cycle.pk}/manage/", f"/cycles/{cycle.pk}/publish/"
    assert button in page(client, bao, url)
    Cycle.objects.filter(pk=cycle.pk).update(summary="")
    assert button not in page(client, bao, url)


def test_what_left_a_ballot_does_not_come_back_on_the_next_one(
    voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    poll = make_open_ballot(voting_now, amina, eva)
    off = project_of(voting_now, "Shade trees")
    report_incident(project=off, kind="unfeasible", reason="A water pipe runs there.", actor=bao.user)
    voting.void_poll(poll=poll, actor=bao.user, reason="A price was wrong.")
    again = put_on_ballot(heading=pot_of(voting_now), actor=bao.user)
    assert sorted(again.options.values_list("title", flat=True)) == ["Chess tables", "Repair café", "Safe crossing"]
    open_ballot(heading=pot_of(voting_now), actor=bao.user)
    off.refresh_from_db()
    assert off.option is None


def test_after_the_vote_nobody_is_promised_another_ballot(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    poll = voting.close_poll(poll=make_open_ballot(cycle, amina, eva), actor=bao.user)
    url = f"/cycles/{cycle.pk}/manage/"
    assert "a new ballot can follow" in page(client, bao, url)
    start_phase(cycle=cycle, kind=Kind.FINISHED, actor=bao.user)
    assert "no new ballot can follow in this budget" in page(client, bao, url)
    voting.void_poll(poll=poll, actor=bao.user, reason="The register was wrong.")
    assert "no new ballot can follow in this budget" in page(client, bao, url)


def test_who_may_not_judge_reads_why_and_has_no_form(
    client: Client, ideas: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    trees = make_proposal(ideas, amina)
    url, form = f"/proposals/{trees.pk}/review/", 'name="feasibility"'
    assert form in page(client, eva, url)
    person = CoSponsor.objects.create(
        proposal=trees, person=eva, state=CoSponsor.State.ACCEPTED, place=1, answered_at=timezone.now()
    )
    seen = page(client, eva, url)
    assert form not in seen
    assert "You stand behind this proposal yourself" in seen
    person.delete()
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    seen = page(client, eva, url)
    assert form not in seen
    assert "Proposals are not checked at the moment." in seen
    assert f"/proposals/{trees.pk}/return/" not in seen


def test_a_merge_that_nobody_answered_ends_with_the_check(
    client: Client, ideas: Cycle, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    dora = make_member(riverside, "Dora")
    merge = suggest_merge(
        target=make_proposal(ideas, amina),
        others=[make_proposal(ideas, dora, "Benches")],
        suggester=amina,
        title="Trees and benches",
        summary="Both.",
        text="Shade to sit in.",
    )
    url = merge.get_absolute_url()
    assert "Yes, in these words" in page(client, dora, url)
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    seen = page(client, dora, url)
    assert "Yes, in these words" not in seen
    assert "Proposals can no longer be merged." in seen


def test_a_merge_is_undone_only_while_what_came_of_it_has_no_answer(
    client: Client, ideas: Cycle, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    dora = make_member(riverside, "Dora")
    merge = suggest_merge(
        target=make_proposal(ideas, amina),
        others=[make_proposal(ideas, dora, "Benches")],
        suggester=amina,
        title="Trees and benches",
        summary="Both.",
        text="Shade to sit in.",
    )
    agree_to_merge(merge=merge, author=dora.user, wording=merge.wording)
    assert "Undo the merge" in page(client, dora, merge.get_absolute_url())
    start_phase(cycle=ideas, kind=Kind.BALLOTING, actor=bao.user)
    assert "Undo the merge" not in page(client, dora, merge.get_absolute_url())


def test_the_rule_of_the_check_is_shown_as_fixed_once_somebody_worked_by_it(
    client: Client, ideas: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    set_review_rule(cycle=ideas, actor=bao.user, estimates=2, needs_signature=True, days=30, appeal_days=10)
    url, fixed = f"/cycles/{ideas.pk}/review-rule/", "It can no longer change."
    assert fixed not in page(client, bao, url)
    give_estimate(proposal=make_proposal(ideas, amina), evaluator=eva, feasibility="feasible", cost=1)
    assert fixed in page(client, bao, url)


def test_an_appeal_is_promised_no_longer_than_the_check_lasts(
    client: Client, riverside: Assembly, amina: Membership, eva: Membership, bao: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.REVIEWING)
    set_review_rule(cycle=cycle, actor=bao.user, estimates=1, needs_signature=False, days=30, appeal_days=300)
    trees = make_proposal(cycle, amina)
    review_proposal(proposal=trees, evaluator=eva, feasibility="unfeasible", public_reason="No room.")
    url = trees.get_absolute_url()
    client.force_login(amina.user)
    assert client.get(url).context["appeal_until"] == cycle.phases.get(kind=Kind.REVIEWING).ends_at
    start_phase(cycle=cycle, kind=Kind.BALLOTING, actor=bao.user)
    assert client.get(url).context["appeal_until"] is None


@pytest.mark.parametrize("column", ["costs", "Autor"])
def test_a_column_that_nobody_knows_is_named_before_anything_comes_in(
    client: Client, ideas: Cycle, bao: Membership, column: str
) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, f"title,summary,text,{column}\nA bench,To sit.,None.,1200\n")["Location"]  # type: ignore[index]
    seen = client.get(address).content.decode()
    assert "These columns are not used:" in seen
    assert column.lower() in seen.lower()


def test_a_file_is_found_and_undone_when_ideas_are_no_longer_taken(
    client: Client, ideas: Cycle, bao: Membership
) -> None:
    client.force_login(bao.user)
    address = upload(client, ideas, GOOD)["Location"]  # type: ignore[index]
    client.post(f"{address}take-in/")
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    assert f"/cycles/{ideas.pk}/import/" in page(client, bao, f"/cycles/{ideas.pk}/manage/")
    seen = page(client, bao, f"/cycles/{ideas.pk}/import/")
    assert address in seen
    assert 'type="file"' not in seen
