# SPDX-License-Identifier: AGPL-3.0-or-later
"""The worked examples as drawings: ballots in, rounds, who wins. One SVG for each rule, the same on every machine.

Nothing is drawn that the outcome does not say. Colours are classes, so that a page or a file can bring its own; in a
page that reads from right to left everything is mirrored.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from itertools import combinations
from typing import Any

from django.utils.html import escape
from django.utils.translation import get_language_bidi
from django.utils.translation import gettext as _

from voting.tally import Kind

from . import stories
from .examples import Example
from .money_stories import purses
from .rank_stories import standings, strongest
from .telling import Count, ballots, money, number, points, roughly, votes

WIDTH = 340
LETTERS = 38
"""Letters that fit into one line; words in other languages are often longer, so lines are broken early."""


class Pen:
    """Writes downwards; x counts from the side where reading starts."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.y = 0
        self.rtl = get_language_bidi()

    def space(self, height: int) -> None:
        self.y += height

    def text(
        self, words: str, *, x: Fraction | int = 0, kind: str = "", end: bool = False, middle: bool = False, dy: int = 0
    ) -> None:
        anchor = ' text-anchor="middle"' if middle else ' text-anchor="end"' if end else ""
        named = f' class="{kind}"' if kind else ""
        place = WIDTH - x if self.rtl else x
        self.parts.append(f'<text{named} x="{_short(place)}" y="{self.y + dy}"{anchor}>{escape(words)}</text>')

    def lines(self, words: str, *, x: int = 0, kind: str = "", letters: int = LETTERS) -> None:
        """Text over as many lines as it needs."""
        for line in textwrap.wrap(words, letters, break_long_words=False):
            self.space(20)
            self.text(line, x=x, kind=kind)

    def box(
        self, x: Fraction | int, width: Fraction | int, height: Fraction | int, kind: str, *, dy: Fraction | int = 0
    ) -> None:
        start = WIDTH - x - width if self.rtl else x
        self.parts.append(
            f'<rect class="{kind}" x="{_short(start)}" y="{_short(self.y + dy)}" width="{_short(width)}"'
            f' height="{_short(height)}"/>'
        )

    def upright(self, x: Fraction | int, top: int, bottom: int, kind: str = "mark") -> None:
        place = _short(WIDTH - x if self.rtl else x)
        self.parts.append(f'<path class="{kind}" d="M{place} {self.y + top}V{self.y + bottom}"/>')

    def tick(self, *, x: int, dy: int, won: bool) -> None:
        """A tick or a dash, so that colour is never the only sign."""
        left = WIDTH - x - 14 if self.rtl else x
        shape = f"M{left} {self.y + dy - 5}l5 5l9 -10" if won else f"M{left} {self.y + dy - 5}h12"
        self.parts.append(f'<path class="{"tick" if won else "dash"}" d="{shape}"/>')

    def rule(self) -> None:
        self.parts.append(f'<path class="edge" d="M0 {self.y}H{WIDTH}"/>')

    def heading(self, words: str, beside: str = "") -> None:
        self.space(14 if self.parts else 0)
        if len(words) + len(beside) > LETTERS - 2:
            self.lines(words, kind="head", letters=LETTERS - 4)
            if beside:
                self.space(20)
                self.text(beside, kind="soft")
        else:
            self.space(20)
            self.text(words, kind="head")
            if beside:
                self.text(beside, x=WIDTH, end=True, kind="soft")
        self.space(7)
        self.rule()

    def bar(
        self,
        name: str,
        figure: str,
        part: Fraction | int,
        whole: Fraction | int,
        *,
        won: bool,
        mark: Fraction | None = None,
    ) -> None:
        """A name, its figure, and a bar from a common zero: solid when in, hatched when out."""
        self.space(24)
        self.tick(x=0, dy=0, won=won)
        self.text(name, x=22)
        self.text(figure, x=WIDTH, end=True, kind="strong")
        self.space(7)
        width = Fraction(part) * WIDTH / whole if whole else Fraction(0)
        self.box(0, WIDTH, 14, "track")
        if width:
            self.box(0, width, 14, "fill" if won else "off")
        if mark is not None:
            self.upright(mark * WIDTH / whole, -3, 17)
        self.space(14)

    def drawing(self, title: str, description: str, key: str) -> str:
        height = self.y + 8
        return (
            f'<svg class="counted" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-title {key}-desc"'
            f' xmlns="http://www.w3.org/2000/svg"><title id="{key}-title">{escape(title)}</title>'
            f'<desc id="{key}-desc">{escape(description)}</desc>{"".join(self.parts)}</svg>'
        )


