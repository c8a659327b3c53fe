# SPDX-License-Identifier: AGPL-3.0-or-later
"""The stories of rules that read rankings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Any

from django.utils.translation import gettext as _

from .examples import EXAMPLES
from .telling import Count, Said, ballots, number, others_win, points, roughly, said, seats, votes


def standings(count: Count, piles: Mapping[str, Any], gone: set[str]) -> list[str]:
    """Who is still in, most ballots first."""
    return sorted((o for o in piles if o not in gone), key=lambda o: -Fraction(piles[o]))


def _listed(count: Count, piles: Mapping[str, Any], gone: set[str]) -> str:
    return ", ".join(f"{count.name(o)} {number(piles[o])}" for o in standings(count, piles, gone))


# Instant runoff


def _piles(count: Count, gone: set[str]) -> dict[str, int]:
    """Every ballot with its first choice that is still in, counted here."""
    piles = {o: 0 for o in count.scene.names if o not in gone}
    for weight, ranking in count.scene.ballots:
        top = next((o for o in ranking if o not in gone), None)
        if top:
            piles[top] += weight
    return piles


def runoff(count: Count) -> Iterator[Said]:
    gone: set[str] = set()
    for line in count.rounds:
        piles = _piles(count, gone)
        total = sum(piles.values())
        yield said(
            _("Round %(round)s: %(piles)s. More than half is %(needed)s."),
            all(line["votes"][o] == n for o, n in piles.items()) and 2 * line["needed"] > total >= 2 * line["needed"] - 2,
            round=number(line["round"]), piles=_listed(count, line["votes"], gone), needed=number(line["needed"]),
        )  # fmt: skip
        out = line["eliminated"]
        if out:
            gone.add(out)
            yield _dropped(count, line, piles, _piles(count, gone))
    winner = count.winners[0]
    last = count.rounds[-1]
    yield said(
        _("%(winner)s has %(votes)s of %(all)s and wins."),
        _piles(count, gone)[winner] == last["votes"][winner] and 2 * last["votes"][winner] > last["continuing"],
        winner=count.name(winner), votes=number(last["votes"][winner]), all=ballots(last["continuing"]),
    )  # fmt: skip


def _dropped(count: Count, line: Mapping[str, Any], before: dict[str, int], after: dict[str, int]) -> Said:
    out = line["eliminated"]
    fewest = before[out] == min(before.values())
    moved = {o: n for o, n in line["moved"].items() if o}
    if not line["moved"]:
        text = _("%(name)s has fewest and drops out. There is no ballot to move.")
        return said(text, fewest and before[out] == 0, name=count.name(out))
    to = ", ".join(f"{count.name(o)} {number(n)}" for o, n in moved.items())
    holds = fewest and all(after[o] - before[o] == moved.get(o, 0) for o in after) and "" not in line["moved"]
    return said(
        _("%(name)s has fewest and drops out. Its ballots move to: %(to)s."), holds, name=count.name(out), to=to
    )


def runoff_reasons(count: Count) -> Iterator[Said]:
    winner = count.winners[0]
    front = max(count.scene.names, key=count.first_choices)
    yield said(
        _("%(front)s had most first choices, %(first)s. But %(many)s put %(winner)s above %(front)s."),
        front != winner and 2 * count.above(winner, front) > count.people(),
        front=count.name(front), first=number(count.first_choices(front)), winner=count.name(winner),
        many=ballots(count.above(winner, front)),
    )  # fmt: skip
    best = EXAMPLES["condorcet"].outcome.winners[0]
    yield said(
        _("%(best)s would beat each other option in a duel, but it dropped out with few first choices."),
        best != winner and all(count.above(best, o) > count.above(o, best) for o in count.scene.names if o != best),
        best=count.name(best),
    )  # fmt: skip


# Points by place


def place_points(count: Count, ranking: tuple[str, ...], option: str) -> Fraction:
    """What one ballot gives: a point for each option below, and half a point for each that is left out beside it."""
    left_out = len(count.scene.names) - len(ranking)
    if option in ranking:
        return Fraction(len(count.scene.names) - 1 - ranking.index(option))
    return Fraction(left_out - 1, 2)


def places(count: Count) -> Iterator[Said]:
    for weight, ranking in count.scene.ballots:
        given = {o: place_points(count, ranking, o) for o in count.scene.names}
        order = sorted(given, key=lambda o: -given[o])
        yield said(
            _("%(ballots)s, points on each: %(points)s."),
            sum(given.values()) == sum(range(len(given))),
            ballots=ballots(weight), points=", ".join(f"{count.name(o)} {number(given[o])}" for o in order),
        )  # fmt: skip
    sums = {o: count.numbers(o)["votes"] for o in count.scene.names}
    by_hand = {o: sum(w * place_points(count, r, o) for w, r in count.scene.ballots) for o in count.scene.names}
    yield said(_("Together: %(sums)s."), sums == by_hand, sums=_listed(count, sums, set()))


def places_reasons(count: Count) -> Iterator[Said]:
    winner = count.winners[0]
    lead = count.numbers(winner)["ahead_by"]
    sums = sorted((Fraction(count.numbers(o)["votes"]) for o in count.scene.names), reverse=True)
    yield said(
        _("%(winner)s wins, %(lead)s ahead."),
        count.numbers(winner)["votes"] == sums[0] and lead == sums[0] - sums[1] > 0,
        winner=count.name(winner), lead=points(int(lead)),
    )  # fmt: skip
    yield said(
        _("It is the first choice on only %(first)s, but it stands high on all the others."),
        2 * count.first_choices(winner) < count.people()
        and all(ranking.index(winner) <= len(count.scene.names) // 2 for _w, ranking in count.scene.ballots),
        first=ballots(count.first_choices(winner)),
    )  # fmt: skip
    yield said(
        _("By instant runoff, on the same ballots, %(other)s wins."),
        EXAMPLES["irv"].outcome.winners != count.winners, other=others_win(count, "irv"),
    )  # fmt: skip


# Duels


def duels(count: Count) -> Iterator[Said]:
    above = count.rounds[0]["above"]
    for a, b in combinations(count.scene.names, 2):
        if above[a][b] < above[b][a]:
            a, b = b, a
        yield said(
            _("%(a)s against %(b)s: %(for_a)s to %(for_b)s. %(a)s wins this duel."),
            above[a][b] == count.above(a, b) > count.above(b, a) == above[b][a],
            a=count.name(a), b=count.name(b), for_a=number(above[a][b]), for_b=number(above[b][a]),
        )  # fmt: skip


def duels_reasons(count: Count) -> Iterator[Said]:
    winner = count.winners[0]
    yield said(
        _("%(winner)s wins all its duels, so it wins the vote."),
        all(count.above(winner, o) > count.above(o, winner) for o in count.scene.names if o != winner),
        winner=count.name(winner),
    )  # fmt: skip
    yield said(
        _("By first choices alone it would have been %(plurality)s, by instant runoff %(irv)s."),
        len({count.winners, EXAMPLES["plurality"].outcome.winners, EXAMPLES["irv"].outcome.winners}) > 2,
        plurality=others_win(count, "plurality"), irv=others_win(count, "irv"),
    )  # fmt: skip


def strongest(count: Count, a: str, b: str) -> tuple[int, tuple[str, ...]]:
    """The strongest chain of won duels from a to b, found by trying all chains."""
    others = [o for o in count.scene.names if o not in (a, b)]
    best: tuple[int, tuple[str, ...]] = (0, ())
    for length in range(len(others) + 1):
        for middle in combinations(others, length):
            chain = (a, *middle, b)
            links = [count.above(x, y) if count.above(x, y) > count.above(y, x) else 0 for x, y in pairwise(chain)]
            best = max(best, (min(links), chain), key=lambda found: found[0])
    return best


def paths(count: Count) -> Iterator[Said]:
    yield from duels(count)
    names = count.scene.names
    yield said(
        _("No option wins all its duels: they go round in a circle."),
        not any(all(count.above(o, x) > count.above(x, o) for x in names if x != o) for o in names)
        and count.facts["condorcet_winner"] is None,
    )
    winner = count.winners[0]
    for other in count.scene.names:
        if other == winner:
            continue
        there, back = strongest(count, winner, other), strongest(count, other, winner)
        yield said(
            _("The chain %(there)s is as strong as its weakest duel: %(strength)s. The chain back, %(back)s: %(weaker)s."),
            there[0] == count.facts["paths"][winner][other] > count.facts["paths"][other][winner] == back[0],
            there=_chain(count, there[1]), strength=number(there[0]), back=_chain(count, back[1]), weaker=number(back[0]),
        )  # fmt: skip


def _chain(count: Count, chain: tuple[str, ...]) -> str:
    return " \N{EN DASH} ".join(count.name(o) for o in chain)


def paths_reasons(count: Count) -> Iterator[Said]:
    winner = count.winners[0]
    yield said(
        _("%(winner)s wins: its chains to all others are stronger than the chains back."),
        all(strongest(count, winner, o)[0] > strongest(count, o, winner)[0] for o in count.scene.names if o != winner),
        winner=count.name(winner),
    )  # fmt: skip
    beaten_by = max(count.scene.names, key=lambda o: count.above(o, winner))
    yield said(
        _("It lost its duel with %(rival)s, but that was the closest of all."),
        count.above(beaten_by, winner) > count.above(winner, beaten_by)
        and count.above(beaten_by, winner) == min(
            max(count.above(a, b), count.above(b, a)) for a, b in combinations(count.scene.names, 2)
        ),
        rival=count.name(beaten_by),
    )  # fmt: skip


# Several seats


def stages(count: Count) -> Iterator[Said]:
    quota = count.facts["quota"]
    people, places_to_fill = count.people(), count.scene.seats
    yield said(
        _("%(ballots)s for %(seats)s: the quota is %(quota)s. That is just too high for one person more than there are seats."),
        quota * (places_to_fill + 1) > people and quota * places_to_fill <= people and quota == people // (places_to_fill + 1) + 1,
        ballots=ballots(people), seats=seats(places_to_fill), quota=number(quota),
    )  # fmt: skip
    gone: set[str] = set()
    before: Mapping[str, Any] = {}
    for line in count.rounds:
        yield from _stage(count, line, before, gone, quota)
        before = line["votes"]


def _stage(
    count: Count, line: Mapping[str, Any], before: Mapping[str, Any], gone: set[str], quota: int
) -> Iterator[Said]:
    option = line["option"]
    to = ", ".join(f"{count.name(o)} {number(n)}" for o, n in line["moved"].items())
    kept = all(
        Fraction(line["votes"][o]) == Fraction(before.get(o, 0)) + Fraction(line["moved"].get(o, 0))
        for o in line["votes"]
        if o != option
    )
    if line["action"] == "first":
        yield said(
            _("First choices: %(piles)s."),
            all(Fraction(line["votes"][o]) == count.first_choices(o) for o in count.scene.names),
            piles=_listed(count, line["votes"], gone),
        )
    elif line["action"] == "surplus":
        surplus, pile = Fraction(line["surplus"]), Fraction(before[option])
        yield said(
            _("%(name)s has %(surplus)s more than the quota. All %(pile)s ballots move on, each worth %(value)s now: %(to)s."),
            kept and surplus == pile - quota and Fraction(line["votes"][option]) == quota
            and sum(Fraction(n) for n in line["moved"].values()) + Fraction(line["non_transferable"]) == surplus,
            name=count.name(option), surplus=number(surplus), pile=number(pile), value=number(surplus / pile), to=to,
        )  # fmt: skip
    else:
        standing = {o: Fraction(n) for o, n in before.items() if o not in gone}
        gone.add(option)
        yield said(
            _("%(name)s has fewest (%(votes)s) and drops out. The ballots move with the value they have: %(to)s."),
            kept and standing[option] == min(standing.values()) and bool(to),
            name=count.name(option), votes=number(before[option]), to=to,
        )  # fmt: skip
    for elected in line["elected"]:
        yield said(
            _("%(name)s has %(votes)s: the quota is reached, and %(name)s is elected."),
            Fraction(line["votes"][elected]) >= quota and elected in count.winners,
            name=count.name(elected), votes=number(line["votes"][elected]),
        )  # fmt: skip


def stages_reasons(count: Count) -> Iterator[Said]:
    yield from _came_from_behind(count)
    meek = EXAMPLES["stv-meek"].outcome.winners
    yield said(
        _("Counted by the rule of Meek, the same people are elected here. That is not always so."),
        meek == count.winners,
    )


def _came_from_behind(count: Count) -> Iterator[Said]:
    late = count.winners[-1]
    ahead = max((o for o in count.scene.names if o not in count.winners), key=count.first_choices)
    yield said(
        _("%(late)s is elected with %(few)s as first choice, and %(ahead)s with %(more)s is not: more voters had %(late)s as"
          " a later choice."),
        count.first_choices(late) < count.first_choices(ahead)
        and sum(w for w, r in count.scene.ballots if late in r[1:]) > sum(w for w, r in count.scene.ballots if ahead in r[1:]),
        late=count.name(late), few=ballots(count.first_choices(late)), ahead=count.name(ahead),
        more=ballots(count.first_choices(ahead)),
    )  # fmt: skip


def meek(count: Count) -> Iterator[Said]:
    quota = Fraction(count.rounds[0]["quota"])
    people, places_to_fill = count.people(), count.scene.seats
    yield said(
        _("%(ballots)s for %(seats)s: the quota is just above %(quota)s. All figures below are rounded."),
        0 < quota - Fraction(people, places_to_fill + 1) <= Fraction(1, 10**8),
        ballots=ballots(people), seats=seats(places_to_fill), quota=roughly(quota),
    )  # fmt: skip
    for line in count.rounds:
        option, pile, needed = line["option"], Fraction(line["votes"][line["option"]]), Fraction(line["quota"])
        if line["action"] == "elect":
            yield said(
                _("%(name)s has %(votes)s and is elected."),
                pile >= needed and option in count.winners, name=count.name(option), votes=votes_roughly(pile),
            )  # fmt: skip
        else:
            yield from _kept(count, line)
            yield said(
                _("Nobody else reaches the quota. %(name)s has fewest, %(votes)s, and drops out."),
                pile == min(Fraction(n) for o, n in line["votes"].items() if Fraction(line["keep"][o]) == 1)
                and option not in count.winners,
                name=count.name(option), votes=votes_roughly(pile),
            )  # fmt: skip


def votes_roughly(pile: Fraction) -> str:
    rounded = round(pile * 1000)
    return votes(rounded // 1000) if rounded % 1000 == 0 else _("%(n)s votes") % {"n": roughly(pile)}


def _kept(count: Count, line: Mapping[str, Any]) -> Iterator[Said]:
    for elected in count.winners:
        keep = Fraction(line["keep"][elected])
        if 0 < keep < 1:
            yield said(
                _("%(name)s needs only %(keep)s of each ballot to stay at the quota. The rest passes on: %(piles)s."),
                abs(Fraction(line["votes"][elected]) - Fraction(line["quota"])) < Fraction(1, 10**6),
                name=count.name(elected), keep=roughly(keep),
                piles=", ".join(f"{count.name(o)} {roughly(n)}" for o, n in line["votes"].items() if Fraction(n)),
            )  # fmt: skip


def meek_reasons(count: Count) -> Iterator[Said]:
    yield from _came_from_behind(count)
    scottish = EXAMPLES["stv-scottish"].outcome.winners
    yield said(
        _("Counted by the Scottish rule, the same people are elected here. That is not always so."),
        scottish == count.winners,
    )
