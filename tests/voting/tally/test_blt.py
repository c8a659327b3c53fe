"""BLT files: every oddity that is read, every complaint with its place, and the quick road beside the careful one."""

from __future__ import annotations

import pytest

from voting.tally import Ballot, InputError, Option, blt, build_election

NAMES = '"Ann"\n"Bo"\n"Cem"\n"Riverside"\n'


def rows(election):
    return [(*(str(c + 1) + "=" * t for c, t in zip(choices, tied, strict=True)), weight)
            for choices, tied, weight in election.ballots.rows()]  # fmt: skip


def both(text, **more):
    """The election as the quick and as the careful reader see it, which must be the same."""
    careful = blt.parse(text, **more)
    quick = blt.parse(text.encode(), **more)
    assert (quick.sha256, quick.options, quick.title) == (careful.sha256, careful.options, careful.title)
    assert rows(quick) == rows(careful)
    return careful


def test_a_plain_file_is_read_by_both_roads_alike():
    text = f"3 2\n5 1 2 0\n4 2 3 1 0\n2 0\n3 1 2 0\n1 3 0\n0\n{NAMES}"
    election = both(text)
    assert blt._quick(text.encode()) is not None
    assert rows(election) == [("1", "2", 8), ("2", "3", "1", 4), ("3", 1)]
    assert (election.seats, election.blanks, election.title, election.kind) == (2, 2, "Riverside", "ordinal")
    assert [(o.id, o.name, o.cost, o.withdrawn) for o in election.options] == [
        ("1", "Ann", 0, False), ("2", "Bo", 0, False), ("3", "Cem", 0, False),
    ]  # fmt: skip
    assert (election.repairs, dict(election.invalid)) == ((), {})


@pytest.mark.parametrize(
    ("text", "quick"),
    [
        ("2 1\n3 1 0\n0\n", True),
        ('2 1\r\n3 1 0\r\n0\r\n"A"\r\n"B"\r\n', True),
        ("2 1\n3 1 0\n \t0 \nA\nB\nTitle\n", True),
        ("2 1\n0\nA\nB\nTitle\n", False),
        ("2 1\n3 0\n0\nA\nB\n", True),
        ("2 1\n3 1\n2 0\n0\nA\nB\n", True),
        ("  2 1 \n3 1 0\n0\n", True),
        ("2 1 # two\n3 1 0\n0\nA\nB\n", False),
        ("2 1\n-2\n3 1 0\n0\nA\nB\n", False),
        ("2 1\n3 1=2 0\n0\nA\nB\n", False),
        ("2  1\n3 1 0\n0\nA\nB\n", False),
        ("2 1\n3 1 0 0\n", False),
        ("256 1\n3 256 0\n0\n", False),
        ("255 1\n3 255 0\n0\n", True),
        ("2 1\n3 1 0\n0 # the end\nA\nB\n", None),
        ("2 1\n3 1 0\n0\n# a remark\nA\nB\n", True),
        ("1 1\n3 1 0\n0\n", True),
        ("2 1\n000000000000003 1 0\n0\n", True),
    ],
)
def test_the_quick_road_takes_what_is_plain_and_leaves_the_rest(text, quick):
    both(text)
    if quick is not None:
        assert (blt._quick(text.encode()) is not None) is quick


@pytest.mark.parametrize(
    "text",
    [
        b"2 1\n3 1 1 0\n0\n", b"2 1\n3 1 3 0\n0\n", b"2 0\n3 1 0\n0\n", b"0 1\n3 0\n0\n", b"2 1\n3 1 0\n",
        b"2 1\n0 0\n0\n", b"2 1\n3 1 0\n0\n\xff\n", b"2 1\n1000000000000000 1 0\n0\n", b"3 1\n1 1 2 3 2 0\n0\n", b"",
        b"\n0\n", b"2 1\n3 1 0\n4 2\n0\n1", b"\n2\n0\n",
    ],
)  # fmt: skip
def test_the_quick_road_leaves_whatever_is_faulty_to_the_careful_one(text):
    assert blt._quick(text) is None


def test_the_most_candidates_and_the_fewest():
    assert len(blt.parse("10000 1\n1 10000 0\n0\n").options) == 10_000
    assert len(blt.parse("1 1\n1 1 0\n0\n").options) == 1