def _short(value: Fraction | int) -> str:
    """A coordinate with one decimal at most, rounded in whole numbers."""
    tenths = round(Fraction(value) * 10)
    whole, rest = divmod(abs(tenths), 10)
    return f"{'-' if tenths < 0 else ''}{whole}{f'.{rest}' if rest else ''}"


def draw(example: Example, *, title: str) -> str:
    """The drawing of one example; its description tells the whole count in words."""
    pen, count = Pen(), Count(example)
    _papers(pen, count)
    ROUNDS[example.rule](pen, count)
    _result(pen, count)
    told = " ".join(line.text for line in (*stories.steps(example), *stories.reasons(example)))
    return pen.drawing(title, told, example.rule)


def _papers(pen: Pen, count: Count) -> None:
    """The ballots: how many say the same, and what they say."""
    pen.heading(_("The ballots"), ballots(count.people()))
    pen.space(4)
    for weight, said in paper_lines(count):
        pen.space(8)
        pen.box(0, 40, 22, "paper")
        pen.text(f"{weight} \N{MULTIPLICATION SIGN}", x=20, middle=True, dy=16, kind="strong")
        pen.space(-4)
        pen.lines(said, x=52, letters=LETTERS - 7)
        pen.space(6)


def paper_lines(count: Count) -> list[tuple[int, str]]:
    """Each kind of ballot: how many of them, and what they say."""
    if count.scene.points:
        return [
            (weight, ", ".join(f"{count.name(o)} {number(n)}" for o, n in given.items()))
            for weight, given in count.scene.points
        ]
    ranked = count.scene.kind is Kind.ORDINAL
    return [
        (
            weight,
            ", ".join(f"{place}.\N{NO-BREAK SPACE}{count.name(o)}" for place, o in enumerate(choices, 1))
            if ranked
            else count.names(choices),
        )
        for weight, choices in count.scene.ballots
    ]


def _result(pen: Pen, count: Count) -> None:
    pen.heading(_("The result"))
    pen.space(4)
    if count.outcome.verdict:
        carried = count.outcome.verdict == "carried"
        pen.space(20)
        pen.tick(x=0, dy=0, won=carried)
        pen.text(_("Carried") if carried else _("Not carried"), x=22, kind="head")
        return
    for option in count.winners:
        pen.space(22)
        pen.tick(x=0, dy=0, won=True)
        pen.text(count.name(option), x=22, kind="head")
        if option in count.scene.costs:
            pen.text(money(count.scene.costs[option]), x=WIDTH, end=True, kind="strong")


# Votes and points


def _sums(pen: Pen, count: Count) -> None:
    phrase = points if count.scene.points or count.scene.kind is Kind.ORDINAL else votes
    pen.heading(_("The count"))
    sums = {option: count.numbers(option)["votes"] for option in count.scene.names}
    for option in sorted(sums, key=lambda option: -sums[option]):
        pen.bar(count.name(option), phrase(sums[option]), sums[option], max(sums.values()), won=option in count.winners)


def _motion(pen: Pen, count: Count) -> None:
    facts = count.facts
    needed = facts["tests"][0]["needed"] if "tests" in facts else None
    pen.heading(_("The count"), _("needed: %(n)s") % {"n": number(needed)} if needed else "")
    whole = max(facts["tests"][0]["base_size"] if needed else 0, *(facts[a] for a in ("yes", "no", "abstain")))
    for answer in ("yes", "no", "abstain"):
        if answer in count.scene.names:
            mark = Fraction(needed) if needed and answer == "yes" else None
            pen.bar(
                count.name(answer), number(facts[answer]), facts[answer], whole, won=answer in count.winners, mark=mark
            )


# Money


