# SPDX-License-Identifier: AGPL-3.0-or-later
"""The stories of rules that share out money. All of them count the same ballots of one street."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from .examples import EXAMPLES
from .telling import Count, Said, money, number, said, supporters, voters, votes

# One after the other


def walk(count: Count) -> Iterator[Said]:
    """Each project in its turn, with the money that is left."""
    left = Fraction(count.scene.budget or 0)
    for place, line in enumerate(count.rounds, 1):
        yield _turn(count, place, line, left)
        if line["decision"] in ("selected", "selected_from_reserve"):
            left = max(left - line["cost"], Fraction(0))


def _turn(count: Count, place: int, line: Mapping[str, Any], left: Fraction) -> Said:
    option, cost = line["option"], line["cost"]
    told = {"name": count.name(option), "votes": votes(line["votes"]), "cost": money(cost), "left": money(left)}
    mine = line["votes"] == count.votes_of(option) and cost == count.scene.costs[option]
    match line["decision"]:
        case "selected":
            text = _("%(name)s: %(votes)s, costs %(cost)s. %(left)s is left, so it is funded.")
            return said(text, mine and cost <= left == line["left_before"], **told)
        case "selected_from_reserve":
            text = _(
                "%(name)s: %(votes)s, costs %(cost)s. %(left)s is left. That is most of it, so the town adds %(more)s and"
                " it is funded. Here the walk ends."
            )
            holds = left < cost and left >= Fraction(count.outcome.parameters["share"]) * cost
            return said(text, mine and holds and line["reserve"] == cost - left, more=money(cost - left), **told)
        case "too_dear" if count.example.rule == "greedy-no-skip":
            text = _("%(name)s: %(votes)s, costs %(cost)s. Only %(left)s is left, so the walk ends here.")
            return said(text, mine and cost > left, **told)
        case "too_dear":
            text = _("%(name)s: %(votes)s, costs %(cost)s. Only %(left)s is left, so it is skipped.")
            return said(text, mine and cost > left, **told)
        case "below_threshold":
            text = _("%(name)s: %(votes)s. The rule asks for at least %(needed)s, so it is put aside.")
            needed = line["threshold"]
            return said(text, mine and count.votes_of(option) < needed, needed=votes(int(needed)), **told)
        case "after_stop":
            text = _("%(name)s: %(votes)s, costs %(cost)s. The walk ended before its turn.")
            ended = any(
                earlier["decision"] in ("too_dear", "selected_from_reserve") for earlier in count.rounds[: place - 1]
            )
            return said(text, mine and ended, **told)
    raise ValueError(f"no sentence tells {line['decision']!r}")


def walk_by_value(count: Count) -> Iterator[Said]:
    """First what each vote costs, then the walk in that order: the same as votes for each unit of money."""
    order = [line["option"] for line in count.rounds]
    each = {option: Fraction(count.scene.costs[option], count.votes_of(option)) for option in order}
    for option in order:
        yield said(
            _("%(name)s: %(cost)s for %(votes)s. That is %(each)s for each vote."),
            each[option] * count.votes_of(option) == count.scene.costs[option],
            name=count.name(option), cost=money(count.scene.costs[option]), votes=votes(count.votes_of(option)),
            each=money(each[option]),
        )  # fmt: skip
    yield said(
        _("The cheapest vote comes first, so the order is: %(order)s."),
        all(each[a] < each[b] for a, b in pairwise(order)), order=count.names(order),
    )  # fmt: skip
    yield from walk(count)


def _left(count: Count) -> Said:
    spent = sum(count.scene.costs[option] for option in count.winners)
    return said(
        _("%(spent)s is spent, and %(left)s of %(budget)s stays unused."),
        count.outcome.total_cost == spent and count.outcome.unspent == (count.scene.budget or 0) - spent >= 0,
        spent=money(spent), left=money((count.scene.budget or 0) - spent), budget=money(count.scene.budget),
    )  # fmt: skip


def _missed(count: Count, option: str) -> Said:
    """By how little a skipped project missed, proved by counting again at the lower cost."""
    short = Fraction(count.numbers(option)["short_by"])
    cost = count.scene.costs[option] - short
    return said(
        _("%(name)s misses by %(short)s. At a cost of %(cost)s it would have been funded."),
        option not in count.winners
        and option in count.at_cost(option, cost).winners
        and option not in count.at_cost(option, cost + Fraction(1, 100)).winners,
        name=count.name(option), short=money(short), cost=money(cost),
    )  # fmt: skip


def _passed_over(count: Count, option: str, other: str) -> Said:
    """A project with fewer votes is funded and this one is not."""
    return said(
        _("%(other)s has fewer votes than %(name)s, and is funded because it still fits."),
        count.votes_of(other) < count.votes_of(option) and other in count.winners and option not in count.winners,
        name=count.name(option), other=count.name(other),
    )  # fmt: skip


def greedy_reasons(count: Count) -> Iterator[Said]:
    lost = next(option for option in count.by_votes() if option not in count.winners)
    yield _missed(count, lost)
    yield _passed_over(count, lost, count.winners[-1])
    yield _left(count)


def no_skip_reasons(count: Count) -> Iterator[Said]:
    lost = next(option for option in count.by_votes() if option not in count.winners)
    yield _missed(count, lost)
    later = next(option for option in count.by_votes() if count.code(option) == "after_stop")
    yield said(
        _("%(name)s would have fitted into the money left, but nothing is skipped by this rule."),
        count.scene.costs[later] <= (count.outcome.unspent or 0) and later in EXAMPLES["greedy"].outcome.winners,
        name=count.name(later),
    )  # fmt: skip
    yield _left(count)


def threshold_reasons(count: Count) -> Iterator[Said]:
    aside = next(option for option in count.by_votes() if count.code(option) == "below_threshold")
    needed = int(count.example.parameters["threshold"])
    yield said(
        _("%(name)s would have fitted into the money left, but it has %(votes)s and needs %(needed)s."),
        count.scene.costs[aside] <= (count.outcome.unspent or 0)
        and aside in count.again(threshold=count.votes_of(aside)).winners,
        name=count.name(aside), votes=votes(count.votes_of(aside)), needed=number(needed),
    )  # fmt: skip
    yield _missed(count, next(option for option in count.by_votes() if count.code(option) == "too_dear"))
    yield _left(count)


def per_cost_reasons(count: Count) -> Iterator[Said]:
    top = count.by_votes()[0]
    yield said(
        _("%(name)s has most votes of all, but it is the dearest and comes last. It costs %(short)s too much."),
        count.rounds[-1]["option"] == top
        and top not in count.winners
        and count.scene.costs[top] == max(count.scene.costs.values())
        and count.numbers(top)["short_by"] == count.scene.costs[top] - (count.outcome.unspent or 0),
        name=count.name(top), short=money(count.numbers(top)["short_by"]),
    )  # fmt: skip
    yield _left(count)


def reserve_reasons(count: Count) -> Iterator[Said]:
    helped = next(option for option in count.winners if count.code(option) == "selected_from_reserve")
    spent = sum(count.scene.costs[option] for option in count.winners)
    over = spent - (count.scene.budget or 0)
    yield said(
        _("Without the reserve %(name)s would have been lost for %(short)s."),
        helped not in EXAMPLES["greedy-no-skip"].outcome.winners and count.numbers(helped)["reserve"] == over,
        name=count.name(helped), short=money(over),
    )  # fmt: skip
    yield said(
        _("%(spent)s is spent, %(over)s more than the budget of %(budget)s."),
        count.outcome.total_cost == spent and count.outcome.unspent == -over < 0,
        spent=money(spent), over=money(over), budget=money(count.scene.budget),
    )  # fmt: skip


# Equal shares


def purses(count: Count) -> Iterator[tuple[Mapping[str, Any], list[Fraction], list[Fraction]]]:
    """For each round what every voter holds before it and pays in it, voters in the order of the ballots."""
    wants = [choices for weight, choices in count.scene.ballots for _ in range(weight)]
    held = [Fraction(count.facts["endowment"])] * len(wants)
    for line in count.rounds:
        paid = [
            min(h, Fraction(line["price"])) if line["option"] in w else Fraction(0)
            for h, w in zip(held, wants, strict=True)
        ]
        yield line, held, paid
        held = [h - p for h, p in zip(held, paid, strict=True)]


def shares(count: Count) -> Iterator[Said]:
    facts, people = count.facts, count.people()
    first, last = Fraction(facts["first_endowment"]), Fraction(facts["endowment"])
    following = last + count.outcome.parameters["increment"]
    budget = count.scene.budget or 0
    yield said(
        _("%(voters)s share %(budget)s: that is %(share)s for each."),
        first * people == budget, voters=voters(people), budget=money(budget), share=money(first),
    )  # fmt: skip
    yield said(
        _("With %(more)s for each, the count would spend more than there is. The last count that fits gives each"
          " %(share)s, so that one decides."),
        _spent_with(count, following) > budget >= _spent_with(count, last) and first <= last,
        more=money(following), share=money(last),
    )  # fmt: skip
    for line, held, paid in purses(count):
        yield said(
            _("%(name)s costs %(cost)s. Its %(supporters)s pay %(price)s each."),
            sum(paid) == line["cost"]
            and {p for p in paid if p} == {line["price"]}
            and sum(p > 0 for p in paid) == line["supporters"] == count.votes_of(line["option"])
            and all(p <= h for p, h in zip(paid, held, strict=True)),
            name=count.name(line["option"]), cost=money(line["cost"]), supporters=supporters(line["supporters"]),
            price=money(line["price"]),
        )  # fmt: skip
    for option in count.by_votes():
        if count.code(option) == "unaffordable":
            numbers = count.numbers(option)
            yield said(
                _("%(name)s costs %(cost)s. Its %(supporters)s have only %(money)s left together: %(short)s too little."),
                _money_behind(count, option) == numbers["money_behind"] < count.scene.costs[option]
                and numbers["short_by"] == count.scene.costs[option] - numbers["money_behind"],
                name=count.name(option), cost=money(numbers["cost"]), supporters=supporters(numbers["supporters"]),
                money=money(numbers["money_behind"]), short=money(numbers["short_by"]),
            )  # fmt: skip


def _spent_with(count: Count, share: Fraction) -> Fraction:
    """What one count spends when everybody holds this much: a budget of that many shares, without completion."""
    scene = replace(count.scene, budget=share * count.people())
    return Fraction(count.again(scene=scene, completion="none").total_cost)


def _money_behind(count: Count, option: str) -> Fraction:
    wants = [choices for weight, choices in count.scene.ballots for _ in range(weight)]
    held = [Fraction(count.facts["endowment"])] * len(wants)
    for _line, before, paid in purses(count):
        held = [h - p for h, p in zip(before, paid, strict=True)]
    return sum((h for h, w in zip(held, wants, strict=True) if option in w), start=Fraction(0))


def shares_reasons(count: Count) -> Iterator[Said]:
    greedy = EXAMPLES["greedy"].outcome.winners
    gained = next(option for option in count.winners if option not in greedy)
    lost = next(option for option in greedy if option not in count.winners)
    yield said(
        _("%(gained)s has fewer votes than %(lost)s, and is funded all the same. Its %(supporters)s had paid for nothing"
          " else before, while those of %(lost)s had already paid for %(first)s."),
        count.votes_of(gained) < count.votes_of(lost)
        and all(count.rounds[0]["option"] in choices for _w, choices in count.scene.ballots if lost in choices)
        and not any(count.rounds[0]["option"] in choices for _w, choices in count.scene.ballots if gained in choices),
        gained=count.name(gained), lost=count.name(lost), supporters=supporters(count.votes_of(gained)),
        first=count.name(count.rounds[0]["option"]),
    )  # fmt: skip
    yield said(
        _("By votes alone, one after the other, it would have been %(greedy)s."),
        set(greedy) != set(count.winners), greedy=count.names(greedy),
    )  # fmt: skip
    yield _left(count)


# Money that drips


def drips(count: Count) -> Iterator[Said]:
    emptied = [Fraction(0) for weight, _c in count.scene.ballots for _ in range(weight)]
    wants = [choices for weight, choices in count.scene.ballots for _ in range(weight)]
    for line in count.rounds:
        time, option = Fraction(line["time"]), line["option"]
        together = sum(
            (time - since for since, w in zip(emptied, wants, strict=True) if option in w), start=Fraction(0)
        )
        yield said(
            _("Everybody has been given %(time)s so far. The %(supporters)s of %(name)s hold %(cost)s together and buy it."),
            together == line["cost"],
            time=money(time), supporters=supporters(count.votes_of(option)), name=count.name(option),
            cost=money(line["cost"]),
        )  # fmt: skip
        emptied = [time if option in w else since for since, w in zip(emptied, wants, strict=True)]
    for option in count.by_votes():
        if count.code(option) == "too_dear":
            numbers = count.numbers(option)
            time = Fraction(numbers["time"])
            together = sum(
                (time - since for since, w in zip(emptied, wants, strict=True) if option in w), start=Fraction(0)
            )
            yield said(
                _("At %(time)s the supporters of %(name)s hold its %(cost)s. But only %(left)s of the budget is left, so the"
                  " count stops."),
                together == numbers["cost"] > numbers["left"] == count.outcome.unspent,
                time=money(time), name=count.name(option), cost=money(numbers["cost"]), left=money(numbers["left"]),
            )  # fmt: skip


def drips_reasons(count: Count) -> Iterator[Said]:
    top = count.by_votes()[0]
    first = count.rounds[0]["option"]
    yield said(
        _("%(first)s is first although it has fewest votes: it costs little for each of its supporters."),
        count.votes_of(first) == min(map(count.votes_of, count.scene.names))
        and Fraction(count.scene.costs[first], count.votes_of(first))
        == min(Fraction(count.scene.costs[o], count.votes_of(o)) for o in count.scene.names),
        first=count.name(first),
    )  # fmt: skip
    waited = next(
        line["option"]
        for line in count.rounds
        if any(top in choices and line["option"] in choices for _w, choices in count.scene.ballots)
    )
    yield said(
        _("%(top)s has most votes. Many of its supporters had spent their money on %(waited)s, so it came too late."),
        top not in count.winners
        and 2 * sum(w for w, choices in count.scene.ballots if top in choices and waited in choices)
        > count.votes_of(top),
        top=count.name(top), waited=count.name(waited),
    )  # fmt: skip
    yield _left(count)
