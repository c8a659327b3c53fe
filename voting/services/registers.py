# SPDX-License-Identifier: AGPL-3.0-or-later
"""The electoral roll: prepared, fixed when a poll opens, shared by several polls, and opened to late comers."""

import hmac
import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from assemblies.models import Assembly, District
from voting import counting, keys
from voting import electorate as electorates
from voting.electorate import NewLine
from voting.models import (
    NOT_OPENED,
    Electorate,
    LateAdmission,
    Poll,
    PollState,
    Register,
    RegisterLine,
    RegisterUse,
)
from voting.owners import owner_of, scopes_of

from .locks import hold, hold_open, refuse_unless_open
from .records import record
from .refusals import BallotRefused, PollRefused

USE = "use"  # the kind of the key that hides who has voted in which polls of a shared register
PAPER = "paper"
HAVE_CLOSED = (PollState.CLOSING, PollState.COUNTED, PollState.WITHHELD, PollState.PUBLISHED)


@transaction.atomic
def prepare_register(
    *,
    poll: Poll,
    electorate: Electorate = Electorate.RESIDENTS,
    district: District | None = None,
    late_admission: LateAdmission = LateAdmission.LOCK,
) -> Register:
    """Who may vote once this poll opens, and what happens to people who come later, are settled for now."""
    poll = Poll.objects.select_for_update().get(pk=poll.pk)
    register = _locked_registers([poll]).get(poll.register_id) or Register(assembly_id=poll.assembly_id)
    _refuse_once_fixed(poll, register)
    if district is not None and district.assembly_id != poll.assembly_id:
        raise PollRefused(_("Choose a district of this assembly."))
    register.electorate, register.district, register.late_admission = electorate, district, late_admission
    register.save()
    if poll.register is None:
        poll.register = register
        poll.save(update_fields=["register"])
    return register


@transaction.atomic
def share_register(*, polls: Sequence[Poll], max_polls: int) -> Register:
    """These polls have one register, and each voter votes in at most so many of them."""
    locked = Poll.objects.select_for_update()
    shared = list(locked.filter(pk__in=[poll.pk for poll in polls]).order_by("pk"))
    if len(shared) < 2 or len({poll.assembly_id for poll in shared}) > 1:
        raise PollRefused(_("Choose at least two votes of one assembly."))
    if not 1 <= max_polls <= len(shared):
        raise PollRefused(_("Choose a number between 1 and the number of votes."))
    fixed = _locked_registers(shared)
    given = next(
        (fixed[poll.register_id] for poll in polls if poll.register_id in fixed), Register()
    )  # who may vote stays
    register = Register.objects.create(
        assembly_id=shared[0].assembly_id,
        electorate=given.electorate,
        district=given.district,
        late_admission=given.late_admission,
        max_polls=max_polls,
    )
    for poll in shared:
        _refuse_once_fixed(poll, fixed.get(poll.register_id))
        poll.register = register
        poll.save(update_fields=["register"])
    return register


@transaction.atomic
def stop_sharing(*, poll: Poll) -> None:
    """This poll has a register of its own again, with the same voters; so has one that is left behind alone."""
    known = Poll.objects.filter(pk=poll.pk).values("register")
    # Polls before their register, in one order, as opening locks them: a poll that opens now is waited for.
    locked = Poll.objects.select_for_update().filter(Q(pk=poll.pk) | Q(register__in=known)).order_by("pk")
    polls = {one.pk: one for one in locked}
    poll = polls.pop(poll.pk)
    shared = _locked_registers([poll]).get(poll.register_id)
    _refuse_once_fixed(poll, shared)
    if shared is None or shared.max_polls is None:
        raise PollRefused(_("This vote has a register of its own already."))
    others = [one for one in polls.values() if one.register_id == shared.pk]
    for alone in [poll, *(others if len(others) == 1 else [])]:
        if alone.state in NOT_OPENED:
            alone.register = Register.objects.create(
                assembly_id=shared.assembly_id,
                electorate=shared.electorate,
                district=shared.district,
                late_admission=shared.late_admission,
            )
            alone.save(update_fields=["register"])


def new_shared_register(*, assembly: Assembly, max_polls: int, district: District | None = None) -> Register:
    """A register for polls that are drawn up one after the other, of which each voter votes in at most so many."""
    if max_polls < 1:
        raise PollRefused(_("Choose a number between 1 and the number of votes."))
    return Register.objects.create(assembly=assembly, max_polls=max_polls, district=district)


