# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a Pabulib `.pb` file says, in the words and units of a cycle. Nothing is written here; pb_import.py stores it."""

import json
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from assemblies.models import Assembly
from assemblies.money import decimals_of
from voting.choices import Choice
from voting.counting import TIES
from voting.models import BallotType
from voting.tally import pb
from voting.tally.errors import InputError, TallyError
from voting.tally.registry import RULES
from voting.tally.types import Election, Kind, Number, Option, build_election

from .pb_bounds import are_plain, climbs_long, require_small, too_long_a_climb
from .plain_text import shorten

BALLOT_TYPES = {
    Kind.APPROVAL: BallotType.APPROVAL,
    Kind.CHOOSE_ONE: BallotType.CHOOSE_ONE,
    Kind.ORDINAL: BallotType.RANKED,
    Kind.CUMULATIVE: BallotType.POINTS,
    Kind.SCORING: BallotType.POINTS,
}
BUDGET = (  # what is said where it has too many decimals, and where it is too large
    gettext_noop("the budget has more decimals than %(currency)s has"),
    gettext_noop("the budget is too large"),
)
COST = (gettext_noop("the cost has more decimals than %(currency)s has"), gettext_noop("the cost is too large"))
YEARS = range(1900, 2200)
UNKNOWN_VALUES = gettext_noop("the rule does not know the values that folkmoot_rule_parameters holds")
NO_CURRENCY = "XXX"  # the code of the standard for "no currency involved"


def read_source(
    data: bytes, *, name: str, digest: str, assembly: Assembly | None, lenient: bool, on_a_page: bool = False
) -> "Source":
    """What would come in; whatever is wrong in the file is said by an InputError, and too much for a page by TooLarge."""
    file = pb.parse(data, name=name)
    if on_a_page:
        require_small(file)
    return Source(file, file.election(lenient=lenient), digest, assembly, on_a_page=on_a_page)


