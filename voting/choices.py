# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a ballot may say. One canonical shape for each ballot type; an empty choice is a blank ballot.

yes_no, choose_one, approval   {"options": ["a", "c"]}            sorted, without repeats
consensus                      {"options": ["block"], "reason": "..."}   the reason only where one was written
ranked                         {"ranking": ["c", "a"]}            best first
  with equal places            {"ranking": [["c"], ["a", "b"]]}   only where two options share a place
points                         {"points": {"a": 3, "c": 1}}       points above zero only
score                          {"points": {"a": 0, "c": 5}}       every mark that was given, zero too
"""

import unicodedata
from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from assemblies.money import format_money
from voting.tally.types import canonical_json

from .models import BallotType, Poll

Choice = dict[str, Any]
YES, NO, ABSTAIN = "yes", "no", "abstain"
AGREE, RESERVATIONS, STAND_ASIDE, BLOCK = "agree", "reservations", "stand_aside", "block"
CONSENSUS_ANSWERS = (AGREE, RESERVATIONS, STAND_ASIDE, BLOCK)
LONGEST_REASON = 300  # characters
MOST_POINTS = 999_999  # for one option, where the poll names no smaller number
HIGHEST_SCORE = 5  # where the poll names no other


class ChoiceRefused(ValueError):
    """The choice does not fit the poll; the message says what to change."""


def options_choice(poll: Poll, keys: Sequence[str]) -> Choice:
    """The choice of a yes/no, choose-one or approval ballot."""
    chosen = sorted(set(keys))
    _refuse_unknown(poll, chosen)
    if not chosen:
        return {}
    most = 1 if poll.ballot_type in (BallotType.YES_NO, BallotType.CHOOSE_ONE) else poll.max_choices
    _refuse_too_few_or_many(poll, len(chosen), most)
    if is_within_budget(poll):
        _refuse_over_budget(poll, chosen)
    return {"options": chosen}


def consensus_choice(poll: Poll, keys: Sequence[str], reason: str = "") -> Choice:
    """The choice of a consensus ballot: one answer, and a reason, which nobody can leave out who blocks."""
    chosen = sorted(set(keys))
    _refuse_unknown(poll, chosen)
    said = plain_text(reason)
    if not chosen and said:
        raise ChoiceRefused(_("You wrote a reason, and chose no answer. Choose the answer that it belongs to."))
    if not chosen:
        return {}
    _refuse_too_few_or_many(poll, len(chosen), 1)
    answer = chosen[0]
    if len(said) > LONGEST_REASON:
        raise ChoiceRefused(
            _("Your reason has %(length)d characters. Shorten it to %(most)d at most.")
            % {"length": len(said), "most": LONGEST_REASON}
        )
    if answer == BLOCK and not said:
        raise ChoiceRefused(_("Write why you block. The others need your reason to find another way."))
    if answer == AGREE and said:
        raise ChoiceRefused(
            _("You wrote a reason, and you agree without reservations. Choose another answer, or empty the reason.")
        )
    return {"options": chosen, "reason": said} if said else {"options": chosen}


def ranked_choice(poll: Poll, ranks: dict[str, int]) -> Choice:
    """The choice of a ranked ballot; places count from 1, gaps close, and a place is shared only where the poll says so."""
    _refuse_unknown(poll, list(ranks))
    groups = [
        sorted(keys) for _place, keys in groupby(sorted(ranks, key=lambda key: ranks[key]), lambda key: ranks[key])
    ]
    shared = any(len(group) > 1 for group in groups)
    if shared and not poll.ballot_parameters.get("ties_allowed"):
        raise ChoiceRefused(_("Two options have the same place. Give each option a place of its own."))
    if not groups:
        return {}
    _refuse_too_few_or_many(poll, len(ranks), poll.max_choices)
    return {"ranking": groups} if shared else {"ranking": [group[0] for group in groups]}


def points_choice(poll: Poll, points: dict[str, int]) -> Choice:
    """The choice of a points ballot; zero points are left out."""
    _refuse_unknown(poll, list(points))
    if any(given < 0 for given in points.values()):
        raise ChoiceRefused(_("Points cannot be below zero."))
    given = {key: points[key] for key in sorted(points) if points[key]}
    total, cap = points_in_all(poll), points_for_one(poll)
    most = max(given.values(), default=0)
    if most > cap:
        raise ChoiceRefused(
            _("You gave one option %(given)d points. Give each option %(cap)d at most.") % {"given": most, "cap": cap}
        )
    if total is not None and sum(given.values()) > total:
        raise ChoiceRefused(
            _("You gave %(given)d points, and you have %(limit)d. Take %(over)d away.")
            % {"given": sum(given.values()), "limit": total, "over": sum(given.values()) - total}
        )
    if not given:
        return {}
    _refuse_too_few_or_many(poll, len(given), poll.max_choices)
    return {"points": given}


def score_choice(poll: Poll, scores: dict[str, int]) -> Choice:
    """The choice of a score ballot: a mark from the poll's range for each option that the voter marked."""
    _refuse_unknown(poll, list(scores))
    lowest, highest = score_range(poll)
    if any(not lowest <= score <= highest for score in scores.values()):
        raise ChoiceRefused(
            _("Give each option a whole number from %(lowest)d to %(highest)d, or no mark.")
            % {"lowest": lowest, "highest": highest}
        )
    if not scores:
        return {}
    _refuse_too_few_or_many(poll, len(scores), poll.max_choices)
    return {"points": {key: scores[key] for key in sorted(scores)}}


