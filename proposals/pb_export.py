# SPDX-License-Identifier: AGPL-3.0-or-later
"""A published pot of a cycle as a Pabulib `.pb` file, which reads back to the same counts and the same winners.

Ballots stand in it only as far as they are public anyway: those of an imported file, and those that the poll's own files
show whole. What the format has no word for, such as the parameters of the rule and the lot, stands in META under names
that begin with `folkmoot_` and that other readers pass over.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

from django.utils import timezone

from voting import counting, results
from voting.board import reading
from voting.board.publication import Kind as Published
from voting.models import BallotType, Poll
from voting.tally import pb
from voting.tally.registry import RULES
from voting.tally.types import Election, decimal

from .models import Heading, Project
from .money_text import decimal_text

VOTE_TYPES = {
    BallotType.APPROVAL: "approval",
    BallotType.CHOOSE_ONE: "choose-1",
    BallotType.RANKED: "ordinal",
    BallotType.POINTS: "cumulative",
}
RULE_NAMES = {"equal-shares": "equalshares/add1"}  # as Pabulib calls them; others have our name
OFFICIAL = {True: "1", False: "0", None: "2"}
LIMITS = {"max_points": "max_sum_points", "max_per_option": "max_points"}  # ours: theirs


def as_pb(heading: Heading) -> str | None:
    """The pot as a file; None before its result is published, and where the ballot is of a kind that the format lacks."""
    poll = heading.poll
    if poll is None or poll.void_reason or poll.ballot_type not in VOTE_TYPES:
        return None
    result = results.binding_result(poll)
    if result is None:
        return None
    projects = list(Project.objects.filter(option__poll=poll).select_related("option", "district", "award"))
    projects.sort(key=lambda project: project.option.position if project.option else 0)
    election = counting.election_of(poll) if ballots_are_public(heading, poll) else None
    lines = ["META", "key;value"]
    lines += [
        pb.written_row((key, _one_line(value))) for key, value in _about(heading, poll, projects, election) if value
    ]
    lines += ["PROJECTS", *_projects(heading, poll, projects, result.outcome["options"])]
    lines += ["VOTES", *_votes(poll, election)]
    return "\n".join(lines) + "\n"


def ballots_are_public(heading: Heading, poll: Poll) -> bool:
    """Whether every ballot may be read by anybody: it came from a public file, or the poll's files show it."""
    if poll.ballot_parameters.get("ties_allowed"):
        return False  # the format cannot say that two projects share a place
    if heading.cycle.is_imported:
        return True
    publication = reading.publication_of(poll)
    return publication is not None and publication.kind in (Published.FULL, Published.NAMED)


def _about(
    heading: Heading, poll: Poll, projects: list[Project], election: Election | None
) -> Iterator[tuple[str, str]]:
    cycle = heading.cycle
    alone = cycle.headings.count() == 1
    yield "description", cycle.summary
    yield "country", cycle.source_country
    yield "unit", cycle.source_unit or ("" if cycle.is_imported else cycle.assembly.name)
    yield "instance", str(cycle.year)
    if not alone:
        yield "subunit", heading.title
    yield "num_projects", str(len(projects))
    yield "num_votes", str(poll.turnout)
    yield "budget", decimal_text(heading.amount, cycle.currency)
    yield "vote_type", VOTE_TYPES[BallotType(poll.ballot_type)]
    yield "rule", cycle.source_rule or RULE_NAMES.get(poll.rule, poll.rule)
    if poll.opened_at is not None:
        yield "date_begin", _day(poll.opened_at)
    ended_at = poll.closes_at or poll.closed_at
    if ended_at is not None:
        yield "date_end", _day(ended_at - timedelta(microseconds=1))
    yield "language", next((project.language for project in projects if project.language), cycle.assembly.language)
    yield "currency", cycle.currency
    if "minimum_votes" in poll.rule_parameters:
        yield "min_project_score_threshold", str(poll.rule_parameters["minimum_votes"])
    yield from _limits(poll, election)
    yield "folkmoot_title", cycle.title if alone else f"{cycle.title}: {heading.title}"
    yield "folkmoot_rule", poll.rule
    yield "folkmoot_rule_parameters", _json({**poll.rule_parameters, **_lot(poll)})
    yield "folkmoot_compared_rules", _json(poll.compared_rules)
    if election is None:
        yield (
            "comment",
            (
                "#1: The ballots are not in this file: so few people made the same choice that it could be told who they are."
            ),
        )


