# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type about motions, votes and counted hands. Forms check shape; services check rules."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from meetings.models import AgendaItem, Amendment, Motion, MotionState
from meetings.services import TEMPLATES, Consent, MeetingRefused, Threshold
from meetings.services.poll_templates import MOST_OPTIONS
from voting import protection
from voting.choices import ABSTAIN, NO, YES
from voting.models import Secrecy
from voting.tally.majority import THRESHOLDS

LONGEST_OPTION = 300
LONGEST_QUESTION = 200
OTHER = "other"
HOW_MANY = (
    ("majority", gettext_lazy("More than half")),
    ("two_thirds", gettext_lazy("Two thirds or more")),
    ("three_quarters", gettext_lazy("Three quarters or more")),
    ("unanimous", gettext_lazy("Everybody")),
    (OTHER, gettext_lazy("Another share")),
)
OF_WHOM = (
    ("cast", gettext_lazy("of the yes and no votes: to abstain does not count")),
    ("ballots", gettext_lazy("of all ballots: to abstain counts like a no")),
    ("present", gettext_lazy("of those present when the vote opens: not to vote counts like a no")),
    ("register", gettext_lazy("of everybody who may vote")),
    ("members", gettext_lazy("of all members of the assembly, wherever they are")),
)
OPERATORS = ((">=", gettext_lazy("At least this share")), (">", gettext_lazy("More than this share")))


