# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is typed about the queue of speakers: a raised hand, a search for somebody, and the rules of the queue."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import lazy
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.models import Meeting, Side, SpeakerKind
from meetings.turns import POLICIES

FIRST_COME = "fifo"  # what decides in the end, whatever else is chosen
MOST_SAFE_PLACES = 3
MOST_RESPONSES = 5
LONGEST_SPEECH = 3600
MOST_TURNS = 20
LONGEST_GROUP_TIME = 4 * 3600
LIMITS = ("turns_per_item", "person_seconds", "group_seconds")  # 0 or empty: none
FEWEST_GROUPS, MOST_GROUPS = 2, 8
LONGEST_GROUP = 40


class HandForm(forms.Form):
    kind = forms.ChoiceField(choices=SpeakerKind.choices, required=False)
    side = forms.ChoiceField(choices=Side.choices, required=False)

    def clean_kind(self) -> SpeakerKind:
        return SpeakerKind(self.cleaned_data["kind"] or SpeakerKind.NORMAL)

    def clean_side(self) -> Side:
        return Side(self.cleaned_data["side"])


class FindForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("Name"), max_length=60, required=False)


class PolicyList(forms.CheckboxSelectMultiple):
    """Rules to tick, each with buttons that move it; the form brings the order in which they stood."""

    template_name = "meetings/_policies.html"
    moved = ""  # the rule whose button was pressed has the focus again

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return option | {"policy": POLICIES[str(value)].label}

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["moved"] = self.moved
        return context


def _with_its_sentence(name: str) -> str:
    policy = POLICIES[name]
    return format_html("<span><b>{}</b><br>{}</span>", policy.label, policy.says)


def moved(order: Sequence[str], rule: str, way: str) -> list[str]:
    """The rules with this one a place further up or down.

    >>> moved(["a", "b", "c"], "c", "up")
    ['a', 'c', 'b']
    """
    names = list(order)
    if rule in names:
        place = names.index(rule)
        other = place + (-1 if way == "up" else 1)
        if 0 <= other < len(names):
            names[place], names[other] = names[other], names[place]
    return names


def policy_choices(chosen: Sequence[str]) -> list[tuple[str, Any]]:
    """The chosen rules in the order in which they decide, then the others; each with what it means."""
    known = [name for name in chosen if name in POLICIES]
    names = [*known, *(name for name in POLICIES if name not in known)]
    say = lazy(_with_its_sentence, str)
    return [(name, say(name)) for name in names if name != FIRST_COME]


def _order_in(data: Any) -> list[str]:
    """The order in which the form listed its rules when it was sent."""
    return data.getlist("speaking_policies_order") if isinstance(data, QueryDict) else []


