# SPDX-License-Identifier: AGPL-3.0-or-later
"""A rehearsal: a copy of a meeting in a private assembly of its own, with simulated people.

Nothing of it gets into the registers, the statistics or the minutes of the real assembly. The members of the copy are
those who run meetings, and the simulated people: their addresses end in `.invalid`, so no mail reaches anybody.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from assemblies.rights import RUN_MEETINGS, people_with
from meetings.models import AgendaItem, ItemKind, ItemPoll, Meeting, MeetingState, Motion, MotionState
from meetings.models.meetings import SIMULATED
from voting.models import NOT_OPENED, Secrecy

from .acts import MeetingRefused, clock, lock, record
from .agenda import add_item
from .decisions import in_language_of
from .meetings import create_meeting, schedule
from .motions import put_motion
from .poll_templates import Consent, Threshold
from .polls import add_poll, template_of

MOST_SIMULATED = 2_000
ADDRESS = "simulated.{place}.{number}" + SIMULATED
NAME = gettext_noop("Simulated person %(number)d")
LONGEST = timedelta(minutes=30)  # the simulated people stay for
SIGNED_IN_FOR = timedelta(hours=2)
RULES = (
    *("quorum_base", "quorum_needed", "quorum_numerator", "quorum_denominator", "quorum_comparison", "quorum_counts"),
    *("speaking_policies", "safe_places", "speech_seconds", "responses_per_speech", "is_moderated", "group_names"),
    *("turns_per_item", "person_seconds", "group_seconds"),
    *("proxies_per_holder", "chair_breaks_ties"),
)


@transaction.atomic
def clone_for_rehearsal(*, meeting: Meeting, attendees: int, actor: User | None, at: datetime | None = None) -> Meeting:
    """A copy of the meeting that begins now, with its agenda, motions and votes as planned, and so many simulated people.

    Who runs meetings in the real assembly runs them here too. The doors are still closed.
    """
    if meeting.rehearses_id is not None:
        raise MeetingRefused(_("This is a rehearsal already. Rehearse the meeting itself."))
    if not 1 <= attendees <= MOST_SIMULATED:
        raise MeetingRefused(_("Choose between 1 and %(most)d simulated people.") % {"most": MOST_SIMULATED})
    if not meeting.items.exists():
        raise MeetingRefused(_("Add at least one item to the agenda before you rehearse the meeting."))
    at = clock(at)
    with in_language_of(meeting):
        stage = _stage_for(meeting, attendees)
        length = max(meeting.planned_end_at - meeting.starts_at, timedelta(minutes=10))
        copy = create_meeting(
            assembly=stage,
            title=(_("Rehearsal: %(title)s") % {"title": meeting.title})[:120],
            place=meeting.place,
            text=_("A rehearsal with simulated people. Nothing that happens here counts."),
            starts_at=at,
            planned_end_at=at + length,
            actor=actor,
            at=at,
            rehearses=meeting,
            **_rules_of(meeting, attendees),
        )
    for item in meeting.items.order_by("position"):
        _copy_item(item, copy, actor, at)
    return schedule(meeting=copy, actor=actor, at=at)


def _rules_of(meeting: Meeting, attendees: int) -> dict[str, Any]:
    """The rules of the meeting, with a fixed quorum that the simulated people can reach: without one nothing opens."""
    rules = {name: getattr(meeting, name) for name in RULES}
    if meeting.quorum_needed:
        rules["quorum_needed"] = min(meeting.quorum_needed, max(1, attendees * 4 // 5))
    return rules


def _stage_for(meeting: Meeting, attendees: int) -> Assembly:
    """A private assembly with those who run meetings and the simulated people."""
    real = meeting.assembly
    place = secrets.token_hex(4)
    stage = Assembly.objects.create(
        slug=f"rehearsal-{place}",
        name=(_("Rehearsal of %(name)s") % {"name": real.name})[:120],
        currency=real.currency,
        language=real.language,
        is_public=False,
    )
    now = clock()
    runners = people_with(RUN_MEETINGS, real)
    Membership.objects.bulk_create(
        Membership(assembly=stage, user=member.user, roles=[Role.FACILITATOR.value], verified_at=now)
        for member in runners
    )
    people = [
        User(email=ADDRESS.format(place=place, number=number), name=_(NAME) % {"number": number})
        for number in range(1, attendees + 1)
    ]
    for person in people:
        person.set_unusable_password()
    User.objects.bulk_create(people)
    Membership.objects.bulk_create(Membership(assembly=stage, user=person, verified_at=now) for person in people)
    return stage


def _copy_item(item: AgendaItem, copy: Meeting, actor: User | None, at: datetime) -> None:
    made = add_item(
        meeting=copy,
        title=item.title,
        actor=actor,
        kind=ItemKind(item.kind),
        planned_minutes=item.planned_minutes,
        text=item.text,
        presenter=item.presenter,
        is_consent=item.is_consent,
        at=at,
    )
    motions = {
        motion.pk: put_motion(
            item=made, title=motion.title, text=motion.text, mover=motion.mover, seconder=motion.seconder,
            actor=actor, at=at,
        )
        for motion in Motion.objects.filter(item=item, state=MotionState.PROPOSED)
    }  # fmt: skip
    planned = ItemPoll.objects.filter(item=item, amendment=None, poll__state__in=NOT_OPENED, poll__follows=None)
    for held in planned.select_related("poll").order_by("pk"):
        _copy_poll(held, made, motions.get(held.motion_id) if held.motion_id else None, actor, at)


def _copy_poll(held: ItemPoll, item: AgendaItem, motion: Motion | None, actor: User | None, at: datetime) -> None:
    poll, rule = held.poll, held.poll.rule_parameters
    by_majority = poll.rule == "majority"
    add_poll(
        item=item,
        template=template_of(held),
        question=poll.question,
        options=[option.title for option in poll.options.order_by("position")],
        # A secret vote needs two people at each step, and whoever rehearses is often alone: sealed is what they see.
        secrecy=min(Secrecy(poll.secrecy), Secrecy.CONFIDENTIAL),
        threshold=Threshold(rule["threshold"], rule["operator"], rule["base"]) if by_majority else Threshold(),
        consent=Consent(
            blocks=rule.get("objections", 0), talk_above=rule.get("talk_above", "1/4"), has_fallback=held.has_fallback
        ),
        needs_majority="more_than" in rule,
        is_straw=held.is_straw,
        needs_quorum=held.needs_quorum,
        motion=motion,
        actor=actor,
        at=at,
    )


def simulated_people(meeting: Meeting) -> "Sequence[User]":
    """The people of a rehearsal who are none."""
    found = User.objects.filter(memberships__assembly=meeting.assembly_id, email__endswith=SIMULATED)
    return list(found.order_by("email"))


def sign_in_simulated(meeting: Meeting) -> list[str]:
    """Each simulated person is signed in for two hours; answers the keys of their sessions."""
    if meeting.rehearses_id is None:
        raise MeetingRefused(_("Simulated people come to rehearsals only."))
    store = import_module(settings.SESSION_ENGINE).SessionStore
    keys = []
    for user in simulated_people(meeting):
        session = store()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.set_expiry(SIGNED_IN_FOR)
        session.create()
        keys.append(session.session_key)
    return keys


def sign_out_simulated(keys: Sequence[str]) -> None:
    """Nobody uses these sessions any more."""
    Session.objects.filter(pk__in=keys).delete()


def is_going_on(meeting: Meeting) -> bool:
    """Whether simulated people still have a reason to be there."""
    return meeting.rehearses_id is not None and not meeting.is_over


@transaction.atomic
def remove_rehearsal(*, meeting: Meeting, actor: User | None, at: datetime | None = None) -> Meeting:
    """Nobody sees the rehearsal any more, and the simulated people cannot sign in; its record is kept. Answers the real meeting."""
    meeting = lock(meeting)
    real = meeting.rehearses
    if real is None:
        raise MeetingRefused(_("This is no rehearsal. A real meeting is never removed."))
    if meeting.state in (MeetingState.IN_SESSION, MeetingState.IN_RECESS):
        raise MeetingRefused(_("Close the meeting first, then remove the rehearsal."))
    at = clock(at)
    record(meeting, "rehearsal_removed", actor=actor, at=at)
    User.objects.filter(pk__in=[person.pk for person in simulated_people(meeting)]).update(is_active=False)
    Membership.objects.filter(assembly=meeting.assembly_id, left_at=None).update(left_at=at)
    return real
