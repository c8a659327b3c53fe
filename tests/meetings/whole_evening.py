"""A meeting from its doors to its end, through the services, with everything that minutes tell."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Model

from assemblies.models import Assembly, Membership, Role
from meetings import services
from meetings.models import AttendanceSource, ItemKind, Meeting, MotionState
from meetings.services import attendance, consent, hands, motions, runoffs
from meetings.services import minutes as writing
from tests.make import make_assembly, make_member
from tests.meetings.evening import current, fresh, fresh_poll, item, seat, vote

BEGAN = datetime(2026, 3, 10, 18, 0, tzinfo=UTC)  # 19:00 in Brussels


def after(minutes: int) -> datetime:
    """The time of the evening, in minutes since it began."""
    return BEGAN + timedelta(minutes=minutes)


def hold(assembly: Assembly, chair: Membership, member: Membership, **fields: Any) -> Meeting:
    """Seven items: a report, two adopted together, a motion that is changed, a count of hands, one put off, one left."""
    meeting = services.create_meeting(
        assembly=assembly,
        title="Spring assembly *2026*",
        place="Old Tram Hall",
        starts_at=BEGAN,
        planned_end_at=BEGAN + timedelta(hours=2),
        actor=chair.user,
        quorum_needed=2,
        at=after(-2000),
        **fields,
    )
    titles = (
        "Report",
        "Minutes of autumn",
        "Lease of the shed",
        "Hall hours",
        "Youth seat",
        "Flags",
        "Any other matter",
    )
    for title in titles:
        services.add_item(meeting=meeting, title=title, kind=ItemKind.DECISION, presenter="Dede", actor=None)
    for number in (2, 3):
        services.mark_for_consent(item=item(meeting, number), on=True, actor=None)
    services.schedule(meeting=fresh(meeting), actor=None, at=after(-1900))
    Meeting.objects.filter(pk=meeting.pk).update(chair=chair)
    services.open_doors(meeting=fresh(meeting), actor=None, at=after(-20))
    for present in (chair, member):
        services.check_in(meeting=fresh(meeting), membership=present, at=after(-10))
    attendance.check_in_guest(meeting=fresh(meeting), handle="Loud Guest", source=AttendanceSource.DESK, at=after(-9))
    services.call_to_order(meeting=fresh(meeting), actor=chair.user, at=after(1))

    services.advance(meeting=fresh(meeting), to=item(meeting, 1), actor=None, at=after(2))
    services.note_outcome(item=current(meeting), outcome="Taken note of", actor=None, at=after(3))
    entry = services.raise_hand(attendee=seat(meeting, member), at=after(4))
    services.call_speaker(entry=entry, actor=None, at=after(5))
    services.finish_speaker(entry=fresh_entry(entry), actor=None, at=after(6))
    consent.adopt_consent_group(meeting=fresh(meeting), actor=None, at=after(7))

    services.advance(meeting=fresh(meeting), to=item(meeting, 4), actor=None, at=after(10))
    motion = motions.put_motion(
        item=current(meeting), title="Open later", text="The hall is open until ten.\n# Not a heading",
        mover="Amina", seconder="Bao", actor=None, at=after(11),
    )  # fmt: skip
    amendment = motions.amend(
        motion=motion, text="The hall is open until eleven.", reason="Buses", mover="Dede", actor=None, at=after(12)
    )
    runoffs.decide_by_agreement(motion=motion, amendment=amendment, actor=None, at=after(13))
    held = services.add_poll(
        item=current(meeting), template="yes_no", question="Open later?", motion=motion, actor=None, at=after(14)
    )
    services.open_item_poll(item_poll=held, actor=None, at=after(15))
    vote(fresh_poll(held).poll, chair, "yes")
    vote(fresh_poll(held).poll, member, "yes")
    services.close_item_poll(item_poll=fresh_poll(held), actor=None)
    services.reveal_item_poll(item_poll=fresh_poll(held), actor=None)

    services.recess(meeting=fresh(meeting), actor=None, at=after(25))
    attendance.step_out(attendee=seat(meeting, member), at=after(27))
    attendance.come_back(attendee=seat(meeting, member), at=after(33))
    services.resume(meeting=fresh(meeting), actor=None, at=after(35))

    services.advance(meeting=fresh(meeting), to=item(meeting, 5), actor=None, at=after(36))
    count = hands.open_hand_count(item=current(meeting), question="A seat for youth?", actor=None, at=after(37))
    for teller in (chair, member):
        hands.enter_hands(hand_count=count, counted={"yes": 1, "no": 1}, teller=teller.user, at=after(38))
    lost = motions.put_motion(item=current(meeting), title="Two seats", text="Two seats.", actor=None, at=after(39))
    motions.end_motion(motion=lost, state=MotionState.REFERRED, referred_to="the youth club", actor=None, at=after(40))
    services.postpone(item=item(meeting, 6), to="the summer assembly", actor=None, at=after(41))
    services.adjourn(meeting=fresh(meeting), actor=chair.user, at=after(50))
    return fresh(meeting)


def town_after_it() -> dict[str, Model]:
    """Riverside and its people, after the evening."""
    riverside = make_assembly("Riverside")
    amina, bao = make_member(riverside, "Amina"), make_member(riverside, "Bao", Role.FACILITATOR)
    return {"riverside": riverside, "amina": amina, "bao": bao, "evening": hold(riverside, bao, amina)}


def fresh_entry(entry: Any) -> Any:
    return type(entry).objects.select_related("meeting").get(pk=entry.pk)


def secretary_of(assembly: Assembly, name: str = "Sena") -> Membership:
    return make_member(assembly, name, Role.SECRETARY)


def approved(meeting: Meeting, secretary: Membership, approver: Membership, corrections: str = "") -> Any:
    """The minutes of this meeting, signed by the one and approved by the other."""
    writing.draft_minutes(meeting=meeting, actor=secretary.user)
    writing.sign_minutes(meeting=meeting, expected_version=1, actor=secretary.user)
    return writing.approve_minutes(meeting=meeting, expected_version=1, actor=approver.user, corrections=corrections)
