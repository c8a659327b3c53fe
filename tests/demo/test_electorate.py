"""The seeded voters: always the same for a seed, and never beyond the limits of the ballot."""

import random

from demo.content import now_ballot, past_districts
from demo.content.town import MEADOWS, MILLSIDE
from demo.electorate import Voter, approvals, interest, voters

IDEAS = now_ballot.IDEAS


def ballots(seed: str, *, most: int = 18, budget: int | None = None) -> list[list[int]]:
    chance = random.Random(seed)
    return [
        approvals(voter, IDEAS, most=most, budget=budget, chance=chance)
        for voter in voters(300, known=[MEADOWS] * 20, seed=seed)
    ]


def test_the_same_seed_gives_the_same_ballots_and_another_seed_others():
    assert ballots("a") == ballots("a")
    assert ballots("a") != ballots("b")


def test_people_whose_district_is_known_come_first():
    districts = [voter.district for voter in voters(300, known=[MEADOWS] * 20, seed="a")]
    assert districts[:20] == [MEADOWS] * 20
    assert len(districts) == 300
    assert districts.count(MILLSIDE) > districts[20:].count(MEADOWS)


def test_nobody_chooses_more_projects_or_more_money_than_the_ballot_allows():
    for chosen in ballots("a", most=3):
        assert len(chosen) == len(set(chosen)) <= 3
    for chosen in ballots("a", budget=50_000):
        assert sum(IDEAS[place].cost for place in chosen) <= 50_000


def test_some_ballots_are_blank_and_most_are_not():
    blank = sum(not chosen for seed in "abcdefgh" for chosen in ballots(seed))
    assert 0 < blank < 0.05 * 8 * 300


def test_people_like_what_is_near_more_than_what_is_far():
    path = next(idea for idea in past_districts.IDEAS if "Meadow Road" in idea.title)
    assert interest(Voter(MEADOWS, frozenset()), path) > 5 * interest(Voter(MILLSIDE, frozenset()), path)


def test_a_favourite_theme_is_liked_more_than_the_rest():
    idea = IDEAS[0]
    assert interest(Voter(MILLSIDE, frozenset({idea.theme})), idea) > interest(Voter(MILLSIDE, frozenset()), idea)
