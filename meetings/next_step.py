# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a facilitator does next: exactly one act with one sentence why, which is never refused as things stand.

A pure reading of the situation. What else can be done stands beside it on the page; this is what one would do now.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.money import format_count
from meetings.decided import ShownPoll
from meetings.models import ItemKind, Meeting, MeetingState, MotionState
from meetings.services.motions import is_for_an_earlier_text
from meetings.situation import Situation
from meetings.speaking_order import INTERRUPTING, Floor


@dataclass(frozen=True)
class NextStep:
    """One act, or one page to go to."""

    meeting: Meeting
    verb: str  # the name of its address
    label: str
    why: str
    ids: tuple[object, ...] = ()
    data: dict[str, str] = field(default_factory=dict)  # sent with the act
    is_link: bool = False
    asks_first: bool = False  # it cannot be taken back, so its consequence is told first
    goes_on: bool = False  # it leads to what comes after, so it carries an arrow

    @property
    def url(self) -> str:
        if self.verb == "voting":
            return reverse("voting:desk", args=self.ids)
        return reverse(f"meetings:{self.verb}", args=[self.meeting.pk, *self.ids])


def next_step(now: Situation, *, floor: Floor | None = None, chair_is_here: bool = True) -> NextStep:
    """The one thing to do now."""
    match now.meeting.state:
        case MeetingState.DRAFT:
            return _draft(now)
        case MeetingState.SCHEDULED if _moment(now) < now.meeting.doors_may_open_at:
            return NextStep(now.meeting, "edit", _("Move the beginning"), now.meeting.too_early_for_doors, is_link=True)
        case MeetingState.SCHEDULED:
            why = _("Open the doors when people may check in. The projector then shows the code.")
            return NextStep(now.meeting, "open_doors", _("Open the doors"), why)
        case MeetingState.DOORS_OPEN:
            return _doors_open(now, chair_is_here)
        case MeetingState.IN_SESSION:
            return _in_session(now, floor)
        case MeetingState.IN_RECESS:
            return NextStep(now.meeting, "resume", _("Go on with the meeting"), _quorum_or(now, _("There is a break.")))
        case MeetingState.ADJOURNED | MeetingState.MINUTES_DRAFT:
            why = _("The meeting is closed. Its minutes are written from what happened.")
            return NextStep(now.meeting, "minutes", _("Go to the minutes"), why, is_link=True)
        case MeetingState.MINUTES_APPROVED:
            why = _("The minutes are approved. Nothing of this meeting changes any more.")
            return NextStep(now.meeting, "minutes", _("Read the minutes"), why, is_link=True)
    why = _("This meeting was called off.")
    return NextStep(now.meeting, "meeting", _("To the page of the meeting"), why, is_link=True)


def _draft(now: Situation) -> NextStep:
    if not now.items:
        why = _("The agenda is empty.")
        return NextStep(now.meeting, "add_item", _("Add an item"), why, is_link=True)
    if now.meeting.planned_end_at <= _moment(now):
        why = _("This meeting would be over already. Choose a later time.")
        return NextStep(now.meeting, "edit", _("Change the time"), why, is_link=True)
    why = _("This meeting is a draft that only facilitators see.")
    return NextStep(now.meeting, "schedule", _("Announce the meeting"), why)


def _moment(now: Situation) -> datetime:
    """When the situation was read, by the database's clock."""
    return vars(now.meeting).get("read_at") or timezone.now()


def _doors_open(now: Situation, chair_is_here: bool) -> NextStep:
    if not chair_is_here:
        why = _("The chair is not checked in yet. The meeting begins when the chair is here.")
        return NextStep(now.meeting, "desk", _("Check the chair in"), why, is_link=True)
    here = ngettext("%(n)s person is checked in.", "%(n)s people are checked in.", now.present) % {
        "n": format_count(now.present)
    }
    return NextStep(now.meeting, "call_to_order", _("Start the meeting"), _quorum_or(now, here))


def _in_session(now: Situation, floor: Floor | None) -> NextStep:
    if now.running_count is not None:
        why = _("Hands are being counted. Nothing goes on before the tellers are done.")
        return NextStep(
            now.meeting, "hands", _("Enter a count as teller"), why, ids=(now.running_count.pk,), is_link=True
        )
    shown = now.poll_in_hand
    if shown is not None:
        step = _of_poll(now, shown)
        if step is not None:
            return step
    return _of_floor(now, floor) or _of_motion(now) or _onwards(now)


