# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real election from a Pabulib `.pb` file as a finished cycle: projects, ballots, count and published result.

Of the voters nothing is kept but their choices: no ids, no age, no sex, and not the order in which they voted.
"""

import hashlib
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg.types.json import Jsonb

from accounts.models import User
from assemblies.models import Assembly, District
from assemblies.money import decimals_of
from voting import services as voting
from voting.choices import Choice
from voting.counting import TIES
from voting.models import BallotType, Poll
from voting.tally import pb
from voting.tally.errors import InputError, TallyError
from voting.tally.registry import RULES
from voting.tally.types import Election, Kind, Number, Option, build_election

from .models import Cycle, Heading, Phase, Project
from .pb_bounds import are_plain, climbs_long, require_small, too_long_a_climb
from .pb_refusals import ImportRefused
from .services import NewHeading, NewPhase, create_cycle, publish_cycle
from .services.balloting import tie_projects_to_options
from .services.phases import record

BALLOT_TYPES = {
    Kind.APPROVAL: BallotType.APPROVAL,
    Kind.CHOOSE_ONE: BallotType.CHOOSE_ONE,
    Kind.ORDINAL: BallotType.RANKED,
    Kind.CUMULATIVE: BallotType.POINTS,
    Kind.SCORING: BallotType.POINTS,
}
OFFICIAL = {"1": True, "0": False}  # 2 and 3 are special decisions, such as reserve money: neither
BUDGET = (  # what is said where it has too many decimals, and where it is too large
    gettext_noop("the budget has more decimals than %(currency)s has"),
    gettext_noop("the budget is too large"),
)
COST = (gettext_noop("the cost has more decimals than %(currency)s has"), gettext_noop("the cost is too large"))
YEARS = range(1900, 2200)
UNKNOWN_VALUES = gettext_noop("the rule does not know the values that folkmoot_rule_parameters holds")
NO_CURRENCY = "XXX"  # the code of the standard for "no currency involved"
LETTERS_WITHOUT_ACCENT = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "ß": "ss", "æ": "ae"})


class ImportedBefore(ImportRefused):
    """The file is this budget already."""

    def __init__(self, cycle: Cycle) -> None:
        self.cycle = cycle
        super().__init__(
            gettext_noop("This very file was imported before, as “%(title)s”. A file is imported only once."),
            title=cycle.title,
        )


@dataclass(frozen=True)
class Imported:
    """The cycle that came out of a file, and what a reader of the file should know."""

    cycle: Cycle
    ballots: int
    withdrawn: list[str]
    repairs: list[str]


def import_file(path: str | Path, *, assembly: Assembly | None = None, lenient: bool = False) -> Imported:
    """The file is a finished cycle with its published result, or nothing is.

    Without an assembly, one of the file's unit and country is used or made, open to the public. Reading leniently
    repairs ballots that break the file's own rules, and counts what was repaired.
    """
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise ImportRefused(gettext_noop("%(path)s cannot be read: %(why)s."), path=path, why=error.strerror) from None
    return import_data(data, name=Path(path).name, assembly=assembly, lenient=lenient)


def import_data(
    data: bytes,
    *,
    name: str,
    digest: str = "",
    assembly: Assembly | None = None,
    lenient: bool = False,
    actor: User | None = None,
    on_a_page: bool = False,
) -> Imported:
    """The same for what a file holds. The digest is that of the file as it was sent, where this is not all of it.

    From a page no file comes in that takes long to count, and the districts of the assembly stay as they are.
    """
    digest = digest or hashlib.sha256(data).hexdigest()
    refuse_twice(digest, assembly)
    try:
        with transaction.atomic():
            _let_the_count_take_its_time()  # and the reading, where a caller's transaction is open already
            source = read_source(
                data, name=name, digest=digest, assembly=assembly, lenient=lenient, on_a_page=on_a_page
            )
            cycle = _store(source, assembly, actor)
    except TallyError as error:
        raise ImportRefused(gettext_noop("%(file)s cannot be imported. %(why)s."), file=name, why=error) from None
    except IntegrityError:
        refuse_twice(digest, assembly)  # somebody else imported it in this very moment
        raise
    return Imported(
        cycle=cycle,
        ballots=source.election.voters() + source.election.blanks,
        withdrawn=source.withdrawn,
        repairs=[f"{repair.code}: {repair.times} ({repair.where})" for repair in source.election.repairs],
    )


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
                gettext_noop("there is no rule %(rule)s for ballots of this kind"), rule=repr(_shorten(rule, 40))
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
            return _shorten(self._meta("folkmoot_title"), 120)
        place = " ".join(part for part in (self._meta("unit"), self._meta("instance")) if part)
        parts = [place, *dict.fromkeys(p for p in (self._meta("district"), self._meta("subunit")) if p)]
        return _shorten(": ".join(part for part in (parts[0], ", ".join(parts[1:])) if part) or self.file.name, 120)

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
            "source_name": _shorten(self.file.name, 200),
            "source_hash": self.digest,
            "source_country": _shorten(self._meta("country"), 80),
            "source_unit": _shorten(self._meta("unit"), 120),
            "source_rule": _shorten(self._meta("rule"), 60),
        }

    @property
    def assembly_name(self) -> str:
        parts = [part for part in (self._meta("unit"), self._meta("country")) if part]
        return _shorten(", ".join(parts) or self.file.name, 120)

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


def _store(source: Source, assembly: Assembly | None, actor: User | None) -> Cycle:
    cycle = create_cycle(
        assembly=assembly or _assembly_of(source),
        headings=[NewHeading(title=_("The whole budget"), amount=source.budget)],
        phases=[
            NewPhase(Phase.Kind.BALLOTING, source.opens_at, source.closes_at),
            NewPhase(Phase.Kind.FINISHED, source.closes_at),
        ],
        actor=actor,
        **source.fields,
    )
    publish_cycle(cycle=cycle, actor=actor)
    heading = cycle.headings.get()
    projects = _projects(source, heading, _districts(source, cycle.assembly))
    poll = voting.create_poll(
        assembly=cycle.assembly,
        owner_kind="cycle",
        options=[
            voting.NewOption(key=row.id, title=project.title, cost=project.cost)
            for row, project in zip(source.projects, projects, strict=True)
        ],
        question=cycle.title,
        ballot_type=cycle.ballot_type,
        rule=cycle.rule,
        rule_parameters=source.rule_parameters,
        compared_rules=cycle.compared_rules,
        max_choices=cycle.max_choices,
        budget=heading.amount,
        currency=cycle.currency,
    )
    heading.poll = poll
    heading.save(update_fields=["poll"])
    tie_projects_to_options(poll, projects)
    ballots = [choice for choice, weight in source.choices() for _voter in range(weight)]
    try:
        poll = voting.open_poll(
            poll=poll,
            lines=[voting.NewLine(None)] * len(ballots),
            actor=None,
            at=source.opens_at,
            closes_at=source.closes_at,
        )
        _put_ballots(poll, ballots)
        record(cycle, "cycle.imported", actor, file=cycle.source_name, sha256=source.digest, ballots=len(ballots))
        voting.close_poll(poll=poll, actor=None)
        voting.publish_poll(poll=poll, actor=None)
    except voting.PollRefused as refusal:
        raise ImportRefused(str(refusal)) from refusal
    return cycle


def known_districts(assembly: Assembly) -> dict[str, District]:
    """The districts of the assembly, by their names as files are compared with them: in whatever letters."""
    return {district.name.strip().casefold(): district for district in District.objects.filter(assembly=assembly)}


def _districts(source: Source, assembly: Assembly) -> dict[str, District]:
    """Those of the assembly; an operator's file adds its own."""
    found = known_districts(assembly)
    for row in () if source.on_a_page else source.projects:
        name = district_name(row)
        if name and name.casefold() not in found:
            found[name.casefold()] = District.objects.create(assembly=assembly, name=name)
    return found


