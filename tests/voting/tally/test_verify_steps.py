"""The slow checks hold for every honest trail, and for none in which one number, name or step was changed."""

from __future__ import annotations

import copy
import hashlib
import json
import random
from fractions import Fraction

import pytest

from tests.voting.tally.test_market import random_town
from voting.tally import RULES, Ballot, Kind, Option, TallyError, build_election, count, verify
from voting.tally.files import read_election
from voting.tally.types import canonical_json
from voting.tally.verify_steps import Failure, SlowCount

# For each rule the numbers that its slow check works out anew, wherever they stand in the trail.
CHECKED = {
    "irv": {"votes", "exhausted", "eliminated"},
    "stv-scottish": {"votes", "action", "option", "quota"},
    "stv-meek": {"action", "option", "iterations"},
    "borda": {"votes"}, "approval": {"votes"}, "plurality": {"votes"}, "points": {"votes"}, "score": {"votes"},
    "schulze": {"above", "condorcet_winner", "winning_set"}, "condorcet": {"above", "condorcet_winner"},
    "greedy": {"option", "decision", "votes"}, "phragmen": {"option", "time"},
    "equal-shares": {"option", "price", "first_endowment", "endowment", "increments", "stop",
                     "prefer_equal_shares", "prefer_greedy"},
    "majority": {"verdict", "talk_more", "reservations"}, "consensus": {"verdict", "talk_more", "reservations"},
}  # fmt: skip
for name in ("greedy-no-skip", "greedy-threshold", "greedy-per-cost", "poznan-80"):
    CHECKED[name] = CHECKED["greedy"]


def ward(chance, letters="ABCD", equal=False):
    ballots = []
    for _ in range(chance.randint(0, 9)):
        order = chance.sample(letters, chance.randint(1, len(letters)))
        ranking = [tuple(order[:2]), *order[2:]] if equal and len(order) > 1 and chance.random() < 0.4 else order
        ballots.append(Ballot(ranking, weight=chance.randint(1, 4)))
    options = [Option(x, withdrawn=x == "B" and chance.random() < 0.2) for x in letters]
    return build_election(kind="ordinal", options=options, ballots=ballots, seats=chance.randint(1, 3), blanks=1)


def box(chance):
    yes, no, abstain = (chance.randint(0, 4) for _ in range(3))
    ballots = [Ballot(name, weight=weight) for name, weight in (("yes", yes), ("no", no), ("abstain", abstain))]
    ballots = [Ballot([ballot.choices], weight=ballot.weight) for ballot in ballots]
    options = [Option("yes"), Option("no"), Option("abstain")]
    return build_election(kind="choose-1", options=options, ballots=ballots, blanks=chance.randint(0, 1))


