"""What goes in and what comes out: ballots as given, refusals, and the one way in which a trail is written."""

from __future__ import annotations

import hashlib
import json
from dataclasses import FrozenInstanceError
from fractions import Fraction

import pytest

from voting.tally import ENGINE, Ballot, Kind, Margin, Option, Outcome, Reason, TallyError, build_election
from voting.tally.types import Repair, canonical_json, decimal, exact, plain

AB = (Option("a"), Option("b"))


def groups(election):
    return list(election.ballots.rows())


def test_ballots_are_given_in_many_ways():
    marks = build_election(kind="approval", options=AB, ballots=["b", ["b", "a"], Ballot(("a", "b"), weight=3), []])
    assert groups(marks) == [((0, 1), (0, 0), 4), ((1,), (0,), 1)]
    assert (marks.blanks, marks.supporters, marks.scores, marks.kind) == (1, (4, 5), (4, 5), Kind.APPROVAL)
    ranks = build_election(
        kind="ordinal", options=AB, ballots=[["b", "a"], [("a", "b")], Ballot([], weight=2)], blanks=5
    )
    assert groups(ranks) == [((0, 1), (0, 1), 1), ((1, 0), (0, 0), 1)]
    assert (ranks.blanks, ranks.scores) == (7, (2 + 1, 1 + 2))
    third, half = Fraction(1, 3), Fraction(1, 2)
    points = build_election(kind="cumulative", options=AB, ballots=[{"b": third, "a": 2}, Ballot(["b"], [half])])
    assert points.ballots.unit == 6
    assert groups(points) == [((0, 1), (12, 2), 1), ((1,), (3,), 1)]
    assert points.scores == (2, Fraction(5, 6))
    assert points.supporters == (1, 2)


def test_an_election_keeps_what_it_was_told():
    election = build_election(
        kind="approval", options=[Option("a", 5, withdrawn=True), Option("b", 7)], ballots=["b"], budget=9, seats=2,
        threshold=3, title="T",
    )  # fmt: skip
    assert (election.budget, election.seats, election.threshold, election.title) == (9, 2, 3, "T")
    assert (election.ids, election.costs, election.standing, election.place) == (
        ("a", "b"),
        (5, 7),
        (1,),
        {"a": 0, "b": 1},
    )
    bare = build_election(kind="choose-1", options=AB, ballots=[])
    assert (bare.budget, bare.seats, bare.blanks, bare.threshold, bare.title) == (None, 1, 0, None, "")
    assert (Option("a").cost, Option("a").withdrawn, Ballot("a").weight, Ballot("a").points) == (0, False, 1, ())
    assert Repair("x").times == 1
    blank = build_election(kind="approval", options=AB, ballots=["a"], blanks=2)
    assert (blank.voters(), blank.voters(blank_in_n=True)) == (1, 3)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"options": [Option("a"), Option("a")]}, "two options have the same id"),
        ({"seats": 0}, "there must be at least one seat"),
        ({"ballots": [Ballot("a", weight=-1)]}, "a ballot cannot weigh less than nothing"),
        ({"ballots": [["a", "a"]]}, "a ballot names an option twice: ['a', 'a']"),
        ({"ballots": [["a", "x"]]}, "a ballot names an unknown option: 'x'"),
        ({"ballots": [[("a", "b")]]}, "only a ranking can hold equal ranks"),
        ({"kind": "choose-1", "ballots": [["a", "b"]]}, "a ballot names more than one option: ['a', 'b']"),
        ({"kind": "scoring", "ballots": [Ballot(["a"])]}, "a ballot has not one number of points for each choice"),
        ({"kind": "ordinal", "ballots": [[("a", "b"), "b"]]}, "a ballot names an option twice: [('a', 'b'), 'b']"),
    ],
)
def test_what_cannot_be_counted_is_refused(more, said):
    with pytest.raises(TallyError) as refusal:
        build_election(**{"kind": "approval", "options": AB, "ballots": [], **more})
    assert str(refusal.value) == said
    with pytest.raises(ValueError, match="shouting"):
        build_election(kind="shouting", options=AB, ballots=[])
    assert build_election(kind="approval", options=AB, ballots=[Ballot("a", weight=0)]).ballots.total == 0


