# SPDX-License-Identifier: AGPL-3.0-or-later
"""What authors and officials type about who is behind a proposal, and in which form it goes on."""

from datetime import datetime, timedelta

from django import forms
from django.utils.translation import gettext_lazy

from .forms import DayField, start_of


class CoSponsorForm(forms.Form):
    """Whom the author asks."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        error_messages={
            "required": gettext_lazy("Type the address of the person."),
            "invalid": gettext_lazy("Type the whole address, for example amina@example.org."),
        },
        help_text=gettext_lazy("Only you see the address. The person is named when they have said Yes."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class _DayForm(forms.Form):
    """The last day that the author has."""

    last_day = DayField(label=gettext_lazy("The author has time until the end of this day"))

    @property
    def until(self) -> datetime:
        """The midnight that ends that day."""
        return start_of(self.cleaned_data["last_day"] + timedelta(days=1))


class ReturnForm(_DayForm):
    """What must be put right, and until when."""

    reason = forms.CharField(
        label=gettext_lazy("What must be put right?"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write what must be put right. Everybody can read it.")},
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Everybody can read it. Example: Say at which stop the bench should stand."),
    )
    field_order = ["reason", "last_day"]


class ExtendForm(_DayForm):
    """More time for a correction."""
