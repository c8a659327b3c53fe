# SPDX-License-Identifier: AGPL-3.0-or-later
"""What became of a question that was put to the room: a code for the record, the sentence, and the numbers behind it.

Polls are told by `voting.explanations`; this is for what else decides: hands, the chair's casting vote, consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count
from voting import headlines
from voting.tally import Ballot, Kind, Option, TallyError, build_election, count

CARRIED = "carried"
LOST = "lost"
DECIDED = "decided"
TIE = "tie"
NO_QUORUM = "no_quorum"
NO_VALID_BALLOTS = "no_valid_ballots"
BLOCKED = "blocked"
NEEDS_RUNOFF = "needs_runoff"

YES = "yes"
NO = "no"
ABSTAIN = "abstain"


class NotDecidable(ValueError):
    """These numbers or this rule decide nothing; the message says why."""


@dataclass(frozen=True)
class Decided:
    """An outcome as it is recorded: the sentence as it was shown, and whole numbers, shares as "p/q"."""

    outcome: str
    sentence: str
    numbers: Mapping[str, Any] = field(default_factory=dict)


def code_of(outcome: Mapping[str, Any]) -> str:
    """What became of it in one word, from the stored outcome of a poll."""
    if outcome["rule"] == "majority":
        return str(outcome["verdict"])
    if outcome["rule"] == "consensus":
        facts = outcome["facts"]
        is_blocked = outcome["verdict"] == LOST and facts["no"] > facts["objections_allowed"]
        return BLOCKED if is_blocked else str(outcome["verdict"])
    if outcome["winners"]:
        return DECIDED
    reasons = {reason["code"] for reason in outcome["options"].values()}
    return NEEDS_RUNOFF if "below_bar" in reasons else NO_VALID_BALLOTS


def by_hands(
    counted: Mapping[str, int], rule_parameters: Mapping[str, Any], *, present: int, members: int | None = None
) -> Decided:
    """What a show of hands decides, by the same rule as a poll. Whoever was present is the register of a show of hands."""
    hands = {name: counted.get(name, 0) for name in (YES, NO, ABSTAIN)}
    if min(hands.values()) < 0:
        raise NotDecidable(_("A number of hands cannot be below zero."))
    if sum(hands.values()) > present:
        raise NotDecidable(_("There are more hands than people. Count again."))
    election = build_election(
        kind=Kind.CHOOSE_ONE,
        options=[Option(name) for name in hands],
        ballots=[Ballot((name,), weight=number) for name, number in hands.items()],
    )
    sizes: dict[str, int] = {"present": present, "register": present}
    if members is not None:
        sizes["members"] = max(members, present)
    try:
        outcome = count("majority", election, **{**rule_parameters, **sizes}).as_dict()
    except TallyError as error:
        raise NotDecidable(_("This rule cannot decide a show of hands.")) from error
    sentence = headlines.motion(outcome, of_members=members is not None)
    return Decided(str(outcome["verdict"]), sentence, outcome["facts"])


def by_casting_vote(outcome: Mapping[str, Any], vote: str, *, of_members: bool = False) -> Decided:
    """What the chair's casting vote makes of a tie. The tied result and its ballots stay as they are.

    The casting vote breaks the tie; it makes no second majority where the rule asks for one.
    """
    if outcome["verdict"] != TIE:
        raise NotDecidable(_("Only a tie can be decided by the casting vote."))
    if vote not in (YES, NO):
        raise NotDecidable(_("The casting vote is yes or no."))
    parameters, facts = outcome["parameters"], outcome["facts"]
    others_hold = all(test["holds"] for test in facts["tests"][1:])
    decided = {
        **outcome,
        "verdict": CARRIED if vote == YES and others_hold else LOST,
        "facts": {**facts, "casting_vote": parameters[vote]},
    }
    return Decided(decided["verdict"], headlines.motion(decided, of_members=of_members), decided["facts"])


def by_consent(titles: list[str]) -> Decided:
    """What a consent group adopts when nobody objects."""
    if not titles:
        raise NotDecidable(_("There is nothing left to adopt together."))
    sentence = ngettext(
        "%(n)s item adopted without objection: %(titles)s.",
        "%(n)s items adopted without objection: %(titles)s.",
        len(titles),
    ) % {"n": format_count(len(titles)), "titles": "; ".join(titles)}
    return Decided(CARRIED, sentence, {"items": len(titles)})