class Source:
    """What the file says, in the words and units of a cycle; everything that can be wrong is found here."""

    def __init__(
        self, file: pb.PbFile, election: Election, digest: str, assembly: Assembly | None, *, on_a_page: bool = False
    ) -> None:
        self.file, self.election, self.digest, self.on_a_page = file, election, digest, on_a_page
        self.currency = self._currency(assembly)
        self.budget = self._minor(file.budget, *BUDGET)
        if self.budget <= 0:
            raise InputError(gettext_noop("the budget must be more than zero"))
        self.projects = [project for project in file.projects if not project.withdrawn]
        if len(self.projects) < 2:
            raise InputError(gettext_noop("a ballot needs at least two projects"))
        self.costs = [self._minor(p.cost, *COST, line=p.line) for p in self.projects]
        for project in self.projects:
            if len(project.id) > 80:
                raise InputError(gettext_noop("the id of a project is longer than 80 letters"), line=project.line)
        self.opens_at, self.closes_at = self._dates()
        self.rule, self.rule_parameters = self._rule()
        if self.rule == "equal-shares" and self._climbs_long(self.rule_parameters):
            raise too_long_a_climb()
        if "seed" in RULES[self.rule].parameters and "lot_order" not in self.rule_parameters:
            self.rule_parameters.setdefault("seed", digest)  # so that a tie falls the same way whenever it is counted

    @property
    def withdrawn(self) -> list[str]:
        return [project.name or project.id for project in self.file.projects if project.withdrawn]

    def _meta(self, name: str) -> str:
        value = self.file.meta.get(name, "").strip()
        return "" if value == "None" else value

    def _currency(self, assembly: Assembly | None) -> str:
        written = self.file.currency.upper()
        if not written or written == "NONE":
            return assembly.currency if assembly else NO_CURRENCY
        if not re.fullmatch(r"[A-Z]{3}", written):
            raise InputError(gettext_noop("the currency is not a code of three letters such as EUR"))
        return written

    def _minor(self, amount: Number, too_fine: str, too_large: str, *, line: int | None = None) -> int:
        exact = Fraction(amount) * self.unit
        if exact.denominator != 1:
            raise InputError(too_fine, line=line, currency=self.currency)
        if exact > 10**17:
            raise InputError(too_large, line=line)
        return int(exact)

    def _dates(self) -> tuple[datetime, datetime]:
        """When voting began and ended; a year alone is the whole year."""
        now = timezone.now()
        first = _read_date(self._meta("date_begin"), end=False)
        last = _read_date(self._meta("date_end"), end=True)
        first = first or last or now.date() - timedelta(days=1)
        last = max(last or first, first)
        opens_at = min(_midnight(first), now - timedelta(days=1))
        return opens_at, max(min(_midnight(last + timedelta(days=1)), now), opens_at + timedelta(hours=1))

    def _rule(self) -> tuple[str, dict[str, Any]]:
        """The counting rule that META names; where it names none, most votes first, as most towns count.

        A file of ours names the rule with every parameter, the lot included, so that ties fall as they fell.
        """
        ours = self._meta("folkmoot_rule")
        if ours:
            return self._known(ours), self._parameters(ours)
        written = self._meta("rule").lower()
        if written.startswith("equalshares"):
            parameters: dict[str, Any] = {"completion": "add1", "utility": "cost"}
            if written.endswith("comparison"):
                parameters["comparison"] = "satisfaction"
            return "equal-shares", parameters
        bar = self.election.threshold
        parameters = {"minimum_votes": int(bar)} if bar is not None and Fraction(bar).denominator == 1 else {}
        return "greedy-no-skip" if written == "greedy-no-skip" and written in RULES else "greedy", parameters

    def _known(self, rule: str) -> str:
        if rule not in RULES or self.file.kind not in RULES[rule].kinds:
            raise InputError(
                gettext_noop("there is no rule %(rule)s for ballots of this kind"), rule=repr(shorten(rule, 40))
            )
        return rule

    def _parameters(self, rule: str) -> dict[str, Any]:
        given = self._json("folkmoot_rule_parameters") or {}
        known = set(RULES[rule].parameters) - {"margins"}  # they change no result, and recounting them may take hours
        if not isinstance(given, dict) or not set(given) <= known:
            raise InputError(gettext_noop("the rule has no such parameters as folkmoot_rule_parameters names"))
        if not are_plain(given, step=self.unit):
            raise InputError(UNKNOWN_VALUES)
        self._try(rule, given)
        return given

    def _try(self, rule: str, parameters: dict[str, Any]) -> None:
        """The rule takes these values: it counts one ballot with them, since only the rule knows what fits it."""
        first = self.projects[0].id
        trial = build_election(
            kind=self.file.kind,
            options=[Option(project.id, cost) for project, cost in zip(self.projects, self.costs, strict=True)],
            ballots=[{first: 1} if self.file.kind in (Kind.CUMULATIVE, Kind.SCORING) else [first]],
            budget=self.budget,
        )
        try:
            RULES[rule](trial, **parameters)
        except (TallyError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError):
            raise InputError(UNKNOWN_VALUES) from None

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self._meta(name) or "null")
        except (ValueError, RecursionError):
            raise InputError(gettext_noop("what %(name)s holds is not JSON"), name=name) from None

    def _climbs_long(self, parameters: dict[str, Any]) -> bool:
        if not self.on_a_page or parameters.get("completion", "add1").partition("+")[0] == "none":
            return False
        step = parameters.get("increment", self.unit)
        return climbs_long(self.election, largest=max(self.budget, *self.costs), step=step)

    @property
    def unit(self) -> int:
        """One large unit of the currency in small ones."""
        return int(10 ** decimals_of(self.currency))

    @property
    def compared_rules(self) -> list[str]:
        """Other rules that count the ballots as well; from a page none that would take long."""
        return [rule for rule in self._compared() if rule != "equal-shares" or not self._climbs_long({})]

    def _compared(self) -> list[str]:
        ours = self._json("folkmoot_compared_rules")
        if isinstance(ours, list):
            if len(ours) > len(RULES):
                raise InputError(gettext_noop("there are fewer rules than folkmoot_compared_rules names"))
            rules = dict.fromkeys(self._known(str(rule) if isinstance(rule, str | int) else "?") for rule in ours)
            return [rule for rule in rules if rule != self.rule]
        return ["greedy" if self.rule == "equal-shares" else "equal-shares"]

    @property
    def title(self) -> str:
        if self._meta("folkmoot_title"):
            return shorten(self._meta("folkmoot_title"), 120)
        place = " ".join(part for part in (self._meta("unit"), self._meta("instance")) if part)
        parts = [place, *dict.fromkeys(p for p in (self._meta("district"), self._meta("subunit")) if p)]
        return shorten(": ".join(part for part in (parts[0], ", ".join(parts[1:])) if part) or self.file.name, 120)

    @property
    def fields(self) -> dict[str, Any]:
        """Fields of the cycle."""
        most = self.file.limit("max_length")
        return {
            "title": self.title,
            "year": (self.closes_at - timedelta(microseconds=1)).year,  # of the last day
            "summary": self._meta("description"),
            "currency": self.currency,
            "rule": self.rule,
            "rule_parameters": {k: v for k, v in self.rule_parameters.items() if k not in TIES},
            "compared_rules": self.compared_rules,
            "ballot_type": BALLOT_TYPES[self.file.kind],
            "max_choices": int(most) if most is not None and 0 < most <= len(self.projects) else None,
            "change_allowed": False,
            "source_name": shorten(self.file.name, 200),
            "source_hash": self.digest,
            "source_country": shorten(self._meta("country"), 80),
            "source_unit": shorten(self._meta("unit"), 120),
            "source_rule": shorten(self._meta("rule"), 60),
        }

    @property
    def assembly_name(self) -> str:
        parts = [part for part in (self._meta("unit"), self._meta("country")) if part]
        return shorten(", ".join(parts) or self.file.name, 120)

    @property
    def language(self) -> str:
        return self._meta("language")[:10]

    def choices(self) -> Iterator[tuple[Choice, int]]:
        """Each different ballot in the shape that voting stores, and how many people cast it."""
        ids = self.election.ids
        gone = {project.id for project in self.file.projects if project.withdrawn}
        for marks, points, weight in self.election.ballots.rows():
            keys = [ids[mark] for mark in marks]
            if self.file.kind in (Kind.CUMULATIVE, Kind.SCORING):
                given = {k: p for k, p in zip(keys, points, strict=True) if k not in gone and p > 0}
                yield ({"points": dict(sorted(given.items()))} if given else {}), weight
                continue
            kept = [key for key in keys if key not in gone]
            if not kept:
                yield {}, weight
            elif self.file.kind is Kind.ORDINAL:
                yield {"ranking": kept}, weight
            else:
                yield {"options": sorted(kept)}, weight
        if self.election.blanks:
            yield {}, self.election.blanks