def points_in_all(poll: Poll) -> int | None:
    """How many points one ballot may give in all; None where the poll sets no limit."""
    limit: int | None = poll.ballot_parameters.get("max_points")
    return limit


def points_for_one(poll: Poll) -> int:
    """How many points one ballot may give to one option."""
    cap: int = poll.ballot_parameters.get("max_per_option", MOST_POINTS)
    total = points_in_all(poll)
    return cap if total is None else min(cap, total)


def score_range(poll: Poll) -> tuple[int, int]:
    """The lowest and the highest mark."""
    return poll.ballot_parameters.get("min_score", 0), poll.ballot_parameters.get("max_score", HIGHEST_SCORE)


def is_within_budget(poll: Poll) -> bool:
    """Whether the chosen options together may cost no more than there is to spend."""
    return poll.budget is not None and bool(poll.ballot_parameters.get("within_budget"))


def plain_text(written: str) -> str:
    """What somebody wrote, on one line and without characters that nobody can see."""
    text = " ".join(unicodedata.normalize("NFC", written).split())
    return "".join(character for character in text if unicodedata.category(character) not in ("Cc", "Cs"))


def canonical(choice: Choice) -> bytes:
    """The one way to write this choice down."""
    return canonical_json(choice).encode()


def longest(poll: Poll) -> int:
    """No valid choice of this poll is longer than so many bytes, written in the canonical way."""
    sizes = sorted((len(canonical_json(option.key).encode()) for option in poll.options.all()), reverse=True)
    if not sizes:
        return len(canonical({}))
    match poll.ballot_type:
        case BallotType.YES_NO | BallotType.CHOOSE_ONE:
            return len('{"options":[]}') + sizes[0]
        case BallotType.CONSENSUS:
            # a character takes four bytes at most, and those that JSON escapes take two
            return len('{"options":[],"reason":""}') + sizes[0] + 4 * LONGEST_REASON
        case BallotType.APPROVAL:
            return len('{"options":[]}') + _listed(sizes[: poll.max_choices])
        case BallotType.RANKED:
            named = sizes[: poll.max_choices]
            brackets = 2 * (len(named) - 1) if poll.ballot_parameters.get("ties_allowed") else 0
            return len('{"ranking":[]}') + _listed(named) + brackets
        case BallotType.SCORE:
            figures = max(len(str(end)) for end in score_range(poll))
            return len('{"points":{}}') + _listed([size + 1 + figures for size in sizes[: poll.max_choices]])
        case _:
            figures = len(str(points_for_one(poll)))
            named = sizes[: poll.max_choices][: points_in_all(poll)]  # each of them gets one point at least
            return len('{"points":{}}') + _listed([size + 1 + figures for size in named])


def is_valid(poll: Poll, choice: object) -> bool:
    """Whether this is the canonical shape of a choice that the poll takes; asked again when envelopes are opened."""
    if choice == {}:
        return True
    if not isinstance(choice, dict):
        return False
    try:
        return bool(READERS[BallotType(poll.ballot_type)](poll, choice) == choice)
    except (ChoiceRefused, KeyError, TypeError, AttributeError):
        return False


