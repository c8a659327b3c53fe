# SPDX-License-Identifier: AGPL-3.0-or-later
"""A real election from a Pabulib `.pb` file as a finished cycle: projects, ballots, count and published result.

Of the voters nothing is kept but their choices: no ids, no age, no sex, and not the order in which they voted.
"""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from psycopg.types.json import Jsonb

from accounts.models import User
from assemblies.models import Assembly, District
from voting import services as voting
from voting.choices import Choice
from voting.models import Poll
from voting.tally.errors import TallyError

from .models import Cycle, Heading, Phase, Project
from .pb_refusals import ImportRefused
from .pb_source import Source, district_name, point_of, read_source
from .plain_text import shorten
from .services import NewHeading, NewPhase, create_cycle, publish_cycle
from .services.balloting import tie_projects_to_options
from .services.phases import record

OFFICIAL = {"1": True, "0": False}  # 2 and 3 are special decisions, such as reserve money: neither
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
        latitude, longitude = point_of(row)
        projects.append(
            Project(
                heading=heading,
                number=number,
                title=shorten(row.name or _("Project %(id)s") % {"id": row.id}, 300),
                summary=row.columns.get("description", ""),
                cost=cost,
                category=shorten(", ".join(part for part in row.categories if not part.isdigit()), 200),
                district=districts.get(district_name(row).casefold()),
                latitude=latitude,
                longitude=longitude,
                language=source.language,
                official_winner=OFFICIAL.get(row.selected),
            )
        )
    return Project.objects.bulk_create(projects, batch_size=1000)


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