def honest(rule, chance):
    """An election and the trail of its count with parameters drawn at random."""
    more = {}
    if rule in ("majority", "consensus"):
        election = box(chance)
        if chance.random() < 0.4:
            more = {"quorum": Fraction(1, 2), "members": chance.randint(5, 14)}
        if rule == "majority":
            more["threshold"] = chance.choice([Fraction(1, 2), Fraction(1, 2), Fraction(2, 3)])
            more["operator"] = chance.choice([">", ">="])
            more["base"] = chance.choice(["cast", "ballots", "present", "register"])
            more["casting_vote"] = chance.choice([None, "yes", "no"])
            if more["base"] == "present":
                more["present"] = chance.randint(8, 12)
            if more["base"] == "register":
                more["register"] = chance.randint(8, 12)
            if chance.random() < 0.3:
                more |= {"and_threshold": Fraction(1, 4), "members": 9}
        else:
            more["objections"] = chance.randint(0, 2)
    elif RULES[rule].needs_budget:
        election = random_town(chance, chance.choice(["approval", "cumulative", "ordinal"]))
        if rule == "equal-shares":
            more["utility"] = chance.choice(["cost", "uniform", "points"])
            more["completion"] = chance.choice(["none", "add1", "add1e", "none+u", "add1+u", "add1e+u"])
            more["comparison"] = chance.choice([None, None, "satisfaction", "exclusion"])
            more["integral"] = chance.random() < 0.2
        if rule == "greedy-threshold":
            more["threshold"] = chance.randint(0, 6)
        if rule == "phragmen":
            more["variant"] = chance.choice(["stop", "skip"])
        if chance.random() < 0.3:
            more["blank_in_n"] = True
        if rule != "phragmen" and chance.random() < 0.3:
            more["fund_zero_votes"] = True
        if "exclusive" in RULES[rule].parameters and chance.random() < 0.4:
            more["exclusive"] = [list(election.ids[:2])]
    elif RULES[rule].kinds & {Kind.ORDINAL}:
        election = ward(chance, equal=True)
        more["overvote"] = chance.choice(
            ["exhaust", "skip", "tie"] if rule in ("borda", "schulze", "condorcet") else ["exhaust", "skip"]
        )
        if rule == "borda":
            more["variant"] = chance.choice(["averaged", "ranked-only", "pabulib"])
        if rule == "schulze":
            more["strength"] = chance.choice(["winning-votes", "margins"])
        if rule == "irv":
            more["run_to_two"] = chance.random() < 0.4
            more["batch"] = chance.random() < 0.3
            standing = [option.id for option in election.options if not option.withdrawn]
            more["write_ins"] = standing[: chance.choice([0, 0, 1, 2])]
        if "all_winners" in RULES[rule].parameters:
            more["all_winners"] = chance.random() < 0.4
    elif rule == "plurality":
        options = [Option(x) for x in "abc"]
        election = build_election(kind="choose-1", options=options, ballots=[chance.choice("abc") for _ in range(7)])
        more["more_than"] = chance.choice([None, Fraction(1, 3)])
    else:
        election = random_town(chance, "approval" if rule == "approval" else "cumulative")
        more["all_winners"] = chance.random() < 0.4
        if rule == "approval":
            more["more_than"] = chance.choice([None, Fraction(1, 3)])
    if "ties" in RULES[rule].parameters:
        lists = [["lot"], ["min_cost", "max_votes", "lot"], ["max_cost", "id_lex"], ["max_votes", "file_order"]]
        more["ties"] = chance.choice(lists)
        more |= chance.choice([{}, {"seed": "s"}, {"lot_order": election.ids[::-1]}])
    return election, json.loads(count(rule, election, **more).canonical())


def other(value):
    """Something else of the same kind."""
    if isinstance(value, bool) or value is None:
        return "A" if value is None else not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return [*value, "nobody"]
    try:
        return str(Fraction(value) + 1)
    except ValueError:
        return value + "x"