def _of_poll(now: Situation, shown: ShownPoll) -> NextStep | None:
    """What the vote in hand asks for; None when it is over."""
    ids: tuple[object, ...] = (shown.poll.pk,)
    if shown.poll.is_secret and shown.step in ("ready", "open", "closing", "counted"):
        why = _("Two people open, close and show a secret vote, each on the page of the vote.")
        return NextStep(now.meeting, "voting", _("Run the secret vote"), why, ids=ids, is_link=True)
    match shown.step:
        case "ready":
            return _of_ready_poll(now, shown)
        case "open" if shown.closing_at is not None:
            why = _("The vote closes in a few seconds on all screens.")
            late = shown.came_in_last
            if late:
                why = ngettext(
                    "%(n)s ballot came in since the countdown began: people are still voting.",
                    "%(n)s ballots came in since the countdown began: people are still voting.",
                    late,
                ) % {"n": format_count(late)}
            return NextStep(now.meeting, "keep_open", _("Keep the vote open"), why, ids=ids)
        case "open":
            numbers = {"in": format_count(shown.poll.turnout), "all": format_count(shown.poll.entitled)}
            why = _("%(in)s of %(all)s have voted. Close it when nobody is choosing any more.") % numbers
            if shown.poll.turnout >= shown.poll.entitled:
                why = _("Everybody who may vote has voted.")
            return NextStep(now.meeting, "start_closing", _("Close the vote"), why, ids=ids)
        case "closing" if shown.poll.is_stuck:
            why = _("Voting has closed, but the counting does not get on. Who runs this vote can declare it void.")
            return NextStep(now.meeting, "voting", _("Run it"), why, ids=ids, is_link=True)
        case "closing":
            why = _("The ballots are being counted. This page shows by itself when that is done.")
            return NextStep(now.meeting, "cockpit", _("Look again"), why, is_link=True)
        case "counted":
            why = _("The ballots are counted. Nobody sees the result before you show it, not even you.")
            return NextStep(now.meeting, "reveal_poll", _("Show the result"), why, ids=ids)
    if now.tie is not None:
        why = _("A tie. The chair decides it, or it stays as it is.")
        return NextStep(now.meeting, "decisions", _("Look at the tie"), why, is_link=True)
    if shown.runoff:
        why = _("No answer got enough votes.")
        return NextStep(now.meeting, "runoff", _("Put up the runoff"), why, ids=ids)
    if shown.needs_fallback:
        why = _("Consensus was blocked. It was agreed beforehand that two thirds decide then.")
        return NextStep(now.meeting, "fallback", _("Put up the vote by two thirds"), why, ids=ids)
    return None


def _of_ready_poll(now: Situation, shown: ShownPoll) -> NextStep:
    held, ids = shown.held, (shown.poll.pk,)
    if not held.is_straw and held.motion is not None and shown.poll.follows_id is None:
        stale = held.motion.state != MotionState.PROPOSED
        if held.amendment is not None:
            stale = stale or held.amendment.state != "proposed" or is_for_an_earlier_text(held.amendment)
        if stale:
            why = _("What this vote is about was decided or changed already.")
            return NextStep(now.meeting, "remove_poll", _("Take the vote away"), why, ids=ids)
    if held.needs_quorum and not held.is_straw and now.room.is_lacking:
        missing = now.room.required - now.room.present
        why = ngettext(
            "The quorum is not met: %(n)s more voter is needed. Wait, or take a break.",
            "The quorum is not met: %(n)s more voters are needed. Wait, or take a break.",
            missing,
        ) % {"n": format_count(missing)}
        return NextStep(now.meeting, "recess", _("Take a break"), why)
    if not now.room.may_vote:
        why = _("Nobody who may vote is checked in. Wait, or take a break.")
        return NextStep(now.meeting, "recess", _("Take a break"), why)
    why = ngettext(
        "%(n)s person here may vote. Who comes later cannot vote on this.",
        "%(n)s people here may vote. Who comes later cannot vote on this.",
        now.room.may_vote,
    ) % {"n": format_count(now.room.may_vote)}
    return NextStep(now.meeting, "open_poll", _("Open the vote"), why, ids=ids)