def _limits(poll: Poll, election: Election | None) -> Iterator[tuple[str, str]]:
    """What a ballot may hold, where every ballot in the file keeps to it: old files may break their own limits."""
    if election is None:
        return
    lengths = [len(choices) for choices, _points, _weight in election.ballots.rows()]
    if poll.min_choices and min(lengths, default=0) >= poll.min_choices:
        yield "min_length", str(poll.min_choices)
    if poll.max_choices is not None and max(lengths, default=0) <= poll.max_choices:
        yield "max_length", str(poll.max_choices)
    if poll.ballot_parameters.get("within_budget"):
        yield "max_sum_cost", decimal_text(poll.budget or 0, poll.currency)
    for ours, theirs in LIMITS.items():
        if ours in poll.ballot_parameters:
            yield theirs, str(poll.ballot_parameters[ours])


def _lot(poll: Poll) -> dict[str, str]:
    """The text from which lots are drawn, so that a tie falls the same way when the file is counted again."""
    parameters = counting.parameters_of(poll, poll.rule)
    return {"seed": parameters["seed"]} if "seed" in parameters and "seed" in RULES[poll.rule].parameters else {}


def _projects(heading: Heading, poll: Poll, projects: list[Project], reasons: dict[str, Any]) -> Iterator[str]:
    cycle = heading.cycle
    counted = "votes" if poll.ballot_type in (BallotType.APPROVAL, BallotType.CHOOSE_ONE) else "score"
    is_told = not cycle.is_imported or any(project.official_winner is not None for project in projects)
    columns = ["project_id", "cost", counted, "name", "category", "district", "latitude", "longitude", "description"]
    yield pb.written_row([*columns, "selected"] if is_told else columns)
    for project in projects:
        if project.option is None:
            raise AssertionError("projects were found by their options")
        number = Fraction(reasons[project.option.key]["numbers"].get("votes") or 0)
        selected = OFFICIAL[project.official_winner] if cycle.is_imported else OFFICIAL[project.is_funded]
        cells = [
            project.option.key,
            decimal_text(project.cost, cycle.currency),
            decimal(number),
            project.title,
            project.category,  # as it is kept, in no language: what came in by a file goes out in its words
            project.district.name if project.district else "",
            "" if project.latitude is None else str(project.latitude),
            "" if project.longitude is None else str(project.longitude),
            project.summary,
            *([selected] if is_told else []),
        ]
        yield pb.written_row([_one_line(cell) for cell in cells])


def _votes(poll: Poll, election: Election | None) -> Iterator[str]:
    """One row for each ballot, in no order that says who cast it."""
    has_points = poll.ballot_type == BallotType.POINTS
    yield "voter_id;vote;points" if has_points else "voter_id;vote"
    if election is None:
        return
    voter = 0
    for choices, points, weight in election.ballots.rows():
        cells = [",".join(election.ids[choice] for choice in choices)]
        if has_points:
            cells.append(",".join(decimal(Fraction(value, election.ballots.unit)) for value in points))
        for _ballot in range(weight):
            voter += 1
            yield pb.written_row((str(voter), *cells))
    for _ballot in range(election.blanks):
        voter += 1
        yield f"{voter};" + (";" if has_points else "")


def _json(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _one_line(text: str) -> str:
    """A line break would end the row; other spaces stay, so that a name comes back as it was."""
    return " ".join(part.strip() for part in text.splitlines()).strip()


def _day(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d.%m.%Y")
