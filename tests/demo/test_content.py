"""What the demo says: residents who exist, titles that fit, and facts that agree with each other."""

import re
from collections import Counter
from pathlib import Path

import pytest

import demo.content
from assemblies.models import Role
from demo.content import now_ballot, now_refused, past_districts, past_millside, people, town, youth_ideas
from demo.content.deliveries import DELIVERIES
from demo.content.evenings import HARBOUR_LAST, HARBOUR_NEXT, LAST, NEXT, TODAY
from demo.content.figures import NO_BREAK_SPACE, together
from demo.content.idea import Idea, Theme
from demo.cycles import NOW_BUDGET, YOUTH_BUDGET
from proposals.models import Category

PAST = past_millside.IDEAS + past_districts.IDEAS
NOW = now_ballot.IDEAS + tuple(told.idea for told in now_refused.IDEAS)
YOUTH = tuple(told.idea for told in youth_ideas.IDEAS)
UNREVIEWED = now_refused.IDEAS + youth_ideas.IDEAS
EVENINGS = (LAST, TODAY, NEXT, HARBOUR_LAST, HARBOUR_NEXT)


def test_last_years_ballot_has_forty_five_projects_and_this_years_eighteen():
    assert len(PAST) == 45
    assert len(now_ballot.IDEAS) == 18
    assert len([told for told in youth_ideas.IDEAS if not told.draft]) == 25


@pytest.mark.parametrize("ideas", [PAST, NOW, YOUTH], ids=["past", "now", "youth"])
def test_no_title_is_there_twice_in_one_budget(ideas: tuple[Idea, ...]):
    titles = Counter(idea.title.casefold() for idea in ideas)
    assert [title for title, times in titles.items() if times > 1] == []


@pytest.mark.parametrize("idea", PAST + NOW + YOUTH, ids=lambda idea: idea.title)
def test_an_idea_fits_the_form_that_residents_fill_in(idea: Idea):
    assert 3 <= len(idea.title) <= 80
    assert 5 <= len(idea.summary) <= 200
    assert 40 <= len(idea.text) <= 5000
    assert len(idea.place) <= 120
    assert idea.cost > 0
    assert "  " not in idea.text, "a line was broken badly"
    assert "lorem" not in idea.text.lower()


@pytest.mark.parametrize("idea", PAST + now_ballot.IDEAS, ids=lambda idea: idea.title)
def test_who_asks_for_something_in_a_district_lives_there(idea: Idea):
    homes = {person.email.partition("@")[0]: person.district for person in people.TOWN}
    author = people.Person(idea.author).email.partition("@")[0]
    assert author in homes
    assert not idea.district or homes[author] == idea.district


def test_every_author_and_official_is_a_person_of_the_town():
    known = {person.email.partition("@")[0] for person in people.TOWN}
    authors = {people.Person(idea.author).email.partition("@")[0] for idea in PAST + NOW + YOUTH}
    officials = {told.answer.by for told in UNREVIEWED if told.answer}
    evaluators = {person.email.partition("@")[0] for person in people.OFFICERS if person.role == "evaluator"}
    assert authors <= known
    assert officials == evaluators


def test_no_official_answers_an_own_idea():
    assert [told for told in UNREVIEWED if told.answer and told.answer.by == told.idea.author] == []


def test_a_refusal_gives_a_reason_worth_reading_and_a_cost_fits_the_budget():
    for told, budget in [(told, NOW_BUDGET) for told in now_refused.IDEAS] + [
        (told, YOUTH_BUDGET) for told in youth_ideas.IDEAS
    ]:
        if told.answer and told.answer.cost is None:
            assert len(told.answer.reason) > 120, told.idea.title
        elif told.answer:
            assert told.answer.cost < budget


def test_some_residents_write_spanish_and_the_rest_english():
    spanish = [idea for idea in PAST + NOW + YOUTH if idea.language == "es"]
    assert len(spanish) >= 6
    assert {idea.language for idea in PAST + NOW + YOUTH} == {"en", "es"}
    for idea in spanish:
        assert re.search(r"[áéíóúñ]", idea.text), idea.title


