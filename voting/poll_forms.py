# SPDX-License-Identifier: AGPL-3.0-or-later
"""What administrators type to make a poll of their assembly: its kind, then everything about a poll of that kind."""

from fractions import Fraction
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from assemblies.models import Assembly

from . import protection
from .assembly_polls import people_who_run
from .choices import ABSTAIN, AGREE, BLOCK, HIGHEST_SCORE, NO, RESERVATIONS, STAND_ASIDE, YES
from .counting import COUNT_EQUAL_PLACES, FILL_SEATS, KINDS
from .models import BallotType, Poll, Secrecy, ShownWhileOpen
from .models.polls import FIXED_ANSWERS
from .rules_in_words import RULES_IN_WORDS, rule_name
from .services import NewOption
from .tally import RULES, Kind

MOST_OPTIONS = 60
LONGEST_OPTION = 300
FIRST_ROWS = 3
MOTIONS = {BallotType.YES_NO: "majority", BallotType.CONSENSUS: "consensus"}
MOST_HOURS = 24 * 14
MOST_SEATS = MOST_OPTIONS - 1
MIRRORED = {BallotType.POINTS: "score", BallotType.SCORE: "points"}  # the same sums under another name
# In English, as Option.shown_title puts them into each reader's language.
ANSWERS = {
    BallotType.YES_NO: {YES: gettext_noop("Yes"), NO: gettext_noop("No"), ABSTAIN: gettext_noop("Abstain")},
    BallotType.CONSENSUS: {
        AGREE: gettext_noop("Agree"),
        RESERVATIONS: gettext_noop("Agree with reservations"),
        STAND_ASIDE: gettext_noop("Stand aside"),
        BLOCK: gettext_noop("Block"),
    },
}
KINDS_IN_WORDS = {
    BallotType.YES_NO: gettext_lazy("One proposal: yes, no or abstain."),
    BallotType.CHOOSE_ONE: gettext_lazy("Several answers, and each voter chooses one."),
    BallotType.APPROVAL: gettext_lazy("Several answers, and each voter ticks all that they like."),
    BallotType.RANKED: gettext_lazy("Several answers, and each voter puts them in order."),
    BallotType.POINTS: gettext_lazy("Each voter shares out points among the answers."),
    BallotType.SCORE: gettext_lazy("Each voter gives every answer a mark."),
    BallotType.CONSENSUS: gettext_lazy("Agree, agree with reservations, stand aside, or block with a reason."),
}
MAJORITIES = [
    ("1/2 >", gettext_lazy("More than half")),
    ("3/5 >=", gettext_lazy("Three fifths or more")),
    ("2/3 >=", gettext_lazy("Two thirds or more")),
    ("3/4 >=", gettext_lazy("Three quarters or more")),
    ("1 >=", gettext_lazy("All of them")),
]
BASES = [
    ("cast", gettext_lazy("Of all votes that say yes or no")),
    ("present", gettext_lazy("Of all ballots, abstentions and blank ones too")),
    ("members", gettext_lazy("Of everybody who may vote, whether they do or not")),
]


def rules_for(kind: BallotType) -> list[str]:
    """The rules that can count this kind of ballot without money."""
    if kind in MOTIONS:
        return [MOTIONS[kind]]
    fitting = [
        name
        for name, rule in RULES.items()
        if KINDS[kind] in rule.kinds and not rule.needs_budget and name not in (*MOTIONS.values(), MIRRORED.get(kind))
    ]
    if kind == BallotType.CHOOSE_ONE:  # what is made for fuller ballots comes to the same here
        fitting = [name for name in fitting if RULES[name].kinds == {Kind.CHOOSE_ONE}]
    return sorted(fitting, key=lambda name: name.startswith("stv"))  # made for several winners, so not the first choice


