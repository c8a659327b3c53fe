# SPDX-License-Identifier: AGPL-3.0-or-later
"""Votes from the cockpit: from a template to the countdown, and on to a runoff, a fallback or the chair's vote."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies.models import Role
from assemblies.rights import RUN_MEETINGS, may, require
from meetings import services
from meetings.access import item_of, item_poll_of, meeting_for, meeting_run_by
from meetings.decision_forms import PollForm, asked_threshold
from meetings.models import AgendaItem, Amendment, Decision, ItemPoll, Meeting, Motion
from meetings.services import MeetingRefused
from meetings.services.runoffs import asked_to_void, question_about
from meetings.views.pages import back_to_agenda
from meetings.views.steering import Ending, Told, Wish, decide, end_with_reason, steer
from voting.models import NOT_OPENED
from voting.services import PEOPLE_NEEDED

QUICK = ("yes_no", "temperature", "consensus")  # need no answers, so one tap puts them up


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def add_poll(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """A vote that waits under the item: a new one, one put right before it opens, or one to vote on again."""
    found = meeting_run_by(request.user, meeting_id)
    item = item_of(found, item_id)
    like = _poll_like(item, request.GET.get("like", ""))
    motion, amendment = (like.motion, like.amendment) if like else matter_of(item, request.GET)
    form = PollForm(
        request.POST or None,
        initial=_asked_before(like) if like else {"question": _question(item, motion, amendment)},
        may_be_secret=found.assembly.memberships.holding(Role.FACILITATOR).count() >= PEOPLE_NEEDED,
    )
    if form.is_valid():
        try:
            if like and like.poll.state in NOT_OPENED:
                services.correct_poll(item_poll=like, actor=request.user, **form.asked)
            else:
                before = like.poll if like else None
                services.add_poll(
                    item=item, follows=before, motion=motion, amendment=amendment, actor=request.user, **form.asked
                )
        except MeetingRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The vote is ready. Open it when the item is on the floor."))
            return redirect("meetings:cockpit", found.pk) if found.has_begun else back_to_agenda(item)
    context = {
        "assembly": found.assembly,
        "meeting": found,
        "item": item,
        "form": form,
        "like": like,
        "motion": motion,
        "amendment": amendment,
        "is_correction": like is not None and like.poll.state in NOT_OPENED,
        "templates": services.TEMPLATES,
        "query": request.GET.urlencode(),
    }
    return render(request, "meetings/poll.html", context, status=422 if form.is_bound else 200)


def _poll_like(item: AgendaItem, wanted: str) -> ItemPoll | None:
    """The vote under the item that the page is about, or none when a new one is written."""
    if not wanted:
        return None
    of_item = ItemPoll.objects.filter(item=item).select_related("item__meeting", "poll", "motion", "amendment")
    return next((held for held in of_item if str(held.poll_id) == wanted), None)


def matter_of(item: AgendaItem, said: Any) -> tuple[Motion | None, Amendment | None]:
    """The motion or the amendment of this item that is put to the vote, where the request names one."""
    amendment = next((one for one in _amendments(item) if str(one.pk) == said.get("amendment")), None)
    if amendment is not None:
        return amendment.motion, amendment
    return next((one for one in item.motions.all() if str(one.pk) == said.get("motion")), None), None


def _amendments(item: AgendaItem) -> Any:
    return Amendment.objects.filter(motion__item=item).select_related("motion")


def _question(item: AgendaItem, motion: Motion | None, amendment: Amendment | None) -> str:
    return question_about(motion, amendment)[:200] if motion else item.title


def _asked_before(held: ItemPoll) -> dict[str, Any]:
    """What the form says when it starts from this vote."""
    poll, template = held.poll, services.template_of(held)
    asks = services.TEMPLATES[template].asks_for_options
    return {
        "question": poll.question,
        "template": template,
        "options": "\n".join(poll.options.values_list("title", flat=True)) if asks else "",
        "secrecy": poll.secrecy,
        "needs_majority": "more_than" in poll.rule_parameters,
        "is_straw": held.is_straw,
        "blocks": poll.rule_parameters.get("objections", 0),
        "talk_above": poll.rule_parameters.get("talk_above", "1/4"),
        "has_fallback": held.has_fallback,
        **asked_threshold(poll.rule_parameters),
    }


@login_required
@require_POST
def quick_poll(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """A vote from a template, on the item as it is titled or on a motion under it: the first of two taps."""
    template = request.POST.get("template", "yes_no")
    if template not in QUICK:
        raise Http404

    def act(meeting: Meeting, told: Told) -> object:
        item = item_of(meeting, item_id)
        motion, amendment = matter_of(item, request.POST)
        threshold = services.TWO_THIRDS if request.POST.get("share") == "2/3" else services.MAJORITY
        return services.add_poll(
            item=item,
            template=template,
            question=_question(item, motion, amendment),
            threshold=threshold,
            motion=motion,
            amendment=amendment,
            **told,
        )

    return steer(request, meeting_id, act)


@login_required
@require_POST
def poll_without_quorum(request: SignedInRequest, meeting_id: UUID, item_id: UUID) -> HttpResponse:
    """A vote on one of the few things that a meeting may decide while too few are there."""
    matter = request.POST.get("matter", "")
    if matter not in services.WITHOUT_QUORUM:
        raise Http404
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.add_poll_without_quorum(item=item_of(meeting, item_id), matter=matter, **told),
    )


@login_required
@require_POST
def start_closing(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """Ten seconds begin on every screen."""
    return decide(
        request,
        meeting_id,
        lambda meeting, told: services.start_closing(item_poll=item_poll_of(meeting, poll_id), **told),
    )


@login_required
@require_POST
def keep_open(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """The countdown is stopped."""
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.cancel_closing(item_poll=item_poll_of(meeting, poll_id), **told),
    )


@login_required
@require_POST
def close_when_over(request: SignedInRequest, meeting_id: UUID) -> HttpResponse:
    """A cockpit saw the countdown end: the vote is closed if nobody closed it yet, whatever else has changed."""
    return steer(request, meeting_id, lambda meeting, _told: services.close_counted_down(meeting))


@login_required
@require_POST
def runoff(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """A new vote between the answers that tied."""
    return steer(
        request, meeting_id, lambda meeting, told: services.add_runoff(item_poll=item_poll_of(meeting, poll_id), **told)
    )


@login_required
@require_POST
def fallback(request: SignedInRequest, meeting_id: UUID, poll_id: UUID) -> HttpResponse:
    """The vote by two thirds that was agreed in case consensus is blocked."""
    return steer(
        request,
        meeting_id,
        lambda meeting, told: services.add_fallback(item_poll=item_poll_of(meeting, poll_id), **told),
    )


@login_required
@require_POST
def break_tie(request: SignedInRequest, meeting_id: UUID, number: int) -> HttpResponse:
    """The chair says yes or no to a tie, on their phone or in the cockpit."""
    meeting = meeting_for(request.user, meeting_id)
    chair = meeting.chair
    if chair is None:
        require(request.user, RUN_MEETINGS, meeting.assembly)
    elif chair.user_id != request.user.pk:
        raise PermissionDenied(_("Only the chair of this meeting decides a tie."))
    decision = get_object_or_404(Decision.objects.select_related("meeting"), meeting=meeting, number=number)
    vote = request.POST.get("vote", "")
    if may(request.user, RUN_MEETINGS, meeting.assembly):
        return decide(
            request,
            meeting_id,
            lambda _meeting, told: services.cast_deciding_vote(decision=decision, vote=vote, **told),
        )
    try:
        services.cast_deciding_vote(decision=decision, vote=vote, actor=request.user)
    except MeetingRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("meetings:live", meeting.pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def void_decision(request: SignedInRequest, meeting_id: UUID, number: int) -> HttpResponse:
    """A decision by hands, by agreement or by the chair is void, and everybody can read why."""
    reason = request.POST.get("reason", "")

    def decision_of(meeting: Meeting) -> Decision:
        return get_object_or_404(Decision.objects.select_related("meeting"), meeting=meeting, number=number)

    def ending(meeting: Meeting) -> Ending:
        decision = decision_of(meeting)
        asked = asked_to_void(meeting).get(decision.pk)
        wish = Wish(asked.actor, asked.data["reason"]) if asked and asked.actor else None
        lead = _("Everybody can read the reason. A second person must confirm it.")
        return Ending(_("Declare this decision void"), decision.question, lead, _("Declare it void"), wish)

    return end_with_reason(
        request,
        meeting_id,
        lambda meeting, told: services.void_without_poll(decision=decision_of(meeting), reason=reason, **told),
        ending,
    )
