# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type about the register of a poll: who may vote, who shares it, and voter codes."""

from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy

from assemblies.models import District

from .assembly_polls import KIND as OF_THE_ASSEMBLY
from .models import NOT_OPENED, Electorate, LateAdmission, Poll
from .services import credentials


class RegisterForm(forms.Form):
    """Who may vote, and what happens to people who come later."""

    electorate = forms.ChoiceField(
        label=gettext_lazy("Who may vote"),
        choices=Electorate.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("People who hold a voter code for this vote may vote besides."),
    )
    district = forms.ModelChoiceField(
        label=gettext_lazy("Only residents of"),
        queryset=District.objects.none(),
        required=False,
        empty_label=gettext_lazy("The whole territory"),
    )
    late_admission = forms.ChoiceField(
        label=gettext_lazy("People who come later"), choices=LateAdmission.choices, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, poll: Poll, **kwargs: Any) -> None:
        register = poll.register
        kwargs["initial"] = {
            "electorate": register.electorate if register else Electorate.RESIDENTS,
            "district": register.district if register else None,
            "late_admission": register.late_admission if register else LateAdmission.LOCK,
        }
        super().__init__(*args, **kwargs)
        if poll.is_secret:
            self.fields["late_admission"].choices = [(LateAdmission.LOCK.value, LateAdmission.LOCK.label)]  # type: ignore[attr-defined]
        districts = District.objects.filter(assembly=poll.assembly_id)
        self.fields["district"].queryset = districts  # type: ignore[attr-defined]
        if poll.owner_kind != OF_THE_ASSEMBLY:  # a meeting and a budget know their voters
            del self.fields["electorate"], self.fields["district"]
        elif not districts.exists():
            del self.fields["district"]


class ShareForm(forms.Form):
    """Which vote has the same voters, and in how many of all that share them each voter votes."""

    other = forms.ModelChoiceField(
        label=gettext_lazy("The same voters as"),
        queryset=Poll.objects.none(),
        empty_label=None,
        error_messages={
            "required": gettext_lazy("Choose a vote that is not open yet."),
            "invalid_choice": gettext_lazy("Choose a vote that is not open yet."),
        },
    )
    max_polls = forms.IntegerField(
        label=gettext_lazy("Each voter votes in at most so many of them"),
        min_value=1,
        initial=1,
        error_messages={
            "required": gettext_lazy("Write in how many of these votes a voter may vote."),
            "invalid": gettext_lazy("Write a whole number."),
        },
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 1}),
    )

    def __init__(self, *args: Any, poll: Poll, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = Poll.objects.filter(assembly=poll.assembly_id, owner_kind=OF_THE_ASSEMBLY, state__in=NOT_OPENED)
        others = others.exclude(pk=poll.pk).filter(register__frozen_at=None)
        if poll.register is not None and poll.register.max_polls is not None:
            others = others.exclude(register=poll.register)
        self.fields["other"].queryset = others  # type: ignore[attr-defined]

    @property
    def has_choice(self) -> bool:
        return bool(self.fields["other"].queryset.exists())  # type: ignore[attr-defined]


class CodesForm(forms.Form):
    """New voter codes."""

    batch = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    label = forms.CharField(
        label=gettext_lazy("What they are for"),
        max_length=80,
        help_text=gettext_lazy("It is printed on each card. For example: Guests."),
        error_messages={"required": gettext_lazy("Say what the codes are for.")},
    )
    size = forms.IntegerField(
        label=gettext_lazy("How many"),
        min_value=1,
        max_value=credentials.MOST_IN_A_BATCH,
        initial=30,
        error_messages={
            "required": gettext_lazy("Write how many codes you need."),
            "invalid": gettext_lazy("Write a whole number."),
        },
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 1}),
    )
    counts_once_entered = forms.BooleanField(
        label=gettext_lazy("A code counts from the moment somebody enters it"),
        required=False,
        help_text=gettext_lazy(
            "Tick this for cards that lie at a door: nobody knows how many will be taken."
            " Leave it empty for cards that are sent to people one by one."
        ),
    )


class CardForm(forms.Form):
    """One card of a batch, by the number that is printed on it."""

    number = forms.IntegerField(
        label=gettext_lazy("Number of the card"),
        min_value=1,
        max_value=credentials.MOST_IN_A_BATCH,
        error_messages={
            "required": gettext_lazy("Write the number that is printed on the card."),
            "invalid": gettext_lazy("Write a whole number."),
        },
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 1}),
    )