def _walk(pen: Pen, count: Count) -> None:
    """Each project on the line of the budget, after what was spent before it."""
    budget = Fraction(count.scene.budget or 0)
    spent, reach = Fraction(0), budget
    rows: list[tuple[Mapping[str, Any], Fraction]] = []
    for line in count.rounds:
        rows.append((line, spent))
        reach = max(reach, spent + line["cost"])
        if line["decision"] in ("selected", "selected_from_reserve"):
            spent += line["cost"]
    pen.heading(_("Project by project"), _("budget: %(amount)s") % {"amount": money(budget)})
    for line, before in rows:
        won = line["decision"] in ("selected", "selected_from_reserve")
        pen.space(26)
        pen.tick(x=0, dy=0, won=won)
        pen.text(count.name(line["option"]), x=22)
        pen.text(f"{votes(line['votes'])}, {money(line['cost'])}", x=WIDTH, end=True, kind="soft")
        pen.space(7)
        pen.box(0, budget * WIDTH / reach, 14, "track")
        if before:
            pen.box(0, before * WIDTH / reach, 14, "tint")
        if line["decision"] not in ("after_stop", "below_threshold"):
            pen.box(before * WIDTH / reach, Fraction(line["cost"]) * WIDTH / reach, 14, "fill" if won else "off")
        pen.upright(budget * WIDTH / reach - 1, -3, 17)
        pen.space(14)
    _legend(pen, (("fill", _("funded now")), ("tint", _("spent before")), ("off", _("does not fit"))))


def _legend(pen: Pen, items: Iterable[tuple[str, str]]) -> None:
    pen.space(10)
    for kind, words in items:
        pen.space(6)
        pen.box(0, 14, 14, kind)
        pen.text(words, x=22, dy=12, kind="soft")
        pen.space(16)


def _shares(pen: Pen, count: Count) -> None:
    """The purse of every voter, round by round."""
    endowment = Fraction(count.facts["endowment"])
    pen.heading(_("%(share)s for each voter") % {"share": money(endowment)})
    _legend(pen, (("fill", _("pays now")), ("tint", _("keeps"))))
    for line, held, paid in purses(count):
        pen.heading(count.name(line["option"]), _("%(price)s each") % {"price": money(line["price"])})
        _purses(pen, count, endowment, held, paid)
    pen.heading(_("At the end"))
    left = [h - p for h, p in zip(held, paid, strict=True)]
    _purses(pen, count, endowment, left, [Fraction(0)] * len(left))
    for option in count.by_votes():
        if count.code(option) == "unaffordable":
            pen.space(4)
            pen.space(20)
            pen.tick(x=0, dy=0, won=False)
            pen.text(count.name(option), x=22)
            short = money(count.numbers(option)["short_by"])
            pen.text(_("%(amount)s too little") % {"amount": short}, x=WIDTH, end=True, kind="soft")


def _purses(pen: Pen, count: Count, full: Fraction, held: list[Fraction], paid: list[Fraction]) -> None:
    """One column for each voter, a gap between those whose ballots differ."""
    groups = [weight for weight, _c in count.scene.ballots]
    gap, height = 10, 44
    step = Fraction(WIDTH - gap * (len(groups) - 1), len(held))
    x, voter = Fraction(0), 0
    pen.space(10)
    for weight in groups:
        for _i in range(weight):
            pen.box(x, step - 4, height, "track")
            keeps, pays = held[voter] - paid[voter], paid[voter]
            if keeps:
                pen.box(x, step - 4, keeps * height / full, "tint", dy=height - keeps * height / full)
            if pays:
                pen.box(x, step - 4, pays * height / full, "fill", dy=height - held[voter] * height / full)
            x, voter = x + step, voter + 1
        x += gap
    pen.space(height)


def _drips(pen: Pen, count: Count) -> None:
    """When each project could be bought, on one line of time."""
    stopped = [o for o in count.by_votes() if count.code(o) == "too_dear"]
    latest = max(Fraction(count.numbers(o)["time"]) for o in (*count.winners, *stopped))
    pen.heading(_("Given to each voter so far"))
    for line in count.rounds:
        time = Fraction(line["time"])
        pen.bar(count.name(line["option"]), _("bought at %(time)s") % {"time": money(time)}, time, latest, won=True)
    for option in stopped:
        time = Fraction(count.numbers(option)["time"])
        pen.bar(count.name(option), _("too dear at %(time)s") % {"time": money(time)}, time, latest, won=False)


# Rankings


