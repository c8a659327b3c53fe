# SPDX-License-Identifier: AGPL-3.0-or-later
"""The sentences of the worked examples. Every figure is the engine's; every sentence knows whether it is true.

A sentence is made by `said`: the text with places for numbers, the numbers, and a check that does not look at the text.
The checks count the ballots by hand, or count the scene again with one thing changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count, money_text
from voting.tally import RULES, Outcome

from .examples import CENTS, EXAMPLES, Example, Scene

CURRENCY = "EUR"


@dataclass(frozen=True)
class Said:
    """One sentence of a story, and whether it is so."""

    text: str
    holds: bool


def said(text: str, holds: bool, **numbers: object) -> Said:
    return Said(text % numbers, holds)


def money(amount: Any) -> str:
    """Whole units of money, as examples have them, for a reader."""
    cents = Fraction(amount) * CENTS
    if cents.denominator != 1:
        raise ValueError(f"An example has an amount that no coin can pay: {amount}")
    return money_text(int(cents), CURRENCY)


def number(value: Any) -> str:
    """A number with as many decimals as it has."""
    exact = Fraction(value)
    if exact.denominator == 1:
        return format_count(int(exact))
    decimal = Decimal(exact.numerator) / Decimal(exact.denominator)
    if Fraction(decimal) != exact:
        raise ValueError(f"An example has a number with no end: {value}")
    return number_format(decimal.normalize())


def roughly(value: Any) -> str:
    """A number rounded to three decimals; only where the text says that it is rounded."""
    return number(Fraction(round(Fraction(value) * 1000), 1000))


def votes(n: int) -> str:
    return ngettext("%(n)s vote", "%(n)s votes", n) % {"n": format_count(n)}


def points(n: int) -> str:
    return ngettext("%(n)s point", "%(n)s points", n) % {"n": format_count(n)}


def ballots(n: int) -> str:
    return ngettext("%(n)s ballot", "%(n)s ballots", n) % {"n": format_count(n)}


def supporters(n: int) -> str:
    return ngettext("%(n)s supporter", "%(n)s supporters", n) % {"n": format_count(n)}


def voters(n: int) -> str:
    return ngettext("%(n)s voter", "%(n)s voters", n) % {"n": format_count(n)}


def seats(n: int) -> str:
    return ngettext("%(n)s seat", "%(n)s seats", n) % {"n": format_count(n)}


class Count:
    """One example with its outcome, and the same scene counted by hand."""

    def __init__(self, example: Example) -> None:
        self.example, self.scene, self.outcome = example, example.scene, example.outcome
        self.facts, self.rounds, self.winners = self.outcome.facts, self.outcome.rounds, self.outcome.winners

    def name(self, option: str) -> str:
        return str(self.scene.names[option])

    def names(self, options: Any) -> str:
        return ", ".join(self.name(option) for option in options)

    def numbers(self, option: str) -> Mapping[str, Any]:
        return self.outcome.options[option].numbers

    def code(self, option: str) -> str:
        return self.outcome.options[option].code

    def by_votes(self) -> list[str]:
        return sorted(self.scene.names, key=lambda option: -self.votes_of(option))

    def votes_of(self, option: str) -> int:
        """How many ballots name the option, or what points they give it, counted here."""
        named = sum(weight for weight, choices in self.scene.ballots if option in choices)
        return named + sum(weight * given.get(option, 0) for weight, given in self.scene.points)

    def people(self) -> int:
        return sum(weight for weight, _said in (*self.scene.ballots, *self.scene.points))

    def above(self, a: str, b: str) -> int:
        """How many ballots put a above b, counted here."""
        last = len(self.scene.names)
        return sum(
            weight
            for weight, ranking in self.scene.ballots
            if (ranking.index(a) if a in ranking else last) < (ranking.index(b) if b in ranking else last)
        )

    def first_choices(self, option: str) -> int:
        return sum(weight for weight, ranking in self.scene.ballots if ranking[:1] == (option,))

    def again(self, rule: str = "", *, scene: Scene | None = None, **parameters: Any) -> Outcome:
        """The outcome with one thing changed."""
        rule = rule or self.example.rule
        fixed = self.example.parameters if rule == self.example.rule else {}
        return RULES[rule]((scene or self.scene).election, **{**fixed, **parameters})

    def at_cost(self, option: str, cost: Fraction) -> Outcome:
        return self.again(scene=replace(self.scene, costs={**self.scene.costs, option: cost}))


Story = Callable[[Count], Iterator[Said]]


def prices(count: Count) -> str:
    """What each option costs and how much there is; empty where nothing costs money."""
    if not count.scene.costs:
        return ""
    costs = ", ".join(f"{count.name(option)} {money(cost)}" for option, cost in count.scene.costs.items())
    return _("What it costs: %(costs)s. There is %(budget)s to spend.") % {
        "costs": costs,
        "budget": money(count.scene.budget),
    }


def others_win(count: Count, rule: str) -> str:
    return count.names(EXAMPLES[rule].outcome.winners)
