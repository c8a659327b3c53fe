# SPDX-License-Identifier: AGPL-3.0-or-later
"""What facilitators type. Forms check shape; services check rules."""

from typing import Any

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import Membership
from meetings.models import AgendaItem, ItemKind, Meeting, QuorumBase, QuorumComparison
from meetings.quorum import Quorum
from proposals.models import Proposal


class MomentInput(forms.DateTimeInput):
    """A day and a time of day, picked or typed."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class QuorumRule(TextChoices):
    """What most statutes ask for, each in one sentence."""

    NONE = "none", gettext_lazy("Any number of people may decide")
    FIXED = "fixed", gettext_lazy("A fixed number of voters, written below")
    HALF_OF_VOTERS = "half_of_voters", gettext_lazy("More than half of all who may vote")
    HALF_OF_MEMBERS = "half_of_members", gettext_lazy("More than half of all members")
    OTHER = "other", gettext_lazy("Another share, written below")


HALF = {"quorum_numerator": 1, "quorum_denominator": 2, "quorum_comparison": QuorumComparison.MORE_THAN}
COMMON_RULES: dict[str, dict[str, Any]] = {
    QuorumRule.HALF_OF_VOTERS: {"quorum_base": QuorumBase.RESIDENTS, **HALF},
    QuorumRule.HALF_OF_MEMBERS: {"quorum_base": QuorumBase.MEMBERS, **HALF},
}
QUORUM_FIELDS = (
    "quorum_needed",
    "quorum_base",
    "quorum_numerator",
    "quorum_denominator",
    "quorum_comparison",
    "quorum_counts",
)


def rule_chosen(meeting: Meeting) -> QuorumRule:
    """Which of the sentences the meeting's quorum is."""
    if meeting.quorum_base in (QuorumBase.NONE, QuorumBase.FIXED):
        return QuorumRule.FIXED if meeting.quorum_base == QuorumBase.FIXED else QuorumRule.NONE
    for rule, fields in COMMON_RULES.items():
        if all(getattr(meeting, name) == value for name, value in fields.items()):
            return QuorumRule(rule)
    return QuorumRule.OTHER


