# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ballot paper as a form, one for each ballot type. Forms check shape; services check rules."""

import secrets
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import choices
from .models import BallotType, Option, Poll

NOT_RANKED = ""


@dataclass(frozen=True)
class Row:
    """One option as the paper shows it, with what the voter has entered so far."""

    option: Option
    name: str  # of the input
    value: str  # of the input: the option's key for ticks, the entered text otherwise
    is_chosen: bool


class BallotForm(forms.Form):
    """What every ballot paper has: the key that makes sending it twice harmless."""

    key = forms.CharField(
        min_length=16,
        max_length=64,
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("This page is too old. Load it again and choose once more.")},
    )
    choice: choices.Choice

    data: QueryDict

    def __init__(
        self, data: QueryDict | None = None, *, poll: Poll, initial_choice: choices.Choice | None = None
    ) -> None:
        super().__init__(data, initial={"key": secrets.token_urlsafe(18)})
        self.poll = poll
        self.initial_choice = initial_choice or {}

    @property
    def ballot_key(self) -> str:
        """The key to put on the paper: the one sent before, when the paper comes back with an error."""
        sent = self.data.get("key", "")
        return str(sent) if 16 <= len(sent) <= 64 else str(self.initial["key"])

    def clean(self) -> dict[str, Any]:
        try:
            self.choice = self.read_choice()
        except choices.ChoiceRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        return super().clean() or self.cleaned_data

    def read_choice(self) -> choices.Choice:
        """The choice in its canonical shape; raises ChoiceRefused."""
        raise TypeError("each ballot type reads its own choice")

    def rows(self) -> list[Row]:
        """The paper's lines, in the order of the options."""
        raise TypeError("each ballot type draws its own lines")

    def hidden_pairs(self) -> list[tuple[str, str]]:
        """The entered values as name and value pairs, to be carried through the review page."""
        return [(row.name, row.value) for row in self.rows() if row.is_chosen]

    @property
    def is_blank(self) -> bool:
        return not self.choice

    @property
    def chosen_options(self) -> list[Row]:
        """The options that the valid ballot names, as the voter put them."""
        return [row for row in self.rows() if row.is_chosen]


class TickForm(BallotForm):
    """Yes/no, choose one and approval: ticks named `options`."""

    def ticked(self) -> list[str]:
        if not self.is_bound:
            return list(self.initial_choice.get("options", []))
        return list(self.data.getlist("options"))

    def read_choice(self) -> choices.Choice:
        ticked = self.ticked()
        if self.poll.ballot_type != BallotType.APPROVAL and not ticked:
            raise choices.ChoiceRefused(_("Choose one answer, then send your vote."))
        return choices.options_choice(self.poll, ticked)

    def rows(self) -> list[Row]:
        ticked = set(self.ticked())
        return [Row(o, "options", o.key, o.key in ticked) for o in self.poll.options.all()]


class RankedForm(BallotForm):
    """A place for each option in a field `place-<key>`; empty means not ranked."""

    def entered(self, option: Option) -> str:
        if self.is_bound:
            return str(self.data.get(f"place-{option.key}", NOT_RANKED)).strip()
        ranking = self.initial_choice.get("ranking", [])
        return str(ranking.index(option.key) + 1) if option.key in ranking else NOT_RANKED

    def read_choice(self) -> choices.Choice:
        ranks = {}
        for option in self.poll.options.all():
            entered = self.entered(option)
            if entered:
                ranks[option.key] = self._whole_number(entered)
        return choices.ranked_choice(self.poll, ranks)

    @staticmethod
    def _whole_number(entered: str) -> int:
        if not (entered.isascii() and entered.isdigit() and len(entered) <= 4) or int(entered) < 1:
            raise choices.ChoiceRefused(
                _("Use whole numbers for the places: 1 for your first choice, 2 for your second.")
            )
        return int(entered)

    def rows(self) -> list[Row]:
        return [
            Row(o, f"place-{o.key}", self.entered(o), self.entered(o) != NOT_RANKED) for o in self.poll.options.all()
        ]

    @property
    def chosen_options(self) -> list[Row]:
        return sorted(super().chosen_options, key=lambda row: int(row.value))


class PointsForm(BallotForm):
    """Points for each option in a field `points-<key>`; empty means none."""

    def entered(self, option: Option) -> str:
        if self.is_bound:
            return str(self.data.get(f"points-{option.key}", "")).strip()
        return str(self.initial_choice.get("points", {}).get(option.key, ""))

    def read_choice(self) -> choices.Choice:
        points = {}
        for option in self.poll.options.all():
            entered = self.entered(option) or "0"
            if not (entered.isascii() and entered.isdigit() and len(entered) <= 6):
                raise choices.ChoiceRefused(_("Use whole numbers for the points."))
            points[option.key] = int(entered)
        return choices.points_choice(self.poll, points)

    def rows(self) -> list[Row]:
        return [
            Row(o, f"points-{o.key}", self.entered(o), self.entered(o) not in ("", "0"))
            for o in self.poll.options.all()
        ]


FORMS: dict[str, type[BallotForm]] = {
    BallotType.YES_NO: TickForm,
    BallotType.CHOOSE_ONE: TickForm,
    BallotType.APPROVAL: TickForm,
    BallotType.RANKED: RankedForm,
    BallotType.POINTS: PointsForm,
}


def ballot_form(
    poll: Poll, data: QueryDict | None = None, *, initial_choice: choices.Choice | None = None
) -> BallotForm:
    """The ballot paper of this poll's type, empty or filled in."""
    return FORMS[poll.ballot_type](data, poll=poll, initial_choice=initial_choice)
