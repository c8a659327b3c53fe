# SPDX-License-Identifier: AGPL-3.0-or-later
"""What secretaries type. Whoever wrote in the meantime is minded: each form says which version it was filled in on."""

from django import forms
from django.utils.translation import gettext_lazy as _

from meetings.services.minutes import LONGEST_CORRECTIONS, LONGEST_TEXT


class VersionForm(forms.Form):
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class MinutesForm(VersionForm):
    text = forms.CharField(
        label=_("Minutes"),
        max_length=LONGEST_TEXT,
        strip=False,
        help_text=_(
            "Headings begin with #, points of a list with a hyphen, quotations with >. **Two stars** around words make"
            " them bold."
        ),
        widget=forms.Textarea(attrs={"class": "minutes-text", "rows": 30, "dir": "auto", "spellcheck": "true"}),
    )


class ApprovalForm(VersionForm):
    corrections = forms.CharField(
        label=_("Corrections"),
        required=False,
        max_length=LONGEST_CORRECTIONS,
        help_text=_(
            "What was decided to be different from the text, one correction on each line. Everybody can read it."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "dir": "auto"}),
    )
