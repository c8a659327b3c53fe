# SPDX-License-Identifier: AGPL-3.0-or-later
"""Exact prices of what a run of Equal Shares bought, and the exact balances that follow from them."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

import numpy as np

from voting.tally.market import Indexes, Market


class Ledger:
    """Exact prices of the purchases so far, on one common denominator."""

    def __init__(self, market: Market, endowment: Fraction) -> None:
        self.market = market
        unit = lcm(endowment.denominator, *(cost.denominator for cost in market.costs))
        self.denominator = unit
        self.endowment = int(endowment * unit)
        self.prices: dict[int, int] = {}

    def held(self, groups: Indexes) -> tuple[int, int]:
        """Money of these groups (none of them emptied) as (numerator, their weight)."""
        weights = self.market.weights[groups]
        weight = int(weights.sum())
        total = self.endowment * weight
        if self.prices and len(groups):
            paid = self.market.weight_by_option(groups, weights)
            for option in np.flatnonzero(paid).tolist():
                price = self.prices.get(option)
                if price is not None:
                    total -= price * int(paid[option])
        return total, weight

    def balance(self, group: int) -> int:
        """Numerator of one group's balance, if it was not emptied."""
        total = self.endowment
        uses = self.market.utility_of(group)
        for option, use in uses.items():
            price = self.prices.get(option)
            if price is not None:
                total -= price * use
        return total

    def add(self, option: int, poor_money: int, rich_pull: int) -> None:
        """Write a purchase down: its price is (cost - the money of those who pay all) / pull of the others."""
        cost = self.market.costs[option]
        top = int(cost * self.denominator) - poor_money
        common = gcd(top, rich_pull)
        grow = rich_pull // common
        if grow != 1:
            self.denominator *= grow
            self.endowment *= grow
            self.prices = {bought: price * grow for bought, price in self.prices.items()}
        self.prices[option] = top // common

    def fraction(self, numerator: int) -> Fraction:
        return Fraction(numerator, self.denominator)
