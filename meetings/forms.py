# SPDX-License-Identifier: AGPL-3.0-or-later
"""What facilitators type. Forms check shape; services check rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.models import AgendaItem, AttendanceMode, ItemKind, Meeting, Scene
from proposals.models import Proposal

LONGEST_OPTION = 300
LONGEST_QUESTION = 200


class MomentInput(forms.DateTimeInput):
    """A day and a time of day, picked or typed."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Meeting
        fields = ("title", "starts_at", "planned_end_at", "place", "text", "quorum_needed")
        widgets = {
            "starts_at": MomentInput(),
            "planned_end_at": MomentInput(),
            "text": forms.Textarea(attrs={"rows": 4}),
            "quorum_needed": forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 1}),
        }
        help_texts = {
            "title": gettext_lazy("For example: Autumn assembly."),
            "place": gettext_lazy("The hall and its address. Leave it empty if everybody takes part from home."),
            "text": gettext_lazy("Everybody can read this before the meeting."),
            "quorum_needed": gettext_lazy(
                "No vote opens with fewer voters checked in. Leave it empty if any number will do."
            ),
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = data.get("starts_at"), data.get("planned_end_at")
        if begins and ends and ends <= begins:
            self.add_error("planned_end_at", _("The meeting must end after it begins. Choose a later time."))
        return data

    def clean_quorum_needed(self) -> int | None:
        needed: int | None = self.cleaned_data["quorum_needed"]
        if needed == 0:
            raise forms.ValidationError(_("Write a number above zero, or leave it empty."))
        return needed


class ItemForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = AgendaItem
        fields = ("title", "kind", "planned_minutes", "presenter", "proposal", "text", "is_consent")
        widgets = {
            "kind": forms.RadioSelect,
            "planned_minutes": forms.NumberInput(
                attrs={"class": "short", "inputmode": "numeric", "min": 1, "max": 600}
            ),
            "text": forms.Textarea(attrs={"rows": 4}),
        }
        labels = {"proposal": gettext_lazy("Proposal")}
        help_texts = {
            "planned_minutes": gettext_lazy("How long it should take."),
            "proposal": gettext_lazy("Choose the proposal that this item is about, if there is one."),
            "text": gettext_lazy("What people should know before. Everybody can read it."),
            "is_consent": gettext_lazy("Anybody who may vote can still ask to talk about it."),
        }

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        public = Proposal.objects.filter(heading__cycle__assembly=meeting.assembly).public()
        proposal = self.fields["proposal"]
        if isinstance(proposal, forms.ModelChoiceField):
            proposal.queryset = public.exclude(state=Proposal.State.WITHDRAWN).order_by("title")
            proposal.empty_label = _("No proposal")
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = ItemKind.choices

    def clean_planned_minutes(self) -> int:
        minutes: int = self.cleaned_data["planned_minutes"]
        if not 1 <= minutes <= 600:
            raise forms.ValidationError(_("Write a number of minutes between 1 and 600."))
        return minutes


class CodeForm(forms.Form):
    code = forms.CharField(
        label=gettext_lazy("Code of the meeting"),
        max_length=20,
        help_text=gettext_lazy("Six letters and figures. The screen in the room shows it."),
        widget=forms.TextInput(
            attrs={"class": "code-input", "autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class CheckInForm(forms.Form):
    mode = forms.ChoiceField(
        label=gettext_lazy("Where are you?"),
        choices=AttendanceMode.choices,
        widget=forms.RadioSelect,
        initial=AttendanceMode.IN_ROOM,
    )


class SceneForm(forms.Form):
    scene = forms.ChoiceField(choices=Scene.choices)
