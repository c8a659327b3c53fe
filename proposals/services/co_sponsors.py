# SPDX-License-Identifier: AGPL-3.0-or-later
"""Asking others to stand behind a proposal, and their own Yes, No, or goodbye.

Nobody ever waits for a step of the calendar to take their name away, or their invitation back.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies.models import Membership
from proposals.author_mails import ask_co_sponsor
from proposals.models import CoSponsor, Follow, Proposal
from proposals.models.co_sponsors import MOST_CO_SPONSORS
from proposals.refusals import CycleRefused

from .phases import REVIEW_PHASES, held_proposal, record, require_member, require_phase, share

MOST_ASKED = 30  # for one proposal, with those who said No: a proposal is no mailing list
CAN_BE_SPONSORED = (Proposal.State.SUBMITTED, Proposal.State.RETURNED, Proposal.State.FEASIBLE)
ONE_MAIL_IN = timedelta(days=1)  # to one address about one proposal, however often it is taken back and sent
State = CoSponsor.State


@transaction.atomic
def invite_co_sponsor(*, proposal: Proposal, author: Membership, email: str, at: datetime | None = None) -> CoSponsor:
    """Whoever reads mail at this address is asked once; nobody learns whether there is an account behind it."""
    cycle = share(proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("Nobody can be asked at the moment."))
    proposal = held_proposal(proposal)
    if proposal.author.user_id != author.user_id or author.left_at is not None:
        raise CycleRefused(_("Only the author can ask others to stand behind a proposal."))
    _refuse_closed(proposal)
    email = email.strip().lower()
    if email == author.user.email:
        raise CycleRefused(_("This is your own address. You stand behind it already."))
    asked = {found.email: found for found in proposal.co_sponsors.all()}
    before = asked.get(email)
    if before is not None and before.state != State.TAKEN_BACK:
        raise CycleRefused(_("This person was asked already. Nobody is asked twice."))
    taken = {found.place for found in asked.values()}
    place = next((number for number in range(1, MOST_CO_SPONSORS + 1) if number not in taken), None)
    if place is None:
        raise CycleRefused(
            _("A proposal has at most %(most)s co-sponsors. Take an invitation back first.")
            % {"most": MOST_CO_SPONSORS}
        )
    if before is None and len(asked) >= MOST_ASKED:
        raise CycleRefused(_("You have asked many people already. That is enough for one proposal."))
    moment = at or timezone.now()
    had_a_mail = before is not None and moment < before.invited_at + ONE_MAIL_IN  # its link works again
    found, _is_new = CoSponsor.objects.update_or_create(
        proposal=proposal,
        email=email,
        defaults={
            "state": State.INVITED,
            "place": place,
            "invited_at": before.invited_at if before is not None and had_a_mail else moment,
            "person": None,
            "ended_at": None,
        },
    )
    if not had_a_mail:
        jobs.defer(ask_co_sponsor, str(found.pk))
    return found


@transaction.atomic
def accept_co_sponsorship(*, co_sponsor: CoSponsor, person: Membership, at: datetime | None = None) -> CoSponsor:
    """This person is named beside the author from now on, and has the mails about what becomes of it."""
    cycle = share(co_sponsor.proposal.heading.cycle)
    require_phase(cycle, REVIEW_PHASES, at=at, refusal=_("It is too late to stand behind this proposal."))
    proposal = held_proposal(co_sponsor.proposal)
    co_sponsor = _asked(co_sponsor, person.user)
    require_member(cycle, person)
    _refuse_closed(proposal)
    if proposal.co_sponsors.filter(person=person, state=State.ACCEPTED).exists():
        raise CycleRefused(_("You stand behind this proposal already."))
    co_sponsor.state, co_sponsor.person, co_sponsor.answered_at = State.ACCEPTED, person, at or timezone.now()
    co_sponsor.save(update_fields=["state", "person", "answered_at"])
    Follow.objects.get_or_create(proposal=proposal, person=person)
    record(cycle, "co_sponsor.accepted", person.user, at=at, proposal=proposal.pk, reference=proposal.reference)
    return co_sponsor


@transaction.atomic
def decline_co_sponsorship(*, co_sponsor: CoSponsor, user: User, at: datetime | None = None) -> CoSponsor:
    """This person said No, and is never asked again for this proposal. Only the author sees it."""
    held_proposal(co_sponsor.proposal)
    return _end(_asked(co_sponsor, user), State.DECLINED, at)


@transaction.atomic
def leave_co_sponsorship(*, co_sponsor: CoSponsor, user: User, at: datetime | None = None) -> CoSponsor:
    """This name no longer stands beside the author's, and there are no more mails."""
    proposal = held_proposal(co_sponsor.proposal)
    co_sponsor = CoSponsor.objects.select_related("person").get(pk=co_sponsor.pk)
    if co_sponsor.person is None or co_sponsor.person.user_id != user.pk or co_sponsor.state != State.ACCEPTED:
        raise CycleRefused(_("You do not stand behind this proposal."))
    Follow.objects.filter(proposal=proposal, person=co_sponsor.person).delete()
    record(proposal.heading.cycle, "co_sponsor.left", user, at=at, proposal=proposal.pk, reference=proposal.reference)
    return _end(co_sponsor, State.LEFT, at)


@transaction.atomic
def take_invitation_back(*, co_sponsor: CoSponsor, author: User, at: datetime | None = None) -> CoSponsor:
    """The invitation no longer counts, and its place is free. Who accepted already is not sent away by it."""
    proposal = held_proposal(co_sponsor.proposal)
    if not proposal.is_written_by(author):
        raise CycleRefused(_("Only the author can take an invitation back."))
    co_sponsor = CoSponsor.objects.get(pk=co_sponsor.pk)
    if co_sponsor.state != State.INVITED:
        raise CycleRefused(_("This invitation was answered already."))
    return _end(co_sponsor, State.TAKEN_BACK, at)


def _asked(co_sponsor: CoSponsor, user: User) -> CoSponsor:
    """The invitation as it is now, when it waits for this person's answer. Hold its proposal before."""
    co_sponsor = CoSponsor.objects.get(pk=co_sponsor.pk)
    if co_sponsor.email != user.email:
        raise CycleRefused(_("This invitation is for somebody else."))
    if co_sponsor.state != State.INVITED:
        raise CycleRefused(_("This invitation was answered or taken back."))
    return co_sponsor


def _end(co_sponsor: CoSponsor, state: str, at: datetime | None) -> CoSponsor:
    co_sponsor.state, co_sponsor.place, co_sponsor.ended_at = state, None, at or timezone.now()
    co_sponsor.answered_at = co_sponsor.answered_at or (co_sponsor.ended_at if state == State.DECLINED else None)
    co_sponsor.save(update_fields=["state", "place", "ended_at", "answered_at"])
    return co_sponsor


def _refuse_closed(proposal: Proposal) -> None:
    if proposal.state not in CAN_BE_SPONSORED or proposal.is_selected or proposal.hidden_at is not None:
        raise CycleRefused(_("Nobody new can stand behind this proposal: it is on the ballot, or not in the list."))