class RulesForm(forms.Form):
    speaking_policies = forms.MultipleChoiceField(
        label=gettext_lazy("Who speaks next"),
        required=False,
        widget=PolicyList,
        help_text=gettext_lazy(
            "The ticked rules are asked from top to bottom: move them with their buttons. Where they leave several people, who asked first speaks "
            "first. Everybody can read the rules on their phone."
        ),
    )
    safe_places = forms.IntegerField(
        label=gettext_lazy("Places that nobody overtakes"),
        min_value=0,
        max_value=MOST_SAFE_PLACES,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy(
            "So that whoever is next can get ready. No other speech goes before them, only points of order, technical questions and answers to what is being said."
        ),
    )
    speech_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds for one speech"),
        min_value=10,
        max_value=LONGEST_SPEECH,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy("180 is three minutes. The time is shown to everybody; nobody is cut off."),
    )
    responses_per_speech = forms.IntegerField(
        label=gettext_lazy("Answers to one speech"),
        min_value=0,
        max_value=MOST_RESPONSES,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy("How many people may answer a speech at once. 0 means that nobody may."),
    )
    turns_per_item = forms.IntegerField(
        label=gettext_lazy("Speeches of one person on one item"),
        required=False,
        min_value=0,
        max_value=MOST_TURNS,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy("0 means no limit. Points of order, technical questions and answers do not count."),
    )
    person_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds of one person on one item"),
        required=False,
        min_value=0,
        max_value=LONGEST_SPEECH,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy(
            "0 means no limit. Who has used it up cannot raise a hand for another speech; nobody is cut off, and you "
            "can still put them on the list."
        ),
    )
    group_seconds = forms.IntegerField(
        label=gettext_lazy("Seconds of one group on one item"),
        required=False,
        min_value=0,
        max_value=LONGEST_GROUP_TIME,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric"}),
        help_text=gettext_lazy("0 means no limit. All people of a group share this time."),
    )
    is_moderated = forms.BooleanField(
        label=gettext_lazy("A facilitator admits each raised hand"),
        required=False,
        help_text=gettext_lazy("Points of order and people who cannot hear always get through."),
    )
    has_groups = forms.BooleanField(
        label=gettext_lazy("People may say which group they belong to"),
        required=False,
        help_text=gettext_lazy(
            "Nobody sees who is in which group. It is forgotten when the minutes are approved, or 30 days after the "
            "meeting."
        ),
    )
    group_names = forms.CharField(
        label=gettext_lazy("Names of the groups"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One on each line. For example: Tenants, Owners, Shop keepers."),
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        kwargs.setdefault(
            "initial",
            {
                "speaking_policies": meeting.speaking_policies,
                "safe_places": meeting.safe_places,
                "speech_seconds": meeting.speech_seconds,
                "responses_per_speech": meeting.responses_per_speech,
                **{name: getattr(meeting, name) for name in LIMITS},
                "is_moderated": meeting.is_moderated,
                "has_groups": bool(meeting.group_names),
                "group_names": "\n".join(meeting.group_names),
            },
        )
        super().__init__(*args, **kwargs)
        order = _order_in(self.data) or kwargs["initial"].get("order") or meeting.speaking_policies
        self.policies = policy_choices(order)
        field = self.fields["speaking_policies"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = self.policies

    @classmethod
    def rearranged(cls, data: QueryDict, *, meeting: Meeting) -> "RulesForm":
        """The form as it was filled in, with the one rule moved that its button names; nothing is kept yet."""
        rule, _space, way = data.get("move", "").partition(" ")
        of_meeting = [name for name, _label in policy_choices(meeting.speaking_policies)]
        initial: dict[str, Any] = {name: data.get(name, "") for name in cls.base_fields}
        initial |= {name: name in data for name in ("is_moderated", "has_groups")}
        initial["speaking_policies"] = data.getlist("speaking_policies")
        initial["order"] = moved(_order_in(data) or of_meeting, rule, way)
        form = cls(meeting=meeting, initial=initial)
        widget = form.fields["speaking_policies"].widget
        if isinstance(widget, PolicyList):
            widget.moved = rule
        return form

    def clean_speaking_policies(self) -> list[str]:
        """In the order in which the form lists them, with the one that always decides in the end."""
        ticked = self.cleaned_data["speaking_policies"]
        return [*(name for name, _label in self.policies if name in ticked), FIRST_COME]

    def clean_group_names(self) -> list[str]:
        names = [line.strip() for line in self.cleaned_data["group_names"].splitlines() if line.strip()]
        if any(len(name) > LONGEST_GROUP for name in names):
            raise forms.ValidationError(
                _("The name of a group has at most %(n)d letters. Make it shorter.") % {"n": LONGEST_GROUP}
            )
        return list(dict.fromkeys(names))

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        has_groups, names = data.pop("has_groups", False), data.get("group_names", [])
        data |= {name: data.get(name) or 0 for name in LIMITS if name not in self.errors}
        if data.get("group_seconds") and not has_groups:
            self.add_error("group_seconds", _("Groups share a time only when people may say their group."))
        if not has_groups:
            data["group_names"] = []
        elif "group_names" in data and not FEWEST_GROUPS <= len(names) <= MOST_GROUPS:
            self.add_error(
                "group_names",
                _("Write between %(fewest)d and %(most)d groups, each on a line of its own.")
                % {"fewest": FEWEST_GROUPS, "most": MOST_GROUPS},
            )
        if "round_robin_groups" in data.get("speaking_policies", ()) and not has_groups:
            self.add_error("speaking_policies", _("Groups can take turns only when people may say their group."))
        return data