def test_skipped_ranks_that_end_a_ballot_are_remembered():
    for content in ("2 1\n3 1 2 0\n0\n", b"2 1\n3 1 2 0\n0\n"):
        assert blt.parse(content).skips is None
        assert blt.parse(content, skips=2).skips == 2


def test_a_byte_order_mark_is_nothing():
    assert blt.parse(b"\xef\xbb\xbf2 1\n3 1 0\n0\n").ballots.total == 3


def test_withdrawn_candidates_keep_their_numbers():
    election = blt.parse(f"3 1\n-2 -3\n5 1 2 0\n0\n{NAMES}")
    assert [o.withdrawn for o in election.options] == [False, True, True]
    assert rows(election) == [("1", "2", 5)]


def test_ballots_may_have_ids_span_lines_and_come_twice():
    text = f"3 1\n[tie 3 1 2] [nick a b c]\n(a 1) 2\n1\n2 0 (b) 3 1 2 0\n# nothing\n(c) 1 3 0\n0\n{NAMES}"
    assert rows(blt.parse(text)) == [("1", "2", 5), ("3", 1)]


def test_equal_and_skipped_ranks():
    assert rows(blt.parse("3 1\n2 1=2 3 0\n1 1 = 2 = 3 0\n4 3 - 1 0\n1 =1 2 0\n1 1= - 2 0\n0\n")) == [
        ("1", "2", 2), ("1", "2=", "3", 2), ("1", "2=", "3=", 1), ("3", "1", 4),
    ]  # fmt: skip


