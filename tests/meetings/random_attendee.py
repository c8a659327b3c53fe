"""What people with phones do in a random evening."""

from typing import Any

from meetings import services
from meetings.models import (
    AttendanceMode,
    Side,
    SpeakerKind,
)
from tests.meetings.random_evening import Evening, Impossible
from voting.models import PollState, RegisterLine
from voting.services import cast_ballot


def check_in(e: Evening) -> object:
    mode = AttendanceMode(e.pick(AttendanceMode.values))
    return services.check_in(meeting=e.meeting, membership=e.someone(), mode=mode, at=e.now)


def check_in_guest(e: Evening) -> object:
    return services.check_in_guest(meeting=e.meeting, handle=f"Guest {e.number(4)}", at=e.now)


def check_out(e: Evening) -> object:
    return services.check_out(attendee=e.pick(e.here()), at=e.now)


def step_out(e: Evening) -> object:
    return services.step_out(attendee=e.pick(e.here()), at=e.now)


def come_back(e: Evening) -> object:
    return services.come_back(attendee=e.pick(e.attendees()), at=e.now)


def move(e: Evening) -> object:
    mode = AttendanceMode(e.pick(AttendanceMode.values))
    return services.move(attendee=e.pick(e.attendees()), mode=mode, at=e.now)


def object_to_consent(e: Evening) -> object:
    return services.object_to_consent(attendee=e.pick(e.attendees()), item=e.pick(e.items()), at=e.now)


def raise_hand(e: Evening) -> object:
    kind = SpeakerKind(e.pick([*SpeakerKind.values, "normal", "normal"]))
    return services.raise_hand(attendee=e.pick(e.attendees()), kind=kind, side=Side(e.pick(Side.values)), at=e.now)


def withdraw_hand(e: Evening) -> object:
    return services.withdraw_hand(attendee=e.pick(e.attendees()), at=e.now)


def choose_group(e: Evening) -> object:
    return services.choose_group(attendee=e.pick(e.attendees()), group=e.pick(["North", "South", ""]), at=e.now)


def cast(e: Evening) -> object:
    poll = e.pick(e.polls(PollState.OPEN)).poll
    line = e.pick(RegisterLine.objects.filter(register=poll.register).order_by("membership__user__email"))
    keys = list(poll.options.order_by("position").values_list("key", flat=True))
    key = keys[e.number(len(keys))]
    choices: dict[str, Any] = {
        "ranked": {"ranking": [key]},
        "score": {"points": {key: 1 + e.number(5)}},
        "consensus": {"options": [key], "reason": "It is too dear"} if key == "block" else {"options": [key]},
    }
    choice = choices.get(poll.ballot_type, {"options": [key]})
    return cast_ballot(poll=poll, line=line, choice=choice, key=f"the key of {line.pk} {e.number(2)}")


def cast_by_all(e: Evening) -> object:
    """Everybody in the register votes the same, so that something is decided now and then."""
    poll = e.pick(e.polls(PollState.OPEN)).poll
    if poll.ballot_type not in ("yes_no", "choose_one", "approval"):
        raise Impossible
    key = poll.options.order_by("position").values_list("key", flat=True)[e.number(2)]
    lines = RegisterLine.objects.filter(register=poll.register).order_by("membership__user__email")
    return [
        cast_ballot(poll=poll, line=line, choice={"options": [key]}, key=f"the key of {line.pk} again")
        for line in lines
    ]
