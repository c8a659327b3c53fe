"""Grouped ballots by hand: what is equal is one group, in one order, however the ballots were laid out."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from voting.tally import ballots
from voting.tally.ballots import Ballots, padded
from voting.tally.errors import TallyError


def told(table: Ballots | None) -> list[Any]:
    assert table is not None
    return list(table.rows())


def rows(*given: tuple[int, ...], width: int = 3, kind: type[Any] = np.uint8) -> Any:
    """Positions plus one, filled up with noughts."""
    made: Any = np.zeros((len(given), width), dtype=kind)
    for number, row in enumerate(given):
        made[number, : len(row)] = row
    return made


def weights(*given: int) -> np.ndarray:
    return np.array(given, dtype=np.int64)


def test_groups_are_sorted_and_flat() -> None:
    marks = Ballots.from_groups({(1,): 2, (0, 2): 3, (0, 1, 2): 1}, shape="marks")
    assert told(marks) == [((0, 1, 2), (0, 0, 0), 1), ((0, 2), (0, 0), 3), ((1,), (0,), 2)]
    assert (marks.starts.tolist(), marks.total, len(marks)) == ([0, 3, 5, 6], 6, 3)
    assert (marks.lengths.tolist(), marks.owners.tolist()) == ([3, 2, 1], [0, 0, 0, 1, 1, 2])
    assert (marks.tied, marks.points, marks.unit) == (None, None, 1)
    ranks = Ballots.from_groups({(4, 1): 2, (2, 0): 1}, shape="ranks")
    assert told(ranks) == [((1, 0), (0, 0), 1), ((2, 0), (0, 1), 2)]
    assert Ballots.from_groups({(4, 2): 2}, shape="ranks").tied is None
    points = Ballots.from_groups({(0, 5, 2, -1): 2, (1, 3): 1}, shape="points", unit=4)
    assert told(points) == [((0, 2), (5, -1), 2), ((1,), (3,), 1)]
    assert points.unit == 4
    empty = Ballots.from_groups({}, shape="marks")
    assert (told(empty), empty.total, empty.supporters(2), empty.positional_scores(2)) == ([], 0, (0, 0), (0, 0))


def test_more_than_can_be_counted_is_refused() -> None:
    assert Ballots.from_groups({(0,): 2**50 - 1, (1,): 1}, shape="marks").total == 2**50
    with pytest.raises(TallyError, match=r"^there are more ballots than can be counted$"):
        Ballots.from_groups({(0,): 2**50, (1,): 1}, shape="marks")
    for most in (2**40, -(2**40)):
        assert Ballots.from_groups({(0, most): 1}, shape="points").point_scores(1) == (most,)
        with pytest.raises(TallyError, match=r"^a ballot gives more points than can be counted$"):
            Ballots.from_groups({(0, 1, 1, most + (1 if most > 0 else -1)): 1}, shape="points")
    assert told(Ballots.from_groups({(2**40 + 1, 1): 1}, shape="points"))
    assert Ballots.from_padded(rows((1,), (2,)), weights(2**50 - 1, 1), 3, shape="marks") is not None
    assert Ballots.from_padded(rows((1,), (2,)), weights(2**50, 1), 3, shape="marks") is None


def test_flat_rankings_are_grouped() -> None:
    table = Ballots.from_flat(np.array([0, 1, 2, 0, 1]), np.array([2, 0, 1, 2]), weights(3, 9, 1, 4), 3)
    assert told(table) == [((0, 1), (0, 0), 7), ((2,), (0,), 1)]
    full = Ballots.from_flat(np.array([0, 1, 2]), np.array([3]), weights(1), 3)
    assert told(full) == [((0, 1, 2), (0, 0, 0), 1)]
    assert Ballots.from_flat(np.array([0, 1, 2, 0]), np.array([4]), weights(1), 3) is None
    assert Ballots.from_flat(np.array([0, 0]), np.array([2]), weights(1), 3) is None
    assert Ballots.from_flat(np.array([], dtype=np.int64), np.array([], dtype=np.int64), weights(), 3) is None
    assert told(Ballots.from_flat(np.array([], dtype=np.int64), np.array([0, 0]), weights(2, 1), 3)) == []


@pytest.mark.parametrize("options", [3, 4, 7, 8, 21, 62, 63, 64, 124, 125, 255, 256, 300])
def test_rows_of_any_width_are_grouped_in_the_order_of_groups(options: int) -> None:
    """Many options need several words for a row; the order is the one that sorted groups have."""
    chance = np.random.default_rng(options)
    width = min(options, 24)
    given = [tuple((chance.permutation(options)[: int(chance.integers(1, width + 1))] + 1).tolist()) for _ in range(30)]
    given += [*given[:5], (1, 2), (1,), (1, 2, 3), (options,), (options, 1), (2, 1)]
    long = tuple((chance.permutation(options)[:width] + 1).tolist())
    given += [long[:size] for size in (width, 1, width - 1, 2, width, width - 1, width // 2 + 1, width)]
    counts = [int(x) for x in chance.integers(1, 9, len(given))]
    kind = np.uint8 if options < 256 else np.uint16
    table = Ballots.from_padded(rows(*given, width=width, kind=kind), weights(*counts), options, shape="ranks")
    groups: dict[tuple[int, ...], int] = {}
    for row, count in zip(given, counts, strict=True):
        key = tuple(2 * (x - 1) for x in row)
        groups[key] = groups.get(key, 0) + count
    assert told(table) == told(Ballots.from_groups(groups, shape="ranks"))


@pytest.mark.parametrize(("options", "twice"), [(3, 1), (3, 3), (62, 62), (63, 63), (63, 62), (124, 124), (130, 125)])
def test_a_row_that_names_an_option_twice_is_left_to_the_careful_reader(options: int, twice: int) -> None:
    other = 1 if twice != 1 else 2
    assert Ballots.from_padded(rows((other,), (twice, other, twice)), weights(1, 1), options, shape="ranks") is None
    assert Ballots.from_padded(rows((other,), (twice, other)), weights(1, 1), options, shape="ranks") is not None
    if options > 62:
        # 62 apart is another option, not the same one.
        assert Ballots.from_padded(rows((1, 63)), weights(1), options, shape="ranks") is not None


def test_no_rows_are_no_groups() -> None:
    assert told(Ballots.from_padded(rows(), weights(), 3, shape="marks")) == []


def test_flat_choices_as_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    made = padded(np.array([0, 2, 1]), np.array([2, 0, 1]), 3)
    assert made is not None
    assert (made.tolist(), made.dtype.type) == ([[1, 3], [0, 0], [2, 0]], np.uint8)
    none = np.array([], dtype=np.int64)
    assert padded(none, none, 3).shape == (0, 1)  # type: ignore[union-attr]
    assert padded(none, np.array([0, 0]), 3).tolist() == [[0], [0]]  # type: ignore[union-attr]
    for options, kind in ((255, np.uint8), (256, np.uint16), (65535, np.uint16)):
        wide = padded(np.array([options - 1]), np.array([1]), options)
        assert wide is not None
        assert (wide.tolist(), wide.dtype.type) == ([[options]], kind)
    assert padded(np.array([1]), np.array([1]), 2**16) is None
    monkeypatch.setattr(ballots, "MOST_CELLS", 6)
    assert padded(np.array([0, 1, 0]), np.array([2, 0, 1]), 2) is not None
    assert padded(np.array([0, 1, 0]), np.array([2, 0, 1, 0]), 2) is None


def test_sums() -> None:
    marks = Ballots.from_groups({(1,): 2, (0, 1): 3}, shape="marks")
    assert marks.supporters(3) == (3, 5, 0)
    assert marks.point_scores(2) == (0, 0)
    ranks = Ballots.from_groups({(4, 0, 2): 2, (2, 0): 5, (2,): 7}, shape="ranks")
    assert ranks.positional_scores(3) == (2 * 2 + 5, 2 * 1 + 5 * 2 + 7, 2 * 3)
    points = Ballots.from_groups({(0, 3, 1, 0): 2, (0, -2, 2, 1): 5}, shape="points", unit=2)
    assert points.supporters(3) == (2, 0, 5)
    assert points.point_scores(3) == (-2, 0, Fraction(5, 2))
    assert isinstance(points.point_scores(3)[0], int)
    huge = Ballots.from_groups({(0, 2**40): 2**22, (0, 2**39, 1, 1): 2**23}, shape="points")
    assert huge.point_scores(2) == (2**63, 2**23)
    almost = Ballots.from_groups({(0, 2**40): 2**22 - 1}, shape="points")
    assert almost.point_scores(1) == (2**62 - 2**40,)


def test_where_each_option_stands() -> None:
    table = Ballots.from_groups({(1,): 2, (0, 1): 3, (0, 3): 1}, shape="marks")
    assert [places.tolist() for places in table.columns(4)] == [[0, 2], [1, 4], [], [3]]
    assert Ballots.from_groups({}, shape="marks").columns(0) == []


def test_the_normal_form_says_everything() -> None:
    def said(table: Ballots) -> list[bytes]:
        return list(table.normal_form())

    marks = said(Ballots.from_groups({(0, 1): 3}, shape="marks"))
    assert marks == [b"1 1\n", *(np.array(x, dtype="<i8").tobytes() for x in ([0, 2], [0, 1], [3]))]
    points = said(Ballots.from_groups({(0, 7): 3}, shape="points", unit=2))
    assert points == [b"1 2\n", *(np.array(x, dtype="<i8").tobytes() for x in ([0, 1], [0], [3], [7]))]
    tied = said(Ballots.from_groups({(0, 3): 3}, shape="ranks"))
    assert tied[-1] == np.array([0, 1], dtype="<i8").tobytes()
