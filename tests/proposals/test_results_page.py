"""The result in a sentence, by both rules, with a reason for every project."""

import csv
import io

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle, Project
from proposals.outcomes import results_of
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_open_ballot, make_published, project_of, vote
from voting import services as voting

COSTS = {"Sports hall": 90_000, "Bench": 40_000, "Swing": 40_000, "Nobody's wish": 5_000}


@pytest.fixture
def decided(riverside: Assembly, amina: Membership, eva: Membership) -> Cycle:
    """Seven people: four want the dear hall, three the bench and the swing. The rules disagree."""
    people = [make_member(riverside, f"Person {number}") for number in range(7)]
    cycle = make_cycle(riverside, Kind.BALLOTING, title="Riverside budget")
    poll = make_open_ballot(cycle, amina, eva, COSTS)
    for number, person in enumerate(people):
        vote(poll, person, *(["Sports hall"] if number < 4 else ["Bench", "Swing"]))
    vote(poll, amina)
    poll = voting.close_poll(poll=poll, actor=None)
    voting.publish_poll(poll=poll, actor=None)
    return Cycle.objects.whole().get(pk=cycle.pk)


def test_the_page_begins_with_the_sentence(client: Client, decided: Cycle) -> None:
    pot = results_of(decided)[0]
    page = client.get(f"/cycles/{decided.pk}/results/").content.decode().replace("<bdi>", "").replace("</bdi>", "")
    assert f"{len(pot.binding.winners)} of 4 projects" in page
    assert "8 people voted." in page
    assert "This rule decides" in page
    assert "For comparison only" in page
    assert page.index("Equal Shares") < page.index("Greedy: most votes first")
    for title in COSTS:
        assert title.replace("'", "&#x27;") in page
    assert "Nobody chose it." in page


def test_the_two_rules_differ_and_the_page_says_where(client: Client, decided: Cycle) -> None:
    pot = results_of(decided)[0]
    greedy = pot.rules[1]
    assert greedy.outcome.winners[0].option.title == "Sports hall"
    assert any(line.differs for line in pot.lines) == bool(greedy.only_here or pot.rules[0].only_here)
    page = client.get(f"/cycles/{decided.pk}/results/").content.decode()
    for line in pot.lines:
        if line.differs and not line.binding.won:
            assert "The other rule would fund it." in page


def test_why_works_without_scripts(client: Client, decided: Cycle) -> None:
    project = project_of(decided, "Nobody's wish")
    page = client.get(f"/cycles/{decided.pk}/results/", {"why": str(project.pk)}).content.decode()
    answer = page.partition('<div class="answer stack">')[2].partition("</div>")[0]
    assert "Nobody&#x27;s wish" in answer
    assert "Nobody chose it." in answer
    assert client.get(f"/cycles/{decided.pk}/results/", {"why": "nonsense"}).status_code == 200


def test_every_project_has_one_sentence_and_the_steps_spend_the_money(decided: Cycle) -> None:
    pot = results_of(decided)[0]
    assert all(line.binding.sentence for line in pot.lines)
    assert [line.place for line in pot.lines] == [1, 2, 3, 4]
    assert pot.steps[-1].left == pot.binding.unspent
    assert sum(amount for _place, amount in pot.blocks) == pot.binding.total_cost


def test_the_file_has_every_project_and_no_formula(client: Client, decided: Cycle) -> None:
    Project.objects.filter(heading__cycle=decided, title="Swing").update(title='=HYPERLINK("http://evil","click")')
    answer = client.get(f"/cycles/{decided.pk}/results.csv")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert 'filename="riverside-budget-results.csv"' in answer["Content-Disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert len(rows) == 5
    titles = [row[3] for row in rows[1:]]
    assert '\'=HYPERLINK("http://evil","click")' in titles
    assert {row[7] for row in rows[1:]} == {"90000.00", "40000.00", "5000.00"}
    assert {row[10] for row in rows[1:]} == {"yes", "no"}


def test_the_page_asks_as_often_for_four_projects_as_for_forty(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    eva: Membership,
    django_assert_num_queries: object,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in ("NEW_PROPOSALS_IN_LONG", "PROPOSALS_IN_LONG"):
        monkeypatch.setattr(f"proposals.services.throttles.{limit}", 40)
    cycle = make_cycle(riverside, Kind.BALLOTING)
    make_published(cycle, amina, eva, {f"Project {number}": 1_000 + number for number in range(40)})
    with django_assert_num_queries(10):  # type: ignore[operator]
        client.get(f"/cycles/{cycle.pk}/results/")


def test_strangers_do_not_find_private_results(
    client: Client, harbour: Assembly, amina: Membership, chidi: Membership, eva: Membership
) -> None:
    cycle = make_cycle(harbour)
    client.force_login(amina.user)
    for page in ("results/", "results.csv", "delivery/", "proposals/", "ballot/", ""):
        assert client.get(f"/cycles/{cycle.pk}/{page}").status_code == 404
    assert client.post(f"/cycles/{cycle.pk}/results/").status_code == 405


def test_the_count_is_gone_through_step_by_step(client: Client, decided: Cycle) -> None:
    pot = results_of(decided)[0]
    address = f"/headings/{pot.heading.pk}/count/"
    page = client.get(address).content.decode()
    assert "How was this decided?" in page
    assert str(pot.rules[0].outcome.rule_in_words) in page
    assert pot.binding.result.outcome["input_sha256"] in page
    assert page.count("<ol") == 1
    assert [page.index(f"{step.number}.</bdi>") for step in pot.steps] == sorted(
        page.index(f"{step.number}.</bdi>") for step in pot.steps
    )
    for step in pot.steps:
        one = client.get(address, {"step": step.number}).content.decode()
        assert f"Step {step.number}" in one
        assert ("?step=" + str(step.number - 1) in one) == (step.number > 1)
        assert ("?step=" + str(step.number + 1) in one) == (step.number < len(pot.steps))
    for nonsense in ("0", "999999999", "x", "٣"):
        assert "All steps on one page" not in client.get(address, {"step": nonsense}).content.decode()
    for line in pot.differing:
        assert line.project.title in page.partition("What if another rule had counted?")[2]


def test_the_money_is_shown_by_topic_and_adds_up(client: Client, decided: Cycle) -> None:
    Project.objects.filter(heading__cycle=decided, title="Bench").update(category="green")
    pot = results_of(decided)[0]
    assert sum(share.amount for share in pot.by_topic) == pot.binding.total_cost
    assert sum(share.projects for share in pot.by_topic) == len(pot.lines)
    assert pot.by_district == []  # all in one place: nothing to compare
    page = client.get(f"/cycles/{decided.pk}/results/").content.decode()
    assert "What the money is for" in page
    assert 'style="' not in page
