# SPDX-License-Identifier: AGPL-3.0-or-later
"""The story of each rule's worked example: its steps, and who won and why."""

from __future__ import annotations

from . import mark_stories as marks
from . import money_stories as money
from . import rank_stories as ranks
from .examples import Example
from .telling import Count, Said, Story

STORIES: dict[str, tuple[Story, Story]] = {
    "approval": (marks.sums, marks.approval_reasons),
    "plurality": (marks.sums, marks.plurality_reasons),
    "points": (marks.sums, marks.points_reasons),
    "score": (marks.sums, marks.score_reasons),
    "majority": (marks.motion_steps, marks.motion_reasons),
    "consensus": (marks.circle_steps, marks.circle_reasons),
    "greedy": (money.walk, money.greedy_reasons),
    "greedy-no-skip": (money.walk, money.no_skip_reasons),
    "greedy-threshold": (money.walk, money.threshold_reasons),
    "greedy-per-cost": (money.walk_by_value, money.per_cost_reasons),
    "poznan-80": (money.walk, money.reserve_reasons),
    "equal-shares": (money.shares, money.shares_reasons),
    "phragmen": (money.drips, money.drips_reasons),
    "irv": (ranks.runoff, ranks.runoff_reasons),
    "stv-scottish": (ranks.stages, ranks.stages_reasons),
    "stv-meek": (ranks.meek, ranks.meek_reasons),
    "borda": (ranks.places, ranks.places_reasons),
    "condorcet": (ranks.duels, ranks.duels_reasons),
    "schulze": (ranks.paths, ranks.paths_reasons),
}


def steps(example: Example) -> list[Said]:
    """The count, one sentence for each step."""
    return list(STORIES[example.rule][0](Count(example)))


def reasons(example: Example) -> list[Said]:
    """Who won and why."""
    return list(STORIES[example.rule][1](Count(example)))


def untrue(example: Example) -> list[str]:
    """The sentences of the example that are not so."""
    return [line.text for line in (*steps(example), *reasons(example)) if not line.holds]
