# SPDX-License-Identifier: AGPL-3.0-or-later
"""Why it came out like this, in sentences: the engine's reason codes and numbers, said in the reader's language.

Money in an outcome is a decimal string of minor units, as the engine writes it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count, money_text

from . import results, withdrawals
from .headlines import headline
from .models import BallotType, Option, Poll, Result
from .models.polls import FIXED_ANSWERS
from .rules_in_words import rule_in_words, rule_name

GIVES_POINTS = (BallotType.POINTS, BallotType.SCORE)


@dataclass(frozen=True)
class ShownOption:
    """One option of a result. `share` is in thousandths of the longest bar, for drawing only."""

    option: Option
    votes: int
    share: int
    won: bool
    sentence: str
    margin: str
    reasons: list[str]  # that voters wrote beside this answer, without their names


@dataclass(frozen=True)
class ShownOutcome:
    """A result as pages tell it."""

    result: Result
    rule_name: str
    rule_in_words: str
    sentence: str
    verdict: str
    ballots: int
    blanks: int
    spoiled: int  # papers that could not be read: neither blank nor for anything
    options: list[ShownOption]
    rounds: list[str]
    total_cost: int
    unspent: int | None

    @property
    def winners(self) -> list[ShownOption]:
        return [shown for shown in self.options if shown.won]

    @property
    def is_positive(self) -> bool:
        """Whether something was carried or chosen; a motion that was lost has a winner too, which is No."""
        return self.verdict == "carried" or (not self.verdict and bool(self.winners))

    @property
    def counts_points(self) -> bool:
        """Whether the figures are sums of points or marks, and not people."""
        return self.result.poll.ballot_type in GIVES_POINTS

    @property
    def reasons(self) -> list[ShownOption]:
        """The answers beside which somebody wrote a reason."""
        return [shown for shown in self.options if shown.reasons]


def explain(poll: Poll) -> ShownOutcome | None:
    """The binding result of the poll in words, or None while it is under embargo."""
    result = results.binding_result(poll)
    return explain_result(poll, result) if result else None


def explain_result(poll: Poll, result: Result) -> ShownOutcome:
    """This result in words; ask `results.visible_results` for the ones that may be read."""
    outcome, options = result.outcome, {option.key: option for option in poll.options.all()}
    votes = {key: whole(reason["numbers"].get("votes", 0)) for key, reason in outcome["options"].items()}
    longest = max(votes.values(), default=0) or 1
    won = set(outcome["winners"])
    written = results.written_reasons(poll)
    shown = [
        ShownOption(
            option=options[key],
            votes=votes[key],
            share=max(0, 1000 * votes[key] // longest),
            won=key in won,
            sentence=sentence(reason, poll),
            margin=margin(reason, poll, won=key in won),
            reasons=[text for answer, text in written if answer == key],
        )
        for key, reason in outcome["options"].items()
    ]
    shown.sort(key=lambda one: one.option.position)  # the stored outcome keeps no order
    if poll.ballot_type not in FIXED_ANSWERS:
        shown.sort(key=lambda one: (not one.won, -one.votes))
    return ShownOutcome(
        result=result,
        rule_name=rule_name(result.rule),
        rule_in_words=rule_in_words(poll, result.rule),
        sentence=headline(poll, outcome, options),
        verdict=outcome.get("verdict", ""),
        ballots=outcome["n"] + outcome["blanks"],
        blanks=outcome["blanks"],
        spoiled=sum(outcome["invalid"].values()),
        options=shown,
        rounds=_rounds(result, options),
        total_cost=whole(outcome.get("total_cost") or 0),
        unspent=None if outcome.get("unspent") is None else whole(outcome["unspent"]),
    )


def whole(written: Any) -> int:
    """A number of the outcome as a whole one, rounded down; for showing, never for deciding."""
    return int(Fraction(written) // 1)


def sentence(reason: Mapping[str, Any], poll: Poll) -> str:
    """Why this option won or lost, with the numbers."""
    write = SENTENCES.get(reason["code"])
    return write(Numbers(reason["numbers"], poll)) if write else ""


def margin(reason: Mapping[str, Any], poll: Poll, *, won: bool) -> str:
    """How far the option was from the other fate; empty where the engine knows no number."""
    found = reason.get("margin") or {}
    if found.get("votes") and not Numbers(found, poll).are_points:  # how many people that is, nobody can say
        return _margin_in_votes(found["votes"], exact=found["votes_exact"], won=won)
    if found.get("cost") and not won:
        cost = Numbers(found, poll).money("cost")
        if found["cost_exact"]:
            return _("It would have won if it had cost %(cost)s less.") % {"cost": cost}
        return _("It would certainly have won if it had cost %(cost)s less.") % {"cost": cost}
    return ""


class Numbers:
    """The numbers of a reason, written for readers."""

    def __init__(self, numbers: Mapping[str, Any], poll: Poll) -> None:
        self.numbers, self.poll = numbers, poll

    def whole(self, name: str) -> int:
        return whole(self.numbers.get(name) or 0)

    def count(self, name: str) -> str:
        return format_count(self.whole(name))

    def money(self, name: str) -> str:
        """An amount of money, rounded up to the minor unit so that nothing looks cheaper than it was."""
        exact = Fraction(self.numbers.get(name) or 0)
        return money_text(-((-exact) // 1), self.poll.currency)

    def title(self, name: str) -> str:
        """The title of the option that this number names."""
        key = self.numbers[name]
        return next((option.title for option in self.poll.options.all() if option.key == key), str(key))

    def has(self, name: str) -> bool:
        return self.numbers.get(name) is not None

    @property
    def are_points(self) -> bool:
        """Whether what is counted are points or marks, and not people."""
        return self.poll.ballot_type in GIVES_POINTS


def _margin_in_votes(votes: int, *, exact: bool, won: bool) -> str:
    if won and exact:
        text = ngettext(
            "With %(n)s vote fewer it would have lost.", "With %(n)s votes fewer it would have lost.", votes
        )
    elif won:
        return ""
    elif exact:
        text = ngettext("%(n)s more vote would have won.", "%(n)s more votes would have won.", votes)
    else:
        text = ngettext(
            "%(n)s more vote would certainly have been enough.",
            "%(n)s more votes would certainly have been enough.",
            votes,
        )
    return text % {"n": format_count(votes)}


def _greedy_selected(n: Numbers) -> str:
    return _("Number %(place)s by votes. %(before)s was left in its turn, and it costs %(cost)s.") % {
        "place": n.count("place"),
        "before": n.money("left_before"),
        "cost": n.money("cost"),
    }


def _selected(n: Numbers) -> str:
    if n.has("left_before"):
        return _greedy_selected(n)
    return _equal_shares_selected(n)


def _equal_shares_selected(n: Numbers) -> str:
    return ngettext(
        "Funded in round %(round)s: %(supporters)s supporter paid for it, at most %(price)s each.",
        "Funded in round %(round)s: %(supporters)s supporters paid for it, at most %(price)s each.",
        n.whole("supporters"),
    ) % {"round": n.count("round"), "supporters": n.count("supporters"), "price": n.money("price")}


def _too_dear(n: Numbers) -> str:
    return _("Number %(place)s by votes. %(left)s was left in its turn: %(short)s short.") % {
        "place": n.count("place"),
        "left": n.money("left"),
        "short": n.money("short_by"),
    }


def _unaffordable(n: Numbers) -> str:
    return ngettext(
        "Its %(supporters)s supporter had %(money)s left together: %(short)s short.",
        "Its %(supporters)s supporters had %(money)s left together: %(short)s short.",
        n.whole("supporters"),
    ) % {"supporters": n.count("supporters"), "money": n.money("money_behind"), "short": n.money("short_by")}


def _elected(n: Numbers) -> str:
    if n.has("continuing"):
        return _elected_by_runoff(n)
    if n.are_points:
        return ngettext("It has %(n)s point.", "It has %(n)s points.", n.whole("votes")) % {"n": n.count("votes")}
    return ngettext("It has %(votes)s vote.", "It has %(votes)s votes.", n.whole("votes")) % {"votes": n.count("votes")}


def _not_elected(n: Numbers) -> str:
    if n.are_points:
        return ngettext(
            "It has %(points)s point, %(behind)s behind the last that won.",
            "It has %(points)s points, %(behind)s behind the last that won.",
            n.whole("votes"),
        ) % {"points": n.count("votes"), "behind": n.count("behind_by")}
    return ngettext(
        "It has %(votes)s vote, %(behind)s behind the last that won.",
        "It has %(votes)s votes, %(behind)s behind the last that won.",
        n.whole("votes"),
    ) % {"votes": n.count("votes"), "behind": n.count("behind_by")}


def _elected_by_runoff(n: Numbers) -> str:
    return _("It has %(votes)s of the %(continuing)s votes that still count in round %(round)s.") % {
        "votes": n.count("votes"),
        "continuing": n.count("continuing"),
        "round": n.count("round"),
    }


def _beaten(n: Numbers) -> str:
    return ngettext(
        "It stayed to the end with %(votes)s vote, %(behind)s behind.",
        "It stayed to the end with %(votes)s votes, %(behind)s behind.",
        n.whole("votes"),
    ) % {"votes": n.count("votes"), "behind": n.count("behind_by")}


def _eliminated(n: Numbers) -> str:
    return ngettext(
        "Dropped out in round %(round)s with %(votes)s vote.",
        "Dropped out in round %(round)s with %(votes)s votes.",
        n.whole("votes"),
    ) % {"round": n.count("round"), "votes": n.count("votes")}


def _no_votes(n: Numbers) -> str:
    """Marks may sum up to nothing or to less although people gave some."""
    if n.poll.ballot_type == BallotType.SCORE:
        return _("Its marks come to %(n)s together. It takes more than nothing to win.") % {"n": n.count("votes")}
    return _("Nobody chose it.")


SENTENCES: dict[str, Callable[[Numbers], str]] = {
    "selected": _selected,
    "selected_by_floor": lambda n: (
        _("Funded from the money that is set aside for its district, %(district)s.")
        % {"district": n.numbers["district"]}
    ),
    "rival_funded": lambda n: (
        _("Not funded: only one of its group can be, and “%(rival)s” was funded before.") % {"rival": n.title("rival")}
    ),
    "selected_by_fill": lambda n: (
        _("Funded from the money left over, as number %(place)s by votes among what still fitted.")
        % {"place": n.count("place")}
    ),
    "selected_all_affordable": lambda n: _("Funded: the money is enough for every project that somebody chose."),
    "selected_from_reserve": lambda n: (
        _("Number %(place)s by votes. It did not fit, and the reserve pays %(reserve)s of it.")
        % {"place": n.count("place"), "reserve": n.money("reserve")}
    ),
    "selected_by_comparison": lambda n: _(
        "Funded: more voters were better served by the other list, which includes it."
    ),
    "lost_by_comparison": lambda n: _("More voters were better served by the other list, which leaves it out."),
    "after_stop": lambda n: (
        _("Number %(place)s by votes. The rule had stopped before its turn.") % {"place": n.count("place")}
    ),
    "below_threshold": lambda n: (
        _("It has %(votes)s votes; the rule asks for at least %(needed)s.")
        % {"votes": n.count("votes"), "needed": n.count("threshold")}
    ),
    "too_dear": _too_dear,
    "unaffordable": _unaffordable,
    "elected": _elected,
    "not_elected": _not_elected,
    "eliminated": _eliminated,
    "beaten": _beaten,
    "no_votes": _no_votes,
    "below_bar": lambda n: (
        _("It has %(votes)s votes; the rule asks for more than %(bar)s.")
        % {"votes": n.count("votes"), "bar": n.count("bar")}
    ),
    "withdrawn": lambda n: withdrawals.in_words(n.count("votes") if n.numbers.get("votes") else ""),
}


def _rounds(result: Result, options: Mapping[str, Option]) -> list[str]:
    """The count step by step, one sentence for each round; empty for rules that count once."""
    if result.rule != "irv":
        return []
    sentences, out = [], set()
    for entry in result.outcome["rounds"]:
        standing = {key: votes for key, votes in entry["votes"].items() if key not in out}
        sentences.append(_runoff_round(entry, standing, options))
        out.add(entry["eliminated"])
    return sentences


def _runoff_round(entry: Mapping[str, Any], standing: Mapping[str, int], options: Mapping[str, Option]) -> str:
    most_first = sorted(standing, key=lambda key: -standing[key])
    numbers = {
        "number": format_count(entry["round"]),
        "votes": ", ".join(f"{options[key].title} {format_count(standing[key])}" for key in most_first),
        "needed": format_count(entry["needed"]),
    }
    if entry["eliminated"]:
        out = options[entry["eliminated"]].title
        return _("Round %(number)s, %(needed)s needed: %(votes)s. %(out)s drops out.") % {**numbers, "out": out}
    return _("Round %(number)s, %(needed)s needed: %(votes)s.") % numbers
