# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the polls keep about one person, for the file that everybody can download about themselves."""

from typing import Any

from accounts.models import User

from .models import OpenBallot, OpenBallotHistory, RegisterLine


def export(user: User) -> list[dict[str, Any]]:
    """Each poll in which the person may vote, whether their ballot is in, and what a named ballot says."""
    lines = list(RegisterLine.objects.held_by(user).prefetch_related("register__polls").order_by("pk"))
    keys = [line.pk for line in lines]
    ballots = {ballot.line_id: ballot for ballot in OpenBallot.objects.filter(line__in=keys)}
    earlier: dict[object, list[dict[str, Any]]] = {}
    for version in OpenBallotHistory.objects.filter(line__in=keys).order_by("revision"):
        earlier.setdefault(version.line_id, []).append({"choice": version.choice, "cast_at": version.cast_at})
    return [
        {
            "poll": poll.question,
            "weight": line.weight,
            "ballot": _ballot(ballots.get(line.pk)),
            "earlier_ballots": earlier.get(line.pk, []),
        }
        for line in lines
        for poll in line.register.polls.all()
    ]


def _ballot(ballot: OpenBallot | None) -> dict[str, Any] | None:
    if ballot is None:
        return None
    return {"choice": ballot.choice, "cast_at": ballot.cast_at, "channel": ballot.channel, "receipt": ballot.receipt}
