# SPDX-License-Identifier: AGPL-3.0-or-later
"""What came out, in one sentence with its numbers: a motion, a consensus, a budget, a choice."""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count

from .models import BallotType, Option, Poll


def headline(poll: Poll, outcome: Mapping[str, Any], options: Mapping[str, Option]) -> str:
    """The result in one sentence, numbers included."""
    if outcome["rule"] == "majority":
        return motion(outcome, of_members=poll.rule_parameters.get("members") is not None)
    if outcome["rule"] == "consensus":
        return _consensus(outcome) if poll.ballot_type == BallotType.CONSENSUS else _unanimity(outcome)
    winners = [options[key].title for key in outcome["winners"]]
    if poll.budget is not None:
        return ngettext(
            "%(won)s of %(all)s project is funded.", "%(won)s of %(all)s projects are funded.", len(options)
        ) % {"won": format_count(len(winners)), "all": format_count(len(options))}
    bars = [reason["numbers"]["bar"] for reason in outcome["options"].values() if reason["code"] == "below_bar"]
    if not winners and bars:
        return _("Nothing was chosen: no option has more than %(bar)s votes. A runoff can decide.") % {
            "bar": format_count(Fraction(bars[0]) // 1)
        }
    if not winners:
        return _("Nothing was chosen: no option has a vote.")
    if outcome["parameters"].get("all_winners") and len(winners) > outcome["parameters"].get("seats", 1):
        *others, last = [option.title for key, option in options.items() if key in outcome["winners"]]
        return _("A tie: %(others)s and %(last)s have equally many votes.") % {
            "others": ", ".join(others),
            "last": last,
        }
    return _("Chosen: %(winners)s.") % {"winners": ", ".join(winners)}


def motion(outcome: Mapping[str, Any], *, of_members: bool = False) -> str:
    """What became of a motion, with the numbers that decided: of two majorities, the one that was missed.

    `of_members` says that the number of members is that of the assembly, and not of the register.
    """
    facts = outcome["facts"]
    test = [test for test in facts["tests"] if not test["holds"] or test is facts["tests"][0]][-1]
    numbers = {
        **_counts(facts),
        "counted": format_count(test["base_size"]),
        "needed": format_count(test["needed"]),
    }
    match outcome["verdict"]:
        case "carried" if facts.get("casting_vote"):
            text = _("Carried by the casting vote of the chair: %(yes)s yes and %(no)s no.")
        case "carried":
            text = _carried(_base_of(test, of_members=of_members))
        case "lost" if facts.get("casting_vote") == outcome["parameters"]["no"]:
            text = _("Lost by the casting vote of the chair: %(yes)s yes and %(no)s no.")
        case "lost":
            text = _lost(_base_of(test, of_members=of_members))
        case "tie":
            text = _("A tie: %(yes)s yes and %(no)s no. The motion is not carried.")
        case "no_quorum":
            return _too_few(facts)
        case _:
            text = _("No decision: nobody voted yes or no.")
    return text % numbers


def _base_of(test: Mapping[str, Any], *, of_members: bool) -> str:
    base = str(test["base"])
    return "register" if base == "members" and not of_members else base


def _carried(base: str) -> str:
    match base:
        case "members":
            return _("Carried: %(yes)s yes of %(counted)s members, needed %(needed)s.")
        case "register":
            return _("Carried: %(yes)s yes of %(counted)s who may vote, needed %(needed)s.")
        case "ballots":
            return _("Carried: %(yes)s yes of %(counted)s ballots, needed %(needed)s.")
    return _("Carried: %(yes)s yes of %(counted)s counted, needed %(needed)s.")


def _lost(base: str) -> str:
    match base:
        case "members":
            return _("Lost: %(yes)s yes of %(counted)s members, needed %(needed)s.")
        case "register":
            return _("Lost: %(yes)s yes of %(counted)s who may vote, needed %(needed)s.")
        case "ballots":
            return _("Lost: %(yes)s yes of %(counted)s ballots, needed %(needed)s.")
    return _("Lost: %(yes)s yes of %(counted)s counted, needed %(needed)s.")


def _unanimity(outcome: Mapping[str, Any]) -> str:
    match outcome["verdict"]:
        case "carried":
            text = _("Carried: %(yes)s yes, %(no)s no; at most %(allowed)s may say no.")
        case "lost":
            text = _("Lost: %(yes)s yes, %(no)s no; at most %(allowed)s may say no.")
        case "no_quorum":
            return _too_few(outcome["facts"])
        case _:
            text = _("No decision: nobody voted yes or no.")
    return text % _counts(outcome["facts"])


def _consensus(outcome: Mapping[str, Any]) -> str:
    facts = outcome["facts"]
    match outcome["verdict"]:
        case "carried":
            text = _("Agreed: agree %(agree)s, with reservations %(doubting)s, stand aside %(abstain)s, block %(no)s.")
        case "lost" if facts["no"] > facts["objections_allowed"]:
            text = _(
                "Blocked: block %(no)s, and at most %(allowed)s may. Agree %(agree)s, with reservations %(doubting)s, stand aside %(abstain)s."
            )
        case "lost":
            text = _("Not agreed: nobody agrees. Stand aside %(abstain)s, block %(no)s.")
        case "no_quorum":
            return _too_few(facts)
        case _:
            text = _("No decision: nobody agrees and nobody blocks.")
    sentence = text % _counts(facts)
    if facts.get("talk_more"):
        sentence += " " + _("So many stand aside that it is better to talk on.")
    return sentence


def _too_few(facts: Mapping[str, Any]) -> str:
    quorum = facts["quorum"]
    came, needed = format_count(quorum["turned_out"]), format_count(quorum["needed"])
    return _("No decision: too few took part. %(came)s voted, and %(needed)s must.") % {"came": came, "needed": needed}


def _counts(facts: Mapping[str, Any]) -> dict[str, str]:
    doubting = facts.get("reservations", 0)
    return {
        "yes": format_count(facts["yes"]),
        "no": format_count(facts["no"]),
        "abstain": format_count(facts["abstain"]),
        "agree": format_count(facts["yes"] - doubting),
        "doubting": format_count(doubting),
        "allowed": format_count(facts.get("objections_allowed", 0)),
    }