def takes_more_polls(register: Register) -> bool:
    """Whether another poll may join: once all of them are over, nobody can tell any more who voted in which."""
    if register.frozen_at is None:
        return True
    try:
        keys.read(register.pk, USE)
    except keys.KeyGone:
        return False
    return True


def freeze_register(*, poll: Poll, lines: Iterable[NewLine], at: datetime) -> Register:
    """The roll as it is from now on; everybody with a code for this poll is on it besides.

    Where another poll that shares the register opened before, its roll stays as it is and `lines` are not asked.
    """
    if poll.register_id is None:
        register = Register.objects.create(assembly_id=poll.assembly_id)
    else:
        register = Register.objects.select_for_update().get(pk=poll.register_id)
    if register.frozen_at is None:
        codes = electorates.with_codes(scopes_of(poll))
        RegisterLine.objects.bulk_create(_rows(register, [*lines, *codes]), batch_size=5000)
        if register.max_polls is not None:
            keys.keyed_hash_key(f"{register.pk}.{USE}")
        register.frozen_at = at
        register.save(update_fields=["frozen_at"])
    return register


@transaction.atomic
def admit_late(*, poll: Poll, lines: Iterable[NewLine], actor: User | None, at: datetime | None = None) -> int:
    """People who came after the poll opened may vote as well; answers how many are new.

    Only where the poll said before it opened that late comers are added. The log of every poll that shares the register
    says so.
    """
    owner_of(poll).lock(poll)
    try:
        hold_open(poll)  # a close waits for us, and nobody is added to a register that is being counted
    except BallotRefused as closed:
        raise PollRefused(_("Voting on this is not open, so nobody can be added.")) from closed
    poll = Poll.objects.select_related("register", "assembly").get(pk=poll.pk)
    register = poll.register
    if register is None or not _admits_late(poll, register):
        raise PollRefused(_("In this vote nobody is added after voting opened. It was opened that way."))
    others = _held_with(poll, register)
    new = _missing(register, lines)
    if not new:
        raise PollRefused(_("Everybody who is here is in the register already."))
    RegisterLine.objects.bulk_create(_rows(register, new, late=True), batch_size=5000)
    for one in [poll, *others]:
        record(
            one,
            "late",
            actor,
            at=at,
            lines=len(new),
            entitled=register.lines.count(),
            votes=counting.votes_in_register(one),
        )
    return len(new)


def _held_with(poll: Poll, register: Register) -> list[Poll]:
    """The other open polls of this register, held open with this one. Refuses where one of them has closed already."""
    others = list(register.polls.exclude(pk=poll.pk).order_by("pk"))
    for other in others:
        hold(other)
    if register.polls.filter(state__in=HAVE_CLOSED).exists():
        raise PollRefused(_("A vote that shares this register has closed already, so nobody can be added any more."))
    return list(register.polls.open().exclude(pk=poll.pk).select_related("register", "assembly").order_by("pk"))


def late_comers(poll: Poll) -> list[NewLine]:
    """Who is there now and is not in the register, where late comers are added; else nobody."""
    register = poll.register
    if poll.state != PollState.OPEN or register is None or not _admits_late(poll, register):
        return []
    if register.polls.filter(state__in=HAVE_CLOSED).exists():
        return []
    return _missing(register, voters_now(poll))


def voters_now(poll: Poll) -> list[NewLine]:
    """Who would be in the register if this poll opened at this moment."""
    owner = owner_of(poll)
    return [*owner.electorate(poll), *electorates.with_codes(scopes_of(poll))]


def authorise(*, line: RegisterLine, channel: str) -> None:
    """Refuse another way of voting to who was given a paper ballot; ask before anything is stored."""
    if line.paper_issued and channel != PAPER:
        raise BallotRefused(_("You were given a paper ballot. Fill it in and hand it in at the desk."))


def limits_polls(poll: Poll) -> bool:
    """Whether the poll shares its register with others, of which each voter votes in only so many."""
    return poll.register is not None and poll.register.max_polls is not None


