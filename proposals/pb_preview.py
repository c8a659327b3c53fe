# SPDX-License-Identifier: AGPL-3.0-or-later
"""A `.pb` file looked at before it comes in: what it says, what breaks its own rules, and what our count would give."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from assemblies.models import Assembly
from voting import counting
from voting.models import BallotType, Poll
from voting.tally import pb
from voting.tally.errors import InputError
from voting.tally.registry import RULES
from voting.tally.types import Option, build_election

from .pb_import import known_districts
from .pb_source import Source, district_name, read_source

COLUMNS_OF_VOTES = ("vote", "points")  # all others are about the voter
REPAIRS = {
    "unknown_option": ngettext_lazy(
        "%(n)s ballot names a project that is not in the file. It is left out.",
        "%(n)s ballots name a project that is not in the file. They are left out.",
        "n",
    ),
    "repeated_option": ngettext_lazy(
        "%(n)s ballot names a project twice. The project counts once.",
        "%(n)s ballots name a project twice. The project counts once.",
        "n",
    ),
    "too_many_options": ngettext_lazy(
        "%(n)s ballot names more projects than the file allows. It is counted as it is.",
        "%(n)s ballots name more projects than the file allows. They are counted as they are.",
        "n",
    ),
    "too_few_options": ngettext_lazy(
        "%(n)s ballot names fewer projects than the file asks for. It is counted as it is.",
        "%(n)s ballots name fewer projects than the file asks for. They are counted as they are.",
        "n",
    ),
    "too_dear_ballot": ngettext_lazy(
        "%(n)s ballot names projects that cost more than the file allows. It is counted as it is.",
        "%(n)s ballots name projects that cost more than the file allows. They are counted as they are.",
        "n",
    ),
    "too_cheap_ballot": ngettext_lazy(
        "%(n)s ballot names projects that cost less than the file asks for. It is counted as it is.",
        "%(n)s ballots name projects that cost less than the file asks for. They are counted as they are.",
        "n",
    ),
    "too_many_points_for_one": ngettext_lazy(
        "%(n)s ballot gives one project more points than the file allows. It is counted as it is.",
        "%(n)s ballots give one project more points than the file allows. They are counted as they are.",
        "n",
    ),
    "too_many_points": ngettext_lazy(
        "%(n)s ballot gives more points than the file allows. It is counted as it is.",
        "%(n)s ballots give more points than the file allows. They are counted as they are.",
        "n",
    ),
    "too_few_points": ngettext_lazy(
        "%(n)s ballot gives fewer points than the file asks for. It is counted as it is.",
        "%(n)s ballots give fewer points than the file asks for. They are counted as they are.",
        "n",
    ),
}

_read = partial(read_source, on_a_page=True)


@dataclass(frozen=True)
class Look:
    """A file that can come in: what it says, and its text without anything about the voters but their choices."""

    facts: dict[str, Any]
    text: str
    is_lenient: bool


def look(data: bytes, *, name: str, digest: str, assembly: Assembly) -> Look:
    """What would come in; strictly first, and leniently where the file breaks its own rules. Nothing is written."""
    source, is_lenient = None, False
    try:
        source = _read(data, name=name, digest=digest, assembly=assembly, lenient=False)
    except InputError:
        is_lenient = True
    if source is None:  # what was read strictly is let go of before the file is read once more
        source = _read(data, name=name, digest=digest, assembly=assembly, lenient=True)
    return Look(_facts(source, assembly), without_voters(source.file), is_lenient)


def _facts(source: Source, assembly: Assembly) -> dict[str, Any]:
    """What the preview tells, as plain values."""
    fields, election = source.fields, source.election
    known = known_districts(assembly)
    names = {district_name(row) for row in source.projects} - {""}
    return {
        "title": fields["title"],
        "country": fields["source_country"],
        "unit": fields["source_unit"],
        "year": fields["year"],
        "currency": source.currency,
        "amount": source.budget,
        "rule": source.rule,
        "rule_in_file": fields["source_rule"],
        "projects": len(source.projects),
        "ballots": election.voters() + election.blanks,
        "withdrawn": source.withdrawn,
        "repairs": [[repair.code, repair.times, repair.where.removeprefix("line ")] for repair in election.repairs],
        "official": [[row.id, row.name or row.id] for row in source.projects if row.selected == "1"],
        "is_told": any(row.selected in ("0", "1") for row in source.projects),
        "new_districts": sorted(name for name in names if name.casefold() not in known),
    }


def counted(data: bytes, *, name: str, digest: str, assembly: Assembly, lenient: bool) -> dict[str, Any]:
    """The winners as they will be, by the same rule, parameters and lot; nothing is written."""
    source = _read(data, name=name, digest=digest, assembly=assembly, lenient=lenient)
    poll = Poll(
        rule=source.rule,
        rule_parameters=source.rule_parameters,
        ballot_type=source.fields["ballot_type"],
        currency=source.currency,
    )
    names = {row.id: row.name or row.id for row in source.projects}
    election = build_election(
        kind=counting.KINDS[BallotType(poll.ballot_type)],
        options=[Option(row.id, cost, row.name) for row, cost in zip(source.projects, source.costs, strict=True)],
        ballots=[counting.ballot_of(choice, weight) for choice, weight in source.choices()],
        budget=source.budget,
    )
    outcome = RULES[poll.rule].count(election, **counting.parameters_of(poll, poll.rule))
    return {"winners": [[key, names[key]] for key in outcome.winners], "spent": int(outcome.total_cost)}


def without_voters(file: pb.PbFile) -> str:
    """The file again without who voted and in which order: only its choices, sorted, are kept until it comes in."""
    at = [file.vote_columns.index(column) for column in COLUMNS_OF_VOTES if column in file.vote_columns]
    kept = [column for column in COLUMNS_OF_VOTES if column in file.vote_columns]
    votes = sorted([row[position].strip() for position in at] for row, _line in file.vote_rows.rows())
    lines = ["META", "key;value", *(pb.written_row(pair) for pair in file.meta.items())]
    lines += ["PROJECTS", pb.written_row(file.project_columns)]
    lines += [
        pb.written_row([project.columns.get(column, "") for column in file.project_columns])
        for project in file.projects
    ]
    lines += ["VOTES", pb.written_row(["voter_id", *kept])]
    lines += [pb.written_row([str(number), *row]) for number, row in enumerate(votes, start=1)]
    return "\n".join(lines) + "\n"


def repair_in_words(code: str, times: int, line: str) -> str:
    """What lenient reading does about ballots that break the file's own rules, and where the first of them stands."""
    sentence = str(REPAIRS[code] % {"n": times})
    return f"{sentence} {_('The first is on line %(line)s of the file.') % {'line': line}}" if line else sentence
