# SPDX-License-Identifier: AGPL-3.0-or-later
"""The ballot paper as a form, one for each ballot type. Forms check shape; services check rules."""

import secrets
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from . import choices
from .board.tracking import tracking_in
from .models import BallotType, Option, Poll
from .withdrawals import options_left

NOT_RANKED = ""
MOST_SEGMENTS = 11  # marks that stand side by side on a phone; above, the mark is written
REVIEWED = (BallotType.APPROVAL, BallotType.RANKED, BallotType.POINTS, BallotType.SCORE)
TOO_OLD = gettext_lazy("This page is too old. Load it again and choose once more.")


@dataclass(frozen=True)
class Row:
    """One option as the paper shows it, with what the voter has entered so far."""

    option: Option
    name: str  # of the input
    value: str  # of the input: the option's key for ticks, the entered text otherwise
    is_chosen: bool

    @property
    def number(self) -> int:
        """The entered place, points or mark, once the form is valid."""
        return int(self.value)


class BallotForm(forms.Form):
    """What every ballot paper has: the key that makes sending it twice harmless, and the way to leave it blank."""

    key = forms.CharField(min_length=16, max_length=64, widget=forms.HiddenInput, error_messages={"required": TOO_OLD})
    # Made by the phone's own random source for a sealed ballot; without scripts the server makes it.
    tracking = forms.CharField(required=False, widget=forms.HiddenInput)
    blank = forms.BooleanField(required=False)
    choice: choices.Choice
    data: QueryDict

    def __init__(
        self, data: QueryDict | None = None, *, poll: Poll, initial_choice: choices.Choice | None = None
    ) -> None:
        super().__init__(data, initial={"key": secrets.token_urlsafe(18)})
        self.poll = poll
        self.initial_choice = initial_choice or {}
        self.options = options_left(poll)

    @property
    def ballot_key(self) -> str:
        """The key to put on the paper: the one sent before, when the paper comes back with an error."""
        sent = self.data.get("key", "")
        return str(sent) if 16 <= len(sent) <= 64 else str(self.initial["key"])

    @property
    def tracking_code(self) -> bytes | None:
        """The voter's own code of 10 bytes, once the form is valid; None where no script made one."""
        return tracking_in(self.cleaned_data["tracking"])

    @property
    def wants_blank(self) -> bool:
        """Whether the voter asked to hand in a blank ballot, whatever else is chosen."""
        return bool(self.data.get("blank"))

    def clean(self) -> dict[str, Any]:
        try:
            self.choice = {} if self.wants_blank else self.read_choice()
        except choices.ChoiceRefused as refusal:
            raise forms.ValidationError(str(refusal)) from refusal
        if not self.choice and not self.wants_blank:
            raise forms.ValidationError(_("You have not chosen anything yet. Choose, or hand in a blank ballot."))
        return super().clean() or self.cleaned_data

    def read_choice(self) -> choices.Choice:
        """The choice in its canonical shape; raises ChoiceRefused."""
        raise TypeError("each ballot type reads its own choice")

    def rows(self) -> list[Row]:
        """The paper's lines, in the order of the options."""
        raise TypeError("each ballot type draws its own lines")

    def hidden_pairs(self) -> list[tuple[str, str]]:
        """The entered values as name and value pairs, to be carried through the review page."""
        blank = [("blank", "yes")] if self.wants_blank else []
        return [*blank, *((row.name, row.value) for row in self.rows() if row.is_chosen)]

    @property
    def hint(self) -> str:
        """How this paper is filled in, in a sentence or two; nothing where it shows by itself."""
        return ""

    @property
    def is_blank(self) -> bool:
        return not self.choice

    @property
    def is_reviewed(self) -> bool:
        """Whether the voter sees everything once more before it counts; a single answer needs no second page."""
        return self.poll.ballot_type in REVIEWED or self.is_budget

    @property
    def is_budget(self) -> bool:
        """Whether the options are shown as cards with their costs."""
        return self.poll.budget is not None and self.poll.ballot_type in (BallotType.APPROVAL, BallotType.CHOOSE_ONE)

    @property
    def is_within_budget(self) -> bool:
        return choices.is_within_budget(self.poll)

    @property
    def has_bar(self) -> bool:
        """Whether a bar at the foot of the screen says how much of the ballot is used."""
        counts = self.poll.ballot_type == BallotType.APPROVAL and self.poll.max_choices is not None
        return self.is_budget or counts or self.poll.ballot_type == BallotType.POINTS

    @property
    def given(self) -> int | None:
        """Points given in all, where the ballot gives points."""
        return None

    @property
    def chosen_options(self) -> list[Row]:
        """The options that the valid ballot names, as the voter put them."""
        return [row for row in self.rows() if row.is_chosen]


