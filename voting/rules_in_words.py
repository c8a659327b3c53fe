# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the rules are called and what they ask for, in sentences that stand on pages, ballot papers and results."""

from fractions import Fraction

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from assemblies.money import format_count, money_text

from .models import BallotType, Poll

RULE_NAMES: dict[str, Promise] = {
    "majority": gettext_lazy("Majority"),
    "plurality": gettext_lazy("Most votes"),
    "approval": gettext_lazy("Approval"),
    "points": gettext_lazy("Most points"),
    "irv": gettext_lazy("Instant runoff"),
    "greedy": gettext_lazy("Greedy: most votes first"),
    "equal-shares": gettext_lazy("Equal Shares"),
    "score": gettext_lazy("Highest score"),
    "consensus": gettext_lazy("Consensus"),
    "greedy-no-skip": gettext_lazy("Greedy, stopping at the first that does not fit"),
    "greedy-threshold": gettext_lazy("Greedy with a least number of votes"),
    "greedy-per-cost": gettext_lazy("Greedy by votes for each unit of money"),
    "poznan-80": gettext_lazy("Greedy with the 80 percent rule"),
    "phragmen": gettext_lazy("Phragmén"),
    "borda": gettext_lazy("Borda count"),
    "schulze": gettext_lazy("Schulze"),
    "condorcet": gettext_lazy("Condorcet"),
    "stv-scottish": gettext_lazy("Single transferable vote (Scottish rules)"),
    "stv-meek": gettext_lazy("Single transferable vote (Meek)"),
}
RULES_IN_WORDS: dict[str, Promise] = {
    "majority": gettext_lazy("Carried when yes has more than half of the yes and no votes. Abstaining does not count."),
    "plurality": gettext_lazy("Everybody chooses one option. The option with most votes wins."),
    "approval": gettext_lazy("Everybody chooses as many options as they like. The option with most votes wins."),
    "points": gettext_lazy("Everybody shares out points. The option with most points wins."),
    "irv": gettext_lazy(
        "Every ballot counts for its first choice. The last option drops out and its ballots move to their next"
        " choice, until one option has more than half."
    ),
    "greedy": gettext_lazy(
        "Projects are funded from most to fewest votes. A project that costs more than the money left is skipped."
    ),
    "equal-shares": gettext_lazy(
        "Every voter gets an equal share of the money. A project is funded when its supporters can pay for it"
        " together, first where each of them pays least for what they get."
    ),
    "score": gettext_lazy("Everybody gives each option a grade. The option with the highest sum wins."),
    "consensus": gettext_lazy("Carried when somebody says yes and no more people say no than was agreed before."),
    "greedy-no-skip": gettext_lazy(
        "Projects are funded from most to fewest votes. The count ends at the first project that costs more than the"
        " money left."
    ),
    "greedy-threshold": gettext_lazy(
        "Projects with enough votes are funded from most to fewest votes. A project that costs more than the money left"
        " is skipped."
    ),
    "greedy-per-cost": gettext_lazy(
        "Projects with most votes for their cost are funded first. A project that costs more than the money left is"
        " skipped."
    ),
    "poznan-80": gettext_lazy(
        "Projects are funded from most to fewest votes. The first that does not fit is funded too if the money left pays"
        " for 80 percent of it. There the count ends."
    ),
    "phragmen": gettext_lazy(
        "All voters are given money at the same speed. A project is bought as soon as its supporters hold enough"
        " together."
    ),
    "borda": gettext_lazy(
        "Everybody ranks the options. An option gets a point for each option that stands below it on a ballot, and the"
        " option with most points wins."
    ),
    "schulze": gettext_lazy(
        "Everybody ranks the options, and every two of them meet in a duel. Who wins all duels wins. In a circle, the"
        " weakest duels count least."
    ),
    "condorcet": gettext_lazy(
        "Everybody ranks the options, and every two of them meet in a duel. The option that wins all its duels wins."
    ),
    "stv-scottish": gettext_lazy(
        "For several seats. Every ballot counts for its first choice. What somebody has above the quota, and the ballots"
        " of whoever drops out, move to the next choice."
    ),
    "stv-meek": gettext_lazy(
        "For several seats. Whoever is elected keeps only the part of each ballot that is needed, and the rest moves to"
        " the next choice. It is counted anew each time somebody drops out."
    ),
}