def _projects(source: Source, heading: Heading, districts: dict[str, District]) -> list[Project]:
    projects = []
    for number, (row, cost) in enumerate(zip(source.projects, source.costs, strict=True), start=1):
        latitude, longitude = _point(row)
        projects.append(
            Project(
                heading=heading,
                number=number,
                title=_shorten(row.name or _("Project %(id)s") % {"id": row.id}, 300),
                summary=row.columns.get("description", ""),
                cost=cost,
                category=_shorten(", ".join(part for part in row.categories if not part.isdigit()), 200),
                district=districts.get(district_name(row).casefold()),
                latitude=latitude,
                longitude=longitude,
                language=source.language,
                official_winner=OFFICIAL.get(row.selected),
            )
        )
    return Project.objects.bulk_create(projects, batch_size=1000)


def district_name(row: pb.Project) -> str:
    """Where the project is, as the file names it; the whole town where it does not."""
    return _shorten(_first_in_words(row.columns, "district", "subunit", "neighborhood"), 80)


def _put_ballots(poll: Poll, ballots: list[Choice]) -> None:
    """One ballot for each line of the register, while the poll is open; in one stream, and still past every trigger."""
    if poll.register is None or poll.opened_at is None:
        raise AssertionError("an open poll has a register")
    lines = list(poll.register.lines.order_by().values_list("pk", flat=True))  # before the stream takes the connection
    columns = "poll_id, line_id, choice, key_hash, channel, revision, cast_at"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE voting_registerline")  # or each ballot's line is looked for from the first to the last
        with cursor.copy(f"COPY voting_openballot ({columns}) FROM STDIN") as copy:
            for line, choice in zip(lines, ballots, strict=True):
                key_hash = secrets.token_bytes(32)  # nobody holds a key to a ballot that came from a file
                copy.write_row((poll.pk, line, Jsonb(choice), key_hash, "import", 1, poll.opened_at))
        cursor.execute("ANALYZE voting_openballot")


def _assembly_of(source: Source) -> Assembly:
    """The public assembly of the file's town: the one that is there, or a new one."""
    name = source.assembly_name
    slug = slugify(name.translate(LETTERS_WITHOUT_ACCENT))[:50].strip("-") or f"town-{source.digest[:8]}"
    found = Assembly.objects.filter(slug=slug).first()
    if found is None:
        return Assembly.objects.create(slug=slug, name=name, currency=source.currency, is_public=True)
    if not found.is_public or found.name != name:
        raise ImportRefused(
            gettext_noop(
                "There is another assembly with the address “%(slug)s”. Name the assembly to use with --assembly."
            ),
            slug=slug,
        )
    return found


def refuse_twice(digest: str, assembly: Assembly | None) -> None:
    """Refuse a file that is a budget of this assembly already; where none is named, of any."""
    there = Cycle.objects.filter(source_hash=digest, **({"assembly": assembly} if assembly else {})).first()
    if there is not None:
        raise ImportedBefore(there)


def _let_the_count_take_its_time() -> None:
    """Counting keeps this one transaction idle for longer than a web request ever may."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")


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


def _point(row: pb.Project) -> tuple[Decimal | None, Decimal | None]:
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


def _shorten(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