class MeetingForm(forms.ModelForm):  # type: ignore[type-arg]
    quorum_rule = forms.ChoiceField(
        label=gettext_lazy("Quorum"),
        choices=QuorumRule.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("How many must be there before anything is decided."),
    )

    class Meta:
        model = Meeting
        fields = (
            "title",
            "starts_at",
            "planned_end_at",
            "place",
            "text",
            "quorum_rule",
            *QUORUM_FIELDS,
            "proxies_per_holder",
            "walk_ins_allowed",
            "asks_room_code",
            "chair",
            "chair_breaks_ties",
        )
        error_messages = {
            name: {
                "min_value": gettext_lazy("Write 0 or more."),
                "max_value": gettext_lazy("This number is too large."),
            }
            for name in ("quorum_needed", "quorum_numerator", "quorum_denominator", "proxies_per_holder")
        }
        widgets = {
            "starts_at": MomentInput(),
            "planned_end_at": MomentInput(),
            "text": forms.Textarea(attrs={"rows": 4}),
            **{
                name: forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": least})
                for name, least in (
                    ("quorum_needed", 1),
                    ("quorum_numerator", 1),
                    ("quorum_denominator", 1),
                    ("proxies_per_holder", 0),
                )
            },
        }
        labels = {
            "quorum_base": gettext_lazy("Another share: of whom"),
            "quorum_numerator": gettext_lazy("Another share: how many parts"),
            "quorum_denominator": gettext_lazy("Another share: of how many parts"),
            "quorum_comparison": gettext_lazy("Another share: how much of it"),
            "quorum_counts": gettext_lazy("Who counts for the quorum"),
            "chair": gettext_lazy("Chair"),
        }
        help_texts = {
            "title": gettext_lazy("For example: Autumn assembly."),
            "place": gettext_lazy("The hall and its address. Leave it empty if everybody takes part from home."),
            "text": gettext_lazy("Everybody can read this before the meeting."),
            "quorum_needed": gettext_lazy("Only for a fixed number. No vote opens with fewer voters checked in."),
            "quorum_numerator": gettext_lazy("For example 2, for 2 parts of 3."),
            "quorum_denominator": gettext_lazy("For example 3, for 2 parts of 3."),
            "proxies_per_holder": gettext_lazy("For how many others one person may vote. 0 if nobody may."),
            "chair": gettext_lazy(
                "Somebody with a role in the assembly. Without one, whoever runs the meeting is the chair."
            ),
            "chair_breaks_ties": gettext_lazy("Otherwise a tie of yes and no is lost."),
            "asks_room_code": gettext_lazy("It shows that they are in the room. The code changes every minute."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["quorum_rule"].initial = rule_chosen(self.instance)
        for name in (*QUORUM_FIELDS, "proxies_per_holder"):
            self.fields[name].required = False
        chair = self.fields["chair"]
        if isinstance(chair, forms.ModelChoiceField):
            chair.required = False
            chair.empty_label = _("Whoever runs the meeting")
            staff = Membership.objects.current().filter(assembly=self.instance.assembly_id).exclude(roles=[])
            chair.queryset = staff.select_related("user").order_by("user__name", "pk")
        if self.instance.assembly_id is None:
            del self.fields["chair"]  # a new meeting has one when its assembly is known
        base = self.fields["quorum_base"]
        if isinstance(base, forms.ChoiceField):
            base.choices = [
                (QuorumBase.RESIDENTS, QuorumBase.RESIDENTS.label),
                (QuorumBase.MEMBERS, QuorumBase.MEMBERS.label),
            ]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begins, ends = data.get("starts_at"), data.get("planned_end_at")
        if begins and ends and ends <= begins:
            self.add_error("planned_end_at", _("The meeting must end after it begins. Choose a later time."))
        data["proxies_per_holder"] = data.get("proxies_per_holder") or 0
        self._clean_quorum(data)
        return data

    def _clean_quorum(self, data: dict[str, Any]) -> None:
        """The fields of the quorum say what the chosen sentence says."""
        needed = data.get("quorum_needed")
        rule = data.pop("quorum_rule", "") or (QuorumRule.FIXED if needed else QuorumRule.NONE)
        shares = {name: data.get(name) or getattr(Meeting(), name) for name in QUORUM_FIELDS[2:]}
        data.update(shares)
        if rule == QuorumRule.FIXED:
            data["quorum_base"] = QuorumBase.FIXED
            if needed is None and "quorum_needed" not in self.errors:
                self.add_error("quorum_needed", _("Write how many voters must be there."))
            return
        data["quorum_needed"] = None
        if rule == QuorumRule.OTHER:
            data["quorum_base"] = data.get("quorum_base") or QuorumBase.RESIDENTS
            if data["quorum_numerator"] > data["quorum_denominator"]:
                self.add_error("quorum_denominator", _("Write a share such as 1 of 2 or 2 of 3."))
            elif _quorum_of(data).can_never_be_met:
                self.add_error(
                    "quorum_comparison", _("More than everybody can never come. Choose at least this share.")
                )
            return
        data.update(COMMON_RULES.get(rule, {"quorum_base": QuorumBase.NONE}))

    def _get_validation_exclusions(self) -> set[str]:
        """Constraints on the quorum are looked at by `clean`, in words that fit what was chosen."""
        return {*super()._get_validation_exclusions(), *QUORUM_FIELDS}  # type: ignore[misc]

    def clean_quorum_needed(self) -> int | None:
        needed: int | None = self.cleaned_data["quorum_needed"]
        if needed == 0:
            raise forms.ValidationError(_("Write a number above zero, or leave it empty."))
        return needed


def _quorum_of(data: dict[str, Any]) -> Quorum:
    """The share that was typed."""
    return Quorum(
        base=data["quorum_base"],
        numerator=data["quorum_numerator"],
        denominator=data["quorum_denominator"],
        comparison=data["quorum_comparison"],
    )


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
