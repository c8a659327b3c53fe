"""Random small elections for properties."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from voting.tally import Ballot, Election, Option, build_election

IDS = ["c10", "c2", "a", "zebra", "b", "ö"]


@st.composite
def approvals(draw: st.DrawFn, *, least_cost: int = 1, most_ballots: int = 12) -> Election:
    ids = IDS[: draw(st.integers(1, len(IDS)))]
    options = [Option(i, draw(st.integers(least_cost, 30))) for i in ids]
    ballots = draw(st.lists(st.lists(st.sampled_from(ids), unique=True), max_size=most_ballots))
    return build_election(kind="approval", options=options, ballots=ballots, budget=draw(st.integers(0, 80)))


@st.composite
def points(draw: st.DrawFn) -> Election:
    ids = IDS[: draw(st.integers(1, 5))]
    options = [Option(i, draw(st.integers(1, 30))) for i in ids]
    ballots = draw(st.lists(st.dictionaries(st.sampled_from(ids), st.integers(0, 5)), max_size=10))
    return build_election(kind="cumulative", options=options, ballots=ballots, budget=draw(st.integers(0, 80)))


@st.composite
def rankings(draw: st.DrawFn, *, most_options: int = 5, equal: bool = False) -> Election:
    ids = IDS[: draw(st.integers(1, most_options))]
    ballots: list[Ballot] = []
    for _ in range(draw(st.integers(0, 9))):
        order = draw(st.permutations(ids))[: draw(st.integers(0, len(ids)))]
        ranking: Sequence[str | tuple[str, ...]] = order
        if equal and len(order) >= 2 and draw(st.booleans()):
            ranking = [tuple(order[:2]), *order[2:]]
        ballots.append(Ballot(ranking, weight=draw(st.integers(1, 5))))
    gone = draw(st.sampled_from([None, None, ids[0]]))
    options = [Option(i, withdrawn=i == gone) for i in ids]
    return build_election(kind="ordinal", options=options, ballots=ballots, seats=draw(st.integers(1, 3)))


@st.composite
def with_districts(draw: st.DrawFn) -> tuple[Election, dict[str, Any]]:
    """An election in two districts with modifiers that fit it."""
    ids = IDS[: draw(st.integers(2, len(IDS)))]
    options = [Option(i, draw(st.integers(1, 30)), district=draw(st.sampled_from(["", "n", "s"]))) for i in ids]
    ballots = draw(st.lists(st.lists(st.sampled_from(ids), unique=True), max_size=8))
    budget = draw(st.integers(10, 80))
    election = build_election(kind="approval", options=options, ballots=ballots, budget=budget)
    modifiers: dict[str, Any] = {}
    if draw(st.booleans()):
        sets = st.lists(st.lists(st.sampled_from(ids), unique=True, min_size=2, max_size=3), min_size=1, max_size=2)
        modifiers["exclusive"] = draw(sets)
    floors = {
        district: draw(st.sampled_from([{"money": 5}, {"money": budget // 2}, {"projects": 1}, {"projects": 2}]))
        for district in sorted({option.district for option in options} - {""})
        if draw(st.booleans())
    }
    if floors:
        modifiers["district_floors"] = floors
    return election, modifiers
