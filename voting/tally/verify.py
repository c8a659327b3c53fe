# SPDX-License-Identifier: AGPL-3.0-or-later
"""A second, slow count checks each step of a trail; a recount by the engine then compares every other number.

What is compared with nothing: under `source`, where the file lies, how it was read and which options were passed over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from voting.tally import files, verify_money, verify_ranks, verify_shares, verify_votes
from voting.tally.errors import TallyError
from voting.tally.registry import RULES, count
from voting.tally.types import ENGINE, Election, canonical_json
from voting.tally.verify_steps import Failure, SlowCount, require

CHECKS: Mapping[str, Callable[[SlowCount, dict[str, Any]], str | None]] = {
    "approval": verify_votes.check_most,
    "plurality": verify_votes.check_most,
    "points": verify_votes.check_most,
    "score": verify_votes.check_most,
    "majority": verify_votes.check_majority,
    "consensus": verify_votes.check_majority,
    "greedy": verify_money.check_greedy,
    "greedy-no-skip": verify_money.check_greedy,
    "greedy-threshold": verify_money.check_greedy,
    "greedy-per-cost": verify_money.check_greedy,
    "poznan-80": verify_money.check_greedy,
    "equal-shares": verify_shares.check_equal_shares,
    "phragmen": verify_money.check_phragmen,
    "irv": verify_ranks.check_irv,
    "stv-scottish": verify_ranks.check_scottish,
    "stv-meek": verify_ranks.check_meek,
    "borda": verify_ranks.check_borda,
    "schulze": verify_ranks.check_schulze,
    "condorcet": verify_ranks.check_schulze,
}


FRACTIONS = ("increment", "threshold", "minimum_votes", "more_than", "share", "and_threshold", "quorum")
DAMAGED = (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError)


def check_trail(trail: Any, *, ballots: str | None = None, folder: Path | None = None, quick: bool = False) -> str:
    """One line that says the trail holds; refused with the first step that does not."""
    if not isinstance(trail, dict) or "rule" not in trail or "options" not in trail:
        raise TallyError("this is not a trail of a count")
    source = trail.get("source")
    if ballots is None:
        if not isinstance(source, dict) or not isinstance(source.get("file"), str):
            raise TallyError("the trail does not say where its ballots are; name the file with --ballots")
        ballots = source["file"]
        if folder is not None and "\0" not in ballots and not Path(ballots).exists():
            ballots = str(folder / Path(ballots).name)
    told = source if isinstance(source, dict) else {}
    skips = told.get("skips")
    if skips is not None and type(skips) is not int:
        raise TallyError("the trail does not say how many skipped ranks end a ballot")
    election = files.read_election(
        ballots,
        lenient=bool(told.get("lenient")),
        withdrawn_by_cost=bool(told.get("withdrawn_by_cost")),
        skips=skips,
    )
    if told.get("sha256", "") and hashlib.sha256(Path(ballots).read_bytes()).hexdigest() != told["sha256"]:
        raise TallyError("the trail does not hold: the file is not the one that was counted")
    seats = told.get("seats")
    if isinstance(seats, int) and not isinstance(seats, bool) and seats >= 1:
        election = replace(election, seats=seats)
    said = check(election, trail, quick=quick)
    steps = f"{trail['rule']}: the trail holds, {len(trail['rounds'])} steps checked"
    return f"{steps}, {said + ', ' if said else ''}winners {' '.join(trail['winners'])}".rstrip()


def check(election: Election, trail: dict[str, Any], *, quick: bool = False) -> str:
    """What was checked beside the steps; raises TallyError naming the first thing in the trail that is not so."""
    rule = trail.get("rule")
    if not isinstance(rule, str) or rule not in CHECKS:
        raise TallyError(f"no check is known for rule {rule!r}")
    if trail.get("engine") != ENGINE:
        raise TallyError(f"the trail was made by engine {trail.get('engine')!r}; this is {ENGINE!r}")
    body = {key: value for key, value in trail.items() if key not in ("sha256", "source")}
    try:
        require(
            hashlib.sha256(canonical_json(body).encode()).hexdigest() == trail.get("sha256"),
            "the trail was changed: its hash does not fit",
        )
        require(election.sha256 == trail["input_sha256"], "these are not the ballots that the trail was made from")
        require(election.kind in RULES[rule].kinds, "the rule cannot count these ballots")
        again = count(rule, election, **parameters_of(rule, trail)).as_dict()
        for name in sorted({*again, *body} - {"sha256"}):
            require(canonical_json(again.get(name)) == canonical_json(body.get(name)), f"a recount gives other {name}")
        slow = SlowCount(election, trail["parameters"])
        checking = CHECKS[rule]
        if rule == "equal-shares":
            checking = partial(verify_shares.check_equal_shares, quick=quick)
        said = checking(slow, trail) or ""
        if trail["unspent"] is not None:
            spent = sum((slow.costs[name] for name in trail["winners"]), start=Fraction(0))
            require(Fraction(trail["total_cost"]) == spent, "the total cost is wrong")
            require(Fraction(trail["unspent"]) == slow.budget - spent, "what is left is wrong")
    except Failure as failure:
        raise TallyError(f"the trail does not hold: {failure}") from None
    except TallyError as error:
        raise TallyError(f"the trail does not hold: {error}") from None
    except DAMAGED as error:
        raise TallyError(f"the trail is damaged: {type(error).__name__} {error}") from None
    return said


def parameters_of(rule: str, trail: dict[str, Any]) -> dict[str, Any]:
    """The parameters that the trail names, as the rule takes them."""
    told = {**trail["facts"], **trail["parameters"]} if rule == "borda" else dict(trail["parameters"])
    lot = told.pop("lot_source", None)
    require(lot in (None, "given", "seed", "file order"), "the source of the lot is unknown")
    require((lot == "seed") == ("seed" in told), "the source of the lot is unclear")
    if lot != "given":
        told.pop("lot_order", None)
    taken = {name: value for name, value in told.items() if name in RULES[rule].parameters}
    return {
        name: Fraction(value) if name in FRACTIONS and isinstance(value, str) else value
        for name, value in taken.items()
    }
