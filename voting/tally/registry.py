# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every counting rule by its name; a new rule is one file and one line here."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from voting.tally import (
    approval,
    borda,
    equal_shares,
    greedy,
    irv,
    majority,
    phragmen,
    schulze,
    stv_meek,
    stv_scottish,
)
from voting.tally.errors import TallyError
from voting.tally.types import Election, Kind, Outcome

ANY = frozenset(Kind)
MARKED = frozenset({Kind.APPROVAL, Kind.CHOOSE_ONE})
POINTED = frozenset({Kind.CUMULATIVE, Kind.SCORING})
RANKED = frozenset({Kind.ORDINAL, Kind.CHOOSE_ONE})
ONE = frozenset({Kind.CHOOSE_ONE})


@dataclass(frozen=True)
class Rule:
    """One way to turn ballots into an outcome."""

    name: str
    kinds: frozenset[Kind]
    count: Callable[..., Outcome]
    needs_budget: bool = False

    @cached_property
    def parameters(self) -> Mapping[str, Any]:
        """Each parameter with its default."""
        listed = inspect.signature(self.count).parameters.values()
        return MappingProxyType({p.name: p.default for p in listed if p.kind is p.KEYWORD_ONLY})

    @property
    def summary(self) -> str:
        return (inspect.getdoc(self.count) or "").split("\n\n")[0].replace("\n", " ")

    def __call__(self, election: Election, **parameters: Any) -> Outcome:
        """Count, refusing ballots of another kind and parameters that the rule does not know."""
        if election.kind not in self.kinds:
            raise TallyError(f"rule {self.name} cannot count {election.kind} ballots")
        for name in parameters:
            if name not in self.parameters:
                raise TallyError(f"rule {self.name} has no parameter {name!r}")
        return self.count(election, **parameters)


_RULES = (
    Rule("approval", MARKED, approval.approval),
    Rule("plurality", ONE, approval.plurality),
    Rule("score", POINTED, approval.score),
    Rule("points", POINTED, approval.points),
    Rule("majority", ONE, majority.majority),
    Rule("consensus", ONE, majority.consensus),
    Rule("greedy", ANY, greedy.greedy, needs_budget=True),
    Rule("greedy-no-skip", ANY, greedy.greedy_no_skip, needs_budget=True),
    Rule("greedy-threshold", ANY, greedy.greedy_threshold, needs_budget=True),
    Rule("greedy-per-cost", ANY, greedy.greedy_per_cost, needs_budget=True),
    Rule("poznan-80", ANY, greedy.poznan_80, needs_budget=True),
    Rule("equal-shares", ANY, equal_shares.equal_shares, needs_budget=True),
    Rule("phragmen", ANY, phragmen.phragmen, needs_budget=True),
    Rule("irv", RANKED, irv.irv),
    Rule("stv-scottish", RANKED, stv_scottish.stv_scottish),
    Rule("stv-meek", RANKED, stv_meek.stv_meek),
    Rule("borda", RANKED, borda.borda),
    Rule("schulze", RANKED, schulze.schulze),
    Rule("condorcet", RANKED, schulze.condorcet),
)

RULES: Mapping[str, Rule] = MappingProxyType({rule.name: rule for rule in _RULES})


def count(rule: str, election: Election, **parameters: Any) -> Outcome:
    """Count an election by a rule's name."""
    if rule not in RULES:
        raise TallyError(f"unknown rule {rule!r}; known are {', '.join(RULES)}")
    return RULES[rule](election, **parameters)
