"""What the desk and the tellers do in a random evening."""

from meetings import services
from meetings.models import AttendanceSource, Proxy
from tests.meetings.random_evening import Evening


def check_in_at_the_desk(e: Evening) -> object:
    source = AttendanceSource.DESK
    return services.check_in(meeting=e.meeting, membership=e.someone(), source=source, actor=e.facilitator(), at=e.now)


def revoke(e: Evening) -> object:
    return services.revoke(attendee=e.pick(e.here()), reason="Not who they said", actor=e.facilitator(), at=e.now)


def excuse(e: Evening) -> object:
    return services.excuse(
        meeting=e.meeting, membership=e.someone(), excused=e.number(2) == 1, actor=e.facilitator(), at=e.now
    )


def give_proxy(e: Evening) -> object:
    giver, holder = e.someone(), e.someone()
    return services.give_proxy(
        meeting=e.meeting, giver=giver, holder=holder, document="Folder 3", actor=e.facilitator(), at=e.now
    )


def revoke_proxy(e: Evening) -> object:
    given = Proxy.objects.select_related("meeting__assembly").filter(meeting=e.pk).order_by("given_at")
    return services.revoke_proxy(proxy=e.pick(given), actor=e.facilitator(), at=e.now)


def enter_hands(e: Evening) -> object:
    counted = {"yes": e.number(3), "no": e.number(3)}
    return services.enter_hands(hand_count=e.pick(e.counts()), counted=counted, teller=e.facilitator(), at=e.now)


def agree_on_hands(e: Evening) -> object:
    count, counted = e.pick(e.counts()), {"yes": e.number(3), "no": e.number(2)}
    return [
        services.enter_hands(hand_count=count, counted=counted, teller=teller.user, at=e.now)
        for teller in e.facilitators
    ]
