# SPDX-License-Identifier: AGPL-3.0-or-later
"""The kinds of votes that a facilitator puts up in two taps, and what it takes to carry a motion."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from voting.choices import ABSTAIN, AGREE, BLOCK, NO, RESERVATIONS, STAND_ASIDE, YES
from voting.models import BallotType
from voting.tally.majority import BASES, OPERATORS, THRESHOLDS

from .acts import MeetingRefused

MOST_OPTIONS = 12
LARGEST_DENOMINATOR = 100
NEEDS_A_NUMBER = ("present", "members")  # bases whose size is fixed when the vote opens


@dataclass(frozen=True)
class Threshold:
    """Which share of whom must say yes. Whole numbers decide: 2/3 of 90 is 60, never 59.99."""

    share: str = "1/2"
    operator: str = ">"
    base: str = "cast"

    def __post_init__(self) -> None:
        try:
            share = Fraction(self.share)
        except (ValueError, ZeroDivisionError):
            share = Fraction(0)
        if not 0 < share <= 1 or share.denominator > LARGEST_DENOMINATOR:
            raise MeetingRefused(_("Write a share such as 3/5: above zero, and not more than the whole."))
        if share == 1 and self.operator == ">":
            raise MeetingRefused(_("More than everybody cannot say yes. Choose “at least”."))
        if self.operator not in OPERATORS or self.base not in BASES:
            raise MeetingRefused(_("Choose how much of whom must say yes."))

    @classmethod
    def named(cls, name: str, base: str = "cast") -> "Threshold":
        """The one that is called `majority`, `two_thirds`, `three_quarters` or `unanimous`."""
        known = THRESHOLDS[name]
        return cls(share=known["threshold"], operator=known["operator"], base=base)

    def parameters(self) -> dict[str, Any]:
        """As the rule of a poll; a size that the vote opens with is put in when it does."""
        later = {self.base: 0} if self.base in NEEDS_A_NUMBER else {}
        return {"threshold": str(Fraction(self.share)), "operator": self.operator, "base": self.base, **later}


MAJORITY = Threshold()
TWO_THIRDS = Threshold("2/3", ">=")


@dataclass(frozen=True)
class PollTemplate:
    """A kind of poll that a facilitator puts up in two taps."""

    name: str
    label: Promise
    says: Promise  # what people are told before it opens
    ballot_type: BallotType
    rule: str
    rule_parameters: Mapping[str, Any] = field(default_factory=dict)
    ballot_parameters: Mapping[str, Any] = field(default_factory=dict)
    is_open_vote: bool = False  # the tally is on the screens while people vote
    asks_for_options: bool = True
    is_straw: bool = False  # decides nothing


TEMPLATES = {
    template.name: template
    for template in (
        PollTemplate(
            name="yes_no",
            label=gettext_lazy("Yes, no or abstain"),
            says=gettext_lazy("Carried when enough people say yes: you choose how many. Shown when you reveal it."),
            ballot_type=BallotType.YES_NO,
            rule="majority",
            rule_parameters=MAJORITY.parameters(),
            asks_for_options=False,
        ),
        PollTemplate(
            name="choose_one",
            label=gettext_lazy("Choose one"),
            says=gettext_lazy("The answer with the most votes wins; a tie needs a runoff. Shown when you reveal it."),
            ballot_type=BallotType.CHOOSE_ONE,
            rule="plurality",
            rule_parameters={"all_winners": True},
        ),
        PollTemplate(
            name="approval",
            label=gettext_lazy("Choose several, open vote"),
            says=gettext_lazy("Everybody sees the tally grow while people vote. The answer with the most votes wins."),
            ballot_type=BallotType.APPROVAL,
            rule="approval",
            rule_parameters={"all_winners": True},
            is_open_vote=True,
        ),
        PollTemplate(
            name="ranked",
            label=gettext_lazy("Put in order"),
            says=gettext_lazy(
                "Instant runoff: the answer with the fewest first places drops out until one has more than half."
                " Shown when you reveal it."
            ),
            ballot_type=BallotType.RANKED,
            rule="irv",
        ),
        PollTemplate(
            name="score",
            label=gettext_lazy("Give marks from 1 to 5"),
            says=gettext_lazy("Everybody gives each answer a mark. The highest sum wins. Shown when you reveal it."),
            ballot_type=BallotType.SCORE,
            rule="score",
            rule_parameters={"all_winners": True},
            ballot_parameters={"min_score": 1, "max_score": 5},
        ),
        PollTemplate(
            name="temperature",
            label=gettext_lazy("Temperature from 1 to 5"),
            says=gettext_lazy("How the room feels about it, from cold to warm. It decides nothing."),
            ballot_type=BallotType.CHOOSE_ONE,
            rule="plurality",
            rule_parameters={"all_winners": True},
            asks_for_options=False,
            is_straw=True,
        ),
        PollTemplate(
            name="consensus",
            label=gettext_lazy("Find consensus"),
            says=gettext_lazy(
                "Agree, agree with reservations, stand aside or block. Each block has a reason, which is shown."
                " Shown when you reveal it."
            ),
            ballot_type=BallotType.CONSENSUS,
            rule="consensus",
            rule_parameters={"objections": 0, "talk_above": "1/4"},
            asks_for_options=False,
        ),
    )
}
# In English, as Option.shown_title puts them into each reader's language.
FIXED = {
    "yes_no": {YES: gettext_noop("Yes"), NO: gettext_noop("No"), ABSTAIN: gettext_noop("Abstain")},
    "consensus": {
        AGREE: gettext_noop("Agree"),
        RESERVATIONS: gettext_noop("Agree with reservations"),
        STAND_ASIDE: gettext_noop("Stand aside"),
        BLOCK: gettext_noop("Block"),
    },
}
MARKS = {
    "1": gettext_lazy("1: cold, I am against it"),
    "2": gettext_lazy("2: cool"),
    "3": gettext_lazy("3: in between"),
    "4": gettext_lazy("4: warm"),
    "5": gettext_lazy("5: hot, I am all for it"),
}
# What a meeting may decide without a quorum, and the question that decides it.
WITHOUT_QUORUM: Mapping[str, Promise] = MappingProxyType(
    {
        "adjourn": gettext_lazy("Shall we close the meeting now?"),
        "recess": gettext_lazy("Shall we take a break?"),
        "next_time": gettext_lazy("Shall we set the time of the next meeting now?"),
        "get_quorum": gettext_lazy("Shall we call in more people until there is a quorum?"),
    }
)


@dataclass(frozen=True)
class Consent:
    """What consensus means in one vote."""

    blocks: int = 0  # so many may block and it is agreed all the same
    talk_above: str = "1/4"  # when a larger share stands aside, talking on is better
    has_fallback: bool = False  # if it is blocked, two thirds decide

    def __post_init__(self) -> None:
        try:
            share = Fraction(self.talk_above)
        except (ValueError, ZeroDivisionError):
            share = Fraction(-1)
        if not 0 <= share <= 1 or self.blocks < 0:
            raise MeetingRefused(_("Write how many may block, and a share such as 1/4 who may stand aside."))

    def parameters(self) -> dict[str, Any]:
        return {"objections": self.blocks, "talk_above": str(Fraction(self.talk_above))}
