# SPDX-License-Identifier: AGPL-3.0-or-later
"""The stories of rules that add up votes or points, and of motions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count

from .examples import EXAMPLES
from .telling import Count, Said, others_win, points, said, voters, votes

# Most votes, most points


def sums(count: Count) -> Iterator[Said]:
    phrase = points if count.scene.points else votes
    for option in count.by_votes():
        n = count.numbers(option)["votes"]
        yield said(
            _("%(name)s: %(votes)s."), n == count.votes_of(option), name=count.name(option), votes=phrase(n)
        )  # fmt: skip


def most(count: Count) -> Iterator[Said]:
    winner, second = count.by_votes()[:2]
    lead = count.numbers(winner)["ahead_by"]
    phrase = points if count.scene.points else votes
    yield said(
        _("%(winner)s wins, %(lead)s ahead of %(second)s."),
        count.winners == (winner,) and lead == count.votes_of(winner) - count.votes_of(second) > 0,
        winner=count.name(winner), lead=phrase(lead), second=count.name(second),
    )  # fmt: skip


def approval_reasons(count: Count) -> Iterator[Said]:
    yield from most(count)
    marks = sum(count.votes_of(option) for option in count.scene.names)
    yield said(
        _("%(voters)s made %(marks)s marks, because each could mark more than one option."),
        marks > count.people(),
        voters=voters(count.people()), marks=format_count(marks),
    )  # fmt: skip


def plurality_reasons(count: Count) -> Iterator[Said]:
    yield from most(count)
    winner = count.winners[0]
    got, all_votes = count.votes_of(winner), count.people()
    yield said(
        _("That is less than half: %(votes)s of %(all)s."),
        2 * got < all_votes, votes=format_count(got), all=format_count(all_votes),
    )  # fmt: skip
    ranked = EXAMPLES["irv"]
    yield said(
        _("The same people were also asked for their whole order of choices. By instant runoff %(other)s wins."),
        [(w, r[:1]) for w, r in ranked.scene.ballots] == list(count.scene.ballots)
        and ranked.outcome.winners != count.winners,
        other=others_win(count, "irv"),
    )  # fmt: skip


def points_reasons(count: Count) -> Iterator[Said]:
    yield from most(count)
    winner = count.winners[0]
    without = [option for option in count.scene.names if option != winner]
    single = max(without, key=lambda option: max(given.get(option, 0) for _w, given in count.scene.points))
    most_from_one = max(given.get(single, 0) for _w, given in count.scene.points)
    best = max(given.get(winner, 0) for _w, given in count.scene.points)
    yield said(
        _("Nobody gave %(winner)s more than %(best)s. %(other)s got %(most)s from some, but nothing from most people."),
        best < most_from_one
        and 2 * sum(w for w, given in count.scene.points if not given.get(single)) > count.people(),
        winner=count.name(winner), best=points(best), other=count.name(single), most=points(most_from_one),
    )  # fmt: skip


def score_reasons(count: Count) -> Iterator[Said]:
    yield from most(count)
    winner = count.winners[0]
    tops = sum(w for w, given in count.scene.points if max(given, key=lambda key: given[key]) == winner)
    rival = max(
        (option for option in count.scene.names if option != winner),
        key=lambda option: sum(
            w for w, given in count.scene.points if max(given, key=lambda key: given[key]) == option
        ),
    )
    rival_tops = sum(w for w, given in count.scene.points if max(given, key=lambda key: given[key]) == rival)
    yield said(
        _("%(rival)s is the favourite of more people (%(more)s against %(fewer)s), but nobody gave %(winner)s less than %(least)s."),
        rival_tops > tops
        and min(given.get(winner, 0) for _w, given in count.scene.points)
        > min(given.get(rival, 0) for _w, given in count.scene.points),
        least=points(min(given.get(winner, 0) for _w, given in count.scene.points)),
        rival=count.name(rival), more=format_count(rival_tops), fewer=format_count(tops), winner=count.name(winner),
    )  # fmt: skip


# Yes or no


def motion_steps(count: Count) -> Iterator[Said]:
    facts, test = count.facts, count.facts["tests"][0]
    yield said(
        _("Yes %(yes)s, no %(no)s, abstaining %(abstain)s."),
        all(facts[answer] == count.votes_of(answer) for answer in ("yes", "no", "abstain")),
        **{answer: format_count(facts[answer]) for answer in ("yes", "no", "abstain")},
    )
    yield said(
        _("Only yes and no count: %(base)s together."),
        test["base_size"] == count.votes_of("yes") + count.votes_of("no"), base=format_count(test["base_size"]),
    )  # fmt: skip
    yield said(
        _("More than half of %(base)s means at least %(needed)s."),
        2 * test["needed"] > test["base_size"] >= 2 * (test["needed"] - 1),
        base=format_count(test["base_size"]), needed=format_count(test["needed"]),
    )  # fmt: skip


def motion_reasons(count: Count) -> Iterator[Said]:
    facts, test = count.facts, count.facts["tests"][0]
    yield said(
        _("The motion is carried, with %(yes)s for it."),
        count.outcome.verdict == "carried" and facts["yes"] >= test["needed"], yes=votes(facts["yes"]),
    )  # fmt: skip
    margin = count.outcome.options["yes"].margin
    fewer = margin.votes if margin and margin.votes else 0
    yield said(
        ngettext(
            "With %(fewer)s yes vote fewer it would not have been carried.",
            "With %(fewer)s yes votes fewer it would not have been carried.",
            fewer,
        ),
        _yes_fewer(count, fewer) != "carried" and _yes_fewer(count, fewer - 1) == "carried",
        fewer=format_count(fewer),
    )
    present = count.people()
    yield said(
        _("Had the rule asked for more than half of all %(present)s who were there, it would have failed."),
        count.again(base="present", present=present).verdict == "lost", present=format_count(present),
    )  # fmt: skip


def _yes_fewer(count: Count, fewer: int) -> str:
    changed = tuple((w - fewer if c == ("yes",) else w, c) for w, c in count.scene.ballots)
    return count.again(scene=replace(count.scene, ballots=changed)).verdict


def circle_steps(count: Count) -> Iterator[Said]:
    facts = count.facts
    yield said(
        _("Yes %(yes)s, no %(no)s, standing aside %(abstain)s."),
        all(facts[answer] == count.votes_of(answer) for answer in ("yes", "no", "abstain")),
        **{answer: format_count(facts[answer]) for answer in ("yes", "no", "abstain")},
    )
    yield said(
        _("The group agreed before how many no votes it can bear: %(allowed)s."),
        facts["objections_allowed"] == count.outcome.parameters["objections"],
        allowed=format_count(facts["objections_allowed"]),
    )


def circle_reasons(count: Count) -> Iterator[Said]:
    facts = count.facts
    yield said(
        _("The motion is not carried: %(no)s against, more than %(allowed)s."),
        count.outcome.verdict == "lost" and facts["no"] > facts["objections_allowed"],
        no=votes(facts["no"]), allowed=format_count(facts["objections_allowed"]),
    )  # fmt: skip
    yield said(
        _("By simple majority it would have been carried, with %(yes)s of %(counted)s."),
        count.again("majority").verdict == "carried",
        yes=format_count(facts["yes"]), counted=format_count(facts["yes"] + facts["no"]),
    )  # fmt: skip
