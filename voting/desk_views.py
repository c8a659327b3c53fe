# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls of an assembly for who runs them: the list, the form, and one page for each that says what comes next."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from assemblies.models import Assembly, Membership

from . import explanations, mails, results, rules_in_words, services
from .assembly_polls import KIND, people_who_run
from .board import publication
from .desk_forms import names_and_count
from .electorate import NewLine
from .forms import ballot_form
from .models import NOT_OPENED, BallotType, Poll, PollState, Trustee
from .owners import owner_of
from .poll_forms import KindForm, PollForm, written_before

SECTION = "voting:polls"
DECIDED_ON_A_PAGE = 30
SHOWN_AT_HOME = 3
# What comes next, for the people who run the poll, and in which states.
CAN_OPEN = NOT_OPENED
CAN_PUBLISH = (PollState.COUNTED, PollState.WITHHELD)
CAN_VOID = (PollState.OPEN, PollState.COUNTED, PollState.WITHHELD, PollState.PUBLISHED)


@require_safe
def polls(request: Request, slug: str) -> HttpResponse:
    """The assembly's own polls: open, decided, and for who runs them those that wait."""
    assembly = _visible_assembly(request, slug)
    own = Poll.objects.filter(assembly=assembly, owner_kind=KIND)
    may_make = rights.may(request.user, rights.MANAGE_ASSEMBLY, assembly)
    decided = own.exclude(state__in=[*NOT_OPENED, PollState.OPEN, PollState.CLOSING]).order_by(
        "-closed_at", "-created_at"
    )
    page = {
        "section": SECTION,
        "assembly": assembly,
        "may_make": may_make,
        "waiting": own.filter(state__in=NOT_OPENED) if may_make else [],
        "never_opened": own.filter(state=PollState.VOIDED, opened_at=None).order_by("-created_at") if may_make else [],
        "open": own.filter(state__in=[PollState.OPEN, PollState.CLOSING])
        .order_by("closes_at")
        .prefetch_related("trustees"),
        "page": Paginator(decided.exclude(opened_at=None), DECIDED_ON_A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "voting/desk/polls.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make_poll(request: SignedInRequest, slug: str) -> HttpResponse:
    """First the kind, then the form; `follows` names a poll on the same matter that came before."""
    assembly = _visible_assembly(request, slug)
    rights.require(request.user, rights.MANAGE_ASSEMBLY, assembly)
    follows = _followed(assembly, request.GET.get("follows", ""))
    wanted = request.GET.get("kind") or (follows.ballot_type if follows else "")
    if wanted not in BallotType.values:
        kinds = KindForm(request.GET if "kind" in request.GET else None)
        page = {"section": SECTION, "assembly": assembly, "form": kinds}
        return render(request, "voting/desk/kind.html", page, status=422 if kinds.is_bound else 200)
    kind = BallotType(wanted)
    initial = {**written_before(follows), "closes_at": None} if follows else {}
    form = PollForm(_typed(request), assembly=assembly, kind=kind, initial=initial)
    address = f"{request.path}?{request.GET.urlencode()}"
    if again := _rows_changed(request, form):
        return _form_page(request, again, assembly=assembly, address=address, follows=follows)
    if form.is_valid():
        poll = services.create_poll(
            assembly=assembly, owner_kind=KIND, options=form.options, follows=follows, **form.poll_fields
        )
        messages.success(request, _("Saved as a draft. Nobody else sees it yet."))
        return redirect("voting:desk", poll.pk)
    return _form_page(request, form, assembly=assembly, address=address, follows=follows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def change_poll(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The same form for a draft."""
    poll = poll_run_by(request, poll_id, "change")
    if poll.owner_kind != KIND or poll.state != PollState.DRAFT:
        messages.error(request, _("Only a draft can be changed. Take it back to a draft first."))
        return redirect("voting:desk", poll.pk)
    form = PollForm(
        _typed(request), assembly=poll.assembly, kind=BallotType(poll.ballot_type), initial=written_before(poll)
    )
    if again := _rows_changed(request, form):
        return _form_page(request, again, assembly=poll.assembly, address=request.path, poll=poll)
    if form.is_valid():
        try:
            services.change_poll(poll=poll, options=form.options, **form.poll_fields)
        except services.PollRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Saved."))
            return redirect("voting:desk", poll.pk)
    return _form_page(request, form, assembly=poll.assembly, address=request.path, poll=poll)


def _typed(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _rows_changed(request: HttpRequest, form: PollForm) -> PollForm | None:
    """The form with one row of answers more or less; nothing is checked or stored yet."""
    if request.method != "POST" or not ("add" in request.POST or "take" in request.POST):
        return None
    kept = form.unchecked(add="add" in request.POST, take=request.POST.get("take", ""))
    again = PollForm(None, assembly=form.assembly, kind=form.kind, initial=kept)
    return again


def _form_page(request: SignedInRequest, form: PollForm, *, address: str, **page: Any) -> HttpResponse:
    context = {"section": SECTION, "form": form, "address": address, **page}
    return render(request, "voting/desk/form.html", context, status=422 if form.is_bound else 200)


def _followed(assembly: Assembly, wanted: str) -> Poll | None:
    """The poll that the new one comes after: of this assembly, and finished."""
    try:
        poll_id = UUID(wanted)
    except ValueError:
        return None
    done = [PollState.VOIDED, PollState.PUBLISHED, PollState.WITHHELD]
    return Poll.objects.filter(assembly=assembly, owner_kind=KIND, state__in=done, pk=poll_id).first()


@login_required
@require_safe
def desk(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Where the poll stands, what stands in its way, and the one act that comes next."""
    poll = poll_run_by(request, poll_id, "open")
    return render(request, "voting/desk/desk.html", _desk(request, poll))


def _desk(request: SignedInRequest, poll: Poll) -> dict[str, Any]:
    waits = poll.state in NOT_OPENED
    now = services.voters_now(poll) if waits else []
    services.see_voters(poll, now)
    return {
        **about(request, poll),
        "waits": waits,
        "blockers": in_the_way(poll, now) if waits else [],
        "cautions": services.cautions(poll, [line.weight for line in now]) if waits else [],
        "entitled": len(now) if waits else poll.entitled,
        "announcement": publication.announcement(poll.definition or poll.define()),
        "is_own": poll.owner_kind == KIND,
        "can_publish": poll.state in CAN_PUBLISH,
        "can_void": can_void(poll),
        "asked": services.asked_to_void(poll) if services.takes_two(poll, "void") else None,
        "can_remove": can_remove(poll),
        "removals": poll.removals.count(),
        "agreed": {verb: agreed_to(poll, verb) for verb in ("open", "close", "publish", "void")},
        "may_agree": who_may_agree(poll, _next_act(poll)),
        "asked_again": is_asked_again(poll),
        "outcome": explanations.explain(poll),
        "tally": results.running_tally(poll),
    }


def _next_act(poll: Poll) -> str:
    if poll.state in NOT_OPENED:
        return "open"
    return "close" if poll.state == PollState.OPEN else "publish" if poll.state in CAN_PUBLISH else "void"


def in_the_way(poll: Poll, voters: list[NewLine]) -> list[str]:
    """Everything for which opening this poll for these voters would be refused."""
    return [*services.blockers(poll), *services.too_few_voters(poll, voters), *_lacks_second_person(poll)]


def _lacks_second_person(poll: Poll) -> list[str]:
    """The database asks for two people; this says so before the first of them agrees in vain."""
    if poll.owner_kind != KIND or not poll.is_secret or people_who_run(poll.assembly) >= services.PEOPLE_NEEDED:
        return []
    return [_("A secret vote needs two administrators. Give the role to somebody else first.")]


def about(request: SignedInRequest, poll: Poll) -> dict[str, Any]:
    """What every page of the desk shows."""
    return {
        "section": SECTION if poll.owner_kind == KIND else None,
        "assembly": poll.assembly,
        "poll": poll,
        "rule": rules_in_words.rule_name(poll.rule),
        "rule_in_words": rules_in_words.rule_in_words(poll, poll.rule),
        "trustees": _trustees(poll),
        "compared": [rules_in_words.rule_name(rule) for rule in poll.compared_rules],
        "came": services.who_came(poll) if poll.awaits_trustees else [],
        "back_url": owner_of(poll).url(poll),
    }


def _trustees(poll: Poll) -> list[Trustee]:
    return list(poll.trustees.select_related("user")) if poll.is_secret else []


def agreed_to(poll: Poll, verb: str) -> str:
    """Who has agreed to this so far, where two people must; empty where nobody has, or nobody need."""
    if not services.takes_two(poll, verb):
        return ""
    names = [user.shown_name for user in services.who_agreed(poll, verb, poll.hash_of_definition())]
    done = len(names) >= services.PEOPLE_NEEDED
    return "" if done or not names else names_and_count(names, services.PEOPLE_NEEDED)


def is_asked_again(poll: Poll) -> bool:
    """Whether people agreed to open this poll as it was before, and none of them to what it is now."""
    if not poll.is_secret or poll.state not in NOT_OPENED:
        return False
    before = poll.approvals.filter(action="open")
    return before.exists() and not before.filter(definition_hash=poll.hash_of_definition()).exists()


def who_may_agree(poll: Poll, verb: str) -> list[Membership]:
    """Whose agreement is missing can be one of these; nobody where no second person is needed."""
    if not services.takes_two(poll, verb):
        return []
    agreed = {user.pk for user in services.who_agreed(poll, verb, poll.hash_of_definition())}
    return mails.who_else_may_agree(poll, verb, but=agreed) if len(agreed) < services.PEOPLE_NEEDED else []


def can_void(poll: Poll) -> bool:
    if poll.state in NOT_OPENED:  # what somebody agreed to is kept, so it cannot be thrown away
        return poll.approvals.exists()
    return poll.state in CAN_VOID or poll.awaits_trustees or poll.is_stuck


def can_remove(poll: Poll) -> bool:
    """Whether a ballot can still be taken out; where a box does not open its key may be what is missing."""
    if poll.state == PollState.CLOSING:
        return not poll.is_secret and not (poll.is_sealed and poll.is_stuck)
    return poll.state == PollState.OPEN


@login_required
@require_safe
def preview_poll(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The ballot as voters will see it; nothing on it can be sent."""
    poll = poll_run_by(request, poll_id, "open")
    form = ballot_form(poll) if poll.options.exists() else None
    return render(request, "voting/desk/preview.html", {**about(request, poll), "form": form, "in_meeting": True})


@login_required
@require_POST
def mark_ready(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    poll = poll_run_by(request, poll_id, "open")
    try:
        services.mark_ready(poll=poll)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Ready. Nothing stands in the way of opening it."))
    return redirect("voting:desk", poll.pk)


@login_required
@require_POST
def back_to_draft(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    poll = poll_run_by(request, poll_id, "open")
    try:
        services.back_to_draft(poll=poll)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("voting:desk", poll.pk)


@login_required
@require_POST
def discard_poll(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """A poll of the assembly that nobody opened is gone."""
    poll = poll_run_by(request, poll_id, "open")
    if poll.owner_kind != KIND:  # a meeting and a budget throw theirs away themselves
        raise PermissionDenied(_("This vote belongs to a meeting or a budget. Take it away there."))
    slug = poll.assembly.slug
    try:
        services.discard_poll(poll=poll)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("voting:desk", poll.pk)
    messages.success(request, _("The draft is gone."))
    return redirect("voting:polls", slug)


def home(request: HttpRequest, context: dict[str, Any]) -> str:
    """The assembly's open polls on its home page, and what waits for this person's key."""
    assembly: Assembly = context["assembly"]
    own = Poll.objects.filter(assembly=assembly, owner_kind=KIND).exclude(state__in=NOT_OPENED)
    found = list(own.order_by("-opened_at")[: 4 * SHOWN_AT_HOME])
    shown = {
        "assembly": assembly,
        "open": [poll for poll in found if poll.state == PollState.OPEN][:SHOWN_AT_HOME],
        "has_more": bool(found),
        "may_make": rights.may(request.user, rights.MANAGE_ASSEMBLY, assembly),
        "keys": _keys_wanted(request, assembly),
    }
    if not (shown["has_more"] or shown["may_make"] or shown["keys"]):
        return ""
    return render_to_string("voting/desk/_home.html", shown, request=request)


def _keys_wanted(request: HttpRequest, assembly: Assembly) -> list[Poll]:
    """Polls of which this person keeps a key that is still to be made, tried or entered."""
    if not request.user.is_authenticated:
        return []
    waiting = [*NOT_OPENED, PollState.CLOSING]
    return list(Poll.objects.filter(assembly=assembly, trustees__user=request.user, state__in=waiting))


def poll_run_by(request: SignedInRequest, poll_id: UUID, verb: str) -> Poll:
    """The poll, if this person runs it. Before it opens nobody else knows that it exists."""
    polls = Poll.objects.filter(assembly__in=Assembly.objects.visible_to(request.user))
    found = polls.select_related("assembly", "register__district", "follows").prefetch_related("options")
    poll = get_object_or_404(found, pk=poll_id)
    if not owner_of(poll).may(request.user, verb, poll):
        if poll.state in NOT_OPENED:
            raise Http404
        raise PermissionDenied(_("Only who runs this vote can do that."))
    return poll


def _visible_assembly(request: Request, slug: str) -> Assembly:
    return get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
