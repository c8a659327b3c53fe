# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the polls keep about one person, for the file that everybody can download about themselves."""

from typing import Any

from accounts.models import User

from . import services
from .models import OpenBallot, OpenBallotHistory, Poll, RegisterLine, receipt_code


def export(user: User) -> list[dict[str, Any]]:
    """Each poll in which the person may vote, whether their ballot is in, and what a named ballot says."""
    lines = list(RegisterLine.objects.held_by(user).prefetch_related("register__polls").order_by("pk"))
    keys = [line.pk for line in lines]
    ballots = {(ballot.poll_id, ballot.line_id): ballot for ballot in OpenBallot.objects.filter(line__in=keys)}
    earlier: dict[object, list[dict[str, Any]]] = {}
    for version in OpenBallotHistory.objects.filter(line__in=keys).order_by("revision"):
        earlier.setdefault((version.poll_id, version.line_id), []).append(
            {"choice": version.choice, "cast_at": version.cast_at}
        )
    return [
        {
            "poll": poll.question,
            "weight": line.weight,
            "ballot": _sealed(poll, line) if poll.is_sealed else _ballot(ballots.get((poll.pk, line.pk))),
            "earlier_ballots": earlier.get((poll.pk, line.pk), []),
        }
        for line in lines
        for poll in line.register.polls.all()
    ]


def _ballot(ballot: OpenBallot | None) -> dict[str, Any] | None:
    if ballot is None:
        return None
    return {
        "choice": ballot.choice,
        "cast_at": ballot.cast_at,
        "channel": ballot.channel,
        "receipt": receipt_code(ballot.receipt),
    }


def _sealed(poll: Poll, line: RegisterLine) -> dict[str, Any] | None:
    """While the poll is open we know that a sealed ballot is in, never what it says; afterwards not even that."""
    receipt = services.receipt_of(poll, line)
    return {"sealed": True, "receipt": receipt.code} if receipt else None
