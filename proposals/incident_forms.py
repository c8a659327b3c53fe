# SPDX-License-Identifier: AGPL-3.0-or-later
"""What those who run a budget type when something happens to a project during the vote."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .forms import MoneyField, field_of, needed_at_times
from .models import Incident


class IncidentForm(forms.Form):
    """What happened, and why, in words that every voter reads."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What happened?"),
        choices=Incident.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what happened.")},
    )
    new_cost = needed_at_times(
        MoneyField(
            label=gettext_lazy("New price, where it has changed"),
            required=False,
            help_text=gettext_lazy("The price on the ballot no longer holds, so the project leaves this vote."),
        )
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("Write the reason. Every voter gets it by mail.")},
        help_text=gettext_lazy("It is sent to every voter, with the same words to all."),
    )

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        field_of(self, "new_cost", MoneyField).currency = currency
