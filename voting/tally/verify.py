# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second, slow count that shares nothing with the first but the readers: it checks each step of a trail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from voting.tally import files, verify_money, verify_ranks
from voting.tally.errors import TallyError
from voting.tally.types import Election, canonical_json
from voting.tally.verify_steps import Failure, Paper, require

CHECKS: Mapping[str, Callable[[Paper, dict[str, Any]], None]] = {
    "approval": verify_money.check_most,
    "plurality": verify_money.check_most,
    "points": verify_money.check_most,
    "score": verify_money.check_most,
    "majority": verify_money.check_majority,
    "consensus": verify_money.check_majority,
    "greedy": verify_money.check_greedy,
    "greedy-no-skip": verify_money.check_greedy,
    "greedy-threshold": verify_money.check_greedy,
    "greedy-per-cost": verify_money.check_greedy,
    "poznan-80": verify_money.check_greedy,
    "equal-shares": verify_money.check_equal_shares,
    "phragmen": verify_money.check_phragmen,
    "irv": verify_ranks.check_irv,
    "stv-scottish": verify_ranks.check_scottish,
    "stv-meek": verify_ranks.check_meek,
    "borda": verify_ranks.check_borda,
    "schulze": verify_ranks.check_schulze,
    "condorcet": verify_ranks.check_schulze,
}


def check_trail(trail: Any, *, ballots: str | None = None, folder: Path | None = None) -> str:
    """One line that says the trail holds; refused with the first step that does not."""
    if not isinstance(trail, dict) or "rule" not in trail or "options" not in trail:
        raise TallyError("this is not a trail of a count")
    source = trail.get("source")
    if ballots is None:
        if not isinstance(source, dict) or not isinstance(source.get("file"), str):
            raise TallyError("the trail does not say where its ballots are; name the file with --ballots")
        ballots = source["file"]
        if not Path(ballots).exists() and folder is not None:
            ballots = str(folder / Path(ballots).name)
    options = source if isinstance(source, dict) else {}
    election = files.read_election(
        ballots, lenient=bool(options.get("lenient")), withdrawn_by_cost=bool(options.get("withdrawn_by_cost"))
    )
    seats = options.get("seats")
    if isinstance(seats, int) and seats >= 1:
        election = replace(election, seats=seats)
    check(election, trail)
    return (
        f"{trail['rule']}: the trail holds, {len(trail['rounds'])} steps checked, winners {' '.join(trail['winners'])}"
    )


def check(election: Election, trail: dict[str, Any]) -> None:
    """Raise TallyError naming the first thing in the trail that is not so."""
    rule = str(trail.get("rule"))
    if rule not in CHECKS:
        raise TallyError(f"no check is known for rule {rule!r}")
    body = {key: value for key, value in trail.items() if key not in ("sha256", "source")}
    try:
        require(
            hashlib.sha256(canonical_json(body).encode()).hexdigest() == trail.get("sha256"),
            "the trail was changed: its hash does not fit",
        )
        require(election.sha256 == trail["input_sha256"], "these are not the ballots that the trail was made from")
        paper = Paper(election, trail["parameters"])
        CHECKS[rule](paper, trail)
        if trail["unspent"] is not None:
            spent = sum((paper.costs[name] for name in trail["winners"]), start=Fraction(0))
            require(Fraction(trail["total_cost"]) == spent, "the total cost is wrong")
    except Failure as failure:
        raise TallyError(f"the trail does not hold: {failure}") from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise TallyError(f"the trail is damaged: {type(error).__name__} {error}") from None