def _of_floor(now: Situation, floor: Floor | None) -> NextStep | None:
    """Who speaks is let finish, and who waits is called, before the room goes on."""
    if floor is None or now.current is None:
        return None
    if floor.speaking is not None:
        why = _("%(name)s is speaking. Press when they have finished.") % {"name": floor.speaking.attendee}
        return NextStep(now.meeting, "finish_speaker", _("Has finished"), why, ids=(floor.speaking.pk,))
    up = floor.next_up
    if floor.paused is not None and (up is None or up.kind not in INTERRUPTING):
        why = _("%(name)s was interrupted.") % {"name": floor.paused.attendee}
        return NextStep(now.meeting, "resume_speaker", _("Goes on"), why, ids=(floor.paused.pk,))
    if up is None:
        return None
    waiting = len(floor.waiting) + (floor.called is not None)
    why = ngettext(
        "%(n)s person waits to speak. %(name)s is next.", "%(n)s people wait to speak. %(name)s is next.", waiting
    ) % {"n": format_count(waiting), "name": up.attendee}
    return NextStep(now.meeting, "call_speaker", _("Call the next speaker"), why, ids=(up.pk,))


def _of_motion(now: Situation) -> NextStep | None:
    """A motion that nobody decided on is put to the vote, its changes first: an item is not done before."""
    if now.current is None:
        return None
    for shown in now.motions:
        if not shown.is_open:
            continue
        data = {"template": "yes_no", "motion": str(shown.motion.pk)}
        why = _("Nothing was decided yet about “%(motion)s”.") % {"motion": shown.motion}
        change = next((one for one in shown.amendments if one.is_open and not one.is_for_an_earlier_text), None)
        if change is not None:
            data["amendment"] = str(change.amendment.pk)
            why = _("A change to “%(motion)s” is voted on before the motion itself.") % {"motion": shown.motion}
        label = _("Put the change to the vote") if change else _("Put the motion to the vote")
        return NextStep(now.meeting, "quick_poll", label, why, ids=(now.current.item.pk,), data=data)
    return None


def _onwards(now: Situation) -> NextStep:
    following = now.next_item
    if following is not None and following in now.consent_group and not now.room.is_lacking:
        n = len(now.consent_group)
        why = ngettext(
            "%(n)s item is adopted without debate, unless somebody wants to talk about it.",
            "%(n)s items are adopted together without debate, unless somebody wants to talk about one.",
            n,
        ) % {"n": format_count(n)}
        return NextStep(now.meeting, "adopt_consent_group", _("Adopt together"), why, data={"shown": now.consent_ids})
    if following is not None:
        why = _("Next: %(title)s") % {"title": following.item.title}
        label = _("Next item") if now.current else _("Take up the first item")
        if now.current is None and any(not shown.item.is_planned for shown in now.items):
            label = _("Next item")
        if now.current is not None and now.current.item.kind == ItemKind.BREAK:
            label = _("End the break, next item")
        return NextStep(now.meeting, "advance", label, why, ids=(following.item.pk,), goes_on=True)
    for shown in now.forgotten_polls:
        why = _("“%(question)s” was counted and never shown.") % {"question": shown.poll.question}
        verb, is_link = ("voting", True) if shown.poll.is_secret else ("reveal_poll", False)
        return NextStep(now.meeting, verb, _("Show its result"), why, ids=(shown.poll.pk,), is_link=is_link)
    why = _("This is the last item.") if now.current else _("Every item is done.")
    aside = sum(shown.item.state == "tabled" for shown in now.items)
    if aside:
        why = ngettext(
            "%(n)s item is laid aside. It is carried over when the meeting closes.",
            "%(n)s items are laid aside. They are carried over when the meeting closes.",
            aside,
        ) % {"n": format_count(aside)}
    return NextStep(now.meeting, "adjourn", _("Close the meeting"), why, asks_first=True)


def _quorum_or(now: Situation, otherwise: str) -> str:
    """The quorum comes first where it is set: nothing can be decided without it."""
    return now.room.sentence if now.room.is_set else otherwise