def use(*, poll: Poll, line: RegisterLine) -> None:
    """Of a shared register: this voter votes in this poll, and in no more than the register allows.

    Belongs in the transaction of the cast. Two ballots of one voter in different polls wait for each other here.
    """
    register = poll.register
    if register is None or register.max_polls is None:
        return
    refuse_unless_open(poll, line)  # first, so that nobody hears that they voted elsewhere when the poll is over
    try:
        slot = _slot_of(register, line)
    except keys.KeyGone as gone:
        raise BallotRefused(_("Not counted: voting on this is not open.")) from gone
    _lock_slot(slot)
    uses = RegisterUse.objects.filter(register=register, slot=slot)
    if uses.filter(poll=poll).exists():
        return
    if uses.exclude(poll__state=PollState.VOIDED).count() >= register.max_polls:
        raise BallotRefused(
            ngettext(
                "You can vote in only %(most)d of these votes, and you have done so. Your other ballot stays counted.",
                "You can vote in only %(most)d of these votes, and you have done so. Your other ballots stay counted.",
                register.max_polls,
            )
            % {"most": register.max_polls}
        )
    RegisterUse.objects.bulk_create([RegisterUse(register=register, slot=slot, poll=poll)])


def polls_left(register: Register, line: RegisterLine) -> int | None:
    """In how many more polls of a shared register this voter may vote, for them alone; None where nothing limits it."""
    if register.max_polls is None:
        return None
    try:
        used = RegisterUse.objects.filter(register=register, slot=_slot_of(register, line))
    except keys.KeyGone:
        return None
    return max(0, register.max_polls - used.exclude(poll__state=PollState.VOIDED).count())


def used_up(polls_and_lines: Iterable[tuple[Poll, RegisterLine]]) -> set[uuid.UUID]:
    """The lines that may vote in no more polls of their register; one query for each register that limits them."""
    lines = {line.pk: (poll.register, line) for poll, line in polls_and_lines if limits_polls(poll)}
    return {pk for pk, (register, line) in lines.items() if register and polls_left(register, line) == 0}


def forget_uses(register: Register) -> None:
    """Once all polls of a shared register are closed, nobody can tell any more who voted in which of them."""
    going_on = [*NOT_OPENED, PollState.OPEN, PollState.CLOSING]
    if register.max_polls is not None and not register.polls.filter(state__in=going_on).exists():
        keys.destroy(register.pk, USE)


def _locked_registers(polls: Sequence[Poll]) -> dict[uuid.UUID | None, Register]:
    """The registers of these locked polls as they are now: another poll that shares one may be opening at this moment."""
    wanted = {poll.register_id for poll in polls if poll.register_id is not None}
    found = Register.objects.select_for_update().filter(pk__in=wanted).order_by("pk")
    return {register.pk: register for register in found}


def _refuse_once_fixed(poll: Poll, register: Register | None) -> None:
    if poll.state not in NOT_OPENED or (register and register.frozen_at):
        raise PollRefused(_("The register was fixed when voting opened. It can no longer be changed."))


def _slot_of(register: Register, line: RegisterLine) -> bytes:
    return hmac.digest(keys.read(register.pk, USE), b"use-v1|" + line.pk.bytes, "sha256")


def _lock_slot(slot: bytes) -> None:
    """The voter's slot is ours until this transaction ends; the trigger on the table takes the same lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(slot[:8], "big", signed=True)])


def _admits_late(poll: Poll, register: Register) -> bool:
    """Whether people are added while voting is open; never to a secret poll, where one person alone could add them."""
    return register.admits_late and not poll.is_secret


def _missing(register: Register, lines: Iterable[NewLine]) -> list[NewLine]:
    """Those of the lines whose member or code is not in the register."""
    known = list(register.lines.values_list("membership_id", "credential_id"))
    members, codes = {member for member, _code in known}, {code for _member, code in known}
    return [
        line
        for line in lines
        if (line.membership and line.membership.pk not in members)
        or (line.credential and line.credential.pk not in codes)
    ]


def _rows(register: Register, lines: Iterable[NewLine], *, late: bool = False) -> list[RegisterLine]:
    return [
        RegisterLine(
            register=register,
            membership=line.membership,
            credential=line.credential,
            proxy=line.proxy,
            weight=line.weight,
            presence=line.presence,
            paper_issued=line.paper_issued,
            label=line.label,
            late=late,
        )
        for line in lines
    ]
