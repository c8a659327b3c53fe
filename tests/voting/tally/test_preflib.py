"""PrefLib files: headers, equal ranks, blank orders, repairs, and every complaint with its place."""

from __future__ import annotations

import pytest

from voting.tally import Ballot, InputError, Option, build_election, preflib

HEAD = "# TITLE: Riverside\n# NUMBER ALTERNATIVES: 3\n"


def rows(election):
    return [(*(str(c + 1) + "=" * t for c, t in zip(choices, tied, strict=True)), weight)
            for choices, tied, weight in election.ballots.rows()]  # fmt: skip


def test_a_file_with_names_equal_ranks_and_blanks():
    text = (
        f"{HEAD}# ALTERNATIVE NAME 1: Ann: first\n#alternative name 3 :  Cem\n# NUMBER VOTERS: 14\n"
        "# a remark\n\n3: 1,{2,3}\n4:{1, 2},3\n2: 1 , {2,3}\n1: {3}\n0: 3\n4: \n"
    )
    election = preflib.parse(text)
    assert rows(election) == [("1", "2", "3=", 5), ("1", "2=", "3", 4), ("3", 1)]
    assert (election.blanks, election.title, election.seats, election.kind) == (4, "Riverside", 1, "ordinal")
    assert [(o.id, o.name, o.cost) for o in election.options] == [
        ("1", "Ann: first", 0),
        ("2", "2", 0),
        ("3", "Cem", 0),
    ]
    assert election.repairs == ()
    assert preflib.parse(text.encode()).sha256 == election.sha256
    assert preflib.parse("\ufeff" + text).sha256 == election.sha256
    assert preflib.parse(text.replace("\n", "\r\n")).sha256 == election.sha256


def test_a_file_without_orders_is_an_empty_box():
    election = preflib.parse("# NUMBER ALTERNATIVES: 2")
    assert (len(election.options), election.ballots.total, election.blanks, election.title) == (2, 0, 0, "")
    assert len(preflib.parse("# NUMBER ALTERNATIVES: 1\n1: 1\n").options) == 1
    assert len(preflib.parse("# NUMBER ALTERNATIVES: 1").options) == 1
    with pytest.raises(TypeError):
        preflib.parse("# NUMBER ALTERNATIVES: 1", True)
    assert len(preflib.parse("# NUMBER ALTERNATIVES: 10000").options) == 10000
    assert len(preflib.parse("# NUMBER ALTERNATIVES: 10000\n1: 1").options) == 10000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: NUMBER ALTERNATIVES is not a whole number: ''"),
        ("\n1: 1\n", "line 2: NUMBER ALTERNATIVES is not a whole number: ''"),
        ("# NUMBER ALTERNATIVES: many\n1: 1\n", "line 2: NUMBER ALTERNATIVES is not a whole number: 'many'"),
        ("# NUMBER ALTERNATIVES: 0\n1: 1\n", "there are 0 alternatives; between 1 and 10000 can be counted"),
        ("# NUMBER ALTERNATIVES: 0\n", "there are 0 alternatives; between 1 and 10000 can be counted"),
        ("# NUMBER ALTERNATIVES: 10001\n1: 1\n", "there are 10001 alternatives; between 1 and 10000 can be counted"),
        ("# NUMBER ALTERNATIVES: 10001\n", "there are 10001 alternatives; between 1 and 10000 can be counted"),
        ("# ALTERNATIVE NAME x: Ann\n", "line 1: an alternative's number is not a whole number: 'x'"),
        (HEAD + "12\n", "line 3, column 1: an order is written 'count: first,second'"),
        (HEAD + "x: 1\n", "line 3: the count of an order is not a whole number: 'x'"),
        (HEAD + "-1: 1\n", "line 3: the count of an order is not a whole number: '-1'"),
        (HEAD + "1: 4\n", "line 3, column 4: there is no alternative 4"),
        (HEAD + "1: 0\n", "line 3, column 4: there is no alternative 0"),
        (HEAD + "12: 1,x\n", "line 3, column 7: an alternative is not a whole number: 'x'"),
        (HEAD + "1:1,2,1\n", "line 3, column 7: the order names 1 twice"),
        (HEAD + "1:1,{2,2}\n", "line 3, column 5: the order names 2 twice"),
        (HEAD + "1:1,{2\n", "line 3, column 5: an order has a stray bracket"),
        (HEAD + "1:1,2}\n", "line 3, column 6: an order has a stray bracket"),
        (HEAD + "1:{1,{2}}\n", "line 3, column 3: an order has a stray bracket"),
        (HEAD + "# NUMBER VOTERS: 3\n1: 1\n", "the header speaks of 3 voters and the orders add up to 1"),
        ("# MODIFICATION TYPE: Imbued\n# NUMBER ALTERNATIVES: 3\n1: 1\n",
         "line 3: this file was completed by machine (imbued); its orders are not ballots"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text, said):
    with pytest.raises(InputError) as refusal:
        preflib.parse(text)
    assert str(refusal.value) == said


def test_a_long_word_is_shown_by_its_beginning():
    with pytest.raises(InputError, match=f"'{'x' * 40}'$"):
        preflib.parse(HEAD + "x" * 41 + ": 1")


def test_lenient_reading_lists_what_it_did():
    text = HEAD + "# NUMBER VOTERS: 9\n3: 1,2,1\n2: {2,1,2},2,3\n"
    election = preflib.parse(text, lenient=True)
    assert rows(election) == [("1", "2", 3), ("2", "1=", "3", 2)]
    assert [(r.code, r.times, r.where) for r in election.repairs] == [
        ("repeated_option", 7, "line 4"), ("voters_differ", 1, "header"),
    ]  # fmt: skip
    assert preflib.parse(HEAD + "# NUMBER VOTERS: many\n1: 1\n").repairs == ()


def test_what_is_written_is_what_can_be_read():
    options = [Option("a", name=" Ann \n A"), Option("b"), Option("c", name="Cem")]
    ballots = [Ballot(["c", ("a", "b")], weight=2), Ballot(["a"], weight=3)]
    election = build_election(kind="ordinal", options=options, ballots=ballots, blanks=4, title="River \n side")
    head = (
        "# TITLE: River side\n# DATA TYPE: toi\n# MODIFICATION TYPE: original\n# NUMBER ALTERNATIVES: 3\n"
        "# NUMBER VOTERS: 9\n# NUMBER UNIQUE ORDERS: 3\n"
        "# ALTERNATIVE NAME 1: Ann A\n# ALTERNATIVE NAME 2: b\n# ALTERNATIVE NAME 3: Cem\n"
    )
    assert preflib.write(election) == head + "3: 1\n2: 3,{1,2}\n4: \n"
    level = build_election(kind="ordinal", options=options, ballots=[Ballot([("b", "a"), "c"])])
    assert preflib.write(level).endswith("1: {2,1},3\n")
    assert preflib.parse(preflib.write(level)).ballots.total == 1
    strict = build_election(kind="ordinal", options=options[1:], ballots=["b"])
    assert preflib.write(strict, suffix="soi") == (
        "# TITLE: \n# DATA TYPE: soi\n# MODIFICATION TYPE: original\n# NUMBER ALTERNATIVES: 2\n# NUMBER VOTERS: 1\n"
        "# NUMBER UNIQUE ORDERS: 1\n# ALTERNATIVE NAME 1: b\n# ALTERNATIVE NAME 2: Cem\n1: 1\n"
    )
    scored = build_election(kind="scoring", options=options, ballots=[{"a": 1, "b": 5}])
    assert preflib.write(scored).endswith("1: 1,2\n")
