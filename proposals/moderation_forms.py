# SPDX-License-Identifier: AGPL-3.0-or-later
"""What moderators decide, and what authors write when they appeal."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .forms import needed_at_times
from .models import Moderation, Report


class DecisionForm(forms.Form):
    """Leave it or hide it; what is hidden needs the rule and the reason."""

    verdict = forms.ChoiceField(
        label=gettext_lazy("What happens to it?"),
        choices=Moderation.Verdict.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what happens to it: leave it or hide it.")},
    )
    broken_rule = needed_at_times(
        forms.ChoiceField(
            label=gettext_lazy("Which rule does it break?"),
            required=False,
            choices=[("", gettext_lazy("None")), *Report.Reason.choices],
        )
    )
    reason = needed_at_times(
        forms.CharField(
            label=gettext_lazy("Reason"),
            required=False,
            max_length=1000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=gettext_lazy("Needed when you hide it. The author reads it; it stands on no public page."),
        )
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verdict") == Moderation.Verdict.HIDDEN:
            if not cleaned.get("broken_rule"):
                self.add_error("broken_rule", _("Say which rule it breaks."))
            if "reason" in cleaned and not cleaned["reason"]:
                self.add_error("reason", _("Write the reason. The author reads it, and can appeal."))
        return cleaned


class AppealForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Why should it be shown again?"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write why it should be shown again.")},
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Only the moderators read this. You can appeal once."),
    )


class AppealAnswerForm(forms.Form):
    """Another moderator's answer to the author."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("Your answer"),
        choices=[("shown", gettext_lazy("Show it again")), ("hidden", gettext_lazy("It stays hidden"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whether it is shown again.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason for the author"),
        max_length=1000,
        error_messages={"required": gettext_lazy("Write the reason. The author reads it.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