def _runoff(pen: Pen, count: Count) -> None:
    gone: set[str] = set()
    for line in count.rounds:
        title = _("Round %(n)s") % {"n": number(line["round"])}
        pen.heading(title, _("needed: %(n)s") % {"n": number(line["needed"])})
        out, winner = line["eliminated"], None if line is not count.rounds[-1] else count.winners[0]
        for option in standings(count, line["votes"], gone):
            pen.bar(
                count.name(option), number(line["votes"][option]), line["votes"][option], line["continuing"],
                won=option == winner if winner else option != out, mark=Fraction(line["needed"]),
            )  # fmt: skip
        if out:
            gone.add(out)
            pen.space(4)
            pen.lines(_("%(name)s drops out.") % {"name": count.name(out)}, kind="soft")


def _stages(pen: Pen, count: Count) -> None:
    quota, gone = Fraction(count.facts["quota"]), set[str]()
    most = max(Fraction(n) for line in count.rounds for n in line["votes"].values())
    for line in count.rounds:
        title = _("Stage %(n)s") % {"n": number(line["stage"])}
        pen.heading(title, _("quota: %(n)s") % {"n": number(quota)})
        if line["action"] == "surplus":
            pen.lines(_("The surplus of %(name)s moves on.") % {"name": count.name(line["option"])}, kind="soft")
        elif line["action"] == "exclude":
            pen.lines(_("%(name)s drops out.") % {"name": count.name(line["option"])}, kind="soft")
            gone.add(line["option"])
        for option in standings(count, line["votes"], gone):
            pile = Fraction(line["votes"][option])
            pen.bar(count.name(option), number(pile), pile, most, won=pile >= quota, mark=quota)


def _meek(pen: Pen, count: Count) -> None:
    gone = set[str]()
    most = max(Fraction(n) for line in count.rounds for n in line["votes"].values())
    for place, line in enumerate(count.rounds, 1):
        quota = Fraction(line["quota"])
        pen.heading(_("Round %(n)s") % {"n": number(place)}, _("quota: about %(n)s") % {"n": roughly(quota)})
        for option in standings(count, line["votes"], gone):
            pile = Fraction(line["votes"][option])
            pen.bar(count.name(option), roughly(pile), pile, most, won=pile >= quota, mark=quota)
        pen.space(4)
        if line["action"] == "elect":
            pen.lines(_("%(name)s is elected.") % {"name": count.name(line["option"])}, kind="soft")
        else:
            pen.lines(_("%(name)s drops out.") % {"name": count.name(line["option"])}, kind="soft")
            gone.add(line["option"])


def _duels(pen: Pen, count: Count) -> None:
    """Each duel as one line, pulled from both ends."""
    above = count.rounds[0]["above"]
    pen.heading(_("Duels"), _("who stands higher"))
    for a, b in combinations(count.scene.names, 2):
        if above[a][b] < above[b][a]:
            a, b = b, a
        left, right = above[a][b], above[b][a]
        pen.space(26)
        pen.tick(x=0, dy=0, won=True)
        pen.text(f"{count.name(a)} {number(left)}", x=22)
        pen.text(f"{number(right)} {count.name(b)}", x=WIDTH, end=True)
        pen.space(7)
        share = Fraction(left * WIDTH, count.people())
        rest = Fraction(right * WIDTH, count.people())
        pen.box(0, WIDTH, 14, "track")
        pen.box(0, share, 14, "fill")
        pen.box(WIDTH - rest, rest, 14, "off")
        pen.space(14)


def _paths(pen: Pen, count: Count) -> None:
    _duels(pen, count)
    pen.heading(_("Chains"), _("weakest duel"))
    winner = count.winners[0]
    for other in count.scene.names:
        if other != winner:
            for a, b in ((winner, other), (other, winner)):
                strength, chain = strongest(count, a, b)
                words = " \N{EN DASH} ".join(count.name(o) for o in chain)
                pen.bar(words, number(strength), strength, count.people(), won=a == winner)


ROUNDS: dict[str, Callable[[Pen, Count], None]] = {
    "approval": _sums,
    "plurality": _sums,
    "points": _sums,
    "score": _sums,
    "borda": _sums,
    "majority": _motion,
    "consensus": _motion,
    "greedy": _walk,
    "greedy-no-skip": _walk,
    "greedy-threshold": _walk,
    "greedy-per-cost": _walk,
    "poznan-80": _walk,
    "equal-shares": _shares,
    "phragmen": _drips,
    "irv": _runoff,
    "stv-scottish": _stages,
    "stv-meek": _meek,
    "condorcet": _duels,
    "schulze": _paths,
}
