# SPDX-License-Identifier: AGPL-3.0-or-later
"""What those who run a budget type when something happens to a project during the vote."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .forms import MoneyField, field_of, needed_at_times
from .models import Incident, Project
from .price_doubts import PriceForm, doubts_about_new_price


class IncidentForm(PriceForm):
    """What happened, and why, in words that every voter reads."""

    price_name = "new_cost"

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

    def __init__(
        self, data: Any = None, *, project: Project, currency: str, initial: dict[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.project, self.currency = project, currency
        field_of(self, "new_cost", MoneyField).currency = currency

    def clean(self) -> dict[str, Any]:
        """What happened; a new price that looks mistyped is asked about before every voter reads it."""
        cleaned = super().clean() or {}
        cost = cleaned.get("new_cost")
        if cost is not None and cleaned.get("kind") == Incident.Kind.PRICE:  # with any other it is left out
            doubts = doubts_about_new_price(cost, before=self.project.cost, currency=self.currency)
            self.refuse_unless_right(cost, doubts)
        return cleaned