def district_name(row: pb.Project) -> str:
    """Where the project is, as the file names it; the whole town where it does not."""
    return shorten(_first_in_words(row.columns, "district", "subunit", "neighborhood"), 80)


def _read_date(text: str, *, end: bool) -> date | None:
    """A date written dd.mm.yyyy, or a year as its first or last day; None where it is neither."""
    if match := re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text):
        day, month, year = (int(part) for part in match.groups())
        try:
            return date(year, month, day) if year in YEARS else None
        except ValueError:
            return None
    if re.fullmatch(r"\d{4}", text) and int(text) in YEARS:
        return date(int(text), 12, 31) if end else date(int(text), 1, 1)
    return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())


def point_of(row: pb.Project) -> tuple[Decimal | None, Decimal | None]:
    """Where the project is, where the file gives a point on earth."""
    written = row.coordinates
    if written is None:
        return None, None
    latitude, longitude = (Decimal(part).quantize(Decimal("0.000001")) for part in written)
    if abs(latitude) > 90 or abs(longitude) > 180:
        return None, None
    return latitude, longitude


def _first_in_words(columns: Any, *names: str) -> str:
    """The first of these cells that says something to a reader; bare numbers do not."""
    for name in names:
        cell = str(columns.get(name, "")).strip()
        if cell and not cell.isdigit():
            return cell
    return ""
