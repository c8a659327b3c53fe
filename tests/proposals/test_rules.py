"""The rule is tried on the past by everybody, locked with its number, and checked at the count; conditions hold."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

import ledger
from assemblies.models import Assembly, District, Membership
from proposals import services
from proposals.models import Award, Cycle, Phase, Project
from proposals.services import CycleRefused
from proposals.workbench import compare, past_in_file, past_of
from tests.make import line_of, make_member
from tests.proposals.making import Kind, make_ballot, make_cycle, make_feasible, make_published, moment_in, pot_of, vote
from voting import services as voting
from voting.models import Result

FILE = b"""META
key;value
num_projects;3
num_votes;4
budget;100
vote_type;approval
rule;greedy
PROJECTS
project_id;cost;votes;name;category;target;selected
1;80;2;Park;;;1
2;40;2;Well;;;0
3;60;1;Bench;;;0
VOTES
voter_id;vote
1;1
2;1,2
3;2
4;3
"""


def test_a_file_is_counted_by_every_candidate() -> None:
    comparison = compare(past_in_file(FILE, name="town.pb", currency="EUR"))
    by_name = {rule.name: rule for rule in comparison.rules}
    greedy = by_name["Greedy: most votes first"]
    assert greedy.winners == {"2", "3"}  # equal votes: the cheaper one first, then what still fits
    assert (greedy.spent, greedy.budget, greedy.served, greedy.voters) == (100_00, 100_00, 3, 4)
    assert len(comparison.rules) == 4
    assert [line.title for line in comparison.lines] == ["Park", "Well", "Bench"]
    assert all(len(line.won) == 4 for line in comparison.lines)


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload=alert(1)>", FILE.replace(b"budget;100", b"budget;-5"), b"\xff\xfe\x00"]
)
def test_a_file_that_is_none_is_refused_in_words(client: Client, ideas: Cycle, amina: Membership, data: bytes) -> None:
    client.force_login(amina.user)
    answer = client.post(f"/cycles/{ideas.pk}/rules/file/", {"file": SimpleUploadedFile("town.pb", data)})
    assert answer.status_code == 422
    assert "onload=alert" not in answer.content.decode()


def test_everybody_compares_rules_on_the_last_budget(
    client: Client, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    poll = make_published(voting_now, amina, eva)
    page = client.get(f"/cycles/{voting_now.pk}/rules/", {"poll": str(poll.pk)}).content.decode()
    assert "Not binding" in page
    assert "Chess tables" in page
    binding = set(Result.objects.get(poll=poll, is_binding=True).winners)
    mes = next(rule for rule in compare(past_of(poll)).rules if rule.name == "Equal Shares")
    assert mes.winners == binding
    assert mes.is_theirs


def test_a_result_under_embargo_is_no_past(
    riverside: Assembly, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    poll = make_ballot(voting_now, amina, eva)
    services.open_ballot(heading=pot_of(voting_now), actor=None)
    poll.refresh_from_db()
    poll = voting.close_poll(poll=poll, actor=None)
    with pytest.raises(CycleRefused, match="not published"):
        past_of(poll)


def test_bao_locks_a_rule_and_its_number_is_public(
    client: Client, ideas: Cycle, bao: Membership, amina: Membership, chidi: Membership
) -> None:
    url = f"/cycles/{ideas.pk}/rules/lock/"
    client.force_login(amina.user)
    assert client.post(url, {"rule": "greedy", "reason": "Known."}).status_code == 403
    assert client.get(url).status_code == 405
    client.force_login(bao.user)
    assert client.post(url, {"rule": "greedy", "reason": " "}).status_code == 422
    assert client.post(url, {"rule": "greedy", "reason": "Everybody knows it."}).status_code == 302
    ideas.refresh_from_db()
    assert ideas.rule == "greedy"
    assert ideas.rule_hash in client.get(f"/cycles/{ideas.pk}/rules/").content.decode()
    assert ideas.rule_hash[:16] in client.get(f"/cycles/{ideas.pk}/").content.decode()
    assert list(ledger.events(ideas.pk))[-1].data["sha256"] == ideas.rule_hash
    with pytest.raises(CycleRefused, match="locked already"):
        services.lock_rule(cycle=ideas, rule="equal-shares", reason="Better.", actor=None)
    Assembly.objects.filter(pk=ideas.assembly_id).update(is_public=False)
    client.force_login(chidi.user)
    assert client.get(f"/cycles/{ideas.pk}/rules/").status_code == 404


def test_another_rule_than_the_locked_one_neither_opens_nor_counts(
    voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    services.lock_rule(cycle=voting_now, rule="greedy", reason="Known.", actor=None)
    poll = make_ballot(Cycle.objects.get(pk=voting_now.pk), amina, eva)
    type(poll).objects.filter(pk=poll.pk).update(rule="greedy-no-skip")
    with pytest.raises(CycleRefused, match="another rule"):
        services.open_ballot(heading=pot_of(voting_now), actor=None)
    type(poll).objects.filter(pk=poll.pk).update(rule="greedy")
    poll = services.open_ballot(heading=pot_of(voting_now), actor=None)
    vote(poll, amina, "Chess tables")
    Cycle.objects.filter(pk=voting_now.pk).update(rule_hash="0" * 64)
    with pytest.raises(voting.PollRefused, match="another rule"):
        voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    assert not Award.objects.exists()


def test_conditions_stand_on_the_ballot_reach_the_count_and_their_reasons_the_result(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    """Two rivals, a district with its own money, and a least number of votes."""
    cycle = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={}, compared_rules=[])
    north = District.objects.create(assembly=riverside, name="North")
    others = [make_member(riverside, name) for name in ("Dora", "Emil")]
    costs = {"Shade trees": 50_000, "Safe crossing": 40_000, "Repair café": 50_000, "Chess tables": 10_000}
    make_feasible(cycle, amina, eva, costs)
    pot = pot_of(cycle)
    services.put_on_ballot(heading=pot, actor=None, at=moment_in(cycle, Kind.REVIEWING))
    Project.objects.filter(heading=pot, title="Repair café").update(district=north)
    number = dict(Project.objects.filter(heading=pot).values_list("title", "number"))
    services.set_conditions(
        heading=pot, minimum_votes=2, district_floors={"North": 50_000_00},
        rival_sets=[[number["Shade trees"], number["Safe crossing"]]], actor=None,
    )  # fmt: skip
    pot.refresh_from_db()
    with pytest.raises(CycleRefused, match="Draw it up anew"):
        services.open_ballot(heading=pot, actor=None)
    services.put_on_ballot(heading=pot, actor=None)
    poll = services.open_ballot(heading=pot_of(cycle), actor=None)
    client.force_login(amina.user)
    paper = client.get(f"/polls/{poll.pk}/").content.decode()
    for sentence in (
        "A project needs at least 2 votes.", "are set aside for North.",
        "At most one of these can win: “Shade trees”, “Safe crossing”.",
    ):  # fmt: skip
        assert sentence in paper
    for person in (amina, bao, *others):
        vote(poll, person, "Shade trees", "Safe crossing")
    voting.cast_ballot(
        poll=poll, line=line_of(poll, amina), key="the-second-one-of-amina",
        choice={"options": sorted(f"p{number[title]}" for title in ("Repair café", "Shade trees", "Chess tables"))},
    )  # fmt: skip
    voting.cast_ballot(
        poll=poll, line=line_of(poll, bao), key="the-second-one-of-bao-too",
        choice={"options": sorted(f"p{number[title]}" for title in ("Repair café", "Shade trees"))},
    )  # fmt: skip
    poll = voting.publish_poll(poll=voting.close_poll(poll=poll, actor=None), actor=None)
    codes = {key: reason["code"] for key, reason in Result.objects.get(poll=poll).outcome["options"].items()}
    assert codes[f"p{number['Repair café']}"] == "selected_by_floor"
    assert codes[f"p{number['Shade trees']}"] == "selected"
    assert codes[f"p{number['Safe crossing']}"] == "rival_funded"
    assert codes[f"p{number['Chess tables']}"] == "below_threshold"


def test_conditions_that_make_no_sense_are_refused(
    client: Client, voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    make_ballot(voting_now, amina, eva)
    url = f"/headings/{pot_of(voting_now).pk}/conditions/"
    client.force_login(bao.user)
    assert client.post(url, {"rival_sets": "1, 99"}).status_code == 422
    assert client.post(url, {"rival_sets": "one"}).status_code == 422
    assert client.post(url, {"minimum_votes": "0"}).status_code == 422
    assert client.post(url, {"minimum_votes": "5", "rival_sets": "1, 2"}).status_code == 302
    assert "at most one of the projects number 1, 2" in client.get(f"/cycles/{voting_now.pk}/").content.decode().lower()
    client.force_login(amina.user)
    assert client.get(url).status_code == 403


def test_last_years_budget_is_copied_whole_weeks_later(
    client: Client, voting_now: Cycle, bao: Membership, amina: Membership
) -> None:
    url = f"/cycles/{voting_now.pk}/copy/"
    client.force_login(amina.user)
    assert client.post(url).status_code == 403
    client.force_login(bao.user)
    assert client.post(url).status_code == 302
    made = Cycle.objects.exclude(pk=voting_now.pk).get()
    assert not made.is_published
    assert (made.year, made.amount, made.rule) == (2027, voting_now.amount, voting_now.rule)
    first, copied = voting_now.phases.earliest("starts_at"), made.phases.earliest("starts_at")
    assert copied.starts_at - first.starts_at == timedelta(weeks=52)
    assert [phase.kind for phase in made.phases.all()] == [phase.kind for phase in voting_now.phases.all()]


def test_the_database_lets_no_step_change_its_place(ideas: Cycle) -> None:
    vote_step = ideas.phases.get(kind=Kind.BALLOTING)
    Phase.objects.filter(pk=vote_step.pk).update(starts_at=vote_step.starts_at - timedelta(days=40))
    with pytest.raises(DatabaseError, match="never reordered"), transaction.atomic():
        connection.check_constraints()
    Phase.objects.filter(pk=vote_step.pk).update(starts_at=vote_step.starts_at)