def test_the_hash_is_of_a_line_of_json_and_the_sorted_ballots():
    options = [Option("ö", Fraction(5, 2)), Option("b", withdrawn=True)]
    election = build_election(kind="approval", options=options, ballots=["ö", ["b", "ö"], "ö"], budget=10, blanks=1)
    line = '{"blanks":1,"budget":"10","kind":"approval","options":[["ö","2.5",false],["b","0",true]],"seats":1}\n'
    numbers = [[0, 1, 3], [0, 0, 1], [2, 1]]
    body = line.encode() + b"2 1\n" + b"".join(x.to_bytes(8, "little") for array in numbers for x in array)
    assert election.sha256 == hashlib.sha256(body).hexdigest()
    other = build_election(kind="approval", options=options, ballots=[])
    assert (
        other.sha256
        == hashlib.sha256(
            b'{"blanks":0,"budget":null,"kind":"approval","options":[["\xc3\xb6","2.5",false],["b","0",true]],"seats":1}\n'
            b"0 1\n" + bytes(8)
        ).hexdigest()
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"), (4500, "4500"), (-3, "-3"), (Fraction(49, 20), "2.45"), (Fraction(-1, 8), "-0.125"),
        (Fraction(1, 3), "1/3"), (Fraction(-7, 6), "-7/6"), (Fraction(1, 100), "0.01"), (Fraction(3, 2), "1.5"),
        (Fraction(1, 5), "0.2"), (Fraction(1, 1000), "0.001"), (Fraction(101, 50), "2.02"), (Fraction(1, 250), "0.004"),
        (Fraction(-5, 2), "-2.5"), (10, "10"), (Fraction(1, 40), "0.025"),
    ],
)  # fmt: skip
def test_money_is_written_as_a_decimal(value, text):
    assert decimal(value) == text


def test_a_trail_holds_plain_values():
    third = Fraction(1, 3)
    assert plain({"cost": Fraction(1, 4), "share": Fraction(1, 4), "votes": 3, "left": 5}) == {
        "cost": "0.25", "share": "1/4", "votes": 3, "left": "5",
    }  # fmt: skip
    assert plain({"cost": {"a": 5, "b": third}, "votes": {"a": 5}}) == {
        "cost": {"a": "5", "b": "1/3"}, "votes": {"a": 5},
    }  # fmt: skip
    assert plain({"spent": [1, (2, third)], "x": [1, (2,)]}) == {"spent": ["1", ["2", "1/3"]], "x": [1, [2]]}
    assert plain([True, None, "text", Kind.ORDINAL, {1: True}]) == [True, None, "text", "ordinal", {"1": True}]
    assert type(plain(Kind.ORDINAL)) is str
    assert plain({"cost": True}) == {"cost": True}
    assert plain(5, "cost") == "5"
    with pytest.raises(TypeError, match=r"^a trail cannot hold float$"):
        plain(0.5)


def test_json_is_written_in_one_way_only():
    assert canonical_json({"b": [1, "ö\n"], "a": None}) == '{"a":null,"b":[1,"ö\\n"]}'
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))


def test_margins_and_reasons_as_plain_values():
    assert Margin(votes=2, votes_exact=True, cost=Fraction(5, 2)).as_dict() == {
        "votes": 2, "votes_exact": True, "cost": "2.5", "cost_exact": False,
    }  # fmt: skip
    assert Margin().as_dict() == {"votes": None, "votes_exact": False, "cost": None, "cost_exact": False}
    assert Reason("lost").as_dict() == {"code": "lost", "numbers": {}, "margin": None}
    assert Reason("lost", {"cost": 5}, Margin()).as_dict() == {
        "code": "lost", "numbers": {"cost": "5"}, "margin": Margin().as_dict(),
    }  # fmt: skip


