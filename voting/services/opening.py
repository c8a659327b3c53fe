# SPDX-License-Identifier: AGPL-3.0-or-later
"""From a draft to an open poll: the register and the definition are frozen."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Assembly
from voting import choices, counting, electorate, keys, sealing
from voting.electorate import NewLine
from voting.models import NOT_OPENED, Option, Poll, PollState, Register
from voting.owners import owner_of, scopes_of

from . import box, trustees
from .approvals import agree
from .records import record
from .refusals import PollRefused
from .registers import freeze_register

SMALLEST_SECRET_GROUP = 5  # BALLOTS 2.8


@dataclass(frozen=True)
class NewOption:
    """An answer to put on the ballot. `cost` is in minor units of the poll's currency."""

    key: str
    title: str
    cost: int | None = None


@transaction.atomic
def create_poll(*, assembly: Assembly, owner_kind: str, options: Iterable[NewOption], **fields: Any) -> Poll:
    """A poll in draft with its options in this order; other fields are those of the model."""
    poll = Poll.objects.create(assembly=assembly, owner_kind=owner_kind, **fields)
    put_options(poll, options)
    return poll


def put_options(poll: Poll, options: Iterable[NewOption]) -> None:
    """The ballot has these options, in this order."""
    Option.objects.bulk_create(
        Option(poll=poll, key=option.key, position=place, title=option.title, cost=option.cost)
        for place, option in enumerate(options)
    )


def blockers(poll: Poll) -> list[str]:
    """Sentences that stand in the way of opening this poll; empty when it can open now."""
    sentences = []
    if poll.options.count() < 2:
        sentences.append(_("Add at least two options."))
    if poll.is_sealed and poll.shows_running_tally:
        sentences.append(_("Sealed ballots cannot be counted while people vote. Show only how many have voted."))
    if poll.is_secret and poll.register is not None and poll.register.admits_late:
        sentences.append(_("In a secret vote nobody can be added after voting opened. Change this in its register."))
    sentences += counting.problems(poll)
    return sentences + trustees.problems(poll) + owner_of(poll).blockers(poll)


def too_few_voters(poll: Poll, lines: Collection[NewLine]) -> list[str]:
    """Why this poll cannot open for these voters; where a shared register is fixed already, its voters decide."""
    is_fixed = poll.register is not None and poll.register.frozen_at is not None
    return _too_few(poll, poll.entitled if is_fixed else len(lines))


def see_voters(poll: Poll, lines: Collection[NewLine]) -> None:
    """What people agree to from now on says who can vote; nobody's earlier agreement holds for other voters."""
    if not poll.is_secret:
        return
    fixed = poll.register if poll.register is not None and poll.register.frozen_at is not None else None
    roll = fixed.lines.select_related("membership", "credential", "proxy") if fixed else lines
    poll.voters = electorate.fingerprint(poll, roll)


def _too_few(poll: Poll, entitled: int) -> list[str]:
    if not entitled:
        return [_("Nobody could vote: the register of voters is empty.")]
    if poll.is_secret and entitled < SMALLEST_SECRET_GROUP:
        return [
            _("A secret vote needs at least %(number)d voters. With fewer, the result itself tells how people voted.")
            % {"number": SMALLEST_SECRET_GROUP}
        ]
    return []


def cautions(poll: Poll, weights: Collection[int]) -> list[str]:
    """What to think about before this poll opens for voters with these weights; none of it stands in the way."""
    if not poll.is_sealed:
        return []
    sentences = []
    if len(weights) < SMALLEST_SECRET_GROUP:
        sentences.append(
            _("With fewer than %(number)d voters the result itself can tell how somebody voted.")
            % {"number": SMALLEST_SECRET_GROUP}
        )
    elif min(Counter(weights).values()) < SMALLEST_SECRET_GROUP:
        sentences.append(
            _("Fewer than %(number)d voters share the same weight, so the result can tell how they voted.")
            % {"number": SMALLEST_SECRET_GROUP}
        )
    sentences.append(_("If everybody votes alike, the result tells how each of them voted."))
    return sentences


@transaction.atomic
def open_poll(
    *,
    poll: Poll,
    lines: Iterable[NewLine],
    actor: User | None,
    closes_at: datetime | None = None,
    at: datetime | None = None,
) -> Poll:
    """The register and the definition are frozen and ballots are taken until `closes_at`, or until it is closed.

    A secret poll opens when the second person agrees; before that it comes back as it was, with one approval more.
    """
    owner_of(poll).lock(poll)
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    if poll.state not in NOT_OPENED:
        raise PollRefused(_("This vote was opened before. A vote opens only once."))
    problems = blockers(poll)
    if problems:
        raise PollRefused(" ".join(problems))
    if poll.lane and Poll.objects.open().filter(lane=poll.lane).exists():
        raise PollRefused(_("Another vote is open here. Close it first."))
    opened_at = at or timezone.now()
    if closes_at is not None and closes_at <= opened_at:
        raise PollRefused(_("The closing time has passed already. Choose a later one."))
    lines = list(lines)
    with_codes = [*lines, *electorate.with_codes(scopes_of(poll))]
    if few := too_few_voters(poll, with_codes):  # before the first of two people agrees in vain
        raise PollRefused(" ".join(few))
    poll.closes_at = closes_at
    see_voters(poll, with_codes)
    poll.definition, poll.definition_hash = poll.define(), poll.hash_of_definition()
    if poll.is_secret and not agree(poll, "open", actor, poll.definition_hash):
        Poll.objects.filter(pk=poll.pk).update(closes_at=closes_at)  # it is part of what this person agreed to
        return Poll.objects.get(pk=poll.pk)
    register = _freeze_register(poll, lines, opened_at)
    if poll.is_sealed:
        poll.box_public_key = trustees.make_box(poll)
        poll.body_length = sealing.body_length(choices.longest(poll))
        box.make_partition(poll)
    if poll.state == PollState.DRAFT:
        Poll.objects.filter(pk=poll.pk).update(state=PollState.READY)
    poll.state, poll.register = PollState.OPEN, register
    poll.opened_at = opened_at
    poll.save()
    record(
        poll,
        "opened",
        actor,
        at=at,
        definition=poll.definition,
        definition_hash=poll.definition_hash.hex(),
        entitled=register.lines.count(),
        votes=counting.votes_in_register(poll),
        receipts_public_key=bytes(keys.receipt_signer().verify_key).hex(),
    )
    return poll


def _freeze_register(poll: Poll, lines: Iterable[NewLine], at: datetime) -> Register:
    """The electoral roll as it is from now on."""
    register = freeze_register(poll=poll, lines=lines, at=at)
    entitled = register.lines.count()
    problems = _too_few(poll, entitled)
    if problems:
        raise PollRefused(" ".join(problems))
    return register