def test_the_themes_are_the_categories_of_proposals():
    assert {theme.value for theme in Theme} == set(Category.values) - {Category.OTHER.value}


def test_the_town_has_six_districts_and_some_24_000_people():
    assert len(town.DISTRICTS) == 6
    assert sum(place.population for place in town.DISTRICTS) == 24_000
    assert sum(place.ballots for place in town.DISTRICTS) == 1000


def test_every_role_has_somebody_and_nobody_shares_an_address():
    everybody = people.TOWN + people.COOPERATORS
    assert {person.role for person in people.TOWN if person.role} == set(Role.values)
    assert len({person.email for person in everybody}) == len(everybody) > 120
    assert {"amina@riverside.demo", "bao@riverside.demo", "chidi@harbour.demo"} <= {p.email for p in everybody}
    assert all(re.fullmatch(r"[a-z]+@(riverside|harbour)\.demo", person.email) for person in everybody)
    assert max(len(person.name) for person in everybody) <= 80


def test_no_text_names_an_address_or_a_host_outside_the_demo():
    folder = Path(demo.content.__file__).parent
    for file in folder.glob("*.py"):
        text = file.read_text()
        assert "http" not in text, file.name
        hosts = re.findall(r"[\w.-]+\.(?:com|org|net|eu|de|io|example|demo)\b", text)
        assert set(hosts) <= {"riverside.demo", "harbour.demo"}, file.name
        assert re.findall(r"\S+@\S+\.\S+", text.replace("{first}@{self.domain}", "")) == [], file.name


def test_each_delivery_is_of_a_project_of_last_year_and_its_books_add_up():
    costs = {idea.title: idea.cost for idea in PAST}
    assert len({story.title for story in DELIVERIES}) == len(DELIVERIES)
    for story in DELIVERIES:
        sums = Counter[str]()
        for money in story.money:
            sums[money.kind] += money.amount
        assert sums["contracted"] <= costs[story.title], story.title
        if story.status == "done":
            assert sums["paid"] == sums["final"], story.title
        assert sums["paid"] <= max(sums["contracted"], sums["final"]), story.title
        assert sums["final"] <= costs[story.title], story.title
        assert ("final" in sums) == (story.status == "done"), story.title
        if story.status == "done":
            assert all(step.done is not None for step in story.steps), story.title


def test_one_delivery_is_late_with_a_reason_one_was_cheaper_and_one_was_celebrated():
    late = [s for s in DELIVERIES if any(step.done is None and step.due < 0 for step in s.steps)]
    assert [bool(story.reason) for story in late] == [True]
    costs = {idea.title: idea.cost for idea in PAST}
    finals = {s.title: m.amount for s in DELIVERIES for m in s.money if m.kind == "final"}
    assert any(final <= costs[title] * 3 / 4 for title, final in finals.items())
    assert any("jumping" in step.title for story in DELIVERIES for step in story.steps)


@pytest.mark.parametrize("evening", EVENINGS, ids=lambda evening: evening.title)
def test_an_agenda_fits_its_fields_and_its_evening(evening):
    assert len(evening.title) <= 120
    assert len(evening.place) <= 160
    assert sum(item.minutes for item in evening.items) <= evening.minutes
    for item in evening.items:
        assert len(item.title) <= 140
        assert len(item.outcome) <= 300
        for question in item.questions:
            assert len(question.question) <= 200
            assert len(set(question.options)) == len(question.options)


def test_tonight_asks_yes_or_no_an_open_vote_and_a_ranked_one():
    templates = [question.template for item in TODAY.items for question in item.questions]
    assert templates == ["yes_no", "yes_no", "approval", "ranked"]


def test_amounts_stay_on_one_line_and_other_figures_are_left_alone():
    shown = together("84 000 € for 2 places, 1 250 000 in all, class 9 of 1987 150 times").replace(NO_BREAK_SPACE, "~")
    assert shown == "84~000~€ for 2 places, 1~250~000 in all, class 9 of 1987 150 times"
