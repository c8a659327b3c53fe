# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is typed to make one proposal of several, or several of one."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .forms import field_of
from .models import Proposal
from .plain_text import plain
from .services import MOST_PIECES, Piece


class WordsForm(forms.Form):
    """The words of what comes of it."""

    title = forms.CharField(
        label=gettext_lazy("Name"), max_length=80, error_messages={"required": gettext_lazy("Give it a name.")}
    )
    summary = forms.CharField(
        label=gettext_lazy("In one sentence"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say it in one sentence.")},
    )
    text = forms.CharField(
        label=gettext_lazy("What and why"),
        max_length=5000,
        error_messages={"required": gettext_lazy("Say what it is and why.")},
        widget=forms.Textarea(attrs={"rows": 8}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        return {name: plain(value) if isinstance(value, str) else value for name, value in cleaned.items()}

    @property
    def words(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("title", "summary", "text")}


class MergeForm(WordsForm):
    """Which proposals become one with this one, in which words."""

    others = forms.ModelMultipleChoiceField(
        Proposal.objects.none(),
        label=gettext_lazy("Similar proposals for the same money"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    references = forms.CharField(
        label=gettext_lazy("References of others"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("They stand on the page of each proposal. Example: RV-2K7QM"),
    )
    field_order = ["others", "references", "title", "summary", "text"]

    def __init__(self, data: Any = None, *, proposal: Proposal, similar: list[Proposal]) -> None:
        words = {name: getattr(proposal, name) for name in ("title", "summary", "text")}
        super().__init__(data, initial=words)
        self.proposal = proposal
        field = field_of(self, "others", forms.ModelMultipleChoiceField)
        field.queryset = Proposal.objects.filter(pk__in=[found.pk for found in similar]).order_by("title")
        field.label_from_instance = lambda found: f"{found.title} ({found.reference})"  # type: ignore[method-assign, assignment]
        if not similar:
            del self.fields["others"]

    def clean_references(self) -> list[Proposal]:
        typed = [word.upper() for word in re.split(r"[\s,;]+", self.cleaned_data["references"]) if word]
        open_ones = Proposal.objects.public().filter(heading=self.proposal.heading, reference__in=typed)
        found = {proposal.reference: proposal for proposal in open_ones}
        missing = [word for word in typed if word not in found]
        if missing:
            raise forms.ValidationError(
                _("There is no proposal %(reference)s for this money.") % {"reference": ", ".join(missing)}
            )
        return list(found.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not self.chosen:
            raise forms.ValidationError(_("Choose at least one other proposal."))
        return cleaned

    @property
    def chosen(self) -> list[Proposal]:
        ticked, typed = self.cleaned_data.get("others") or [], self.cleaned_data.get("references") or []
        return [found for found in {*ticked, *typed} if found.pk != self.proposal.pk]


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=500,
        error_messages={"required": gettext_lazy("Write the reason. Everybody can read it.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class SplitForm(ReasonForm):
    """Two to four new proposals. A place that is left empty is left out."""

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for number in range(1, MOST_PIECES + 1):
            needed = number <= 2
            self.fields[f"title{number}"] = forms.CharField(
                label=_("Name of number %(number)s") % {"number": number},
                max_length=80,
                required=needed,
                error_messages={"required": _("Give it a name.")},
                help_text="" if needed else _("Empty: there is no number %(number)s.") % {"number": number},
            )
            self.fields[f"summary{number}"] = forms.CharField(
                label=_("In one sentence"),
                max_length=200,
                required=needed,
                error_messages={"required": _("Say it in one sentence.")},
            )
            self.fields[f"text{number}"] = forms.CharField(
                label=_("What and why"),
                max_length=5000,
                required=needed,
                error_messages={"required": _("Say what it is and why.")},
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for number in range(3, MOST_PIECES + 1):
            words = [cleaned.get(f"{name}{number}") for name in ("title", "summary", "text")]
            if any(words) and not all(words):
                self.add_error(f"title{number}", _("Write a name, a sentence and a text, or leave all three empty."))
        return cleaned

    @property
    def pieces(self) -> list[Piece]:
        return [
            Piece(*(plain(self.cleaned_data[f"{name}{number}"]) for name in ("title", "summary", "text")))
            for number in range(1, MOST_PIECES + 1)
            if self.cleaned_data[f"title{number}"]
        ]
