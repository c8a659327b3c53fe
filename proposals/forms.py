# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people type about budgets. Forms check shape; services check rules."""

from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import Assembly, District
from assemblies.money import money_text, parse_money
from voting import protection
from voting.models import Secrecy
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS
from voting.services import PEOPLE_NEEDED

from .models import Category, Cycle, Heading, Phase, Project, Proposal, Review, Spending
from .models.cycles import RUNNERS
from .plain_text import plain
from .services import NewHeading, NewPhase

RULES = ["equal-shares", "greedy"]
LONGEST_LIST = 1000


class MoneyField(forms.CharField):
    """An amount as people type it; the cleaned value is in the currency's smallest unit, None when left empty."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "short"})
        )
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_money(text, self.currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class UploadField(forms.FileField):
    """A file of at most so many bytes; its hint begins with how large it may be. Only the browser looks at `accept`."""

    def __init__(self, *, largest: int, accept: str, help_text: Any = "", **kwargs: Any) -> None:
        self.largest = largest
        megabytes = largest // 1_000_000
        most = format_lazy(gettext_lazy("{number} MB at most."), number=megabytes)
        messages = {
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("The file is empty."),
            "too_large": format_lazy(
                gettext_lazy("The file is too large. Choose one of {number} MB at most."), number=megabytes
            ),
        }
        super().__init__(
            help_text=format_lazy("{} {}", most, help_text) if help_text else most,
            error_messages=messages,
            widget=forms.FileInput(attrs={"accept": accept}),
            **kwargs,
        )

    def to_python(self, data: Any) -> Any:
        file = super().to_python(data)
        if file is not None and (file.size or 0) > self.largest:
            raise forms.ValidationError(self.error_messages["too_large"], code="too_large")
        return file


FieldType = TypeVar("FieldType", bound=forms.Field)


def field_of(form: forms.Form, name: str, kind: type[FieldType]) -> FieldType:
    """The form's field of this name, as the kind that it was declared with."""
    field = form.fields[name]
    if not isinstance(field, kind):
        raise TypeError(f"{name} is declared as another field")
    return field


def needed_at_times(field: FieldType) -> FieldType:
    """The field, which is not called optional: another answer decides whether it is needed."""
    field.needed_at_times = True  # type: ignore[attr-defined]
    return field


