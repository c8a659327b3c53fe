# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is written about a proposal after it was sent in: better words, and what people say to it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .forms import ProposalForm, field_of
from .models import Comment, Cycle, Proposal, Report, SupportRule
from .models.comments import LONGEST_COMMENT
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


class SupportRuleForm(forms.Form):
    """How many supports an idea needs, and how long it may look for them."""

    threshold = forms.IntegerField(
        label=gettext_lazy("How many supports does an idea need?"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Empty: every idea goes on, however few support it."),
    )
    days = forms.IntegerField(
        label=gettext_lazy("In how many days?"),
        required=False,
        min_value=1,
        max_value=365,
        help_text=gettext_lazy("Empty: until the step ends."),
    )

    def __init__(self, data: Any = None, *, rule: SupportRule | None) -> None:
        super().__init__(data, initial={"threshold": rule.threshold, "days": rule.days} if rule else {})


class CommentForm(forms.Form):
    """A comment, or a reply to one."""

    text = forms.CharField(
        label=gettext_lazy("Your comment"),
        max_length=LONGEST_COMMENT,
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everybody can read it, with your name."),
    )
    parent = forms.ModelChoiceField(Comment.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, proposal: Proposal) -> None:
        super().__init__(data)
        field_of(self, "parent", forms.ModelChoiceField).queryset = Comment.objects.filter(proposal=proposal)


class ReportForm(forms.Form):
    """What breaks the rules, for the moderators."""

    reason = forms.ChoiceField(
        label=gettext_lazy("What is wrong with it?"),
        choices=Report.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say what is wrong with it.")},
    )
    text = forms.CharField(
        label=gettext_lazy("In your words"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Only the moderators read this."),
    )


class QuestionForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your question to the author"),
        max_length=LONGEST_COMMENT,
        error_messages={"required": gettext_lazy("Write the question.")},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everybody can read the question and the answer. Your name is not shown."),
    )


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Your answer"),
        max_length=LONGEST_COMMENT,
        error_messages={"required": gettext_lazy("Write the answer.")},
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Everybody can read it. It can no longer be changed."),
    )
