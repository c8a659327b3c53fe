# SPDX-License-Identifier: AGPL-3.0-or-later
"""The Method of Equal Shares with its completions, each named in the result because they give different winners."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np

from voting.tally import greedy
from voting.tally.buyer import run
from voting.tally.errors import TallyError
from voting.tally.lockstep import Lockstep
from voting.tally.margins import MARGINS, Funded, enough_voters, recounted
from voting.tally.market import Market, Purchase, Run
from voting.tally.modifiers import Floors, Grant, Modifiers, Sets
from voting.tally.stretch import Layout, Stretch
from voting.tally.ties import FOR_MONEY, TieBreak, money
from voting.tally.types import Election, Margin, Number, Outcome, Reason, exact

LANES = 256
SIDE_BY_SIDE = 12_000
TRIES = 6
WORTH = 8
COMPLETIONS = ("none", "add1", "add1e", "none+u", "add1+u", "add1e+u")
COMPARISONS = ("satisfaction", "exclusion")


@dataclass
class Search:
    """The endowments that were tried and the run that stands."""

    run: Run
    increments: int = 0
    stop: str = "one run"
    tried: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[tuple[int, int]] = field(default_factory=list)


def equal_shares(
    election: Election,
    *,
    utility: str = "cost",
    completion: str = "add1",
    increment: Number | str = 1,
    integral: bool = False,
    comparison: str | None = None,
    ties: Sequence[str] = FOR_MONEY,
    lot_order: Sequence[str] | None = None,
    seed: str | None = None,
    blank_in_n: bool = False,
    fund_zero_votes: bool = False,
    minimum_votes: Number = 0,
    exclusive: Sets = (),
    district_floors: Floors | None = None,
    margins: str = "bound",
) -> Outcome:
    """Give every voter the same money and buy what its supporters can pay for most cheaply, as TALLY 3 defines it.

    Completion `add1` raises everybody's money by `increment` until one more step would overspend; `add1e` stops as soon
    as nothing more fits; `+u` spends what is left by votes. The comparison step keeps greedy's outcome instead where
    more voters prefer it. Money that district floors spend (`modifiers`) is taken first, and everybody gets an equal
    share of the rest. `margins` are bounds unless they are asked for by `recount` (`margins`).
    """
    budget = Fraction(money(election.budget))
    if completion not in COMPLETIONS:
        raise TallyError(f"the completion is one of {', '.join(COMPLETIONS)}")
    if comparison is not None and comparison not in COMPARISONS:
        raise TallyError(f"the comparison is one of {', '.join(COMPARISONS)}")
    step = exact(increment, what="the increment")
    if step <= 0:
        raise TallyError("the increment must be more than nothing")
    tie_break = TieBreak(election, ties, lot_order=lot_order, seed=seed)
    if margins not in MARGINS:
        raise TallyError(f"the margins are one of {', '.join(MARGINS)}")
    modifiers = Modifiers(election, exclusive=exclusive, district_floors=district_floors, minimum_votes=minimum_votes)
    order = greedy.order_by(election, greedy.merits(election), tie_break, election.standing)
    grants = modifiers.grants(order, budget, fund_zero_votes=fund_zero_votes)
    granted = [grant.option for grant in grants]
    closed = set(granted).union(*(modifiers.rivals.get(i, ()) for i in granted))
    shared = budget - sum((Fraction(election.costs[i]) for i in granted), start=Fraction(0))
    market = Market(
        election, utility=utility, minimum_votes=minimum_votes, rivals=modifiers.rivals, closed=closed
    )  # fmt: skip
    n = election.voters(blank_in_n=blank_in_n)
    start = Fraction(0) if n == 0 else shared / n
    if integral:
        start = Fraction(start.numerator // start.denominator)
    base, _, fill = completion.partition("+")
    search = _complete(market, start, step, shared, base, tie_break)
    final = search.run
    for round_number, tied, _ in final.ties:
        tie_break.choose(tied, over="round", round=round_number)
    selected = final.options
    if search.stop == "all affordable":
        # In the order of votes, of this election as it is.
        selected = [i for i in order if i in set(market.supported)]
    added: list[int] = []
    if fill:
        left = shared - sum((market.costs[i] for i in selected), start=Fraction(0))
        added = _fill(
            modifiers, [*granted, *selected], left, tie_break, fund_zero_votes,
            per_cost=base == "none" and utility == "uniform",
        )  # fmt: skip
    report = _Report(
        modifiers, grants, market, search, tie_break, selected, added, budget, n,
        parameters={
            "utility": utility, "completion": completion, "increment": step, "integral": integral,
            "comparison": comparison, "blank_in_n": blank_in_n, "fund_zero_votes": fund_zero_votes,
            "minimum_votes": minimum_votes, "margins": margins, **modifiers.parameters(),
        },
        start=start, comparison=comparison,
    )  # fmt: skip
    if margins == "bound":
        return report.outcome()

    def funded(changed: Election) -> Collection[str]:
        return equal_shares(
            changed, utility=utility, completion=completion, increment=increment, integral=integral,
            comparison=comparison, ties=ties, lot_order=lot_order, seed=seed, blank_in_n=blank_in_n,
            fund_zero_votes=fund_zero_votes, minimum_votes=minimum_votes, exclusive=exclusive,
            district_floors=district_floors,
        ).winners  # fmt: skip

    return report.outcome(funded)


def _complete(
    market: Market, start: Fraction, step: Fraction, budget: Fraction, base: str, tie_break: TieBreak
) -> Search:
    """Find the endowment whose run stands."""
    if base == "none":
        return Search(run(market, start, tie_break, watch=True))
    supported = sum((market.costs[i] for i in market.supported), start=Fraction(0))
    if supported <= budget and len(market.compatible(market.supported)) == len(market.supported):
        everyone = Run(start)
        return Search(everyone, stop="all affordable")
    climb = Climb(market, start, step, budget, tie_break, exhaustive=base == "add1e")
    k, stop = climb.top()
    stands = run(market, start + k * step, tie_break, watch=True)
    return Search(stands, k, stop, climb.tried(), climb.skipped)


class Climb:
    """Raises the endowment step by step to the first that overspends, passing over steps proved to change nothing.

    What a run spends may fall as the endowment grows, so no step may be left out unproved (`stretch` has the proof).
    """

    def __init__(
        self,
        market: Market,
        start: Fraction,
        step: Fraction,
        budget: Fraction,
        tie_break: TieBreak,
        *,
        exhaustive: bool,
    ) -> None:
        self.market, self.start, self.step, self.budget = market, start, step, budget
        self.tie_break, self.exhaustive = tie_break, exhaustive
        self.layout = Layout(market, tie_break.rank)
        self.lockstep = Lockstep(market, tie_break.rank, budget)
        self.lanes = max(8, min(LANES, int(SIDE_BY_SIDE / max(self.lockstep.size, 1.0))))
        self.runs: dict[int, Run] = {}
        self.skipped: list[tuple[int, int]] = []

    def probe(self, k: int, *, witness: Stretch | None = None) -> Run:
        known = self.runs.get(k)
        if known is None or witness is not None:
            endowment = self.start + k * self.step
            known = run(self.market, endowment, self.tie_break, abort_above=self.budget, tracer=witness)
            known.purchases = [_light(purchase) for purchase in known.purchases]
            self.runs[k] = known
        return known

    def ends(self, k: int) -> bool:
        """The climb is over here: too much is spent, nothing is left for sale, or for add1e nothing more fits."""
        this = self.runs[k]
        return (
            this.aborted
            or (bool(self.market.rivals) and not _for_sale(self.market, this))
            or (self.exhaustive and not _fits_more(self.market, this, self.budget))
        )

    def top(self) -> tuple[int, str]:
        """The step that stands, and why the climb went no further.

        Proving a stretch costs as much as several runs, in a big election as much as dozens. So it is tried as long as it
        pays, and then the more seldom the more often it was in vain; in a big one not at once.
        """
        small = self.lockstep.side_by_side
        patience, rest = (TRIES, 2 * self.lanes) if small else (1, 64)
        k, walked, width = 0, 0, 8
        tries, gained = (0, 0) if small else (1, 0)
        found: int | None = None
        while found is None:
            if tries < patience or gained >= WORTH * tries:
                stretch = Stretch(self.layout)
                self.probe(k, witness=stretch)
                if self.ends(k):
                    found = k
                    break
                reached = self.reach(k, stretch)
                tries, gained = tries + 1, gained + reached
                if tries >= 2 * patience:
                    tries, gained = tries // 2, gained // 2
                k += reached + 1
            else:
                found = self.walk(k, k + width - 1)
                k, walked, width = k + width, walked + width, min(2 * width, self.lanes)
                if walked >= rest:
                    tries, gained, walked, rest = patience - 1, 0, 0, 2 * rest
        if self.runs[found].aborted:
            return max(found - 1, 0), "overshoot"
        return found, "exhaustive" if _for_sale(self.market, self.runs[found]) else "complete"

    def reach(self, k: int, stretch: Stretch) -> int:
        """How many further increments are proved to change nothing."""
        ahead = stretch.guess(self.step)
        for length in (ahead, ahead - 1, ahead // 2):
            if length >= 1 and stretch.holds_at(self.start + (k + length) * self.step):
                self.skipped.append((k, k + length))
                return length
        return 0

    def walk(self, low: int, high: int) -> int | None:
        """The first step from low to high that ends the climb, each counted."""
        batch = [k for k in range(low, high + 1) if k not in self.runs]
        made = self.lockstep.run([self.start + k * self.step for k in batch]) if self.lockstep.usable else iter(())
        for k in range(low, high + 1):
            this = next(made, None) if k not in self.runs else None
            if this is not None:
                self.runs[k] = this
            self.probe(k)
            if self.ends(k):
                return k
        return None

    def tried(self) -> list[dict[str, Any]]:
        return [_tried(self.market, k, self.runs[k]) for k in sorted(self.runs)]


def _light(purchase: Purchase) -> Purchase:
    """Without the arrays that only the run itself needed."""
    return Purchase(purchase.option, purchase.price, purchase.rich_pull, _NOBODY, purchase.emptied_weight)


_NOBODY = np.empty(0, dtype=np.int64)


def _for_sale(market: Market, this: Run) -> list[int]:
    """What was not bought and is not kept out by a rival that was."""
    bought = set(this.options)
    return [i for i in market.supported if i not in bought and not market.rivals.get(i, frozenset()) & bought]


def _fits_more(market: Market, this: Run, budget: Fraction) -> bool:
    return any(market.costs[i] <= budget - this.spent for i in _for_sale(market, this))


def _tried(market: Market, k: int, this: Run) -> dict[str, Any]:
    ids = market.election.ids
    digest = hashlib.sha256("\n".join(ids[i] for i in this.options).encode()).hexdigest()[:16]
    return {"k": k, "spent": this.spent, "selected": len(this.purchases), "overspent": this.aborted, "order": digest}


def _fill(
    modifiers: Modifiers,
    funded: list[int],
    left: Fraction,
    tie_break: TieBreak,
    fund_zero_votes: bool,
    *,
    per_cost: bool,
) -> list[int]:
    """Spend what is left greedily on what was not bought."""
    election, bought = modifiers.election, set(funded)
    rest = [i for i in election.standing if i not in bought]
    order = greedy.order_by(election, greedy.merits(election, per_cost=per_cost), tie_break, rest)
    return greedy.walk(modifiers, order, left, fund_zero_votes=fund_zero_votes, funded=bought).selected


def satisfaction(election: Election, chosen: Sequence[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """For each group of ballots how many of the chosen options it supports."""
    ballots = election.ballots
    mark = np.zeros(len(election.options), dtype=np.int64)
    mark[list(chosen)] = 1
    hits = mark[ballots.choices]
    if ballots.points is not None:
        hits = hits * (ballots.points > 0)
    return np.bincount(ballots.owners, weights=hits, minlength=len(ballots)).astype(np.int64)


class _Report:
    """Writes the outcome: rounds, reasons and margins."""

    def __init__(
        self,
        modifiers: Modifiers,
        grants: list[Grant],
        market: Market,
        search: Search,
        tie_break: TieBreak,
        selected: list[int],
        added: list[int],
        budget: Fraction,
        n: int,
        *,
        parameters: dict[str, Any],
        start: Fraction,
        comparison: str | None,
    ) -> None:
        self.modifiers, self.grants, self.election = modifiers, grants, modifiers.election
        self.market, self.search, self.tie_break = market, search, tie_break
        self.selected, self.added, self.budget, self.n = selected, added, budget, n
        self.parameters, self.start, self.comparison = parameters, start, comparison
        self.ids = self.election.ids

    def outcome(self, funded: Funded | None = None) -> Outcome:
        election, final, search = self.election, self.search.run, self.search
        granted = [grant.option for grant in self.grants]
        winners = [*granted, *self.selected, *self.added]
        facts: dict[str, Any] = {
            "budget": self.budget,
            "endowment": final.endowment,
            "first_endowment": self.start,
            "increments": search.increments,
            "stop": search.stop,
            "tried": search.tried,
            "skipped": search.skipped,
        }
        if self.modifiers.floors:
            facts["floors"] = self.modifiers.account(self.grants)
        compared = self._compare(winners, facts) if self.comparison else None
        if compared is not None:
            winners = compared
        spent = sum((self.market.costs[i] for i in winners), start=Fraction(0))
        reasons = self._reasons(set(winners), compared is not None)
        for name, reason in reasons.items():
            if name not in self.ids_of(winners) and reason.code not in ("withdrawn", "no_votes"):
                reasons[name] = replace(reason, margin=self._margin(self.election.place[name], funded))
        return Outcome(
            rule="equal-shares",
            parameters={**self.parameters, **self.tie_break.parameters()},
            n=self.n,
            blanks=election.blanks,
            winners=tuple(self.ids[i] for i in winners),
            options={name: reasons[name] for name in self.ids},
            rounds=tuple(self._rounds()),
            ties=tuple(self.tie_break.used),
            total_cost=_short(spent),
            unspent=_short(self.budget - spent),
            facts=facts,
            invalid=election.invalid,
            repairs=election.repairs,
            input_sha256=election.sha256,
        )

    def ids_of(self, options: Sequence[int]) -> set[str]:
        return {self.ids[i] for i in options}

    def _rounds(self) -> list[dict[str, Any]]:
        rounds = []
        for number, bought in enumerate(self.search.run.purchases, 1):
            rounds.append({"round": number, "option": self.ids[bought.option], **self._purchase(bought)})
        return rounds

    def _purchase(self, bought: Any) -> dict[str, Any]:
        """With cost and uniform utility the price is the largest payment; with points it is paid for each point."""
        cost = self.market.costs[bought.option]
        unit_price = bought.exact
        numbers: dict[str, Any] = {
            "cost": cost,
            "price": unit_price,
            "rate": unit_price / self.market.scale[bought.option],
            "supporters": self.market.reach[bought.option],
            "paid_in_full": bought.full_payers,
            "paid_all_they_had": bought.part_payers,
        }
        if unit_price:
            numbers["effective_votes"] = cost / unit_price
        return numbers

    def _reasons(self, winners: set[int], replaced: bool) -> dict[str, Reason]:
        election, market, final = self.election, self.market, self.search.run
        rounds = {bought.option: (number, bought) for number, bought in enumerate(final.purchases, 1)}
        filled = {option: place for place, option in enumerate(self.added, 1)}
        granted = {grant.option: grant for grant in self.grants}
        reasons: dict[str, Reason] = {}
        for i, option in enumerate(election.options):
            numbers: dict[str, Any] = {
                "votes": election.scores[i], "supporters": market.reach[i], "cost": market.costs[i],
            }  # fmt: skip
            if option.withdrawn:
                code = "withdrawn"
            elif replaced:
                code = "selected_by_comparison" if i in winners else "lost_by_comparison"
            elif i in granted:
                code, numbers = "selected_by_floor", self.modifiers.numbers(granted[i])
            elif i in rounds:
                number, bought = rounds[i]
                code, numbers = "selected", {**numbers, "round": number, **self._purchase(bought)}
            elif i in filled:
                code, numbers["place"] = "selected_by_fill", filled[i]
            elif i in winners:
                code = "selected_all_affordable"
            elif market.reach[i] == 0:
                code = "no_votes"
            elif self.modifiers.too_few_votes(i):
                code, numbers["threshold"] = "below_threshold", self.parameters["minimum_votes"]
            elif (rival := self.modifiers.rival(i, winners)) is not None:
                code, numbers["rival"] = "rival_funded", self.ids[rival]
            else:
                code, numbers = "unaffordable", {**numbers, **self._lost(i)}
            reasons[option.id] = Reason(code, numbers)
        return reasons

    def _lost(self, i: int) -> dict[str, Any]:
        """Supporters' money was short: by how much, and how many more of them, each as rich, would have had it."""
        final = self.search.run
        behind, shortage = final.behind[i], final.shortages[i]
        short = self.market.costs[i] - behind
        return {
            "money_behind": behind,
            "short_by": short,
            "supporters_short": None if final.endowment == 0 else int(-((-short) // final.endowment)),
            "round": shortage.round,
            "money_then": shortage.money,
            "endowment": final.endowment,
        }

    def _margin(self, i: int, funded: Funded | None) -> Margin:
        """What would have funded an option that lost; `margins` says what is proved and what is tried."""
        votes = short = None
        proved = self.comparison is None and not self.modifiers.rivals.get(i)
        if proved and not self.parameters["integral"]:
            votes = enough_voters(self.election, i, self.n, self.budget, self.grants, self.modifiers)
        if i in self.search.run.behind:
            short = self.market.costs[i] - self.search.run.behind[i]
        if funded is not None:
            return recounted(self.election, i, funded, votes, short)
        # In a single run it would have been bought at that cost at the latest at the end; a climb might end elsewhere.
        return Margin(votes=votes, cost=short if proved and self.search.stop == "one run" else None)

    def _compare(self, winners: list[int], facts: dict[str, Any]) -> list[int] | None:
        """The comparison step: greedy's winners where more voters get more of what they want from them."""
        election = self.election
        order = greedy.order_by(election, greedy.merits(election), self.tie_break, election.standing)
        zero = self.parameters["fund_zero_votes"]
        granted = [grant.option for grant in self.grants]
        left = self.budget - sum((self.market.costs[i] for i in granted), start=Fraction(0))
        order = [i for i in order if i not in granted]
        rival = [*granted, *greedy.walk(self.modifiers, order, left, fund_zero_votes=zero, funded=granted).selected]
        ours, theirs = satisfaction(election, winners), satisfaction(election, rival)
        if self.comparison == "exclusion":
            ours, theirs = np.minimum(ours, 1), np.minimum(theirs, 1)
        weights = election.ballots.weights
        prefer_shares = int(weights[ours > theirs].sum())
        prefer_greedy = int(weights[theirs > ours].sum())
        facts["comparison"] = {
            "kind": self.comparison,
            "prefer_equal_shares": prefer_shares,
            "prefer_greedy": prefer_greedy,
            "greedy_winners": [self.ids[i] for i in rival],
            "equal_shares_winners": [self.ids[i] for i in winners],
            "kept": "greedy" if prefer_greedy > prefer_shares else "equal-shares",
        }
        return rival if prefer_greedy > prefer_shares else None


def _short(value: Fraction) -> Number:
    return value.numerator if value.denominator == 1 else value