class TickForm(BallotForm):
    """Yes/no, choose one and approval: ticks named `options`."""

    @property
    def takes_several(self) -> bool:
        return self.poll.ballot_type == BallotType.APPROVAL

    @property
    def hint(self) -> str:
        return _how_many(self.poll) if self.takes_several else ""

    def ticked(self) -> list[str]:
        if not self.is_bound:
            return list(self.initial_choice.get("options", []))
        return list(self.data.getlist("options"))

    def read_choice(self) -> choices.Choice:
        return choices.options_choice(self.poll, self.ticked())

    def rows(self) -> list[Row]:
        ticked = set(self.ticked())
        return [Row(o, "options", o.key, o.key in ticked) for o in self.options]


class ConsensusForm(TickForm):
    """Agree, agree with reservations, stand aside or block, and why."""

    longest_reason = choices.LONGEST_REASON

    @property
    def reason(self) -> str:
        return str(self.data.get("reason", "") if self.is_bound else self.initial_choice.get("reason", ""))

    def read_choice(self) -> choices.Choice:
        return choices.consensus_choice(self.poll, self.ticked(), self.reason)

    def hidden_pairs(self) -> list[tuple[str, str]]:
        return [*super().hidden_pairs(), ("reason", self.reason)]


class RankedForm(BallotForm):
    """A place for each option in a field `place-<key>`; empty means not ranked."""

    @property
    def takes_ties(self) -> bool:
        return bool(self.poll.ballot_parameters.get("ties_allowed"))

    @property
    def hint(self) -> str:
        most = self.poll.max_choices
        sentences = [_("Give 1 to your first choice, 2 to your second, and so on.")]
        if self.takes_ties:
            sentences.append(_("Options that you like equally may share a place."))
        if most:
            sentences.append(
                ngettext("Give %(most)d place at most.", "Give %(most)d places at most.", most) % {"most": most}
            )
        if self.poll.min_choices > 1:
            sentences.append(_("Put at least %(least)d in order.") % {"least": self.poll.min_choices})
        else:
            sentences.append(_("You may leave options without a place."))
        return " ".join(sentences)

    def entered(self, option: Option) -> str:
        if self.is_bound:
            return str(self.data.get(f"place-{option.key}", NOT_RANKED)).strip()
        for place, entry in enumerate(self.initial_choice.get("ranking", []), start=1):
            if option.key == entry or (isinstance(entry, list) and option.key in entry):
                return str(place)
        return NOT_RANKED

    def read_choice(self) -> choices.Choice:
        ranks = {}
        for option in self.options:
            entered = self.entered(option)
            if entered:
                ranks[option.key] = self._whole_number(entered)
        return choices.ranked_choice(self.poll, ranks)

    @staticmethod
    def _whole_number(entered: str) -> int:
        if not _is_whole(entered, figures=4) or int(entered) < 1:
            raise choices.ChoiceRefused(
                _("Use whole numbers for the places: 1 for your first choice, 2 for your second.")
            )
        return int(entered)

    def rows(self) -> list[Row]:
        return [Row(o, f"place-{o.key}", self.entered(o), self.entered(o) != NOT_RANKED) for o in self.options]

    @property
    def chosen_options(self) -> list[Row]:
        """Best first, with the places that count: gaps are closed."""
        rows = sorted(super().chosen_options, key=lambda row: row.number)
        places = sorted({row.number for row in rows})
        return [replace(row, value=str(1 + places.index(row.number))) for row in rows]


