# SPDX-License-Identifier: AGPL-3.0-or-later
"""How one pot was decided, for whoever wants to follow it: the rule, every step, the ties, and what to check it with."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from voting.rules_in_words import rule_name

from .outcomes import Line, PotResult, Step

TIES_IN_WORDS = {
    "min_cost": gettext_lazy("the cheaper one"),
    "max_cost": gettext_lazy("the dearer one"),
    "max_votes": gettext_lazy("the one that more people chose"),
    "lot": gettext_lazy("the one that was drawn first by lot"),
    "file_order": gettext_lazy("the one that stands first in the list"),
    "id_lex": gettext_lazy("the one whose short name comes first in the alphabet"),
}


@dataclass(frozen=True)
class CountPage:
    """The published count of one pot, ready to be read step by step."""

    pot: PotResult
    shown: Step | None  # the one step that is looked at; None for all on one page

    @property
    def ties(self) -> list[str]:
        """Who goes first among equals, in order."""
        return [str(TIES_IN_WORDS.get(name, name)) for name in self._outcome["parameters"].get("ties", [])]

    @property
    def lot(self) -> str:
        """Where the lot came from, where one was drawn."""
        said = self._outcome["parameters"]
        if "lot_source" not in said:
            return ""
        if "seed" in said:
            return _("The lot was worked out from “%(seed)s”, which was fixed before the vote.") % {
                "seed": said["seed"]
            }
        if said["lot_source"] == "file order":
            return _("No lot was drawn before the vote: the order of the list stood in its place.")
        return _("The lot was drawn and written down before the vote.")

    @property
    def ties_used(self) -> int:
        return len(self._outcome["ties"])

    @property
    def prints(self) -> list[tuple[str, str]]:
        """The numbers to compare when somebody counts again."""
        said = [
            (_("Version of the count"), str(self._outcome["engine"])),
            (_("Fingerprint of the ballots and costs"), str(self._outcome["input_sha256"])),
            (_("Fingerprint of the result"), str(self._outcome["sha256"])),
        ]
        return [(name, value) for name, value in said if value]

    @property
    def previous(self) -> Step | None:
        return self._beside(-1)

    @property
    def following(self) -> Step | None:
        return self._beside(1)

    @property
    def line(self) -> Line | None:
        """The project of the step that is looked at."""
        return self.line_of(self.shown) if self.shown else None

    def line_of(self, step: Step) -> Line | None:
        return next((line for line in self.pot.lines if line.binding.option.key == step.key), None)

    @property
    def steps(self) -> list[tuple[Step, Line | None]]:
        """Every step with its project."""
        by_key = {line.binding.option.key: line for line in self.pot.lines}
        return [(step, by_key.get(step.key)) for step in self.pot.steps]

    @property
    def other_rules(self) -> list[str]:
        return [rule_name(rule.outcome.result.rule) for rule in self.pot.rules[1:]]

    def _beside(self, way: int) -> Step | None:
        if self.shown is None:
            return None
        place = self.shown.number - 1 + way
        return self.pot.steps[place] if 0 <= place < len(self.pot.steps) else None

    @property
    def _outcome(self) -> dict[str, Any]:
        outcome: dict[str, Any] = self.pot.binding.result.outcome
        return outcome


def count_page(pot: PotResult, asked: str) -> CountPage:
    """With one step where the reader asks for its number, else with all."""
    steps = pot.steps
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 0
    return CountPage(pot, steps[number - 1] if 0 < number <= len(steps) else None)
