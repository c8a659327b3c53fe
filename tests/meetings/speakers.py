"""The queue of speakers as tests use it: a hand goes up, and the queue is read as a list of names."""

from typing import Any

from django.db.models import Model

from assemblies.models import Membership, Role
from meetings import services
from meetings.models import Meeting, SpeakerEntry
from meetings.speaking_order import read_floor
from tests.make import make_assembly, make_member
from tests.meetings.evening import fresh, in_session, seat


def up(meeting: Meeting, member: Membership, **fields: Any) -> SpeakerEntry:
    return services.raise_hand(attendee=seat(meeting, member), **fields)


def names(meeting: Meeting) -> str:
    return " ".join(waiting.entry.attendee.user.name for waiting in read_floor(fresh(meeting)).waiting)  # type: ignore[union-attr]


def reasons(meeting: Meeting) -> list[str]:
    return [waiting.reason.code for waiting in read_floor(fresh(meeting)).waiting]


def state(entry: SpeakerEntry) -> str:
    entry.refresh_from_db()
    return entry.state


def rule(meeting: Meeting, *policies: str, **rules: Any) -> Meeting:
    services.set_speaking_rules(meeting=meeting, actor=None, speaking_policies=[*policies, "fifo"], **rules)
    return fresh(meeting)


def three_in_session() -> dict[str, Model]:
    """Riverside and a meeting of it in session, with three people, and no place safe."""
    riverside = make_assembly("Riverside")
    amina, dagny = make_member(riverside, "Amina"), make_member(riverside, "Dagny")
    bao = make_member(riverside, "Bao", Role.FACILITATOR)
    meeting = rule(in_session(riverside, amina, bao, dagny), safe_places=0)
    return {"riverside": riverside, "amina": amina, "bao": bao, "dagny": dagny, "meeting": meeting}