class DayField(forms.DateField):
    """A day, typed or picked."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault(
            "error_messages",
            {"required": gettext_lazy("Choose a day."), "invalid": gettext_lazy("Write the day as in 2027-03-01.")},
        )
        kwargs.setdefault("widget", forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
        super().__init__(**kwargs)


class ProposalForm(forms.Form):
    """An idea in five minutes: what, why, where, and a guess of the cost."""

    heading = forms.ModelChoiceField(
        Heading.objects.none(), label=gettext_lazy("Which pot of money is it for?"), empty_label=None
    )
    title = forms.CharField(
        label=gettext_lazy("Name of your idea"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give your idea a name.")},
        help_text=gettext_lazy("At most 80 letters. Example: A bench at the bus stop"),
    )
    summary = forms.CharField(
        label=gettext_lazy("Your idea in one sentence"),
        max_length=200,
        error_messages={"required": gettext_lazy("Say in one sentence what you want.")},
        help_text=gettext_lazy("People read this in the list."),
    )
    text = forms.CharField(
        label=gettext_lazy("What exactly, and why?"),
        error_messages={"required": gettext_lazy("Say what you want, and why.")},
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Who is it good for? What is missing today? Do not write names or phone numbers: everybody can read this."
        ),
    )
    category = forms.ChoiceField(label=gettext_lazy("What is it about?"), choices=Category.choices)
    place = forms.CharField(
        label=gettext_lazy("Where?"),
        max_length=120,
        required=False,
        help_text=gettext_lazy("A street, a square or a building. Leave it empty when it is everywhere."),
    )
    district = forms.ModelChoiceField(
        District.objects.none(),
        label=gettext_lazy("District"),
        required=False,
        empty_label=gettext_lazy("The whole town"),
    )
    cost_guess = MoneyField(
        label=gettext_lazy("What might it cost?"),
        required=False,
        help_text=gettext_lazy("Only a guess. The officials work out the real cost."),
    )

    def __init__(self, data: Any = None, *, cycle: Cycle, proposal: Proposal | None = None) -> None:
        super().__init__(data, initial=self._written(cycle, proposal))
        self.cycle = cycle
        headings = list(cycle.headings.all())
        self.only_heading = headings[0] if len(headings) == 1 else None
        if self.only_heading:
            del self.fields["heading"]
        else:
            field_of(self, "heading", forms.ModelChoiceField).queryset = Heading.objects.filter(cycle=cycle)
        districts = District.objects.filter(assembly=cycle.assembly)
        if districts:
            field_of(self, "district", forms.ModelChoiceField).queryset = districts
        else:
            del self.fields["district"]
        field_of(self, "cost_guess", MoneyField).currency = cycle.currency

    @staticmethod
    def _written(cycle: Cycle, proposal: Proposal | None) -> dict[str, Any]:
        if proposal is None:
            return {}
        names = ("heading", "title", "summary", "text", "category", "place", "district")
        return {
            **{name: getattr(proposal, name) for name in names},
            "cost_guess": money_text(proposal.cost_guess, cycle.currency),
        }

    def clean(self) -> None:
        """Every answer in plain letters; what consisted of invisible ones alone was not answered."""
        for name, answer in list(self.cleaned_data.items()):
            if not isinstance(answer, str):
                continue
            self.cleaned_data[name] = plain(answer)
            field = self.fields[name]
            if answer and not self.cleaned_data[name] and field.required:
                self.add_error(name, str(field.error_messages["required"]))

    def clean_cost_guess(self) -> int | None:
        guess: int | None = self.cleaned_data["cost_guess"]
        if guess == 0:
            raise forms.ValidationError(_("Write an amount above zero, or leave this empty."))
        return guess

    @property
    def written(self) -> dict[str, Any]:
        """The cleaned answers as fields of a proposal."""
        answers = dict(self.cleaned_data)
        if self.only_heading:
            answers["heading"] = self.only_heading
        return answers


class ReviewForm(forms.Form):
    """The officials' answer."""

    feasibility = forms.ChoiceField(
        label=gettext_lazy("Can it be built?"),
        error_messages={"required": gettext_lazy("Say whether it can be built.")},
        choices=Review.Feasibility.choices,
        widget=forms.RadioSelect,
    )
    cost = needed_at_times(
        MoneyField(
            label=gettext_lazy("What does it cost?"),
            required=False,
            help_text=gettext_lazy("Needed when it can be built. It stands on the ballot and no longer changes then."),
        )
    )
    public_reason = needed_at_times(
        forms.CharField(
            label=gettext_lazy("Reason, for everybody to read"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 4}),
            help_text=gettext_lazy("Needed when it cannot be built. Say what stands in the way, in plain words."),
        )
    )
    note_internal = forms.CharField(
        label=gettext_lazy("Note for colleagues"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Never shown to residents."),
    )

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        field_of(self, "cost", MoneyField).currency = currency


class CycleForm(forms.Form):
    """A new budget with its calendar: each step ends when the next begins."""

    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=120,
        error_messages={"required": gettext_lazy("Give this budget a name.")},
        help_text=gettext_lazy("Example: Riverside budget 2027"),
    )
    summary = forms.CharField(
        label=gettext_lazy("What is it for?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    amount = MoneyField(
        label=gettext_lazy("How much money is there?"),
        error_messages={"required": gettext_lazy("Write the amount, for example 100 000.")},
    )
    rule = forms.ChoiceField(
        label=gettext_lazy("How are the ballots counted?"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy(
            "The other rule is counted too, for comparison. The rule cannot change once the vote is open."
        ),
    )
    limit = forms.ChoiceField(
        label=gettext_lazy("How much may a person choose?"),
        choices=[
            ("number", gettext_lazy("Up to a number of projects, whatever they cost")),
            ("money", gettext_lazy("As many projects as the money can pay for")),
        ],
        initial="number",
        widget=forms.RadioSelect,
    )
    max_choices = forms.IntegerField(
        label=gettext_lazy("How many, where it is a number?"),
        min_value=1,
        max_value=LONGEST_LIST,
        required=False,
        initial=10,
        help_text=gettext_lazy("Empty: as many as they like."),
    )
    secrecy = forms.TypedChoiceField(
        label=gettext_lazy("How secret are the ballots?"),
        coerce=lambda level: Secrecy(int(level)),
        choices=protection.levels(two_can_run=True),
        initial=Secrecy.CONFIDENTIAL,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose how secret the ballots are.")},
    )
    savings_rule = forms.ChoiceField(
        label=gettext_lazy("What happens to money that is not needed?"),
        choices=Cycle.SavingsRule.choices,
        initial=Cycle.SavingsRule.NEXT_CYCLE,
        widget=forms.RadioSelect,
        required=False,
        help_text=gettext_lazy("Some projects cost less than planned. Everybody can read this before they vote."),
    )
    ideas_from = DayField(label=gettext_lazy("Ideas are taken from"))
    check_from = DayField(
        label=gettext_lazy("The check begins on"), help_text=gettext_lazy("Ideas are taken until the day before.")
    )
    vote_from = DayField(
        label=gettext_lazy("The vote begins on"), help_text=gettext_lazy("At midnight, when this day starts.")
    )
    results_from = DayField(
        label=gettext_lazy("Results from"), help_text=gettext_lazy("The vote ends at midnight, when this day starts.")
    )
    build_from = DayField(label=gettext_lazy("Building begins on"), required=False)

    def __init__(self, data: Any = None, *, assembly: Assembly) -> None:
        super().__init__(data)
        self.assembly = assembly
        field_of(self, "amount", MoneyField).currency = assembly.currency
        rule = field_of(self, "rule", forms.ChoiceField)
        rule.choices = [(name, f"{RULE_NAMES[name]}. {RULES_IN_WORDS[name]}") for name in RULES]
        rule.initial = RULES[0]
        secrecy = field_of(self, "secrecy", forms.TypedChoiceField)
        secrecy.choices = protection.levels(two_can_run=two_can_run(assembly))

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("The amount must be more than zero."))
        return amount

    @property
    def cycle_fields(self) -> dict[str, Any]:
        """What `create_cycle` takes."""
        answers = self.cleaned_data
        starts: list[tuple[str, date | None]] = [
            (Phase.Kind.ACCEPTING, answers["ideas_from"]),
            (Phase.Kind.REVIEWING, answers["check_from"]),
            (Phase.Kind.BALLOTING, answers["vote_from"]),
            (Phase.Kind.FINISHED, answers["results_from"]),
            (Phase.Kind.IMPLEMENTING, answers["build_from"]),
        ]
        days = [(kind, start_of(day)) for kind, day in starts if day is not None]
        ends: list[datetime | None] = [starts_at for _kind, starts_at in days[1:]]
        return {
            "title": answers["title"],
            "year": answers["vote_from"].year,
            "summary": answers["summary"],
            "rule": answers["rule"],
            "rule_parameters": {"completion": "add1"} if answers["rule"] == "equal-shares" else {},
            "compared_rules": [name for name in RULES if name != answers["rule"]],
            "max_choices": None if answers["limit"] == "money" else answers["max_choices"],
            "ballot_parameters": {"within_budget": True} if answers["limit"] == "money" else {},
            "secrecy": answers["secrecy"],
            "savings_rule": answers["savings_rule"] or Cycle.SavingsRule.NEXT_CYCLE,
            "headings": [NewHeading(title=_("The whole budget"), amount=answers["amount"])],
            "phases": [
                NewPhase(kind, starts_at, ends_at)
                for (kind, starts_at), ends_at in zip(days, [*ends, None], strict=True)
            ],
        }


def two_can_run(assembly: Assembly) -> bool:
    """Whether two people at least run the budgets of this assembly."""
    run = Q()
    for roles in RUNNERS:
        run |= Q(roles__contains=roles)
    return assembly.memberships.current().filter(run).count() >= PEOPLE_NEEDED


def start_of(day: date) -> datetime:
    """Midnight with which this day begins, where the town is."""
    return datetime.combine(day, time(), tzinfo=timezone.get_current_timezone())


class MoveEndForm(forms.Form):
    """Another last day for a step."""

    kind = forms.ChoiceField(choices=Phase.Kind.choices, widget=forms.HiddenInput)
    last_day = DayField(label=gettext_lazy("New last day"))

    @property
    def day_after(self) -> date:
        """The step ends as this day begins."""
        day: date = self.cleaned_data["last_day"]
        return day + timedelta(days=1)


class TakeBackForm(forms.Form):
    """Why a budget that came in from a file is hidden again."""

    reason = forms.CharField(
        label=gettext_lazy("Why do you take it back?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Write why you take it back.")},
        help_text=gettext_lazy(
            "Those who run budgets and the auditors read it. It stays stored, so do not write names or phone numbers."
        ),
    )


