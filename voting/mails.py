# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to people without whom a poll does not get on: the second of two who must agree, and trustees with their keys.

They say which poll and what to do, and nothing of any ballot.
"""

from uuid import UUID

from django.urls import reverse

import jobs
from accounts.mails import send, site_address
from accounts.models import User
from assemblies.models import Membership

from .models import NOT_OPENED, Approval, Poll, PollState, Trustee
from .owners import owner_of

REMOVE = "remove"
PAGES = {
    "open": "voting:open_poll",
    "close": "voting:close",
    "publish": "voting:publish",
    "void": "voting:void",
    REMOVE: "voting:remove_ballot",
}
PEOPLE_NEEDED = 2


def who_else_may_agree(poll: Poll, action: str, *, but: set[UUID]) -> list[Membership]:
    """Everybody who may be the second person, without those who have agreed or asked already."""
    verb = "void" if action == REMOVE else action
    return [member for member in owner_of(poll).people(poll, verb) if member.user_id not in but]


@jobs.job(retries=5)
def ask_second_people(poll_id: str, action: str, actor_id: str) -> None:
    """Everybody else who may agree has a mail of their own on the way."""
    poll = Poll.objects.select_related("assembly", "register").get(pk=poll_id)
    for member in who_else_may_agree(poll, action, but={UUID(actor_id)}):
        jobs.defer(ask_second_person, poll_id, action, actor_id, str(member.pk))


@jobs.job(retries=5)
def ask_second_person(poll_id: str, action: str, actor_id: str, membership_id: str) -> None:
    """This person has a mail with a link to the page where they can agree, unless it is done or withdrawn by now."""
    poll = Poll.objects.select_related("assembly", "register").get(pk=poll_id)
    member = Membership.objects.current().select_related("user").filter(pk=membership_id).first()
    if member is None or not _still_waits(poll, action, UUID(actor_id)):
        return
    page = {
        "poll": poll,
        "assembly": poll.assembly,
        "action": action,
        "first": User.objects.get(pk=actor_id).shown_name,
        "url": _address(PAGES[action], poll),
    }
    send(member.user, "voting/mail/second_person", page, language=poll.assembly.language)


@jobs.job(retries=5)
def ask_trustee(trustee_id: str) -> None:
    """This trustee has a mail that says what their key is needed for now, if it is.

    Who has left the assembly has none, unless the others are too few to open the box without them.
    """
    trustee = Trustee.objects.select_related("user", "poll__assembly").filter(pk=trustee_id).first()
    if trustee is None:
        return
    poll = trustee.poll
    makes_key = poll.state in NOT_OPENED and trustee.proved_at is None
    if _has_left(trustee, poll) and (makes_key or _others_suffice(poll)):
        return
    if makes_key or poll.awaits_trustees:
        page = {
            "poll": poll,
            "assembly": poll.assembly,
            "makes_key": makes_key,
            "url": _address("voting:trustees", poll),
        }
        send(trustee.user, "voting/mail/trustee", page, language=poll.assembly.language)


def _has_left(trustee: Trustee, poll: Poll) -> bool:
    return not Membership.objects.current().filter(assembly=poll.assembly_id, user=trustee.user_id).exists()


def _others_suffice(poll: Poll) -> bool:
    """Whether enough trustees are still members to open the box."""
    staying = Membership.objects.current().filter(assembly=poll.assembly_id).values("user")
    return poll.trustees.filter(user__in=staying).count() >= PEOPLE_NEEDED


def _still_waits(poll: Poll, action: str, actor_id: UUID) -> bool:
    """Whether nobody has agreed besides this person, to what they agreed to last."""
    if action == REMOVE:
        return poll.state in (PollState.OPEN, PollState.CLOSING)
    if poll.state == PollState.VOIDED or (action == "open" and poll.state not in NOT_OPENED):
        return False
    given = Approval.objects.filter(poll=poll, action=action)
    last = given.filter(actor=actor_id).order_by("-at").first()
    return last is not None and given.filter(definition_hash=last.definition_hash).count() < PEOPLE_NEEDED


def _address(name: str, poll: Poll) -> str:
    return site_address() + reverse(name, args=[poll.pk])