class MomentInput(forms.DateTimeInput):
    """A day and a time of day, picked or typed."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class NumberInput(forms.NumberInput):
    def __init__(self, least: int = 0) -> None:
        super().__init__(attrs={"class": "short", "inputmode": "numeric", "min": least})


class KindForm(forms.Form):
    """The first step: what a voter does."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What does a voter do?"),
        choices=[(kind.value, f"{kind.label}") for kind in BallotType],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a kind of vote.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind = self.fields["kind"]
        if isinstance(kind, forms.ChoiceField):
            kind.choices = [(kind.value, f"{kind.label}. {KINDS_IN_WORDS[kind]}") for kind in BallotType]


class PollForm(forms.Form):
    """Everything about a poll of one kind. Answers are rows of their own, so that they can be added and taken away."""

    question = forms.CharField(
        label=gettext_lazy("Question"),
        max_length=200,
        error_messages={"required": gettext_lazy("Write the question.")},
        help_text=gettext_lazy("As it stands on the ballot. It cannot change once voting is open."),
    )
    text = forms.CharField(
        label=gettext_lazy("What voters should know"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    with_abstain = forms.BooleanField(
        label=gettext_lazy("“Abstain” is one of the answers"), required=False, initial=True
    )
    rule = forms.ChoiceField(label=gettext_lazy("How is it counted?"), widget=forms.RadioSelect)
    majority = forms.ChoiceField(
        label=gettext_lazy("How many yes votes carry it?"),
        choices=MAJORITIES,
        initial="1/2 >",
        widget=forms.RadioSelect,
    )
    base = forms.ChoiceField(
        label=gettext_lazy("Of what?"),
        choices=BASES,
        initial="cast",
        widget=forms.RadioSelect,
    )
    needs_half = forms.BooleanField(
        label=gettext_lazy("The winner needs more than half of the ballots"),
        required=False,
        help_text=gettext_lazy("Otherwise nothing is decided, and you can vote again between the best two."),
    )
    objections = forms.IntegerField(
        label=gettext_lazy("How many people may block, and it still carries?"),
        min_value=0,
        initial=0,
        widget=NumberInput(),
    )
    quorum = forms.IntegerField(
        label=gettext_lazy("How many of a hundred voters must vote, so that it counts?"),
        min_value=1,
        max_value=100,
        required=False,
        widget=NumberInput(1),
        help_text=gettext_lazy(
            "Empty: any number. With fewer nothing is decided. Blank ballots and abstentions count as votes."
        ),
    )
    seats = forms.IntegerField(
        label=gettext_lazy("How many answers win?"),
        min_value=1,
        max_value=MOST_SEATS,
        required=False,
        widget=NumberInput(1),
        help_text=gettext_lazy("Empty: one. Not every rule can find several."),
    )
    compared_rules = forms.MultipleChoiceField(
        label=gettext_lazy("Count it by these rules as well, to compare"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("They decide nothing. Everybody sees what would have come out."),
    )
    min_choices = forms.IntegerField(
        label=gettext_lazy("Choose at least"),
        min_value=0,
        required=False,
        widget=NumberInput(),
        help_text=gettext_lazy("Empty: any number. A blank ballot is always allowed."),
    )
    max_choices = forms.IntegerField(
        label=gettext_lazy("Choose at most"),
        min_value=1,
        required=False,
        widget=NumberInput(1),
        help_text=gettext_lazy("Empty: as many as there are."),
    )
    ties_allowed = forms.BooleanField(label=gettext_lazy("Two answers may share a place"), required=False)
    max_points = forms.IntegerField(
        label=gettext_lazy("Points for each voter"), min_value=1, max_value=9999, initial=10, widget=NumberInput(1)
    )
    max_per_option = forms.IntegerField(
        label=gettext_lazy("At most so many for one answer"),
        min_value=1,
        max_value=9999,
        required=False,
        widget=NumberInput(1),
    )
    min_score = forms.IntegerField(
        label=gettext_lazy("Lowest mark"), min_value=0, max_value=99, initial=0, widget=NumberInput()
    )
    max_score = forms.IntegerField(
        label=gettext_lazy("Highest mark"), min_value=1, max_value=100, initial=HIGHEST_SCORE, widget=NumberInput(1)
    )
    secrecy = forms.TypedChoiceField(
        label=gettext_lazy("How secret is it?"),
        coerce=lambda level: Secrecy(int(level)),
        choices=protection.levels(two_can_run=True),
        initial=Secrecy.CONFIDENTIAL,
        widget=forms.RadioSelect,
    )
    names_shown = forms.BooleanField(
        label=gettext_lazy("Tell who chose what, with the result"),
        required=False,
        help_text=gettext_lazy("In a named vote only. It stands on the ballot."),
    )
    change_allowed = forms.BooleanField(
        label=gettext_lazy("Voters can change their ballot until voting closes"), required=False, initial=True
    )
    shown_while_open = forms.ChoiceField(
        label=gettext_lazy("What can be seen while people vote?"),
        choices=ShownWhileOpen.choices,
        initial=ShownWhileOpen.TURNOUT,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A running tally is possible in a named vote only."),
    )
    published = forms.ChoiceField(
        label=gettext_lazy("When is the result shown?"),
        choices=[
            ("later", gettext_lazy("Later, when you publish it")),
            ("at_close", gettext_lazy("As soon as it is counted")),
        ],
        initial="later",
        widget=forms.RadioSelect,
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Voting closes by itself on"),
        required=False,
        widget=MomentInput(),
        help_text=gettext_lazy("Empty: it is open until you close it."),
        error_messages={"invalid": gettext_lazy("Write the day and the time as in 2027-03-01T18:00.")},
    )
    challenge_hours = forms.IntegerField(
        label=gettext_lazy("Hours between the close and the count"),
        min_value=0,
        max_value=MOST_HOURS,
        required=False,
        widget=NumberInput(),
        help_text=gettext_lazy(
            "In sealed votes only. Meanwhile two people can take out the unopened ballot of somebody who was not"
            " entitled. Empty: it is counted at once."
        ),
    )

    data: QueryDict

    def __init__(self, data: Any = None, *, assembly: Assembly, kind: BallotType, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        self.assembly, self.kind = assembly, kind
        self.asks_for_options = kind not in FIXED_ANSWERS
        self._leave_out_what_does_not_fit()
        rules = rules_for(kind)
        self.only_rule = rules[0] if len(rules) == 1 else ""
        if self.only_rule:
            del self.fields["rule"], self.fields["compared_rules"]
        else:
            self.fields["rule"].initial = rules[0]
            self._choose("rule", [(name, f"{rule_name(name)}. {RULES_IN_WORDS.get(name, '')}") for name in rules])
            self._choose("compared_rules", [(name, rule_name(name)) for name in rules])
        if people_who_run(assembly) < 2:
            self._choose("secrecy", protection.levels(two_can_run=False))
            self.fields["secrecy"].help_text = _(
                "A secret vote needs two administrators, and there is only one. Give the role to somebody else first."
            )

    def _choose(self, name: str, choices: Any) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def _leave_out_what_does_not_fit(self) -> None:
        only_for: dict[str, tuple[BallotType, ...]] = {
            "with_abstain": (BallotType.YES_NO,),
            "majority": (BallotType.YES_NO,),
            "base": (BallotType.YES_NO,),
            "quorum": tuple(MOTIONS),
            "seats": tuple(kind for kind in BallotType if kind not in MOTIONS),
            "needs_half": (BallotType.CHOOSE_ONE, BallotType.APPROVAL),
            "objections": (BallotType.CONSENSUS,),
            "min_choices": (BallotType.APPROVAL,),
            "max_choices": (BallotType.APPROVAL, BallotType.RANKED),
            "ties_allowed": (BallotType.RANKED,),
            "max_points": (BallotType.POINTS,),
            "max_per_option": (BallotType.POINTS,),
            "min_score": (BallotType.SCORE,),
            "max_score": (BallotType.SCORE,),
        }
        for name, kinds in only_for.items():
            if self.kind not in kinds:
                del self.fields[name]

    @property
    def rows(self) -> list[str]:
        """The answers as they stand in the form now; empty rows are there to be filled in."""
        if self.is_bound:
            typed: list[str] = [text.strip() for text in self.data.getlist("option")]
        else:
            typed = list(self.initial.get("option", []))
        return (typed + [""] * FIRST_ROWS)[: max(len(typed), FIRST_ROWS)]

    def unchecked(self, *, add: bool = False, take: str = "") -> "dict[str, Any]":
        """What was typed so far, to show the form again with a row more or less and without a word of complaint."""
        kept = {
            name: field.widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
            for name, field in self.fields.items()
        }
        rows = self.rows
        if take.isascii() and take.isdigit() and int(take) < len(rows):
            del rows[int(take)]
        if add and len(rows) < MOST_OPTIONS:
            rows.append("")
        return {**kept, "option": rows}

    def clean_closes_at(self) -> Any:
        closes_at = self.cleaned_data["closes_at"]
        if closes_at is not None and closes_at <= timezone.now():
            raise forms.ValidationError(_("This time has passed already. Choose a later one."))
        return closes_at

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.asks_for_options:
            self._check_rows()
        is_named = data.get("secrecy") == Secrecy.NAMED
        if data.get("names_shown") and not is_named:
            self.add_error("names_shown", _("Only a named vote can tell who chose what. Choose named, or untick this."))
        if data.get("shown_while_open") == ShownWhileOpen.TALLY and not is_named:
            self.add_error(
                "shown_while_open",
                _("Sealed ballots cannot be counted while people vote. Show only how many have voted."),
            )
        if data.get("ties_allowed") and data.get("rule") not in COUNT_EQUAL_PLACES:
            self.add_error("ties_allowed", _("This rule cannot count answers that share a place. Untick this."))
        elif data.get("ties_allowed") and not COUNT_EQUAL_PLACES.issuperset(self._compared(data)):
            self.add_error(
                "compared_rules", _("One of these rules cannot count answers that share a place. Untick it.")
            )
        if data.get("challenge_hours") and is_named:
            self.add_error(
                "challenge_hours", _("Only sealed votes wait before the count. Empty this, or choose another level.")
            )
        self._check_limits(data)
        self._check_seats(data)
        return data

    def _compared(self, data: dict[str, Any]) -> list[str]:
        return [name for name in data.get("compared_rules") or [] if name != data.get("rule")]

    def _check_seats(self, data: dict[str, Any]) -> None:
        seats = data.get("seats") or 1
        if seats == 1:
            return
        if seats >= len([title for title in self.rows if title]):
            self.add_error("seats", _("Everybody would win. Write more answers, or a smaller number."))
        if not FILL_SEATS.issuperset([self.only_rule or data.get("rule", ""), *self._compared(data)]):
            self.add_error(
                "seats", _("One of the rules that you chose finds one winner only. Choose another rule, or empty this.")
            )

    def _check_rows(self) -> None:
        titles = [title for title in self.rows if title]
        if not 2 <= len(set(titles)) <= MOST_OPTIONS:
            self.add_error(
                None, _("Write between 2 and %(most)d different answers, each in its own row.") % {"most": MOST_OPTIONS}
            )
        elif len(set(titles)) < len(titles):
            self.add_error(None, _("Two answers are the same. Change one of them or take it away."))
        if any(len(title) > LONGEST_OPTION for title in titles):
            self.add_error(None, _("An answer has at most %(n)d letters. Make it shorter.") % {"n": LONGEST_OPTION})

    def _check_limits(self, data: dict[str, Any]) -> None:
        answers = len([title for title in self.rows if title])
        least, most = data.get("min_choices") or 0, data.get("max_choices")
        if most is not None and least > most:
            self.add_error("max_choices", _("“At most” must not be less than “at least”."))
        if least > answers:
            self.add_error("min_choices", _("Voters would have to choose more answers than there are."))
        lowest, highest = data.get("min_score"), data.get("max_score")
        if lowest is not None and highest is not None and lowest >= highest:
            self.add_error("max_score", _("The highest mark must be above the lowest."))
        total, cap = data.get("max_points"), data.get("max_per_option")
        if total is not None and cap is not None and cap > total:
            self.add_error("max_per_option", _("One answer cannot get more points than a voter has."))

    @property
    def options(self) -> list[NewOption]:
        """The answers to put on the ballot."""
        if not self.asks_for_options:
            fixed = dict(ANSWERS[self.kind])
            if not self.cleaned_data.get("with_abstain", True):
                del fixed[ABSTAIN]
            return [NewOption(key, title) for key, title in fixed.items()]
        titles = [title for title in self.rows if title]
        return [NewOption(str(place), title) for place, title in enumerate(titles, start=1)]

    @property
    def poll_fields(self) -> dict[str, Any]:
        """What `create_poll` and `change_poll` take."""
        data = self.cleaned_data
        limits = ("ties_allowed", "max_points", "max_per_option", "min_score", "max_score")
        return {
            "question": data["question"],
            "text": data["text"],
            "ballot_type": self.kind,
            "rule": self.only_rule or data["rule"],
            "rule_parameters": self._rule_parameters(),
            "compared_rules": self._compared(data),
            "min_choices": data.get("min_choices") or 0,
            "max_choices": data.get("max_choices"),
            "ballot_parameters": {name: data[name] for name in limits if data.get(name) not in (None, False)},
            "secrecy": data["secrecy"],
            "names_shown": data["names_shown"],
            "change_allowed": data["change_allowed"],
            "shown_while_open": data["shown_while_open"],
            "published_at_close": data["published"] == "at_close",
            "closes_at": data["closes_at"],
            "challenge_hours": data["challenge_hours"] or 0,
        }

    def _rule_parameters(self) -> dict[str, Any]:
        data = self.cleaned_data
        quorum = {"quorum": str(Fraction(data["quorum"], 100))} if data.get("quorum") else {}
        if self.kind == BallotType.YES_NO:
            threshold, operator = data["majority"].split()
            return {"threshold": threshold, "operator": operator, "base": data["base"], **quorum}
        if self.kind == BallotType.CONSENSUS:
            return {"objections": data["objections"], "talk_above": "1/4", **quorum}
        seats = {"seats": data["seats"]} if (data.get("seats") or 1) > 1 else {}
        return {"more_than": "1/2", **seats} if data.get("needs_half") else seats


def written_before(poll: Poll) -> dict[str, Any]:
    """What the form says when it starts from this poll."""
    keys = {option.key for option in poll.options.all()}
    fixed = poll.rule_parameters
    return {
        "question": poll.question,
        "text": poll.text,
        "option": [] if poll.ballot_type in FIXED_ANSWERS else [option.title for option in poll.options.all()],
        "with_abstain": ABSTAIN in keys,
        "rule": poll.rule,
        "majority": f"{fixed.get('threshold', '1/2')} {fixed.get('operator', '>')}",
        "base": fixed.get("base", "cast"),
        "quorum": int(Fraction(fixed["quorum"]) * 100) if fixed.get("quorum") else None,
        "seats": fixed.get("seats"),
        "compared_rules": poll.compared_rules,
        "challenge_hours": poll.challenge_hours or None,
        "needs_half": "more_than" in fixed,
        "objections": fixed.get("objections", 0),
        "min_choices": poll.min_choices or None,
        "max_choices": poll.max_choices,
        **poll.ballot_parameters,
        "secrecy": poll.secrecy,
        "names_shown": poll.names_shown,
        "change_allowed": poll.change_allowed,
        "shown_while_open": poll.shown_while_open,
        "published": "at_close" if poll.published_at_close else "later",
        "closes_at": poll.closes_at,
    }