class PointsForm(BallotForm):
    """Points for each option in a field `points-<key>`; empty means none."""

    @property
    def total(self) -> int | None:
        """Points to give in all."""
        return choices.points_in_all(self.poll)

    @property
    def cap(self) -> int:
        """Points that one option may get."""
        return choices.points_for_one(self.poll)

    @property
    def hint(self) -> str:
        sentences = []
        if self.total is not None:
            sentences.append(
                ngettext("You have %(total)d point to give.", "You have %(total)d points to give.", self.total)
                % {"total": self.total}
            )
        if self.cap < (self.total or choices.MOST_POINTS):
            sentences.append(_("Give one option %(cap)d at most.") % {"cap": self.cap})
        if self.total is not None:
            sentences.append(_("You need not use them all."))
        return " ".join(sentences)

    @property
    def given(self) -> int | None:
        return sum(row.number for row in self.chosen_options)

    def entered(self, option: Option) -> str:
        if self.is_bound:
            return str(self.data.get(f"points-{option.key}", "")).strip()
        return str(self.initial_choice.get("points", {}).get(option.key, ""))

    def read_choice(self) -> choices.Choice:
        points = {}
        for option in self.options:
            entered = self.entered(option) or "0"
            if not _is_whole(entered, figures=6):
                raise choices.ChoiceRefused(_("Use whole numbers for the points."))
            points[option.key] = int(entered)
        return choices.points_choice(self.poll, points)

    def rows(self) -> list[Row]:
        return [Row(o, f"points-{o.key}", self.entered(o), self.entered(o) not in ("", "0")) for o in self.options]


class ScoreForm(BallotForm):
    """A mark for each option in a field `score-<key>`; empty means no mark."""

    @property
    def lowest(self) -> int:
        return choices.score_range(self.poll)[0]

    @property
    def highest(self) -> int:
        return choices.score_range(self.poll)[1]

    @property
    def marks(self) -> list[str]:
        """Every mark there is, where they are few enough to stand side by side; else none."""
        marks = [str(mark) for mark in range(self.lowest, self.highest + 1)]
        return marks if len(marks) <= MOST_SEGMENTS else []

    @property
    def hint(self) -> str:
        return _(
            "Give each option a mark from %(lowest)d to %(highest)d; %(highest)d is best. No mark counts as 0."
        ) % {
            "lowest": self.lowest,
            "highest": self.highest,
        }

    def entered(self, option: Option) -> str:
        if self.is_bound:
            return str(self.data.get(f"score-{option.key}", "")).strip()
        return str(self.initial_choice.get("points", {}).get(option.key, ""))

    def read_choice(self) -> choices.Choice:
        scores = {}
        for option in self.options:
            entered = self.entered(option)
            if not entered:
                continue
            if not _is_whole(entered.removeprefix("-"), figures=4):
                raise choices.ChoiceRefused(_("Use whole numbers for the marks."))
            scores[option.key] = int(entered)
        return choices.score_choice(self.poll, scores)

    def rows(self) -> list[Row]:
        return [Row(o, f"score-{o.key}", self.entered(o), self.entered(o) != "") for o in self.options]


FORMS: dict[str, type[BallotForm]] = {
    BallotType.YES_NO: TickForm,
    BallotType.CHOOSE_ONE: TickForm,
    BallotType.APPROVAL: TickForm,
    BallotType.RANKED: RankedForm,
    BallotType.POINTS: PointsForm,
    BallotType.SCORE: ScoreForm,
    BallotType.CONSENSUS: ConsensusForm,
}


def ballot_form(
    poll: Poll, data: QueryDict | None = None, *, initial_choice: choices.Choice | None = None
) -> BallotForm:
    """The ballot paper of this poll's type, empty or filled in."""
    return FORMS[poll.ballot_type](data, poll=poll, initial_choice=initial_choice)


def _is_whole(entered: str, *, figures: int) -> bool:
    return entered.isascii() and entered.isdigit() and len(entered) <= figures


def _how_many(poll: Poll) -> str:
    """How many options may be chosen, in one sentence."""
    least, most = poll.min_choices, poll.max_choices
    if choices.is_within_budget(poll) and not most:
        return _("Add as many as the money allows.")
    if most and least > 1:
        if least == most:
            return _("Choose exactly %(most)d.") % {"most": most}
        return _("Choose at least %(least)d and at most %(most)d.") % {"least": least, "most": most}
    if most and poll.budget is not None:
        return ngettext("Choose %(most)d project.", "Choose up to %(most)d projects.", most) % {"most": most}
    if most:
        return ngettext("Choose %(most)d.", "Choose up to %(most)d.", most) % {"most": most}
    if least > 1:
        return _("Choose at least %(least)d.") % {"least": least}
    return _("Choose as many as you like.")