class WithThreshold(forms.Form):
    """What it takes to carry a motion."""

    how_many = forms.ChoiceField(
        label=gettext_lazy("How many must say yes?"), choices=HOW_MANY, initial="majority", widget=forms.RadioSelect
    )
    share = forms.CharField(
        label=gettext_lazy("Share"),
        required=False,
        max_length=7,
        help_text=gettext_lazy("Only for another share, for example 3/5."),
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    operator = forms.ChoiceField(
        label=gettext_lazy("Exactly this share"), choices=OPERATORS, initial=">=", required=False
    )
    base = forms.ChoiceField(
        label=gettext_lazy("Of whom?"), choices=OF_WHOM, initial="cast", required=False, widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        base, name = data.get("base") or "cast", data.get("how_many", "")
        try:
            if name in THRESHOLDS:
                data["threshold"] = Threshold.named(name, base)
            elif name == OTHER:
                data["threshold"] = Threshold(
                    data.get("share", "").replace(" ", ""), data.get("operator") or ">=", base
                )
        except MeetingRefused as refusal:
            self.add_error("share", str(refusal))
        return data


def asked_threshold(parameters: dict[str, Any]) -> dict[str, Any]:
    """What the form says when it starts from this rule."""
    share, operator = parameters.get("threshold", "1/2"), parameters.get("operator", ">")
    known = (name for name, one in THRESHOLDS.items() if (one["threshold"], one["operator"]) == (share, operator))
    name = next(known, OTHER)
    base = parameters.get("base", "cast")
    return {"how_many": name, "share": share if name == OTHER else "", "operator": operator, "base": base}


class PollForm(WithThreshold):
    """A vote under an agenda item."""

    question = forms.CharField(label=gettext_lazy("Question"), max_length=LONGEST_QUESTION)
    template = forms.ChoiceField(
        label=gettext_lazy("Kind of vote"),
        choices=lambda: [(name, template.label) for name, template in TEMPLATES.items()],
        widget=forms.RadioSelect,
        initial="yes_no",
    )
    options = forms.CharField(
        label=gettext_lazy("Answers"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("One on each line. A yes or no vote needs none."),
    )
    needs_majority = forms.BooleanField(
        label=gettext_lazy("The winner needs more than half of the ballots; otherwise there is a runoff"),
        required=False,
    )
    blocks = forms.IntegerField(
        label=gettext_lazy("How many may block and it is agreed all the same?"),
        min_value=0,
        max_value=1000,
        initial=0,
        required=False,
        widget=forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 0}),
    )
    talk_above = forms.CharField(
        label=gettext_lazy("Talk on when a larger share than this stands aside"),
        initial="1/4",
        max_length=7,
        required=False,
        widget=forms.TextInput(attrs={"class": "short", "autocomplete": "off"}),
    )
    has_fallback = forms.BooleanField(
        label=gettext_lazy("If it is blocked, the room votes again and two thirds decide"), required=False
    )
    is_straw = forms.BooleanField(
        label=gettext_lazy("Straw poll: it shows how the room feels and decides nothing"), required=False
    )
    secrecy = forms.TypedChoiceField(
        label=gettext_lazy("How secret is it?"),
        coerce=lambda level: Secrecy(int(level)),
        choices=protection.levels(two_can_run=True),
        initial=Secrecy.NAMED,
        widget=forms.RadioSelect,
    )
    field_order = ("question", "template", "options", "needs_majority", "is_straw", "how_many", "share", "operator")

    def __init__(self, *args: Any, may_be_secret: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["how_many"].required = False
        secrecy = self.fields["secrecy"]
        if isinstance(secrecy, forms.ChoiceField):
            secrecy.choices = protection.levels(two_can_run=may_be_secret)

    def clean_how_many(self) -> str:
        return self.cleaned_data["how_many"] or "majority"

    def clean_options(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["options"].splitlines() if line.strip()]
        if any(len(line) > LONGEST_OPTION for line in lines):
            raise forms.ValidationError(
                _("An answer has at most %(n)d letters. Make it shorter.") % {"n": LONGEST_OPTION}
            )
        return lines

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        template = TEMPLATES.get(data.get("template", ""))
        if template is not None and template.is_open_vote and data.get("secrecy") != Secrecy.NAMED:
            self.add_error(
                "secrecy",
                _("Nobody can count sealed ballots while people vote. Choose named, or another kind of vote."),
            )
        asks = template is not None and template.asks_for_options and "options" in data
        most = MOST_OPTIONS
        if asks and not 2 <= len(set(data["options"])) <= most:
            self.add_error(
                "options",
                _("Write between 2 and %(most)d different answers, each on a line of its own.") % {"most": most},
            )
        try:
            blocks, share = data.get("blocks") or 0, data.get("talk_above") or "1/4"
            data["consent"] = Consent(blocks, share.replace(" ", ""), has_fallback=bool(data.get("has_fallback")))
        except MeetingRefused as refusal:
            self.add_error("talk_above", str(refusal))
        return data

    @property
    def asked(self) -> dict[str, Any]:
        """As the service takes it."""
        names = ("question", "template", "options", "secrecy", "threshold", "consent", "needs_majority", "is_straw")
        return {name: self.cleaned_data[name] for name in names}


NO_QUESTION = gettext_lazy("Write the question.")


class MotionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Motion
        fields = ("title", "text", "mover", "seconder")
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}
        help_texts = {"text": gettext_lazy("The exact words that the room is asked to adopt.")}
        error_messages = {
            "title": {"required": gettext_lazy("Write a short title.")},
            "text": {"required": gettext_lazy("Write the words that the room is asked to adopt.")},
        }


def motion_from_proposal(item: AgendaItem) -> dict[str, str]:
    """What the form says where the item is about a resident's proposal."""
    proposal = item.proposal
    if proposal is None:
        return {"title": item.title}
    return {"title": proposal.title[:140], "text": proposal.text, "mover": str(proposal.author)[:80]}


class AmendmentForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Amendment
        fields = ("text", "reason", "mover")
        widgets = {"text": forms.Textarea(attrs={"rows": 10})}
        help_texts = {
            "text": gettext_lazy("Change the words here. What you take out and put in is shown to everybody.")
        }
        error_messages = {"text": {"required": gettext_lazy("Write the whole text as it would be with the change.")}}


class EndMotionForm(forms.Form):
    state = forms.TypedChoiceField(
        label=gettext_lazy("What becomes of it?"),
        coerce=MotionState,
        choices=[
            (MotionState.WITHDRAWN, gettext_lazy("Whoever moved it takes it back")),
            (MotionState.REFERRED, gettext_lazy("It is handed on to somebody")),
            (MotionState.NO_DECISION, gettext_lazy("It stays without a decision")),
        ],
        widget=forms.RadioSelect,
    )
    referred_to = forms.CharField(label=gettext_lazy("To whom?"), max_length=120, required=False)


class HandCountForm(WithThreshold):
    """Hands go up and tellers count them."""

    question = forms.CharField(
        label=gettext_lazy("Question"), max_length=LONGEST_QUESTION, error_messages={"required": NO_QUESTION}
    )
    is_straw = forms.BooleanField(
        label=gettext_lazy("It only shows how the room feels and decides nothing"), required=False
    )
    one_teller = forms.BooleanField(
        label=gettext_lazy("There is only one teller, who counts twice; the record says so"), required=False
    )
    field_order = ("question", "how_many", "share", "operator", "base", "one_teller", "is_straw")


NUMBER = {
    "required": gettext_lazy("Write how many. Write 0 if nobody did."),
    "invalid": gettext_lazy("Write how many, as a number."),
    "min_value": gettext_lazy("Write 0 or more."),
    "max_value": gettext_lazy("This number is too large."),
}


class HandsForm(forms.Form):
    """The numbers of one teller."""

    yes = forms.IntegerField(label=gettext_lazy("Yes"), min_value=0, max_value=1_000_000, error_messages=NUMBER)
    no = forms.IntegerField(label=gettext_lazy("No"), min_value=0, max_value=1_000_000, error_messages=NUMBER)
    abstain = forms.IntegerField(label=gettext_lazy("Abstain"), min_value=0, max_value=1_000_000, error_messages=NUMBER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.NumberInput(attrs={"class": "short", "inputmode": "numeric", "min": 0})

    @property
    def counted(self) -> dict[str, int]:
        return {answer: self.cleaned_data[answer] for answer in (YES, NO, ABSTAIN)}
