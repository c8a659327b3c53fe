# SPDX-License-Identifier: AGPL-3.0-or-later
"""Voter codes: ten letters and figures on paper, with which somebody votes without an account.

A code exists in plain text only in the answer that prints it. The database keeps HMAC-SHA256 of it under a key that
is a file outside the database: who reads the database, or a backup, cannot try codes against it.
"""

import hmac
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
from accounts.models import User
from assemblies import codes
from voting import code_limits, keys
from voting.models import NOT_OPENED, Approval, CodeBatch, Credential, Poll, PollState, Secrecy
from voting.owners import owner_of, scopes_of

CODE_LENGTH = 10  # 50 bits
MOST_IN_A_BATCH = 500
KEY = "voter-codes"


_hearers: list[Callable[[str], None]] = []


def listen(hearer: Callable[[str], None]) -> None:
    """Call this with the scope of codes that were entered, left or revoked, once that is stored."""
    if hearer not in _hearers:
        _hearers.append(hearer)


def _tell(scope: str) -> None:
    for hearer in _hearers:
        transaction.on_commit(partial(hearer, scope), robust=True)  # a code that was taken stays taken


class CodeRefused(Exception):
    """The code was not taken, or codes were not made; the message is written for the person who tried."""


@dataclass(frozen=True)
class PrintedCode:
    """A code on its card. It lives as long as the answer that prints it."""

    number: int
    code: str

    @property
    def shown(self) -> str:
        """As it is printed: in two groups."""
        return f"{self.code[:5]}-{self.code[5:]}"


def read_code(typed: str) -> str:
    """The code that somebody meant: small letters, spaces, any dashes and look-alikes are forgiven; empty if none."""
    code = codes.meant_by("".join(letter for letter in typed if letter.isalnum()))
    is_code = len(code) == CODE_LENGTH and all(letter in codes.ALPHABET for letter in code)
    return code if is_code else ""


def hash_of(code: str) -> bytes:
    """What the database keeps of a code."""
    return hmac.digest(keys.keyed_hash_key(KEY), b"voter-code-v1|" + code.encode(), "sha256")


@transaction.atomic
def make_codes(
    *, poll: Poll, batch_id: uuid.UUID, label: str, size: int, counts_once_entered: bool, actor: User | None
) -> tuple[CodeBatch, list[PrintedCode]]:
    """New codes for this poll and those that share its voters. Nobody can read them again after this answer.

    `batch_id` comes from the page, so that the same page sent twice makes one batch.
    """
    scope = owner_of(poll).code_scopes(poll)[0]
    _refuse_behind_a_secret_poll(poll.assembly_id, scope)
    if not 1 <= size <= MOST_IN_A_BATCH:
        raise CodeRefused(_("Make between 1 and %(most)d codes at a time.") % {"most": MOST_IN_A_BATCH})
    if CodeBatch.objects.filter(pk=batch_id).exists():
        raise CodeRefused(
            _("These codes were made already, and nobody can read them again. Revoke them and make new ones.")
        )
    batch = CodeBatch.objects.create(
        pk=batch_id,
        assembly=poll.assembly,
        scope=scope,
        label=label,
        size=size,
        counts_once_entered=counts_once_entered,
        made_by=actor,
    )
    printed = [PrintedCode(number, code) for number, code in enumerate(_new_codes(size), start=1)]
    Credential.objects.bulk_create(
        Credential(batch=batch, number=card.number, code_hash=hash_of(card.code)) for card in printed
    )
    _record(batch, "codes_made", actor, size=size)
    return batch, printed


@transaction.atomic
def revoke_codes(*, batch: CodeBatch, actor: User | None) -> CodeBatch:
    """No code of this batch opens anything any more. Ballots that are in stay counted."""
    _refuse_behind_a_secret_poll(batch.assembly_id, batch.scope)
    batch = CodeBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.is_valid:
        batch.revoked_at = timezone.now()
        batch.save(update_fields=["revoked_at"])
        _record(batch, "codes_revoked", actor)
        _tell(batch.scope)
    return batch


