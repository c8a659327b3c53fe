"""The assembly's home page says what can be done now, one thing first."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from proposals.models import Cycle
from proposals.services import NewHeading, create_cycle, publish_cycle, start_phase
from tests.make import make_member
from tests.proposals.making import (
    Kind,
    calendar,
    make_ballot,
    make_cycle,
    make_open_ballot,
    make_proposal,
    make_published,
    vote,
)
from voting import services as voting


def home(client: Client) -> str:
    return client.get("/a/riverside/").content.decode().replace("<bdi>", "").replace("</bdi>", "")


def primary(page: str) -> str:
    return page.partition('<a class="btn warm"')[2].partition("</a>")[0]


def test_while_ideas_are_taken_one_proposes(client: Client, ideas: Cycle, amina: Membership) -> None:
    page = home(client)
    assert "You decide how 100\u00a0000\u00a0€ is spent" in page
    assert f"/cycles/{ideas.pk}/propose/" in primary(page)
    assert "Ideas are taken until" in page
    assert "That is 5 days from now." in page
    make_proposal(ideas, amina)
    assert "Read the 1 idea" in home(client)


def test_while_the_vote_is_open_one_votes(
    client: Client, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    poll = make_open_ballot(voting_now, amina, eva)
    assert "Vote" in primary(home(client))
    client.force_login(amina.user)
    page = home(client)
    assert "Choose projects" in primary(page)
    assert f'data-unsent-ballot="{poll.pk}"' in page
    vote(poll, amina, "Shade trees")
    page = home(client)
    assert "Your ballot is counted. You can change it until" in page
    assert f"/polls/{poll.pk}/receipt/" in primary(page)
    assert "data-unsent-ballot" not in page


def test_who_came_after_the_vote_opened_is_told(
    client: Client, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    make_open_ballot(voting_now, amina, eva)
    client.force_login(make_member(voting_now.assembly, "Latecomer").user)
    assert "You are not in the register of voters." in home(client)


def test_between_the_vote_and_the_result_nothing_is_told(
    client: Client, voting_now: Cycle, amina: Membership, bao: Membership, eva: Membership
) -> None:
    poll = make_open_ballot(voting_now, amina, eva)
    vote(poll, amina, "Shade trees")
    voting.close_poll(poll=poll, actor=None)
    start_phase(cycle=voting_now, kind=Kind.FINISHED, actor=bao.user)
    page = home(client)
    assert "The vote is over. The result is not published yet." in page
    assert "1 ballot is in" in page
    voting.publish_poll(poll=poll, actor=None)
    page = home(client)
    assert "You decided how" in page
    assert f"/cycles/{voting_now.pk}/results/" in primary(page)


def test_the_timeline_is_a_list_with_one_current_step(client: Client, ideas: Cycle) -> None:
    page = home(client)
    timeline = page.partition('<ol class="phases">')[2].partition("</ol>")[0]
    assert timeline.count("<li") == 5
    assert timeline.count('aria-current="step"') == 1
    assert "Now, until" in timeline
    for step in ("Ideas", "Check", "Vote", "Results", "Build"):
        assert f"<h3>{step}</h3>" in timeline
    assert "How the budget works" in page


def test_the_open_vote_comes_before_everything_else(
    client: Client, riverside: Assembly, ideas: Cycle, voting_now: Cycle, amina: Membership, eva: Membership
) -> None:
    make_open_ballot(voting_now, amina, eva)
    past = make_cycle(riverside, Kind.BALLOTING)
    make_published(past, amina, eva)
    page = home(client)
    assert page.index(voting_now.title) < page.index(ideas.title) < page.index(past.title)
    assert "Also going on" in page


def test_an_unpublished_budget_is_on_no_page_of_residents(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership
) -> None:
    cycle = create_cycle(
        assembly=riverside,
        title="Hidden budget",
        year=2027,
        summary="For small works.",
        headings=[NewHeading("All", 100)],
        phases=calendar(),
        actor=None,
    )
    for person in (None, amina):
        if person:
            client.force_login(person.user)
        assert "Hidden budget" not in home(client)
        assert "Hidden budget" not in client.get("/a/riverside/budget/").content.decode()
        assert client.get(f"/cycles/{cycle.pk}/").status_code == 404
    client.force_login(bao.user)
    assert "Hidden budget" in client.get("/a/riverside/budget/").content.decode()
    client.post(f"/cycles/{cycle.pk}/publish/")
    client.force_login(amina.user)
    assert client.get(f"/cycles/{cycle.pk}/").status_code == 200


def test_a_town_without_a_budget_shows_none(client: Client, riverside: Assembly) -> None:
    assert "You decide how" not in home(client)
    assert "There is no budget yet." in client.get("/a/riverside/budget/").content.decode()


@pytest.mark.parametrize("budgets", [1, 4])
def test_the_home_page_asks_little(
    client: Client,
    riverside: Assembly,
    amina: Membership,
    eva: Membership,
    budgets: int,
    django_assert_max_num_queries: object,
) -> None:
    for _budget in range(budgets):
        make_ballot(make_cycle(riverside, Kind.BALLOTING), amina, eva)
    client.force_login(amina.user)
    with django_assert_max_num_queries(22 + 3 * budgets):  # type: ignore[operator]
        home(client)


def test_bao_begins_a_budget_in_the_browser(
    client: Client, riverside: Assembly, bao: Membership, eva: Membership
) -> None:
    client.force_login(bao.user)
    answers = {
        "title": "Riverside budget 2030", "summary": "For small works.", "amount": "100 000", "rule": "equal-shares",
        "limit": "number", "max_choices": "5",
        "secrecy": "1", "ideas_from": "2030-01-01", "check_from": "2030-02-01", "vote_from": "2030-03-01", "results_from": "2030-04-01",
    }  # fmt: skip
    wrong = client.post("/a/riverside/budget/new/", answers | {"check_from": "2029-12-01"})
    assert wrong.status_code == 422
    assert "ends before it begins" in wrong.content.decode()
    assert "Riverside budget 2030" in wrong.content.decode()
    assert client.post("/a/riverside/budget/new/", answers | {"amount": ""}).status_code == 422
    assert not Cycle.objects.exists()
    answer = client.post("/a/riverside/budget/new/", answers)
    cycle = Cycle.objects.get()
    assert answer["Location"] == f"/cycles/{cycle.pk}/manage/"
    assert (cycle.amount, cycle.year, cycle.rule, cycle.compared_rules) == (
        100_000_00,
        2030,
        "equal-shares",
        ["greedy"],
    )
    page = client.get(f"/cycles/{cycle.pk}/manage/").content.decode()
    assert "Before you publish" in page
    assert "It says what the money is for." in page
    publish_cycle(cycle=cycle, actor=bao.user)
    assert "Before you publish" not in client.get(f"/cycles/{cycle.pk}/manage/").content.decode()


def test_a_ballot_may_be_limited_by_the_money(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING, ballot_parameters={"within_budget": True}, max_choices=None)
    poll = make_open_ballot(cycle, amina, eva)
    client.force_login(amina.user)
    page = client.get(f"/cycles/{cycle.pk}/ballot/", follow=True).content.decode()
    assert "Add as many as the money allows." in page
    assert 'data-money="10000000"' in page
    keys = {option.title: option.key for option in poll.options.all()}
    dear = {"options": [keys["Shade trees"], keys["Safe crossing"]], "key": "k" * 20}
    answer = client.post(f"/polls/{poll.pk}/review/", dear)
    assert answer.status_code == 422
    assert "more than the budget" in answer.content.decode()
    assert answer.content.decode().count('" checked>') == 2  # what was chosen is still there


def test_bao_moves_the_last_day_and_goes_on(client: Client, ideas: Cycle, bao: Membership) -> None:
    client.force_login(bao.user)
    answer = client.post(f"/cycles/{ideas.pk}/move-end/", {"kind": "accepting", "last_day": "2001-01-01"})
    assert answer.status_code == 422
    assert "passed already" in answer.content.decode()
    assert client.post(f"/cycles/{ideas.pk}/move-end/", {"kind": "accepting", "last_day": "soon"}).status_code == 422
    page = client.post(f"/cycles/{ideas.pk}/start-phase/", {"kind": "reviewing"}, follow=True).content.decode()
    assert "The step now: Check." in page
    page = client.post(f"/cycles/{ideas.pk}/start-phase/", {"kind": "accepting"}, follow=True).content.decode()
    assert "only moves forward" in page
