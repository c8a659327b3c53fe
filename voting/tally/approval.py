# SPDX-License-Identifier: AGPL-3.0-or-later
"""Most votes or most points win: approval, choose one (plurality), points and scores."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from voting.tally.ties import FOR_RANKS, TieBreak
from voting.tally.types import Election, Kind, Margin, Number, Outcome, Reason


def approval(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
    more_than: Number | None = None,
) -> Outcome:
    """The options with most votes fill the seats; `more_than` asks for more than that share of the ballots too."""
    return most(
        election, election.supporters, rule="approval", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners, more_than=more_than,
    )  # fmt: skip


def plurality(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
    more_than: Number | None = None,
) -> Outcome:
    """Each ballot names one option; most votes win."""
    return most(
        election, election.supporters, rule="plurality", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners, more_than=more_than,
    )  # fmt: skip


def points(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
) -> Outcome:
    """Ballots share out points; most points win."""
    return most(
        election, election.scores, rule="points", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners,
    )  # fmt: skip


def score(
    election: Election,
    *,
    ties: Sequence[str] = FOR_RANKS,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    all_winners: bool = False,
) -> Outcome:
    """Ballots grade each option; the highest sum wins."""
    return most(
        election, election.scores, rule="score", ties=ties, lot_order=lot_order, seed=seed,
        blank_in_n=blank_in_n, all_winners=all_winners,
    )  # fmt: skip


def most(
    election: Election,
    sums: Sequence[Number],
    *,
    rule: str,
    ties: Sequence[str],
    lot_order: Sequence[str] | None,
    seed: str | None,
    blank_in_n: bool,
    all_winners: bool,
    more_than: Number | None = None,
    variant: str | None = None,
    facts: dict[str, Any] | None = None,
    voters: int | None = None,
    minimum: int = 1,
    seats: int | None = None,
) -> Outcome:
    """Fill the seats from the highest sum down; options below `minimum` are never elected.

    With `all_winners` everyone tied with the last seat's sum is elected as well.
    """
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    seats = election.seats if seats is None else seats
    n = election.voters(blank_in_n=blank_in_n) if voters is None else voters
    bar = None if more_than is None else Fraction(more_than) * n
    order: list[int] = []
    levels: dict[Number, list[int]] = {}
    for i in election.standing:
        levels.setdefault(sums[i], []).append(i)
    elected: list[int] = []
    for level in sorted(levels, reverse=True):
        group = levels[level]
        eligible = level >= minimum and (bar is None or level > bar) and n > 0
        free = seats - len(elected)
        splits = eligible and 0 < free < len(group)
        if all_winners and eligible and free > 0:
            ranked = sorted(group, key=tie_break.rank.__getitem__)
            elected += ranked
        elif splits:
            ranked = tie_break.order(group, over="seat", value=level, seats=free)
            elected += ranked[:free]
        else:
            ranked = sorted(group, key=tie_break.rank.__getitem__)
            if eligible and free > 0:
                elected += ranked
        order += ranked
    winners = set(elected)
    reasons: dict[str, Reason] = {}
    for place, i in enumerate(order, 1):
        reasons[election.ids[i]] = _reason(election, sums, order, winners, i, place, bar, minimum, tie_break, seats)
    for i, option in enumerate(election.options):
        if option.withdrawn:
            reasons[election.ids[i]] = Reason("withdrawn", {"votes": sums[i]})
    parameters: dict[str, Any] = {"all_winners": all_winners, "blank_in_n": blank_in_n, "seats": seats}
    if more_than is not None:
        parameters["more_than"] = Fraction(more_than)
    if variant is not None:
        parameters["variant"] = variant
    return Outcome(
        rule=rule,
        parameters={**parameters, **tie_break.parameters()},
        n=n,
        blanks=election.blanks,
        winners=tuple(election.ids[i] for i in elected),
        options={name: reasons[name] for name in election.ids},
        rounds=({"votes": {election.ids[i]: sums[i] for i in order}},),
        ties=tuple(tie_break.used),
        facts={"vacant": max(0, seats - len(elected)), **(facts or {})},
        invalid=election.invalid,
        repairs=election.repairs,
        input_sha256=election.sha256,
    )


def _reason(
    election: Election,
    sums: Sequence[Number],
    order: list[int],
    winners: set[int],
    i: int,
    place: int,
    bar: Fraction | None,
    minimum: int,
    tie_break: TieBreak,
    seats: int,
) -> Reason:
    """One vote is one point here; the margin is exact where ballots give at most one point to an option."""
    exact = election.kind in (Kind.APPROVAL, Kind.CHOOSE_ONE)
    numbers: dict[str, Any] = {"votes": sums[i], "place": place}
    floor = Fraction(minimum) if bar is None else max(Fraction(minimum), Fraction(bar // 1 + 1))
    if i in winners:
        rival = next((j for j in order if j not in winners), None)
        numbers["ahead_by"] = None if rival is None else sums[i] - sums[rival]
        to_bar: Fraction = sums[i] - floor + 1
        if rival is None:
            fewer = to_bar
        else:
            lead = Fraction(sums[i] - sums[rival])
            # Falling level with the rival loses when the tie order prefers the rival; the rival must be eligible too.
            to_rival = lead if tie_break.rank[rival] < tie_break.rank[i] else lead + 1
            fewer = to_bar if sums[rival] < floor else min(to_bar, max(to_rival, Fraction(1)))
        return Reason("elected", numbers, Margin(votes=_up(fewer), votes_exact=exact))
    if sums[i] < minimum:
        code = "no_votes"
    elif bar is not None and sums[i] <= bar:
        code, numbers["bar"] = "below_bar", bar
    else:
        code = "not_elected"
    last = next((j for j in reversed(order) if j in winners), None)
    more: Fraction = floor - sums[i]
    if last is not None and len(winners) >= seats:
        behind = Fraction(sums[last] - sums[i])
        numbers["behind_by"] = sums[last] - sums[i]
        more = max(more, behind if tie_break.rank[i] < tie_break.rank[last] else behind + 1)
    return Reason(code, numbers, Margin(votes=_up(max(more, Fraction(1))), votes_exact=exact))


def _up(value: Number) -> int:
    return -((-value) // 1)