@transaction.atomic
def revoke_card(*, batch: CodeBatch, number: int, actor: User | None) -> Credential:
    """The code on the card with this number opens nothing any more, and the log says so. A ballot that is in stays."""
    _refuse_behind_a_secret_poll(batch.assembly_id, batch.scope)
    card = Credential.objects.select_for_update(of=("self",)).filter(batch=batch, number=number).first()
    if card is None:
        raise CodeRefused(
            _("There is no card with this number. The numbers go from 1 to %(last)d.") % {"last": batch.size}
        )
    if card.revoked_at is not None or not batch.is_valid:
        raise CodeRefused(_("This card was revoked before."))
    card.revoked_at = timezone.now()
    card.save(update_fields=["revoked_at"])
    _record(batch, "code_revoked", actor, number=number)
    _tell(batch.scope)
    return card


def enter(*, typed: str, device: str) -> Credential:
    """The code is entered on this device, and on no other any more. Raises CodeRefused."""
    code = read_code(typed)
    if not code:
        raise CodeRefused(
            _("A voter code has %(length)d letters and figures. Type it as it is on your card.")
            % {"length": CODE_LENGTH}
        )
    hashed = hash_of(code)
    try:
        tries = code_limits.use_up(code=hashed, device=device)
    except code_limits.TooOften as too_often:
        raise CodeRefused(str(too_often)) from too_often
    credential = _taken(hashed)
    if credential is None:
        tries.were_wrong()
        raise CodeRefused(_("This code is not known here. Check it on your card, or ask at the desk."))
    tries.were_right()
    return credential


def leave(credential: Credential) -> None:
    """The code is entered nowhere any more; it can be entered again."""
    Credential.objects.filter(pk=credential.pk, entry=credential.entry).update(entry=None)
    _tell(credential.batch.scope)


def why_fixed(assembly_id: UUID) -> dict[str, str]:
    """By scope, the sentence that says why no codes are made or revoked now.

    The voters of a secret poll stay as they were when the first of two people agreed to open it; nobody alone adds any.
    """
    # Every approval counts, even of what the poll was before: it counts again once the poll is changed back.
    is_agreed = Q(state__in=NOT_OPENED, pk__in=Approval.objects.filter(action="open").values("poll"))
    polls = Poll.objects.filter(Q(state=PollState.OPEN, secrecy=Secrecy.SECRET) | is_agreed, assembly=assembly_id)
    sentences = {}
    for poll in polls.select_related("register").order_by("pk"):
        if poll.state == PollState.OPEN:
            why = _("No codes are made or revoked now: the secret vote “%(question)s” takes them, and it is open.")
        else:
            why = _(
                "No codes are made or revoked now: the secret vote “%(question)s” takes them,"
                " and somebody has agreed to open it."
            )
        sentences.update(dict.fromkeys(scopes_of(poll), why % {"question": poll.question}))
    return sentences


def _refuse_behind_a_secret_poll(assembly_id: UUID, scope: str) -> None:
    _hold_secret_polls(assembly_id)
    why = why_fixed(assembly_id).get(scope)
    if why:
        raise CodeRefused(why)


def _hold_secret_polls(assembly_id: UUID) -> None:
    """Nobody agrees to open a secret poll, or opens it, until this transaction ends; who was doing so is done."""
    waiting = Poll.objects.filter(assembly=assembly_id, secrecy=Secrecy.SECRET, state__in=[*NOT_OPENED, PollState.OPEN])
    list(waiting.order_by("pk").select_for_update(no_key=True).values_list("pk"))


@transaction.atomic
def _taken(hashed: bytes) -> Credential | None:
    """The valid code with this hash, under a lock: of two devices at the same moment the later one has it."""
    found = Credential.objects.select_for_update(of=("self",)).select_related("batch__assembly")
    credential = found.filter(code_hash=hashed, batch__revoked_at=None, revoked_at=None).first()
    if credential is not None:
        credential.entry = uuid.uuid4()
        credential.save(update_fields=["entry"])
        _tell(credential.batch.scope)
    return credential


def _new_codes(size: int) -> list[str]:
    made: dict[str, None] = {}
    while len(made) < size:
        made[codes.new_code(CODE_LENGTH)] = None
    return list(made)


def _record(batch: CodeBatch, kind: str, actor: User | None, **data: object) -> None:
    ledger.append(
        stream=batch.assembly_id,
        kind=kind,
        data={"by": actor.pk if actor else None, "batch": batch.pk, "scope": batch.scope, **data},
    )