def test_an_outcome_as_plain_values_with_its_hash():
    outcome = Outcome(
        rule="r", parameters={"x": Fraction(1, 2)}, n=3, blanks=1, winners=("a",), options={"a": Reason("elected")},
        rounds=({"cost": 5},), ties=({"over": "seat"},), verdict="v", total_cost=Fraction(5, 2), unspent=7,
        facts={"left": 1}, invalid={"too_long": 2}, repairs=(Repair("code", 2, "line 3"),), input_sha256="abc",
    )  # fmt: skip
    body = {
        "engine": ENGINE, "rule": "r", "parameters": {"x": "1/2"}, "n": 3, "blanks": 1, "invalid": {"too_long": 2},
        "repairs": [{"code": "code", "times": 2, "where": "line 3"}], "winners": ["a"], "verdict": "v",
        "total_cost": "2.5", "unspent": "7", "facts": {"left": "1"}, "rounds": [{"cost": "5"}],
        "options": {"a": {"code": "elected", "numbers": {}, "margin": None}}, "ties": [{"over": "seat"}],
        "input_sha256": "abc",
    }  # fmt: skip
    digest = hashlib.sha256(canonical_json(body).encode()).hexdigest()
    assert outcome.as_dict() == {**body, "sha256": digest}
    assert json.loads(outcome.canonical()) == outcome.as_dict()
    assert outcome.canonical().startswith('{"blanks":1,"engine":')
    bare = Outcome(rule="r", parameters={}, n=0, blanks=0, winners=(), options={})
    assert (bare.as_dict()["unspent"], bare.as_dict()["total_cost"]) == (None, "0")


@pytest.mark.parametrize("one", [Option("a"), Ballot("a"), Margin(), Reason("lost"), Repair("x")])
def test_what_was_said_cannot_be_changed(one):
    name = next(iter(type(one).__dataclass_fields__))
    with pytest.raises(FrozenInstanceError):
        setattr(one, name, "else")
    assert not hasattr(one, "__dict__")
    election = build_election(kind="approval", options=AB, ballots=[])
    outcome = Outcome(rule="r", parameters={}, n=0, blanks=0, winners=(), options={})
    for whole in (election, outcome, election.ballots):
        with pytest.raises(FrozenInstanceError):
            whole.blanks = 3


def test_skipped_ranks_end_a_ballot_where_that_is_asked_for():
    options = [Option(x) for x in "abc"]
    ballot = ["a", (), "b", (), (), (), "c"]

    def named(skips):
        election = build_election(kind="ordinal", options=options, ballots=[ballot], skips=skips)
        assert election.skips == skips
        return ["abc"[i] for i in groups(election)[0][0]]

    assert [named(skips) for skips in (None, 1, 2, 3, 4)] == [
        ["a", "b", "c"], ["a"], ["a", "b"], ["a", "b"], ["a", "b", "c"],
    ]  # fmt: skip


def test_numbers_that_add_up_are_added_and_not_mixed():
    election = build_election(kind="choose-1", options=AB, ballots=["a", "a", "b"], blanks=1)
    assert (election.voters(blank_in_n=True), election.supporters) == (4, (2, 1))
    quarter, sixth = Fraction(1, 4), Fraction(1, 6)
    points = build_election(kind="scoring", options=AB, ballots=[{"a": quarter, "b": sixth}])
    assert (points.ballots.unit, points.scores) == (12, (quarter, sixth))
    with pytest.raises(TypeError):
        election.voters(True)
    many = [Option(f"p{i}") for i in range(300)]
    assert build_election(kind="approval", options=many, ballots=[[o.id for o in many]]).ballots.total == 1


@pytest.mark.parametrize("given", ["1e-999999999", "1e9", "", "1/0", "0x1", "٣", "1_0", "9" * 19, 0.5, True, None, [1]])
def test_a_number_that_could_hide_a_huge_one_is_refused(given: object) -> None:
    with pytest.raises(TallyError, match=r"^the step is not a"):
        exact(given, what="the step")  # type: ignore[arg-type]


def test_a_number_is_exact_however_it_is_written() -> None:
    assert [exact(given, what="it") for given in ("2", "0.5", " 1/3 ", "-1", 7, Fraction(1, 7))] == [
        2, Fraction(1, 2), Fraction(1, 3), -1, 7, Fraction(1, 7),
    ]  # fmt: skip
