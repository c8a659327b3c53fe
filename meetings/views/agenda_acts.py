# SPDX-License-Identifier: AGPL-3.0-or-later
"""What facilitators do with the items of an agenda, before the meeting and in it: order, time, and ways to leave one."""

from collections.abc import Callable
from functools import partial
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from meetings import services
from meetings.access import item_of
from meetings.models import AgendaItem, ItemPhase, Meeting
from meetings.views.steering import Told, decide, steer

# What the buttons of an item say, and what each does. `told` is who acts, on which version of the meeting.
TURNS: dict[str, Callable[[AgendaItem, Told], object]] = {
    "up": lambda item, told: services.move_item(item=item, up=True, **told),
    "down": lambda item, told: services.move_item(item=item, up=False, **told),
    "take_up": lambda item, told: services.advance(meeting=item.meeting, to=item, **told),
    "take_from_table": lambda item, told: services.take_from_table(item=item, **told),
    "reconsider": lambda item, told: services.reconsider(item=item, **told),
    "skip": lambda item, told: services.skip_item(item=item, **told),
    "take_back": lambda item, told: services.take_back_item(item=item, **told),
    "lay_aside": lambda item, told: services.lay_aside(item=item, **told),
    "next_meeting": lambda item, told: services.postpone(item=item, to=_("the next meeting"), **told),
    "withdraw": lambda item, told: services.withdraw_item(item=item, **told),
    "consent": lambda item, told: services.mark_for_consent(item=item, on=True, **told),
    "no_consent": lambda item, told: services.mark_for_consent(item=item, on=False, **told),
}


@login_required
@require_POST
def turn_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """One of the small buttons of an item: the button says which."""
    turn = TURNS.get(request.POST.get("turn", ""))

    def act(meeting: Meeting, told: Told) -> object:
        item = item_of(meeting, item_id)
        if turn is None:
            raise Http404
        return turn(item, told)

    return steer(request, meeting_id, act)


@login_required
@require_POST
def place_item(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """An item is moved to a place among those still to come, chosen from two lists or by dragging it there."""

    def act(meeting: Meeting, told: Told) -> object:
        item = item_of(meeting, _uuid(request.POST.get("item", "")))
        return services.move_item(item=item, position=_number(request.POST.get("position", "")), **told)

    return steer(request, meeting_id, act)


@login_required
@require_POST
def extend_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    typed, basis = request.POST.get("minutes", ""), request.POST.get("basis", "chair")
    minutes = -_number(typed[1:]) if typed.startswith("-") else _number(typed)
    return _with_item(request, meeting_id, item_id, partial(services.extend, minutes=minutes, basis=basis))


@login_required
@require_POST
def postpone_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    to = request.POST.get("to", "")
    return _with_item(request, meeting_id, item_id, partial(services.postpone, to=to))


@login_required
@require_POST
def set_phase(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    phase = request.POST.get("phase", "")
    if phase not in ItemPhase.values:
        phase = ItemPhase.NONE
    return _with_item(request, meeting_id, item_id, partial(services.set_phase, phase=ItemPhase(phase)))


@login_required
@require_POST
def adopt_consent_group(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    shown = request.POST["shown"].split(",") if "shown" in request.POST else None
    act = partial(services.adopt_consent_group, shown=shown)
    return decide(request, meeting_id, lambda meeting, told: act(meeting=meeting, **told))


@login_required
@require_POST
def reconvene(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    return decide(request, meeting_id, lambda meeting, told: services.reconvene(meeting=meeting, **told))


@login_required
@require_POST
def carry_over(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """What an earlier meeting left comes onto this agenda."""

    def act(meeting: Meeting, told: Told) -> object:
        of_assembly = Meeting.objects.filter(assembly=meeting.assembly)
        earlier = get_object_or_404(of_assembly, pk=_uuid(request.POST.get("from", "")))
        return services.carry_over_to(meeting=meeting, earlier=earlier, **told)

    return steer(request, meeting_id, act)


def _with_item(request: SignedInRequest, meeting_id: UUID, item_id: UUID, act: "partial[AgendaItem]") -> HttpResponse:
    return steer(request, meeting_id, lambda meeting, told: act(item=item_of(meeting, item_id), **told))


def _number(typed: str) -> int:
    """The number that was typed; zero, which is no number of minutes and no place, for everything else."""
    typed = typed.strip()[:6]
    return int(typed) if typed.isascii() and typed.isdigit() else 0


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError:
        raise Http404 from None