def rule_name(rule: str) -> str:
    return str(RULE_NAMES.get(rule, rule))


def rule_in_words(poll: Poll, rule: str) -> str:
    """What the rule does, in the words of this ballot's answers."""
    more = conditions(poll) if rule == poll.rule else []
    if poll.ballot_type == BallotType.CONSENSUS:
        allowed = poll.rule_parameters.get("objections", 0)
        sentence = ngettext(
            "Agreed when somebody agrees and no more than %(n)s person blocks. Agreeing with reservations is agreeing.",
            "Agreed when somebody agrees and no more than %(n)s people block. Agreeing with reservations is agreeing.",
            allowed,
        ) % {"n": format_count(allowed)}
        return " ".join([sentence, *more])
    needed = _threshold_in_words(poll) if rule == poll.rule else ""
    return " ".join([needed or str(RULES_IN_WORDS.get(rule, "")), *more])


def _threshold_in_words(poll: Poll) -> str:
    """What a motion needs, where it is not the usual half of the yes and no votes."""
    fixed = poll.rule_parameters
    share, base, operator = fixed.get("threshold", "1/2"), fixed.get("base", "cast"), fixed.get("operator", ">")
    if poll.rule != "majority" or (share, base, operator) == ("1/2", "cast", ">"):
        return ""
    if base == "present" and fixed.get("present") is None:
        base = "ballots"
    if base == "members" and fixed.get("members") is None:
        base = "register"
    if share == "1" and operator == ">=":
        sentences = {
            "cast": _("Carried when somebody says yes and nobody says no. Abstaining does not count."),
            "ballots": _("Carried when everybody who votes says yes. To abstain counts like a no."),
            "present": _("Carried when everybody who is present at the opening says yes."),
            "register": _("Carried when everybody who may vote says yes."),
            "members": _("Carried when all members say yes."),
        }
    elif operator == ">":
        sentences = {
            "cast": _("Carried when yes has more than %(share)s of the yes and no votes. Abstaining does not count."),
            "ballots": _("Carried when yes has more than %(share)s of all ballots. To abstain counts like a no."),
            "present": _("Carried when more than %(share)s of those present at the opening say yes."),
            "register": _("Carried when more than %(share)s of everybody who may vote say yes."),
            "members": _("Carried when more than %(share)s of all members say yes."),
        }
    else:
        sentences = {
            "cast": _("Carried when yes has %(share)s or more of the yes and no votes. Abstaining does not count."),
            "ballots": _("Carried when yes has %(share)s or more of all ballots. To abstain counts like a no."),
            "present": _("Carried when %(share)s or more of those present at the opening say yes."),
            "register": _("Carried when %(share)s or more of everybody who may vote say yes."),
            "members": _("Carried when %(share)s or more of all members say yes."),
        }
    return sentences[base] % {"share": share}


def conditions(poll: Poll) -> list[str]:
    """What must be true besides, and how many win, in sentences; the ballot paper says them too."""
    fixed, sentences = poll.rule_parameters, []
    if fixed.get("quorum"):
        percent = Fraction(fixed["quorum"]) * 100
        sentences.append(
            _("It counts only when %(percent)s of 100 voters vote, or more.")
            % {"percent": format_count(-(-percent.numerator // percent.denominator))}
        )
    if fixed.get("seats", 1) > 1:
        sentences.append(_("%(count)s answers win.") % {"count": format_count(fixed["seats"])})
    return [*sentences, *_conditions_of_projects(poll)]


def _conditions_of_projects(poll: Poll) -> list[str]:
    fixed, sentences = poll.rule_parameters, []
    if needed := fixed.get("minimum_votes"):
        words = ngettext("A project needs at least %(n)s vote.", "A project needs at least %(n)s votes.", needed)
        sentences.append(words % {"n": format_count(needed)})
    for area, floor in fixed.get("district_floors", {}).items():
        amount = money_text(floor["money"], poll.currency)
        sentences.append(_("%(amount)s are set aside for %(area)s.") % {"amount": amount, "area": area})
    if rivals := fixed.get("exclusive"):
        titles = {option.key: option.title for option in poll.options.all()}
        for keys in rivals:
            named = ", ".join(f"“{titles[key]}”" for key in keys if key in titles)
            sentences.append(_("At most one of these can win: %(titles)s.") % {"titles": named})
    return sentences
