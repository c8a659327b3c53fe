# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type to compare counting rules, to lock one, and to set conditions for a ballot."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import District
from assemblies.money import money_text
from voting.models import Poll
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS

from .forms import RULES, MoneyField, UploadField, needed_at_times
from .models import Cycle, Heading
from .workbench import LARGEST_FILE


class PastForm(forms.Form):
    """Ballots of an earlier budget of this assembly."""

    poll = needed_at_times(forms.ChoiceField(label=gettext_lazy("Ballots of which budget?"), required=False))

    def __init__(self, data: Any = None, *, polls: list[Poll]) -> None:
        super().__init__(data)
        self.fields["poll"].choices = [(str(poll.pk), poll.question) for poll in polls]  # type: ignore[attr-defined]
        self.polls = {str(poll.pk): poll for poll in polls}

    def clean_poll(self) -> Poll | None:
        return self.polls.get(self.cleaned_data["poll"])


class FileForm(forms.Form):
    """A file of another town."""

    file = UploadField(
        label=gettext_lazy("A file in the .pb form"),
        largest=LARGEST_FILE,
        accept=".pb",
        help_text=gettext_lazy("It is counted here and not kept."),
    )


class LockForm(forms.Form):
    """Which rule counts, and why."""

    rule = forms.ChoiceField(
        label=gettext_lazy("How are the ballots counted?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one of the rules.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write why this rule. Everybody can read the reason.")},
    )

    def __init__(self, data: Any = None, *, cycle: Cycle) -> None:
        super().__init__(data, initial={"rule": cycle.rule})
        choices = [(name, f"{RULE_NAMES[name]}. {RULES_IN_WORDS[name]}") for name in RULES]
        self.fields["rule"].choices = choices  # type: ignore[attr-defined]


class ConditionsForm(forms.Form):
    """What must hold for a project to win, besides its votes."""

    minimum_votes = forms.IntegerField(
        label=gettext_lazy("Least number of votes"),
        min_value=1,
        max_value=1_000_000,
        required=False,
        help_text=gettext_lazy("A project with fewer is never funded. Empty: no such number."),
    )
    rival_sets = forms.CharField(
        label=gettext_lazy("At most one of these"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Where two projects cannot both be built: their numbers in one line. Example: 3, 7"),
    )

    def __init__(self, data: Any = None, *, heading: Heading) -> None:
        super().__init__(data, initial=_written(heading))
        districts = District.objects.filter(projects__heading=heading).distinct().order_by("name")
        self.floors = {f"floor-{district.pk}": district.name for district in districts}
        for name, district in self.floors.items():
            self.fields[name] = MoneyField(
                currency=heading.cycle.currency,
                label=_("Set aside for %(district)s") % {"district": district},
                required=False,
            )

    def clean_rival_sets(self) -> list[list[int]]:
        sets = []
        for line in self.cleaned_data["rival_sets"].splitlines():
            words = line.replace(",", " ").replace(";", " ").split()
            if not all(word.isascii() and word.isdigit() and len(word) < 7 for word in words):
                raise forms.ValidationError(_("Write only numbers of projects, for example 3, 7."))
            if words:
                sets.append([int(word) for word in words])
        return sets

    @property
    def conditions(self) -> dict[str, Any]:
        """What `set_conditions` takes."""
        answers = self.cleaned_data
        floors = {district: answers[name] for name, district in self.floors.items() if answers.get(name)}
        return {
            "minimum_votes": answers["minimum_votes"],
            "rival_sets": answers["rival_sets"],
            "district_floors": floors,
        }


def _written(heading: Heading) -> dict[str, Any]:
    districts = District.objects.filter(assembly=heading.cycle.assembly)
    floors = {
        f"floor-{district.pk}": money_text(heading.district_floors[district.name], heading.cycle.currency)
        for district in districts
        if district.name in heading.district_floors
    }
    sets = "\n".join(", ".join(map(str, numbers)) for numbers in heading.rival_sets)
    return {"minimum_votes": heading.minimum_votes, "rival_sets": sets, **floors}
