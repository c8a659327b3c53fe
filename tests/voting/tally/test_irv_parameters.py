"""Batches, write-ins, skipped ranks and counting on to two: parameters that are said, and change only what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.tally import data
from tests.voting.tally.elections import rankings
from voting.tally import Ballot, Election, InputError, Option, TallyError, blt, build_election, command, count, verify
from voting.tally.files import parse_election


def ward(ballots: dict[str, int], letters: str = "ABCDE") -> Election:
    return build_election(
        kind="ordinal", options=[Option(x) for x in letters],
        ballots=[Ballot(list(ranking), weight=weight) for ranking, weight in ballots.items()],
    )  # fmt: skip


def eliminated(outcome: Any) -> list[list[str]]:
    return [[r["eliminated"], *r.get("together_with", [])] for r in outcome.rounds if r["eliminated"]]


def test_a_batch_goes_at_once_when_together_it_is_below_the_next() -> None:
    """C, D and E have 4 together and B has 5: they all go, three to B, and one says nothing more."""
    election = ward({"A": 7, "B": 5, "CB": 2, "DCB": 1, "E": 1})
    one_by_one, batch = count("irv", election), count("irv", election, batch=True)
    assert eliminated(one_by_one) == [["D"], ["E"], ["C"]]
    assert eliminated(batch) == [["D", "E", "C"]]
    assert [r["votes"] for r in batch.rounds] == [
        {"A": 7, "B": 5, "C": 2, "D": 1, "E": 1}, {"A": 7, "B": 8, "C": 0, "D": 0, "E": 0},
    ]  # fmt: skip
    assert batch.rounds[0]["moved"] == {"B": 3, "": 1}
    assert (batch.rounds[1]["exhausted"], batch.winners) == (1, ("B",))
    assert batch.options["C"].numbers["round"] == 1
    assert batch.parameters["batch"] is True


def test_equal_to_the_next_is_not_below_it() -> None:
    """C and D have 5 together, as many as B: C alone goes."""
    level = ward({"A": 7, "B": 5, "CB": 2, "DB": 3}, "ABCD")
    assert eliminated(count("irv", level, batch=True))[0] == ["C"]


@given(rankings(most_options=6), st.booleans())
def test_a_batch_changes_neither_winner_nor_ties_nor_margins(election: Election, run_to_two: bool) -> None:
    plain = count("irv", election, run_to_two=True)
    batch = count("irv", election, batch=True, run_to_two=run_to_two)
    assert batch.winners == plain.winners
    assert batch.ties == plain.ties
    assert [r.margin for r in batch.options.values()] == [r.margin for r in plain.options.values()]
    told = [set(names) for names in eliminated(batch)]
    order = [names[0] for names in eliminated(plain)]
    for names in told:
        assert set(order[: len(names)]) == names
        order = order[len(names) :]
    assert [r["votes"] for r in batch.rounds][-1] in [r["votes"] for r in plain.rounds]


@given(rankings(most_options=5), st.booleans(), st.booleans(), st.data())
def test_every_trail_with_these_parameters_verifies(
    election: Election, batch: bool, run_to_two: bool, draw: st.DataObject
) -> None:
    standing = [option.id for option in election.options if not option.withdrawn]
    pile = draw.draw(st.lists(st.sampled_from(standing), unique=True)) if standing else []
    if len(pile) == len(standing):
        pile = []
    outcome = count("irv", election, batch=batch, run_to_two=run_to_two, write_ins=pile)
    verify.check(election, json.loads(outcome.canonical()))
    assert outcome.winners == count("irv", election, write_ins=pile).winners


def test_write_ins_are_one_pile_that_goes_first() -> None:
    """D and E have 5 together, more than C; still they go first, and C then has 6 and stays."""
    election = ward({"A": 7, "B": 5, "C": 3, "DEC": 3, "ED": 2})
    outcome = count("irv", election, write_ins=["D", "E"])
    assert outcome.rounds[0]["eliminated"] == "E"
    assert outcome.rounds[0]["together_with"] == ["D"]
    assert outcome.rounds[1]["votes"] == {"A": 7, "B": 5, "C": 6, "D": 0, "E": 0}
    assert outcome.rounds[1]["exhausted"] == 2
    assert outcome.parameters["write_ins"] == ["D", "E"]
    assert outcome.rounds[1]["eliminated"] == "B"


def test_a_pile_of_one_goes_by_itself_and_the_batch_after_it() -> None:
    """A and B have one each and the others nothing: only the write-in A goes first, then D and C."""
    election = ward({"A": 1, "B": 1}, "ABCD")
    outcome = count("irv", election, batch=True, write_ins=["A"], ties=["lot"], lot_order=["D", "C", "B", "A"])
    assert (eliminated(outcome), outcome.winners) == ([["A"]], ("B",))
    on = count("irv", election, batch=True, run_to_two=True, write_ins=["A"], lot_order=["D", "C", "B", "A"])
    assert eliminated(on) == [["A"], ["D"]]
    verify.check(election, json.loads(on.canonical()))


def test_a_batch_goes_in_the_first_round_where_a_write_in_has_a_majority() -> None:
    """C has a majority at once, so no pile goes, but D and E together as less than A."""
    election = ward({"C": 13, "A": 4, "B": 6, "D": 1, "E": 1})
    outcome = count("irv", election, batch=True, run_to_two=True, write_ins=["C", "D"])
    assert (eliminated(outcome), outcome.winners) == ([["D", "E"], ["A"]], ("C",))


def test_a_write_in_with_a_majority_at_once_is_elected() -> None:
    for run_to_two in (False, True):
        outcome = count("irv", ward({"A": 2, "B": 1, "C": 4}, "ABC"), write_ins=["C"], run_to_two=run_to_two)
        assert outcome.winners == ("C",)


def test_alaska_after_the_write_ins() -> None:
    election = data.election("ranked/alaska_2022_special_house.blt")
    outcome = count("irv", election, write_ins=["4"])
    assert outcome.rounds[1]["votes"] == {"1": 53_810, "2": 58_972, "3": 75_799, "4": 0}
    assert outcome.winners == ("3",)


def test_write_ins_that_are_nobody_or_everybody_are_refused() -> None:
    with pytest.raises(TallyError, match="there is no option 'X' among the write-ins"):
        count("irv", ward({"A": 1}), write_ins=["X"])
    with pytest.raises(TallyError, match="not every option can be a write-in"):
        count("irv", ward({"A": 1}, "AB"), write_ins=["A", "B"])
    with pytest.raises(TallyError, match="a list of options"):
        count("irv", ward({"A": 1}, "AB"), write_ins="A")


def test_run_to_two_counts_on_after_a_majority() -> None:
    election = ward({"A": 9, "B": 2, "C": 1}, "ABC")
    assert len(count("irv", election).rounds) == 1
    to_two = count("irv", election, run_to_two=True)
    assert [r["eliminated"] for r in to_two.rounds] == ["C", None]
    assert to_two.parameters["run_to_two"] is True


SKIPPED = '3 1\n4 1 - - 2 0\n3 2 - 3 0\n2 - - 3 0\n1 - 3 0\n0\n"A"\n"B"\n"C"\n"Ward"\n'


def test_two_skipped_ranks_end_a_ballot_where_the_rule_says_so() -> None:
    """As in Maine: of the four for A nothing moves on, and the two that begin with two skips are blank."""
    passed_over, ended = blt.parse(SKIPPED), blt.parse(SKIPPED, skips=2)
    assert list(passed_over.ballots.rows()) == [((0, 1), (0, 0), 4), ((1, 2), (0, 0), 3), ((2,), (0,), 3)]
    assert list(ended.ballots.rows()) == [((0,), (0,), 4), ((1, 2), (0, 0), 3), ((2,), (0,), 1)]
    assert (ended.blanks, [(r.code, r.times) for r in ended.repairs]) == (2, [("ended_by_skips", 6)])
    assert [r.times for r in blt.parse(SKIPPED, skips=1).repairs] == [10]
    outcome = count("irv", ended)
    assert outcome.parameters["skips"] == 2
    assert count("irv", passed_over).parameters["skips"] is None


def test_skipped_ranks_through_the_python_api() -> None:
    ballots = [Ballot(["A", (), (), "B"]), Ballot(["A", (), "B"]), Ballot([(), (), "B"])]
    options = [Option("A"), Option("B")]
    ended = build_election(kind="ordinal", options=options, ballots=ballots, skips=2)
    assert sorted(ended.ballots.rows()) == [((0,), (0,), 1), ((0, 1), (0, 0), 1)]
    assert ended.blanks == 1
    assert build_election(kind="ordinal", options=options, ballots=ballots).blanks == 0


def test_the_command_knows_them_and_the_trail_verifies(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, trail = tmp_path / "ward.blt", tmp_path / "trail.json"
    path.write_text(SKIPPED)
    arguments = ["count", str(path), "--rule", "irv", "--skips", "2", "--batch", "--write-ins", "3", "--run-to-two"]
    assert command.main([*arguments, "--format", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    trail.write_text(json.dumps(answer))
    said = answer["parameters"]
    assert (said["skips"], said["batch"], said["write_ins"], said["run_to_two"]) == (2, True, ["3"], True)
    assert (answer["winners"], answer["source"]["skips"]) == (["1"], 2)
    assert command.main(["verify", str(trail)]) == 0
    answer["source"]["skips"] = None
    trail.write_text(json.dumps(answer))
    assert command.main(["verify", str(trail)]) == 2
    answer["source"]["skips"] = "two"
    trail.write_text(json.dumps(answer))
    assert command.main(["verify", str(trail)]) == 2
    with pytest.raises(InputError, match="at least one skipped rank"):
        parse_election(SKIPPED.encode(), ending=".blt", skips=0)
