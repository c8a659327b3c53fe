# SPDX-License-Identifier: AGPL-3.0-or-later
"""What facilitators choose for the projector."""

from django import forms

from meetings.models import Scene

LONGEST_TEXT = 400  # what can be read from the last row


class WallForm(forms.Form):
    scene = forms.ChoiceField(choices=Scene.choices)
    text = forms.CharField(max_length=LONGEST_TEXT, required=False)
