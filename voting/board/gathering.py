# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the database to the plain data of which a bundle is made."""

import hmac
from typing import Any

import ledger
from voting.models import BoxedBallot, ClosedBox, OpenBallot, Poll, Result

from .bundle import CODE_BYTES, Material
from .publication import CountedBallot


def material_of(poll: Poll, *, code_seed: bytes) -> Material | None:
    """Everything that goes into the files of this poll; None for one that opened before all this was logged."""
    box = ClosedBox.objects.filter(poll=poll).first()
    if box is None or poll.definition is None or poll.definition_hash is None:
        return None
    return Material(
        definition=poll.definition,
        log=[(event.body, bytes(event.hash)) for event in ledger.events(poll.pk)],
        receipts=box.digests,
        ballots=ballots_of(poll, code_seed=code_seed),
        results=_results(poll),
    )


def ballots_of(poll: Poll, *, code_seed: bytes = b"") -> list[CountedBallot]:
    """Every ballot that was counted, removed ones not. Named ballots get the code that the seed makes for their line."""
    if poll.is_sealed:
        boxed = BoxedBallot.objects.filter(poll=poll).order_by("tracking", "copy")
        return [
            CountedBallot(choice=b.choice, weight=b.weight, channel=b.channel, code=bytes(b.tracking)) for b in boxed
        ]
    named = OpenBallot.objects.filter(poll=poll).exclude(line__in=poll.removals.values("line"))
    return [
        CountedBallot(
            choice=ballot.choice,
            weight=ballot.line.weight,
            channel=ballot.channel,
            code=code_of_line(code_seed, ballot.line_id),
            voter=str(ballot.line_id),
            key_hash=bytes(ballot.key_hash),
        )
        for ballot in named.select_related("line")
    ]


def code_of_line(seed: bytes, line: Any) -> bytes:
    """The tracking code of a ballot that was stored by name, for a poll that does not publish names."""
    return hmac.digest(seed, b"code-v1|" + line.bytes, "sha256")[:CODE_BYTES]


def _results(poll: Poll) -> list[dict[str, Any]]:
    """The outcome of the poll's rule, then of those that it is compared with, as its definition names them."""
    by_rule = {result.rule: result.outcome for result in Result.objects.filter(poll=poll)}
    return [by_rule[rule] for rule in [poll.rule, *poll.compared_rules]]
