# SPDX-License-Identifier: AGPL-3.0-or-later
"""From stored ballots to the counting engine and back. The engine itself is plain Python, in voting.tally."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from assemblies.money import decimals_of
from voting.tally import RULES, Ballot, Election, Kind, build_election
from voting.tally import Option as TallyOption

from . import choices
from .models import BallotType, BoxedBallot, OpenBallot, Poll
from .withdrawals import keys_in, keys_taken_off

KINDS = {
    BallotType.YES_NO: Kind.CHOOSE_ONE,
    BallotType.CHOOSE_ONE: Kind.CHOOSE_ONE,
    BallotType.APPROVAL: Kind.APPROVAL,
    BallotType.RANKED: Kind.ORDINAL,
    BallotType.POINTS: Kind.CUMULATIVE,
    BallotType.SCORE: Kind.SCORING,
    BallotType.CONSENSUS: Kind.CHOOSE_ONE,
}
COUNT_EQUAL_PLACES = frozenset({"borda", "schulze", "condorcet"})
FILL_SEATS = frozenset({"approval", "plurality", "points", "score", "borda", "stv-scottish", "stv-meek"})
# The answers of a consensus ballot as the engine's motions call them.
CONSENSUS = {
    "yes": choices.AGREE,
    "reservations": choices.RESERVATIONS,
    "abstain": choices.STAND_ASIDE,
    "no": choices.BLOCK,
}


def problems(poll: Poll) -> list[str]:
    """Sentences about why this poll could not be counted as it is defined."""
    sentences = choices.problems(poll)
    for name in [poll.rule, *poll.compared_rules]:
        rule = RULES.get(name)
        if rule is None:
            sentences.append(_("There is no counting rule called “%(rule)s”.") % {"rule": name})
        elif KINDS[BallotType(poll.ballot_type)] not in rule.kinds or not _fits_consensus(poll, name):
            sentences.append(_("The rule “%(rule)s” cannot count this kind of ballot.") % {"rule": name})
        elif rule.needs_budget and poll.budget is None:
            sentences.append(_("This rule needs a budget."))
        elif poll.ballot_parameters.get("ties_allowed") and name not in COUNT_EQUAL_PLACES:
            sentences.append(_("This rule cannot count options that share a place."))
        elif seats_of(poll) > 1 and name not in FILL_SEATS:
            sentences.append(_("The rule “%(rule)s” finds one winner, and here several are wanted.") % {"rule": name})
    return sentences


def seats_of(poll: Poll) -> int:
    """How many answers win."""
    return int(poll.rule_parameters.get("seats", 1))


def count(poll: Poll) -> Iterator[dict[str, Any]]:
    """The outcome of the poll's rule, then of each rule that it is compared with, as fields of a Result."""
    election = election_of(poll)
    for rule in [poll.rule, *poll.compared_rules]:
        outcome = RULES[rule].count(election, **parameters_of(poll, rule))
        yield {
            "rule": rule,
            "outcome": outcome.as_dict(),
            "outcome_hash": bytes.fromhex(outcome.sha256),
            "engine": outcome.engine,
        }


TIES = ("ties", "lot_order", "seed")
CONDITIONS = ("exclusive", "minimum_votes", "district_floors")  # hold for every rule that the poll is counted by


def parameters_of(poll: Poll, rule: str) -> dict[str, Any]:
    """What the poll fixed for this rule before it opened.

    The same order of ties holds for every rule of the poll. Where the poll names none, lots are drawn from its id, which
    is random and stands in its definition. Completion steps of Equal Shares are one major unit of the currency.
    A majority of all voters, or a quorum, goes by the register; one of all ballots by those that are in.
    """
    fixed = poll.rule_parameters
    shared = [*TIES, *(name for name in CONDITIONS if name in RULES[rule].parameters)]
    parameters = dict(fixed) if rule == poll.rule else {name: fixed[name] for name in shared if name in fixed}
    if "lot_order" not in parameters and "seed" in RULES[rule].parameters:
        parameters.setdefault("seed", str(poll.pk))
    if "seats" in fixed and "seats" not in RULES[rule].parameters:
        parameters.pop("seats", None)  # the election has them
    if "members" in RULES[rule].parameters:
        parameters |= _bases(poll, parameters)
    if poll.ballot_type == BallotType.CONSENSUS:
        parameters |= CONSENSUS
    if poll.ballot_parameters.get("ties_allowed"):
        parameters.setdefault("overvote", "tie")
    if rule == "equal-shares":
        parameters.setdefault("increment", 10 ** decimals_of(poll.currency))
    return parameters