def test_blank_ballots_are_counted_apart():
    election = both("2 1\n3 0\n1 1 0\n2 0\n0\n")
    assert (election.blanks, election.ballots.total) == (5, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: the file ends where the number of candidates should stand"),
        ("3", "line 1: the file ends where the number of seats should stand"),
        ("x 1\n0\n", "line 1, column 1: the number of candidates is not a whole number: 'x'"),
        ("3 y\n0\n", "line 1, column 3: the number of seats is not a whole number: 'y'"),
        ("-3 1\n0\n", "line 1, column 1: the number of candidates cannot be negative"),
        ("3 1\n12 x 0\n", "line 2, column 4: a candidate is not a whole number: 'x'"),
        ("0 1\n0\n", "line 1: there are 0 candidates; between 1 and 10000 can be counted"),
        ("10001 1\n0\n", "line 1: there are 10001 candidates; between 1 and 10000 can be counted"),
        ("3 0\n0\n", "line 1: there must be at least one seat"),
        ("3 1\n2 1 0\n", "line 3: the ballots do not end with a line '0'"),
        ("3 1\n2 1", "line 2: the last ballot does not end with 0"),
        ("3 1\n2 4 0\n0\n", "line 2, column 3: there is no candidate 4"),
        ("3 1\n-4\n0\n", "line 2, column 1: there is no candidate 4"),
        ("3 1\n2 1 0\n-1\n0\n", "line 3, column 1: a ballot's weight cannot be negative"),
        ("3 1\n2 0\n-1\n0\n", "line 3, column 1: a ballot's weight cannot be negative"),
        ("3 1\n2 1 -2 0\n0\n", "line 2, column 5: a candidate cannot be negative"),
        ("3 1\n2 1 1 0\n0\n", "line 2, column 5: the ballot names candidate 1 twice"),
        ("3 1\n2 1 x 0\n0\n", "line 2, column 5: a candidate is not a whole number: 'x'"),
        ("3 1\n1.5 1 0\n0\n", "line 2, column 1: a ballot's weight is not a whole number: '1.5'"),
        ("3 1\n1000000000000000 1 0\n0\n", "line 2, column 1: a ballot's weight is not a whole number: '1000000000000000'"),
        ("3 1\n[tie 1 2\n0\n", "line 3, column 1: an option in [brackets] is not closed"),
        ("3 1\n(a 2 1 0\n0\n", "line 2, column 1: a ballot's (id) is not closed"),
        ("3 1\n(a)", "line 2, column 1: a ballot's weight is missing"),
        ("3 1\n2 1 0\n0\nAnn\nBo\n", "line 6: 3 candidates have 2 names"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text, said):
    for content in (text, text.encode()):
        with pytest.raises(InputError) as refusal:
            blt.parse(content)
        assert str(refusal.value) == said


def test_a_long_word_is_shown_by_its_beginning():
    with pytest.raises(InputError, match=f"'{'x' * 40}'$"):
        blt.parse("3 1\n" + "x" * 41)


def test_a_file_that_is_no_text_is_refused_with_its_line():
    with pytest.raises(InputError, match=r"^line 2: the file is not UTF-8 text$"):
        blt.parse(b"3 1\n\xff")
    with pytest.raises(InputError, match=r"^line 1: the file is not UTF-8 text$"):
        blt.parse(b"\xff\n")


def test_lenient_reading_names_each_once_and_lists_what_it_did():
    election = blt.parse("3 1\n2 1 1 2 0\n4 2 2 0\n0\nAnn\nBo\n", lenient=True)
    assert rows(election) == [("1", "2", 2), ("2", 4)]
    assert [(r.code, r.times, r.where) for r in election.repairs] == [
        ("names_missing", 1, "line 7"), ("repeated_option", 6, "line 2"),
    ]  # fmt: skip
    assert ([o.name for o in election.options], election.title) == (["Ann", "Bo", "3"], "")
    plain = both("3 1\n2 1 0\n0\nAnn\nBo\n", lenient=True)
    assert [(r.code, r.where) for r in plain.repairs] == [("names_missing", "line 6")]


@pytest.mark.parametrize(
    ("tail", "names", "title"),
    [
        ("", ["1", "2"], ""),
        ('"Only a title"\n', ["1", "2"], "Only a title"),
        ('"Ann" "Bo"\n"T"\n', ["Ann", "Bo"], "T"),
        ("Ann (Party)\nBo #1\nT\n", ["Ann (Party)", "Bo #1"], "T"),
        ('"A ""b"" c"\n"Bo"\n', ['A "b" c', "Bo"], ""),
        ("Ann\n\n  Bo  \n# remark\nT\nmore\n", ["Ann", "Bo"], "T"),
        ('"Ann\n"Bo"\n', ["Ann", "Bo"], ""),
        ("# ALTERNATIVE NAME 1: Ann\n# ALTERNATIVE NAME 2:  Bo \nT\n", ["Ann", "Bo"], "T"),
    ],
)
def test_names_and_title(tail, names, title):
    election = both(f"2 1\n3 1 0\n0\n{tail}")
    assert ([o.name for o in election.options], election.title) == (names, title)


def test_what_is_written_is_what_can_be_read():
    options = [Option("a", name='Ann "A"  B'), Option("b", withdrawn=True), Option("c", name="Cem")]
    ballots = [Ballot(["c", ("a", "b")], weight=2), Ballot(["a"], weight=3)]
    election = build_election(
        kind="ordinal", options=options, ballots=ballots, seats=2, blanks=4, title="River \n side"
    )
    assert blt.write(election) == ('3 2\n-2\n3 1 0\n2 3 1=2 0\n4 0\n0\n"Ann ""A"" B"\n"b"\n"Cem"\n"River side"\n')
    marks = build_election(kind="choose-1", options=options[:1], ballots=["a"])
    assert blt.write(marks) == '1 1\n1 1 0\n0\n"Ann ""A"" B"\n""\n'
    scored = build_election(kind="scoring", options=[Option("a"), Option("b")], ballots=[{"a": 1, "b": 5}])
    assert "1 1 2 0\n" in blt.write(scored)


def test_numbers_are_read_at_once():
    assert blt.whole_numbers(b"12 3\n\t0\r\n999999999999999 7").tolist() == [12, 3, 0, 999999999999999, 7]
    assert blt.whole_numbers(b" 5 ").tolist() == [5]
    assert blt.whole_numbers(b"").tolist() == []
    assert blt.whole_numbers(b"1000000000000000") is None
    for other in (b"1,2", b"-1", b"1:2", b"1/2", b"1\x0b2", b"1\x0c", b"\x1f1"):
        assert blt.whole_numbers(other) is None
