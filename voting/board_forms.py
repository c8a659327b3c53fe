# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type on the pages of the public board."""

from django import forms
from django.utils.translation import gettext_lazy as _

from .board import verify


class CodeForm(forms.Form):
    """A receipt or a tracking code, however it is typed."""

    code = forms.CharField(
        label=_("Your code"),
        help_text=_("16 letters and figures, with or without hyphens."),
        error_messages={"required": _("Type or paste your code.")},
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            verify.receipts_like(code, [])
        except verify.Refused:
            raise forms.ValidationError(
                _("A code has 16 letters and figures, in four groups of four. Look at your receipt again.")
            ) from None
        return code


class SignatureForm(forms.Form):
    """What came out of counting again."""

    root = forms.CharField(
        label=_("The root that the check printed"),
        help_text=_("64 letters and figures, in the first line."),
        error_messages={"required": _("Copy the root from the first line of the check.")},
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    agrees = forms.TypedChoiceField(
        label=_("What came out?"),
        choices=[("yes", _("The count agrees with the published result")), ("no", _("Something does not agree"))],
        coerce=lambda word: word == "yes",
        error_messages={"required": _("Say what came out.")},
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(
        label=_("What does not agree, or what everybody should know"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