def _bases(poll: Poll, parameters: dict[str, Any]) -> dict[str, int]:
    """How many votes the bases have that this rule asks for.

    A number of people present, or of all members, stands in the poll's definition since before it opened; without one
    the ballots and the register stand for it. It is never below them, or yes could have more than all of a base.
    """
    wanted = {name for name in ("present", "members") if parameters.get(name) is not None} | {parameters.get("base")}
    if parameters.get("and_threshold") is not None:
        wanted.add(parameters.get("and_base", "members"))
    if "quorum" in parameters:
        wanted.add("members")
    sizes = {}
    if "present" in wanted:
        sizes["present"] = max(parameters.get("present") or 0, simple_totals(poll)[1])
    if "members" in wanted:
        sizes["members"] = max(parameters.get("members") or 0, votes_in_register(poll))
    if "register" in wanted:
        sizes["register"] = votes_in_register(poll)
    return sizes


def election_of(poll: Poll) -> Election:
    """The poll as the engine sees it; the database groups identical ballots."""
    gone, districts = keys_taken_off(poll), poll.ballot_parameters.get("districts", {})
    return build_election(
        kind=KINDS[BallotType(poll.ballot_type)],
        options=[
            TallyOption(o.key, o.cost or 0, o.title, withdrawn=o.key in gone, district=districts.get(o.key, ""))
            for o in poll.options.all()
        ],
        ballots=[ballot_of(choice, weight) for choice, weight in _grouped(poll)],
        budget=poll.budget,
        seats=seats_of(poll),
        title=poll.question,
    )


def votes_in_register(poll: Poll) -> int:
    """How many votes everybody in the register has together; where nobody has a weight, as many as voters."""
    if poll.register is None:
        return 0
    return int(poll.register.lines.aggregate(together=Sum("weight"))["together"] or 0)


def simple_totals(poll: Poll) -> tuple[dict[str, int], int]:
    """Votes or points of each option that any ballot names, and the number of ballots in, blank ones included.

    A ranked ballot counts for what it puts first.
    """
    votes: Counter[str] = Counter()
    ballots = 0
    for choice, weight in _grouped(poll):
        ballots += weight
        for key, given in choice.get("points", {}).items():
            votes[key] += weight * given
        first = choice.get("ranking", ())[:1]
        for key in (*choice.get("options", ()), *(first[0] if first and isinstance(first[0], list) else first)):
            votes[key] += weight
    return dict(votes), ballots


def void_lines(poll: Poll) -> dict[str, int]:
    """How many ballots name each option that was taken off while people voted; by weight, as votes are counted."""
    found = dict.fromkeys(keys_taken_off(poll), 0)
    if found:
        for choice, weight in _grouped(poll):
            for key in keys_in(choice) & found.keys():
                found[key] += weight
    return found


def written_reasons(poll: Poll) -> list[tuple[str, str]]:
    """Each answer and reason that somebody wrote beside it, sorted by their letters so that nobody is first."""
    return sorted((choice["options"][0], choice["reason"]) for choice, _weight in _grouped(poll) if "reason" in choice)


def _grouped(poll: Poll) -> Iterator[tuple[dict[str, Any], int]]:
    """Each choice with the weight of everybody who made it; nothing from envelopes that are still closed."""
    if poll.is_sealed:
        boxed = BoxedBallot.objects.filter(poll=poll).order_by()
        yield from boxed.values("choice").annotate(together=Sum("weight")).values_list("choice", "together")
    else:
        named = OpenBallot.objects.filter(poll=poll).exclude(line__in=poll.removals.values("line")).order_by()
        yield from named.values("choice").annotate(together=Sum("line__weight")).values_list("choice", "together")


def ballot_of(choice: Mapping[str, Any], weight: int) -> Ballot:
    """One choice as the engine sees it."""
    if "points" in choice:
        return Ballot(tuple(choice["points"]), tuple(choice["points"].values()), weight)
    named = choice.get("ranking") or choice.get("options") or ()
    return Ballot(tuple(tuple(entry) if isinstance(entry, list) else entry for entry in named), (), weight)


def _fits_consensus(poll: Poll, rule: str) -> bool:
    """The four answers of a consensus ballot are counted as such or not at all."""
    return rule == "consensus" or poll.ballot_type != BallotType.CONSENSUS
