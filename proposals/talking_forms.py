# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is written about a proposal after it was sent in: better words, and what people say to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .forms import ProposalForm
from .models import Cycle, Proposal
from .models.versions import WORDING


class ChangeForm(ProposalForm):
    """The proposal in better words, with the reason for everybody to read. Its pot of money stays."""

    reason = forms.CharField(
        label=gettext_lazy("What did you change, and why?"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in a few words what you changed, and why.")},
        help_text=gettext_lazy("Everybody can read this. Example: Fewer trees, so that the bus can turn."),
    )

    def __init__(self, data: Any = None, *, cycle: Cycle, proposal: Proposal) -> None:
        super().__init__(data, cycle=cycle, proposal=proposal)
        self.fields.pop("heading", None)

    @property
    def wording(self) -> dict[str, Any]:
        """The cleaned answers as the parts of a version."""
        return {name: value for name, value in self.cleaned_data.items() if name in WORDING}
