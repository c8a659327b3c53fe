# SPDX-License-Identifier: AGPL-3.0-or-later
"""The embargo. Every page, frame, export and mail reads totals and outcomes here, and nowhere else.

Turnout may always be told. Totals while a poll is open exist only where the poll said so before it opened;
an outcome exists for readers only once it is published, for facilitators and administrators too.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, Sum, prefetch_related_objects

from . import counting
from .models import BallotType, Envelope, OpenBallot, Poll, PollState, RegisterLine, Result


@dataclass(frozen=True)
class Total:
    """One option of a running tally: `share` is in thousandths of the ballots in, for drawing only."""

    key: str
    title: str
    votes: int
    share: int


@dataclass(frozen=True)
class AreaCount:
    """Of one area: how many stand on the register, and how many of them voted."""

    entitled: int
    voted: int

    @property
    def least(self) -> int:
        """The smaller of those who voted and those who did not."""
        return min(self.voted, self.entitled - self.voted)


@dataclass(frozen=True)
class RunningTally:
    ballots: int
    totals: list[Total]


def are_visible(poll: Poll) -> bool:
    """Whether outcomes may be read: published, or published once and void since (then shown struck out)."""
    return poll.published_at is not None


def visible_results(poll: Poll) -> list[Result]:
    """The results of the poll, the binding one first; none while they are under embargo."""
    return list(poll.results.all()) if are_visible(poll) else []


def load(polls: Iterable[Poll]) -> None:
    """Those results that may be read are in memory after one query, for a page that shows several polls."""
    prefetch_related_objects([poll for poll in polls if are_visible(poll)], "results")


def movement(poll: Poll) -> str:
    """A short text that differs after every ballot that came in or was replaced; it says nothing about choices."""
    store = Envelope.objects.filter(poll=poll) if poll.is_sealed else OpenBallot.objects.filter(poll=poll)
    found = store.aggregate(ballots=Count("*"), revisions=Sum("revision"))
    return f"{found['ballots']}.{found['revisions'] or 0}"


def binding_result(poll: Poll) -> Result | None:
    """The result that decides, or None while it is under embargo. A void poll decides nothing, but can be read."""
    return next((result for result in visible_results(poll) if result.is_binding), None)


def written_reasons(poll: Poll) -> list[tuple[str, str]]:
    """Each answer with a reason that somebody wrote beside it, without names; none while results are under embargo."""
    if poll.ballot_type != BallotType.CONSENSUS or not are_visible(poll):
        return []
    return counting.written_reasons(poll)


def running_tally(poll: Poll) -> RunningTally | None:
    """Totals so far, where this poll shows them while it is open; else None."""
    if poll.state != PollState.OPEN or not poll.shows_running_tally:
        return None
    votes, ballots = counting.simple_totals(poll)
    longest = max(ballots, *votes.values(), 1)  # points may be more than people
    return RunningTally(
        ballots=ballots,
        totals=[
            Total(
                key=o.key,
                title=o.shown_title,
                votes=votes.get(o.key, 0),
                share=max(0, 1000 * votes.get(o.key, 0) // longest),
            )
            for o in poll.options.all()
        ],
    )


def turnout_by_channel(poll: Poll, *, smallest: int = 5) -> dict[str, int]:
    """Ballots by channel once the poll is closed; channels with fewer than `smallest` are left out.

    So is the next larger one, where what is left out would otherwise follow from the turnout.
    """
    if poll.closed_at is None:
        return {}
    store, weight = (poll.boxed_ballots, "weight") if poll.is_sealed else (poll.ballots, "line__weight")
    rows = store.values("channel").annotate(n=Sum(weight)).values_list("channel", "n")
    by_size = sorted(rows, key=lambda row: (row[1], row[0]))
    hidden = [n for _channel, n in by_size if n < smallest]
    while hidden and sum(hidden) < smallest and len(hidden) < len(by_size):
        hidden.append(by_size[len(hidden)][1])
    return dict(by_size[len(hidden) :])


def turnout_by_district(poll: Poll, *, smallest: int = 5) -> dict[UUID | None, AreaCount | None]:
    """Voters by where they live, once a named ballot is published; None in the place of areas that stay hidden.

    Who has no account, or no district, stands under None. From a sealed ballot nobody knows it.
    """
    if poll.is_sealed or not are_visible(poll):
        return {}
    lines = RegisterLine.objects.filter(register=poll.register_id).values_list("membership__district")
    counted = lines.annotate(entitled=Count("pk"), voted=Count("pk", filter=Q(ballots__poll=poll)))
    areas = {district: AreaCount(entitled, voted) for district, entitled, voted in counted.order_by()}
    shown = hide_small_areas(areas, smallest=smallest)
    return {district: shown.get(district) for district in areas} if len(areas) > 1 and shown else {}


def hide_small_areas(areas: Mapping[UUID | None, AreaCount], *, smallest: int) -> dict[UUID | None, AreaCount]:
    """Only areas where at least so many voted and so many did not.

    What is left out is never one area alone, and never fewer people together: else it would follow from the sums.
    """
    by_size = sorted(areas, key=lambda area: areas[area].least)
    hidden = sum(areas[area].least < smallest for area in by_size)
    while 0 < hidden < len(by_size) and (
        hidden == 1
        or sum(areas[area].voted for area in by_size[:hidden]) < smallest
        or sum(areas[area].entitled - areas[area].voted for area in by_size[:hidden]) < smallest
    ):
        hidden += 1
    return {area: areas[area] for area in by_size[hidden:]}
