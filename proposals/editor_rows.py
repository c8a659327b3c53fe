# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lines of the page on which a budget is edited: its text, its groups, its pots, its steps, and its ballot."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from assemblies.models import District
from assemblies.money import money_text
from voting import protection
from voting.models import Secrecy
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS

from .forms import LONGEST_LIST, RULES, MoneyField, field_of
from .models import Cycle, Heading, HeadingGroup

MINUTES = "%Y-%m-%dT%H:%M"
MOST_POINTS = 1000
OWN_DISTRICT, CITYWIDE = "", "citywide"


class WholeNumberField(forms.IntegerField):
    """A whole number, typed into a short box."""

    default_error_messages = {"invalid": gettext_lazy("Write a whole number.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}), **kwargs)


class TextPart(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give this budget a name.")},
    )
    year = WholeNumberField(
        label=gettext_lazy("Year"),
        min_value=1980,
        max_value=2200,
        error_messages={"required": gettext_lazy("Write the year.")},
    )
    summary = forms.CharField(
        label=gettext_lazy("What is it for?"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("Short sentences. Everybody reads this first."),
    )
    contact = forms.CharField(
        label=gettext_lazy("Whom can people ask?"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("A person or an office, with a telephone number or an address. Everybody can read it."),
    )

    @staticmethod
    def stored(cycle: Cycle) -> dict[str, Any]:
        return {name: getattr(cycle, name) for name in ("title", "year", "summary", "contact")}


class GroupRow(forms.Form):
    """Pots among which each voter chooses."""

    title = forms.CharField(
        label=gettext_lazy("Name of the group"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give this group a name.")},
        help_text=gettext_lazy("Example: Topics"),
    )
    max_headings = WholeNumberField(
        label=gettext_lazy("In how many of its pots may a person vote?"),
        min_value=1,
        max_value=50,
        initial=1,
        error_messages={"required": gettext_lazy("Write a number above zero.")},
    )

    @staticmethod
    def stored(group: HeadingGroup) -> dict[str, Any]:
        return {"title": group.title, "max_headings": group.max_headings}


class PotRow(forms.Form):
    """A sum of money, and who votes on it."""

    title = forms.CharField(
        label=gettext_lazy("Name of the pot"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give this pot a name.")},
    )
    amount = MoneyField(
        label=gettext_lazy("How much money is in it?"),
        error_messages={"required": gettext_lazy("Write the amount, for example 100 000.")},
    )
    population = WholeNumberField(
        label=gettext_lazy("How many people live there?"),
        required=False,
        min_value=1,
        max_value=100_000_000,
    )
    district = forms.ModelChoiceField(
        District.objects.none(),
        label=gettext_lazy("For which district?"),
        required=False,
        empty_label=gettext_lazy("The whole town"),
    )
    voters = forms.ChoiceField(
        label=gettext_lazy("Who votes on it?"),
        required=False,
        error_messages={"invalid_choice": gettext_lazy("Choose who votes on it.")},
    )

    def __init__(self, *args: Any, cycle: Cycle, groups: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field_of(self, "amount", MoneyField).currency = cycle.currency
        districts = District.objects.filter(assembly=cycle.assembly)
        if districts:
            field_of(self, "district", forms.ModelChoiceField).queryset = districts
        else:
            del self.fields["district"]
        field_of(self, "voters", forms.ChoiceField).choices = [
            (OWN_DISTRICT, gettext_lazy("Everybody who lives in its district")),
            (CITYWIDE, gettext_lazy("Everybody, besides their own district")),
            *groups,
        ]

    @staticmethod
    def stored(heading: Heading, cycle: Cycle) -> dict[str, Any]:
        voters = f"group-{heading.group_id}" if heading.group_id else OWN_DISTRICT
        return {
            "title": heading.title,
            "amount": money_text(heading.amount, cycle.currency),
            "population": heading.population,
            "district": heading.district_id,
            "voters": CITYWIDE if heading.is_citywide else voters,
        }


class MomentField(forms.DateTimeField):
    """A day with the time at which it begins."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {
                "required": gettext_lazy("Choose a day, or switch this step off."),
                "invalid": gettext_lazy("Write the day and the time as in 2027-03-01 08:00."),
            },
        )
        super().__init__(
            widget=forms.DateTimeInput(format=MINUTES, attrs={"type": "datetime-local"}),
            input_formats=[MINUTES, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d"],
            **kwargs,
        )


class StepRow(forms.Form):
    """One step of the calendar; it ends when the next one that is on begins."""

    is_kept = False  # it has begun, and people saw it

    enabled = forms.BooleanField(required=False)
    starts_at = MomentField(label=gettext_lazy("It begins on"), required=False)

    def __init__(self, *args: Any, kind: str, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.name = kind, name
        self.fields["enabled"].label = name

    def clean(self) -> None:
        if self.cleaned_data.get("enabled") and "starts_at" in self.cleaned_data and not self.cleaned_data["starts_at"]:
            self.add_error("starts_at", str(self.fields["starts_at"].error_messages["required"]))


class EndRow(forms.Form):
    ends_at = MomentField(
        label=gettext_lazy("The last step ends on"),
        required=False,
        help_text=gettext_lazy("Empty: it stays open."),
    )


class BallotPart(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("What does a voter do?"),
        choices=[
            ("approval", gettext_lazy("Ticks projects, up to a number")),
            ("money", gettext_lazy("Ticks as many projects as the money can pay for")),
            ("points", gettext_lazy("Shares out points among the projects")),
            ("ranked", gettext_lazy("Puts projects in order")),
        ],
        widget=forms.RadioSelect,
    )
    min_choices = WholeNumberField(
        label=gettext_lazy("At least how many projects?"),
        required=False,
        min_value=0,
        max_value=LONGEST_LIST,
        help_text=gettext_lazy("Empty: none is needed."),
    )
    max_choices = WholeNumberField(
        label=gettext_lazy("At most how many projects?"),
        required=False,
        min_value=1,
        max_value=LONGEST_LIST,
        help_text=gettext_lazy("Empty: as many as they like."),
    )
    max_points = WholeNumberField(
        label=gettext_lazy("How many points has each voter?"),
        required=False,
        min_value=1,
        max_value=MOST_POINTS,
        help_text=gettext_lazy("Only where voters share out points."),
    )
    max_per_option = WholeNumberField(
        label=gettext_lazy("How many of them for one project at most?"),
        required=False,
        min_value=1,
        max_value=MOST_POINTS,
    )
    change_allowed = forms.BooleanField(
        label=gettext_lazy("Voters can change their ballot until the vote closes"), required=False
    )
    rule = forms.ChoiceField(label=gettext_lazy("How are the ballots counted?"), widget=forms.RadioSelect)
    secrecy = forms.TypedChoiceField(
        label=gettext_lazy("How secret are the ballots?"),
        coerce=lambda level: int(Secrecy(int(level))),
        widget=forms.RadioSelect,
    )
    savings_rule = forms.ChoiceField(
        label=gettext_lazy("What happens to money that is not needed?"),
        choices=Cycle.SavingsRule.choices,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, cycle: Cycle, two_can_run: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = list(dict.fromkeys([*RULES, cycle.rule]))
        field_of(self, "rule", forms.ChoiceField).choices = [
            (name, f"{RULE_NAMES.get(name, name)}. {RULES_IN_WORDS.get(name, '')}") for name in rules
        ]
        field_of(self, "secrecy", forms.TypedChoiceField).choices = protection.levels(two_can_run=two_can_run)

    def clean(self) -> None:
        if self.cleaned_data.get("kind") == "points" and not self.cleaned_data.get("max_points") and not self.errors:
            self.add_error("max_points", gettext_lazy("Say how many points each voter has."))

    @staticmethod
    def stored(cycle: Cycle) -> dict[str, Any]:
        within = cycle.ballot_parameters.get("within_budget")
        return {
            "kind": "money" if cycle.ballot_type == "approval" and within else cycle.ballot_type,
            "min_choices": cycle.min_choices or None,
            "max_choices": cycle.max_choices,
            "max_points": cycle.ballot_parameters.get("max_points"),
            "max_per_option": cycle.ballot_parameters.get("max_per_option"),
            "change_allowed": cycle.change_allowed,
            "rule": cycle.rule,
            "secrecy": cycle.secrecy,
            "savings_rule": cycle.savings_rule,
        }
