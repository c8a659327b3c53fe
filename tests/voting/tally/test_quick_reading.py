"""Reading with whole-array steps gives what careful reading gives: the same ballots, repairs, rows and complaints."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.voting.tally import data
from tests.voting.tally.fuzz import damaged
from tests.voting.tally.test_files import TOWN, WARD
from voting.tally import InputError, blt, pb
from voting.tally.tokens import PlainTable, whole_numbers

IDS = ["10", "2", "b", "BO.D18.9/23", "a name of more than sixteen bytes", "ö", "P1", "P12"]


def told(parse: Any, content: bytes | str, *, lenient: bool) -> Any:
    """All that a reader says about a file, or its complaint."""
    try:
        file = parse(content)
        election = file.election(lenient=lenient)
        said = election.sha256, election.repairs, election.invalid, election.blanks
        return said, list(file.votes()), pb.write(file)
    except InputError as error:
        return str(error)


@st.composite
def files(draw: st.DrawFn) -> str:
    """A `.pb` file whose votes are mostly plain, with now and then what is not."""
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    kind = draw(st.sampled_from(["approval", "choose-1", "ordinal"]))
    limits = draw(st.sampled_from(["", "max_length;2\n", "min_length;2\n", "max_sum_cost;9.5\n", "min_sum_cost;4\n"]))
    width = draw(st.integers(1, 3))
    columns = ["vote", "voter_id", "district"][:width]
    odd = draw(st.booleans())
    members = st.sampled_from([*ids, "?", "", " 2", "b "] if odd else ids)
    votes = draw(st.lists(st.lists(members, unique=not odd, max_size=4), max_size=12))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    comma = draw(st.sampled_from([",", ", "]))
    rows = [";".join([comma.join(vote), str(number), "here"][:width]) for number, vote in enumerate(votes)]
    if odd and rows and draw(st.booleans()):
        rows[0] = draw(st.sampled_from(['"10"', "", ";", ";;;", "10;1;x;y", "10;\ud7ff"]))
    projects = [f"{name};{cost}" for cost, name in enumerate(ids, 1)]
    head = f"META\nkey;value\nbudget;9\nvote_type;{kind}\n{limits}PROJECTS\nproject_id;cost\n"
    return (head + "\n".join([*projects, "VOTES", ";".join(columns), *rows]) + "\n").replace("\n", end)


@given(files(), st.booleans())
def test_votes_read_at_once_are_the_votes_read_one_by_one(text: str, lenient: bool) -> None:
    assert told(pb.parse, text.encode(), lenient=lenient) == told(pb.parse, text, lenient=lenient)


@given(st.integers(0, 10**9))
def test_damaged_files_are_told_alike(seed: int) -> None:
    ending, raw = damaged(random.Random(seed))
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    for lenient in (True, False):
        if ending == ".pb":
            assert told(pb.parse, raw, lenient=lenient) == told(pb.parse, text, lenient=lenient)


@pytest.mark.parametrize("name", data.names("pb"))
def test_real_files_read_at_once_are_the_files_read_one_by_one(name: str) -> None:
    raw = (data.need_data() / "pb" / name).read_bytes()
    assert isinstance(pb.parse(raw).vote_rows, PlainTable)
    text = raw.decode("utf-8-sig")
    assert told(pb.parse, raw, lenient=True) == told(pb.parse, text, lenient=True)


def test_a_file_that_is_not_plain_is_read_one_by_one() -> None:
    assert isinstance(pb.parse(TOWN.encode()).vote_rows, PlainTable)
    for odd in ('3;"b"', "3;b;", "", " "):
        assert not isinstance(pb.parse(TOWN.replace("3;b", odd).encode()).vote_rows, PlainTable)


def test_a_faulty_row_among_plain_ones_is_named_by_its_line() -> None:
    with pytest.raises(InputError, match=r"line 15, column 2 \(vote\): the ballot names an unknown project: 'B'"):
        pb.parse(TOWN.replace("3;b", "3;B").encode()).election()


def test_blank_rows_of_a_file_are_blank_ballots() -> None:
    assert pb.parse(TOWN.replace("3;b", "3;").encode()).election().blanks == 1


@given(st.lists(st.tuples(st.integers(1, 300), st.permutations([1, 2, 3]), st.integers(0, 3)), min_size=1))
def test_rankings_read_at_once_are_the_rankings_read_one_by_one(ballots: list[tuple[int, list[int], int]]) -> None:
    lines = [" ".join(map(str, [weight, *order[:length], 0])) for weight, order, length in ballots]
    text = "\n".join(["3 1", *lines, "0", '"A"', '"B"', '"C"', '"T"']) + "\n"
    quick, careful = blt.parse(text.encode()), blt.parse(text)
    assert (quick.sha256, quick.blanks, quick.title) == (careful.sha256, careful.blanks, careful.title)


def test_a_ranking_that_names_somebody_twice_is_refused_with_its_line() -> None:
    with pytest.raises(InputError, match=r"line 3, column 5: the ballot names candidate 2 twice"):
        blt.parse(WARD.replace("4 2 3 0", "4 2 2 0").encode())


@given(st.lists(st.integers(0, 10**15 - 1)), st.sampled_from([b" ", b"\n", b"\r\n", b" \t "]))
def test_numbers_are_found_whole(numbers: list[int], between: bytes) -> None:
    found = whole_numbers(between.join(b"%d" % number for number in numbers))
    assert found is not None
    assert found.tolist() == numbers


def test_what_is_no_number_is_left_to_the_careful_reader() -> None:
    assert whole_numbers(b"1 2 x") is None
    assert whole_numbers(b"1" * 16) is None
    many = np.arange(300_000)
    found = whole_numbers(" ".join(map(str, many.tolist())).encode())
    assert found is not None
    assert (found == many).all()
