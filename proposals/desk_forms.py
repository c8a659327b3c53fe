# SPDX-License-Identifier: AGPL-3.0-or-later
"""What officials type at their desk, and what authors write when they appeal against an answer."""

from typing import Any, ClassVar

from django import forms
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assemblies.models import Assembly, Membership, Role

from .forms import ReviewForm, field_of, needed_at_times
from .models import Category, Department, Proposal, ReplyTemplate, Review, ReviewRule
from .price_doubts import PriceForm, doubts_beside_guess, doubts_beside_pot
from .triage import STAGES


class AnswerForm(PriceForm, ReviewForm):
    """The answer, with the checklist of the department and words that are often needed."""

    price_name = "cost"

    checked = forms.MultipleChoiceField(
        label=gettext_lazy("Checklist"), required=False, widget=forms.CheckboxSelectMultiple
    )
    reply = forms.ModelChoiceField(
        ReplyTemplate.objects.none(),
        label=gettext_lazy("Words that are often needed"),
        required=False,
        empty_label=gettext_lazy("None"),
    )
    field_order = ["checked", "feasibility", "cost", "reply", "public_reason", "note_internal"]

    def __init__(
        self, data: Any = None, *, proposal: Proposal, currency: str, assembly: Assembly, checklist: list[str]
    ) -> None:
        super().__init__(data, currency=currency)
        self.proposal, self.currency = proposal, currency
        if checklist:
            field_of(self, "checked", forms.MultipleChoiceField).choices = [(line, line) for line in checklist]
        else:
            del self.fields["checked"]
        replies = ReplyTemplate.objects.filter(assembly=assembly)
        field_of(self, "reply", forms.ModelChoiceField).queryset = replies

    def clean(self) -> dict[str, Any]:
        """The cleaned answer; everything that is wrong or looks mistyped is said at once, so nobody sends it thrice."""
        cleaned = super().clean() or {}
        cost, pot = cleaned.get("cost"), self.proposal.heading.amount
        is_no = cleaned.get("feasibility") == Review.Feasibility.UNFEASIBLE
        if is_no and cleaned.get("public_reason") == "":
            self.add_error("public_reason", _("Write the reason. Everybody can read why a proposal cannot be built."))
        if cost is None:
            return cleaned
        doubts = doubts_beside_guess(cost, guess=self.proposal.cost_guess, currency=self.currency)
        if cost > pot and not is_no:  # with a no, a price above the pot is the reason and nothing to wonder at
            self._refuse_above_pot(cost, pot, doubts)
        else:
            self.refuse_unless_right(cost, doubts)
        return cleaned

    def _refuse_above_pot(self, cost: int, pot: int, doubts: list[str]) -> None:
        """No tick makes it possible. Where the price is in doubt too, the box is there, to tick with the new choice."""
        above = doubts_beside_pot(cost, pot=pot, currency=self.currency)
        if doubts and not self.ask_about(cost):
            advice = _("Correct the price. If it is right, tick that, and choose “Cannot be built”, with this reason.")
            self.add_error("cost", " ".join([*doubts, *above, advice]))
        else:
            advice = _("Correct the price. If it is right, it cannot be built: choose that, with this reason.")
            self.add_error("cost", " ".join([*above, advice]))

    @property
    def answer(self) -> dict[str, Any]:
        """The cleaned answer without what only helped to write it."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("checked", "reply")}

    @property
    def lines_checked(self) -> list[str]:
        return list(self.cleaned_data.get("checked", []))


def evaluators_of(assembly: Assembly) -> QuerySet[Membership]:
    found: QuerySet[Membership] = assembly.memberships.holding(Role.EVALUATOR)
    return found.select_related("user").order_by("user__name", "pk")


class DeskFilter(forms.Form):
    """What to show at the desk; anything that is not understood is left out."""

    q = forms.CharField(label=gettext_lazy("Name or reference"), required=False, max_length=80)
    stage = forms.ChoiceField(label=gettext_lazy("State"), required=False)
    category = forms.ChoiceField(label=gettext_lazy("What it is about"), required=False)
    evaluator = forms.ModelChoiceField(
        Membership.objects.none(), label=gettext_lazy("Evaluator"), required=False, empty_label=gettext_lazy("All")
    )
    overdue = forms.BooleanField(label=gettext_lazy("Only overdue"), required=False)

    def __init__(self, data: Any, *, assembly: Assembly) -> None:
        super().__init__(data)
        stages = [("", _("All")), ("open", _("Everything that waits")), *STAGES.items()]
        field_of(self, "stage", forms.ChoiceField).choices = stages
        field_of(self, "category", forms.ChoiceField).choices = [("", _("All")), *Category.choices]
        field_of(self, "evaluator", forms.ModelChoiceField).queryset = evaluators_of(assembly)

    @property
    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}


class AssignForm(forms.Form):
    """Who checks the chosen proposals; the boxes to choose them stand in the rows."""

    RULES, HAND, NOBODY = "rules", "hand", "nobody"

    who = forms.ChoiceField(
        label=gettext_lazy("Who checks the chosen proposals?"),
        choices=[
            (RULES, gettext_lazy("Whom the departments' rules name")),
            (HAND, gettext_lazy("The person below")),
            (NOBODY, gettext_lazy("Nobody for now")),
        ],
        initial=RULES,
        widget=forms.RadioSelect,
    )
    evaluator = needed_at_times(
        forms.ModelChoiceField(
            Membership.objects.none(),
            label=gettext_lazy("Evaluator"),
            required=False,
            empty_label=gettext_lazy("Choose"),
        )
    )

    def __init__(self, data: Any = None, *, assembly: Assembly) -> None:
        super().__init__(data)
        field_of(self, "evaluator", forms.ModelChoiceField).queryset = evaluators_of(assembly)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("who") == self.HAND and not cleaned.get("evaluator"):
            self.add_error("evaluator", _("Choose who checks them."))
        return cleaned


class NoteForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("Note for colleagues"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write something first.")},
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Never shown to residents."),
    )


class ConflictForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("Why are you not free to judge?"),
        max_length=300,
        error_messages={"required": gettext_lazy("Write why you are not free to judge. Only colleagues read it.")},
        help_text=gettext_lazy("Only colleagues read it. Example: My sister wrote it."),
    )


class SendBackForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What must be checked again?"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write for your colleagues what must be checked again.")},
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ReviewAppealForm(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What was overlooked?"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write what was overlooked.")},
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("Everybody can read it. You can appeal once against an answer."),
    )


class AppealDecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=gettext_lazy("Your decision"),
        choices=[("again", gettext_lazy("It is checked again")), ("stays", gettext_lazy("The answer stays"))],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Say whether it is checked again.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason, for everybody to read"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write the reason. Everybody can read it.")},
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ReviewRuleForm(forms.Form):
    """How the proposals of one budget are checked."""

    estimates = forms.TypedChoiceField(
        label=gettext_lazy("How many people check each proposal?"),
        choices=[(1, gettext_lazy("One")), (2, gettext_lazy("Two, each on their own"))],
        coerce=int,
        widget=forms.RadioSelect,
    )
    needs_signature = forms.BooleanField(
        label=gettext_lazy("A second person signs each answer before it is public"), required=False
    )
    days = forms.IntegerField(
        label=gettext_lazy("In how many days must the answer be there?"), min_value=1, max_value=365
    )
    appeal_days = forms.IntegerField(
        label=gettext_lazy("How many days does an author have to appeal?"),
        min_value=0,
        max_value=365,
        help_text=gettext_lazy("Counted from the day of the answer."),
    )

    def __init__(self, data: Any = None, *, rule: ReviewRule) -> None:
        names = ("estimates", "needs_signature", "days", "appeal_days")
        super().__init__(data, initial={name: getattr(rule, name) for name in names})


class NamedForm(forms.Form):
    """One of several things of an assembly, each with a name of its own."""

    name_field: ClassVar[str]
    taken: ClassVar[Any]  # the sentence when another has the name

    def __init__(self, data: Any, *, stored: Department | ReplyTemplate, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.stored = stored

    def clean(self) -> None:
        self._refuse_name_of_another()

    def is_saved(self) -> bool:
        """Whether it says now what was typed. Who took the name in this very moment has it, as if it had been before."""
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:
            self._refuse_name_of_another()
            if not self.errors:
                raise
        return not self.errors

    def save(self) -> None:
        raise NotImplementedError

    def _refuse_name_of_another(self) -> None:
        named = {self.name_field: self.cleaned_data.get(self.name_field)}
        others = type(self.stored)._default_manager.filter(assembly=self.stored.assembly, **named)
        if others.exclude(pk=self.stored.pk).exists():
            self.add_error(self.name_field, self.taken)


class DepartmentForm(NamedForm):
    """A department with the categories that it checks, its people and its checklist."""

    name_field = "name"
    taken = gettext_lazy("There is a department of this name already.")

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give the department a name.")},
        help_text=gettext_lazy("Example: Roads and bridges"),
    )
    categories = forms.MultipleChoiceField(
        label=gettext_lazy("What does it check?"),
        required=False,
        choices=Category.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    evaluators = forms.ModelMultipleChoiceField(
        Membership.objects.none(),
        label=gettext_lazy("Who checks there?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    checklist = forms.CharField(
        label=gettext_lazy("Checklist"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=gettext_lazy("One line for each thing to check. Example: The ground belongs to the town."),
    )

    def __init__(self, data: Any = None, *, assembly: Assembly, department: Department | None = None) -> None:
        initial = {}
        if department is not None:
            initial = {
                "name": department.name,
                "categories": department.categories,
                "evaluators": department.evaluators.all(),
                "checklist": "\n".join(department.checklist),
            }
        super().__init__(data, stored=department or Department(assembly=assembly), initial=initial)
        field_of(self, "evaluators", forms.ModelMultipleChoiceField).queryset = evaluators_of(assembly)

    def clean_checklist(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["checklist"].splitlines() if line.strip()]
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(_("A line of the checklist has at most 200 letters."))
        return list(dict.fromkeys(lines))

    def save(self) -> None:
        """The department says what was typed."""
        typed = dict(self.cleaned_data)
        evaluators = typed.pop("evaluators")
        department, _is_new = Department.objects.update_or_create(
            pk=self.stored.pk, assembly=self.stored.assembly, defaults=typed
        )
        department.evaluators.set(evaluators)


class ReplyForm(NamedForm):
    name_field = "title"
    taken = gettext_lazy("There are words of this name already.")

    title = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        error_messages={"required": gettext_lazy("Give these words a name.")},
        help_text=gettext_lazy("Example: Not our ground"),
    )
    text = forms.CharField(
        label=gettext_lazy("Words"),
        max_length=2000,
        error_messages={"required": gettext_lazy("Write the words.")},
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, data: Any = None, *, assembly: Assembly, reply: ReplyTemplate | None = None) -> None:
        initial = {"title": reply.title, "text": reply.text} if reply else {}
        super().__init__(data, stored=reply or ReplyTemplate(assembly=assembly), initial=initial)

    def save(self) -> None:
        """The words are kept under their name."""
        ReplyTemplate.objects.update_or_create(
            pk=self.stored.pk, assembly=self.stored.assembly, defaults=self.cleaned_data
        )
