# SPDX-License-Identifier: AGPL-3.0-or-later
"""The one exception of this app, and the kinds of it that a form puts in their place."""


class CycleRefused(Exception):
    """The cycle, proposal or project was not changed; the message is written for the person who tried."""


class PlanRefused(CycleRefused):
    """The budget was not changed because of one line of the plan: `heading-2`, `phase-balloting`, `group-0`, `ballot`."""

    def __init__(self, line: str, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


class PlanIsOld(CycleRefused):
    """Somebody else changed the budget since this person read it."""