def problems(poll: Poll) -> list[str]:
    """Sentences about why nobody could fill in this ballot as it is defined."""
    keys = [option.key for option in poll.options.all()]
    sentences = []
    if poll.min_choices > len(keys):
        sentences.append(_("Voters would have to choose more options than there are."))
    match poll.ballot_type:
        case BallotType.YES_NO if not {YES, NO} <= set(keys) <= {YES, NO, ABSTAIN}:
            sentences.append(_("This vote needs the answers yes and no, and may have abstain."))
        case BallotType.CONSENSUS if set(keys) != set(CONSENSUS_ANSWERS):
            sentences.append(_("A consensus vote needs its four answers: agree, reservations, stand aside, block."))
        case BallotType.SCORE if score_range(poll)[0] >= score_range(poll)[1]:
            sentences.append(_("The highest mark must be above the lowest."))
        case BallotType.POINTS if points_for_one(poll) < 1:
            sentences.append(_("Voters need at least one point to give."))
        case BallotType.POINTS if (total := points_in_all(poll)) is not None and poll.min_choices > total:
            sentences.append(_("Voters would have to give points to more options than they have points."))
    if poll.ballot_parameters.get("within_budget") and poll.budget is None:
        sentences.append(_("Say how much money there is: voters choose within a budget."))
    return sentences


def _listed(sizes: Sequence[int]) -> int:
    """Bytes of so many things with commas between them."""
    return sum(sizes) + max(len(sizes) - 1, 0)


def _read_ranking(poll: Poll, choice: Choice) -> Choice:
    ranks: dict[str, int] = {}
    for place, entry in enumerate(choice["ranking"], start=1):
        keys = entry if isinstance(entry, list) else [entry]
        if ranks.keys() & set(keys):
            raise ChoiceRefused
        ranks |= dict.fromkeys(keys, place)
    return ranked_choice(poll, ranks)


def _read_points(poll: Poll, choice: Choice) -> Choice:
    given: dict[str, int] = choice["points"]
    if any(type(number) is not int for number in given.values()):
        raise ChoiceRefused
    return (score_choice if poll.ballot_type == BallotType.SCORE else points_choice)(poll, given)


READERS: dict[BallotType, Callable[[Poll, Choice], Choice]] = {
    BallotType.YES_NO: lambda poll, choice: options_choice(poll, choice["options"]),
    BallotType.CHOOSE_ONE: lambda poll, choice: options_choice(poll, choice["options"]),
    BallotType.APPROVAL: lambda poll, choice: options_choice(poll, choice["options"]),
    BallotType.CONSENSUS: lambda poll, choice: consensus_choice(poll, choice["options"], choice.get("reason", "")),
    BallotType.RANKED: _read_ranking,
    BallotType.POINTS: _read_points,
    BallotType.SCORE: _read_points,
}


def _refuse_unknown(poll: Poll, keys: Sequence[str]) -> None:
    known = {option.key for option in poll.options.all()}
    if not known.issuperset(keys):
        raise ChoiceRefused(_("One of your choices is not on this ballot. Load the page again and choose once more."))


def _refuse_too_few_or_many(poll: Poll, count: int, most: int | None) -> None:
    if most is not None and count > most:
        raise ChoiceRefused(
            ngettext(
                "You chose %(count)d, and only %(most)d choice is allowed. Take some away.",
                "You chose %(count)d, and only %(most)d choices are allowed. Take some away.",
                most,
            )
            % {"count": count, "most": most}
        )
    if count < poll.min_choices:
        raise ChoiceRefused(
            ngettext(
                "Choose at least %(least)d option, or hand in a blank ballot.",
                "Choose at least %(least)d options, or hand in a blank ballot.",
                poll.min_choices,
            )
            % {"least": poll.min_choices}
        )


def _refuse_over_budget(poll: Poll, keys: Sequence[str]) -> None:
    costs = {option.key: option.cost or 0 for option in poll.options.all()}
    spent = sum(costs[key] for key in keys)
    if poll.budget is not None and spent > poll.budget:
        language = get_language() or "en"
        raise ChoiceRefused(
            _("Your projects cost %(spent)s, which is %(over)s more than the budget. Take away one or more.")
            % {
                "spent": format_money(spent, poll.currency, language),
                "over": format_money(spent - poll.budget, poll.currency, language),
            }
        )