class MilestoneForm(forms.Form):
    title = forms.CharField(
        label=gettext_lazy("Step"),
        max_length=120,
        error_messages={"required": gettext_lazy("Say which step it is.")},
        help_text=gettext_lazy("Example: Trees planted"),
    )
    text = forms.CharField(
        label=gettext_lazy("What happened?"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    due_on = DayField(label=gettext_lazy("Planned for"), required=False)
    done_on = DayField(label=gettext_lazy("Done on"), required=False)


class SpendingForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Which money?"), choices=Spending.Kind.choices, widget=forms.RadioSelect
    )
    amount = MoneyField(
        label=gettext_lazy("Amount"), error_messages={"required": gettext_lazy("Write the amount, for example 12 500.")}
    )
    on = DayField(label=gettext_lazy("Date"))
    note = forms.CharField(label=gettext_lazy("Note"), required=False, max_length=200)

    def __init__(self, data: Any = None, *, currency: str) -> None:
        super().__init__(data)
        field_of(self, "amount", MoneyField).currency = currency


class StatusForm(forms.Form):
    status = forms.ChoiceField(
        label=gettext_lazy("Where does it stand?"), choices=Project.Status.choices, widget=forms.RadioSelect
    )
    reason = needed_at_times(
        forms.CharField(
            label=gettext_lazy("Reason"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=gettext_lazy("Needed when it is stopped or late. Everybody can read it."),
        )
    )
    ready_on = DayField(label=gettext_lazy("When should it be ready?"), required=False)


class CarryOverForm(forms.Form):
    """Which pot of a later budget gets what this one did not need."""

    into = forms.ModelChoiceField(
        Heading.objects.none(),
        label=gettext_lazy("Into which pot?"),
        error_messages={"required": gettext_lazy("Choose a pot of a later budget.")},
    )

    def __init__(self, data: Any = None, *, heading: Heading) -> None:
        super().__init__(data)
        others = Heading.objects.filter(cycle__assembly=heading.cycle.assembly, poll=None).exclude(cycle=heading.cycle)
        field = field_of(self, "into", forms.ModelChoiceField)
        field.queryset = others.select_related("cycle")
        field.label_from_instance = lambda pot: f"{pot.cycle.title}: {pot.title}"  # type: ignore[method-assign, assignment]