def changes(value, names, inside=False):
    """Each place below that a check covers, as a function that changes it."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        here = inside or key in names
        if isinstance(inner, dict) or (isinstance(inner, list) and not here):
            yield from changes(inner, names, here)
        elif here:
            yield value, key


@pytest.mark.parametrize("rule", sorted(CHECKED))
def test_one_change_is_enough_to_be_found(rule):
    chance = random.Random(rule)
    for _ in range(8):
        election, trail = honest(rule, chance)
        assert isinstance(verify.check(election, trail), str)
        check = verify.CHECKS[rule]
        check(SlowCount(election, trail["parameters"]), trail)
        covered = CHECKED[rule] - (
            {"endowment", "increments"} if trail["facts"].get("stop") == "all affordable" else set()
        )
        found = 0
        checked = {
            "rounds": trail["rounds"],
            "verdict": trail["verdict"],
            "facts": {key: inner for key, inner in trail["facts"].items() if key in covered or key == "comparison"},
        }
        for number in range(sum(1 for _ in changes(checked, covered))):
            changed = copy.deepcopy(checked)
            place, key = list(changes(changed, covered))[number]
            if rule == "stv-scottish" and key in ("action", "option") and place.get("stage") == 1:
                continue
            place[key] = other(place[key])
            forged = {**trail, **changed, "facts": {**trail["facts"], **changed["facts"]}}
            with pytest.raises((Failure, KeyError, ValueError, TypeError)):
                check(SlowCount(election, trail["parameters"]), forged)
            found += 1
        for winners in (
            [*trail["winners"], "nobody"],
            trail["winners"][1:] if trail["winners"] else ["x"],
            trail["winners"][::-1],
        ):
            if winners != trail["winners"]:
                with pytest.raises(Failure):
                    check(SlowCount(election, trail["parameters"]), {**trail, "winners": winners})
        assert found or not trail["rounds"]


@pytest.mark.parametrize("rule", sorted(CHECKED))
def test_many_honest_trails_hold(rule):
    chance = random.Random(rule + "!")
    for _ in range(12 if rule == "equal-shares" else 40):
        election, trail = honest(rule, chance)
        verify.CHECKS[rule](SlowCount(election, trail["parameters"]), trail)


def motion(*, yes, no, abstain, blanks=0, doubting=0, rule="majority", **more):
    votes = {"yes": yes, "no": no, "abstain": abstain, "doubt": doubting}
    options = [Option(name) for name in votes if name != "doubt" or "reservations" in more]
    ballots = [Ballot([name], weight=weight) for name, weight in votes.items() if weight]
    election = build_election(kind="choose-1", options=options, ballots=ballots, blanks=blanks)
    trail = json.loads(count(rule, election, **more).canonical())
    verify.check(election, trail)
    return trail["verdict"], trail["facts"].get("talk_more")


def test_verdicts_by_hand():
    third = Fraction(1, 3)
    asked = {"rule": "consensus", "talk_above": third}
    assert [motion(yes=3, no=1, abstain=a, **asked)[1] for a in (1, 2, 3, 4)] == [False, False, True, True]
    assert motion(yes=2, doubting=1, no=1, abstain=2, reservations="doubt", **asked) == ("lost", False)
    assert motion(yes=3, no=0, abstain=1, **asked) == ("carried", False)
    assert motion(yes=0, no=0, abstain=1, **asked) == ("no_valid_ballots", True)
    assert motion(yes=0, no=0, abstain=0, **asked) == ("no_valid_ballots", False)
    for vote, verdict in ((None, "tie"), ("yes", "carried"), ("no", "lost")):
        assert motion(yes=2, no=2, abstain=1, casting_vote=vote)[0] == verdict
        more = {"and_threshold": Fraction(1, 4), "and_base": "members", "and_operator": ">="}
        weak = motion(yes=2, no=2, abstain=1, casting_vote=vote, members=9, **more)[0]
        assert weak == ("tie" if vote is None else "lost")
        assert motion(yes=2, no=2, abstain=1, casting_vote=vote, threshold=Fraction(2, 3))[0] == "lost"
    for members, verdict in ((8, "carried"), (9, "no_quorum")):
        assert motion(yes=2, no=1, abstain=0, blanks=1, members=members, quorum=Fraction(1, 2))[0] == verdict
    for no, verdict in ((1, "carried"), (2, "lost")):
        assert motion(yes=1, no=no, abstain=3, rule="consensus", objections=1)[0] == verdict
    assert motion(yes=0, no=1, abstain=3, rule="consensus", objections=1)[0] == "lost"


@pytest.mark.parametrize("rule", ["irv", "stv-scottish", "stv-meek", "phragmen", "greedy", "equal-shares"])
def test_a_step_too_many_or_too_few_is_found(rule):
    chance = random.Random(rule)
    tried = 0
    for _ in range(14):
        election, trail = honest(rule, chance)
        if len(trail["rounds"]) < 2 or trail["facts"].get("stop") == "all affordable":
            continue
        tried += 1
        for rounds in (trail["rounds"][:-1], [*trail["rounds"], trail["rounds"][-1]]):
            with pytest.raises((Failure, LookupError)):
                verify.CHECKS[rule](SlowCount(election, trail["parameters"]), {**trail, "rounds": rounds})
    assert tried >= 3


def signed(trail):
    body = {key: value for key, value in trail.items() if key not in ("sha256", "source")}
    return {**trail, "sha256": hashlib.sha256(canonical_json(body).encode()).hexdigest()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"n": 99}, "the trail was changed: its hash does not fit"),
        ({"rule": "coin"}, "no check is known for rule 'coin'"),
        ({"rule": 5}, "no check is known for rule 5"),
        ({"engine": "other/1"}, "the trail was made by engine 'other/1'; this is 'folkmoot-tally/"),
    ],
)
def test_a_trail_that_is_not_ours_is_refused(change, said):
    election, trail = honest("greedy", random.Random(1))
    with pytest.raises(TallyError) as refusal:
        verify.check(election, {**trail, **change})
    assert said in str(refusal.value)


def test_a_forger_who_signs_again_is_found_by_the_recount():
    election, trail = honest("greedy", random.Random(1))
    verify.check(election, signed(trail))
    for name in ("n", "blanks", "facts", "ties", "repairs", "invalid", "verdict", "unspent", "winners", "options"):
        forged = signed({**trail, name: "else"})
        with pytest.raises(TallyError, match=f"^the trail does not hold: a recount gives other {name}$"):
            verify.check(election, forged)
    with pytest.raises(TallyError, match="a recount gives other more"):
        verify.check(election, signed({**trail, "more": 1}))
    with pytest.raises(TallyError, match="these are not the ballots that the trail was made from"):
        verify.check(random_town(random.Random(77)), trail)
    with pytest.raises(TallyError, match="the source of the lot is unknown"):
        verify.check(election, signed({**trail, "parameters": {**trail["parameters"], "lot_source": "dice"}}))
    for seeded in ({"lot_source": "seed"}, {"seed": "s"}):
        parameters = {key: value for key, value in trail["parameters"].items() if key != "seed"} | {
            "lot_source": "given"
        }
        with pytest.raises(TallyError, match="the source of the lot is unclear"):
            verify.check(election, signed({**trail, "parameters": {**parameters, **seeded}}))
    with pytest.raises(TallyError, match=r"^the trail is damaged: KeyError"):
        verify.check(election, signed({key: value for key, value in trail.items() if key != "parameters"}))
    marks = build_election(kind="approval", options=[Option("a", 1)], ballots=["a"], budget=1)
    other_rule = json.loads(count("greedy", marks).canonical())
    with pytest.raises(TallyError, match="the rule cannot count these ballots"):
        verify.check(marks, signed({**other_rule, "rule": "irv"}))


TOWN = "META\nkey;value\nbudget;9\nvote_type;approval\nPROJECTS\nproject_id;cost\na;5\nb;999999999\nVOTES\nvoter_id;vote\n1;a,b\n2;b\n"


def test_a_trail_finds_its_ballots(tmp_path):
    path = tmp_path / "town.pb"
    path.write_text(TOWN)
    trail = json.loads(count("greedy", read_election(path, withdrawn_by_cost=False)).canonical())
    digest = hashlib.sha256(TOWN.encode()).hexdigest()
    said = "greedy: the trail holds, 2 steps checked, winners a"
    assert verify.check_trail({**trail, "source": {"file": str(path), "sha256": digest}}) == said
    assert verify.check_trail(trail, ballots=str(path)) == said
    assert verify.check_trail({**trail, "source": {"file": "/nowhere/town.pb"}}, folder=tmp_path) == said
    with pytest.raises(TallyError, match="cannot read"):
        verify.check_trail({**trail, "source": {"file": "/nowhere/town.pb"}})
    with pytest.raises(TallyError, match=r"^the trail does not hold: the file is not the one that was counted$"):
        verify.check_trail({**trail, "source": {"file": str(path), "sha256": "0" * 64}})
    with pytest.raises(TallyError, match="these are not the ballots"):
        verify.check_trail({**trail, "source": {"file": str(path), "withdrawn_by_cost": True}})
    for source in ({}, {"source": "here"}, {"source": {"file": 5}}):
        with pytest.raises(
            TallyError, match=r"^the trail does not say where its ballots are; name the file with --ballots$"
        ):
            verify.check_trail({**trail, **source})
    for nothing in ([], {"rule": "greedy"}, {"options": {}}, None):
        with pytest.raises(TallyError, match=r"^this is not a trail of a count$"):
            verify.check_trail(nothing)
    lone = tmp_path / "ward.blt"
    lone.write_text("2 1\n3 1 0\n2 2 0\n0\n")
    two = json.loads(count("stv-scottish", build_election(
        kind="ordinal", options=[Option("1"), Option("2")], ballots=[Ballot("1", weight=3), Ballot("2", weight=2)], seats=2,
    )).canonical())  # fmt: skip
    assert verify.check_trail({**two, "source": {"file": str(lone), "seats": 2}}).endswith("winners 1 2")
    for seats in (True, 0, "2", None):
        with pytest.raises(TallyError, match="these are not the ballots"):
            verify.check_trail({**two, "source": {"file": str(lone), "seats": seats}})


def test_a_quick_check_says_what_it_left_out():
    options = [Option("a", 9), Option("b", 8)]
    ballots = [Ballot(["a"], weight=2), Ballot(["a", "b"])]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=16)
    trail = json.loads(count("equal-shares", election, increment=Fraction(1, 4)).canonical())
    said = f"none of the {trail['facts']['increments']} increments before ends the climb"
    assert trail["facts"]["increments"] > 10
    assert verify.check(election, trail) == said
    quick = "the final endowment and the next increment were run, earlier ones were not (quick)"
    assert verify.check(election, trail, quick=True) == quick
    # One step earlier is no end, and one later overspends.
    for k in (-1, 1):
        facts = trail["facts"]
        moved = {
            **facts,
            "increments": facts["increments"] + k,
            "endowment": str(Fraction(facts["endowment"]) + Fraction(k, 4)),
        }
        with pytest.raises(Failure):
            verify.CHECKS["equal-shares"](SlowCount(election, trail["parameters"]), {**trail, "facts": moved})


def test_equal_shares_may_spend_all_there_is():
    """Everybody holds 59 in the end: a and b cost 50 each, all of 100, and a 60th would buy c as well."""
    options = [Option("a", 50), Option("b", 50), Option("c", 60)]
    election = build_election(kind="approval", options=options, ballots=[["a"], ["b"], ["c"]], budget=100)
    trail = json.loads(count("equal-shares", election).canonical())
    assert (trail["winners"], trail["unspent"], trail["facts"]["stop"]) == (["a", "b"], "0", "overshoot")
    verify.check(election, trail)


@pytest.mark.parametrize("comparison", ["satisfaction", "exclusion"])
def test_equal_shares_is_compared_with_greedy_voter_by_voter(comparison):
    """Greedy buys the big one for four of nine; Equal Shares the small ones of the five others."""
    options = [Option("big", 90), Option("s", 11), Option("t", 12), Option("u", 13)]
    ballots = [Ballot(["big"], weight=4), Ballot(["s"], weight=2), Ballot(["t"], weight=2), Ballot(["u"])]
    election = build_election(kind="approval", options=options, ballots=ballots, budget=100)
    trail = json.loads(count("equal-shares", election, completion="none", comparison=comparison).canonical())
    told = trail["facts"]["comparison"]
    assert (told["prefer_equal_shares"], told["prefer_greedy"]) == (4, 4)
    verify.check(election, trail)
    few = build_election(
        kind="approval", options=options, ballots=[Ballot(["big"], weight=7), *ballots[1:]], budget=100
    )
    trail = json.loads(count("equal-shares", few, completion="none", comparison=comparison).canonical())
    assert trail["winners"] == ["big"]
    verify.check(few, trail)
