# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a ballot may say. One canonical shape for each ballot type; an empty choice is a blank ballot.

yes_no, choose_one, approval   {"options": ["a", "c"]}      sorted, without repeats
ranked                         {"ranking": ["c", "a"]}      best first
points                         {"points": {"a": 3, "c": 1}}  points above zero only
"""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models import BallotType, Poll

Choice = dict[str, Any]
YES, NO, ABSTAIN = "yes", "no", "abstain"


class ChoiceRefused(ValueError):
    """The choice does not fit the poll; the message says what to change."""


def options_choice(poll: Poll, keys: list[str]) -> Choice:
    """The choice of a yes/no, choose-one or approval ballot."""
    chosen = sorted(set(keys))
    _refuse_unknown(poll, chosen)
    if not chosen:
        return {}
    most = 1 if poll.ballot_type in (BallotType.YES_NO, BallotType.CHOOSE_ONE) else poll.max_choices
    _refuse_too_few_or_many(poll, len(chosen), most)
    if poll.budget is not None and poll.ballot_parameters.get("within_budget"):
        _refuse_over_budget(poll, chosen)
    return {"options": chosen}


def ranked_choice(poll: Poll, ranks: dict[str, int]) -> Choice:
    """The choice of a ranked ballot; places count from 1, gaps close, two options cannot share a place."""
    _refuse_unknown(poll, list(ranks))
    places = list(ranks.values())
    if len(set(places)) != len(places):
        raise ChoiceRefused(_("Two options have the same place. Give each option a place of its own."))
    ranking = sorted(ranks, key=lambda key: ranks[key])
    if not ranking:
        return {}
    _refuse_too_few_or_many(poll, len(ranking), poll.max_choices)
    return {"ranking": ranking}


def points_choice(poll: Poll, points: dict[str, int]) -> Choice:
    """The choice of a points ballot; zero points are left out."""
    _refuse_unknown(poll, list(points))
    if any(given < 0 for given in points.values()):
        raise ChoiceRefused(_("Points cannot be below zero."))
    given = {key: points[key] for key in sorted(points) if points[key]}
    limit = poll.ballot_parameters.get("max_points")
    if limit is not None and sum(given.values()) > limit:
        raise ChoiceRefused(
            _("You gave %(given)d points, and you have %(limit)d. Take some points away.")
            % {"given": sum(given.values()), "limit": limit}
        )
    return {"points": given} if given else {}


def _refuse_unknown(poll: Poll, keys: list[str]) -> None:
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
                "Choose at least %(least)d option, or none at all for a blank ballot.",
                "Choose at least %(least)d options, or none at all for a blank ballot.",
                poll.min_choices,
            )
            % {"least": poll.min_choices}
        )


def _refuse_over_budget(poll: Poll, keys: list[str]) -> None:
    costs = {option.key: option.cost or 0 for option in poll.options.all()}
    spent = sum(costs[key] for key in keys)
    if poll.budget is not None and spent > poll.budget:
        raise ChoiceRefused(_("Your projects cost more than the budget. Take away one or more projects."))
