# SPDX-License-Identifier: AGPL-3.0-or-later
"""The cycle itself: its list, its page, its beginning, and the desk of who runs it."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import fresh_proof
from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.ballot_choice import ballot_choice
from proposals.checklist import checklist
from proposals.forms import CycleForm, MoveEndForm, TakeBackForm, start_of
from proposals.models import Cycle, Incident, Phase, Project, Proposal
from proposals.models.cycles import CHECKING
from proposals.next_step import next_step, open_polls
from proposals.refusals import CycleRefused
from proposals.services.balloting import LIST_PHASES
from proposals.services.phases import REVIEW_PHASES
from proposals.taken_back import TakenBack, last_taken_back, seen_by, stays_from
from proposals.timeline import numbers_of, results_are_published, steps_of
from voting.models import NOT_OPENED
from voting.rules_in_words import RULE_NAMES, RULES_IN_WORDS

from .finding import SECTION, page_about, tell, visible_assembly, visible_cycle, visible_heading


@require_GET
def cycles(request: Request, slug: str) -> HttpResponse:
    """Every budget of the assembly, the newest first."""
    assembly = visible_assembly(request.user, slug)
    listed = list(seen_by(request.user).filter(assembly=assembly).whole())
    if len(listed) == 1 and not rights.may(request.user, rights.RUN_CYCLES, assembly):
        return redirect(listed[0])
    rows = [(cycle, next_step(cycle, request.user, numbers_of(cycle))) for cycle in listed]
    page = {
        "assembly": assembly,
        "rows": rows,
        "may_run": rights.may(request.user, rights.RUN_CYCLES, assembly),
        "may_moderate": rights.may(request.user, rights.MODERATE, assembly),
    }
    return render(request, "proposals/cycles.html", page)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create_cycle(request: SignedInRequest, slug: str) -> HttpResponse:
    """A new budget, which only those who run it see until it is published."""
    assembly = visible_assembly(request.user, slug)
    rights.require(request.user, rights.RUN_CYCLES, assembly)
    form = CycleForm(request.POST or None, assembly=assembly)
    if form.is_valid():
        try:
            cycle = services.create_cycle(assembly=assembly, actor=request.user, **form.cycle_fields)
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("proposals:manage", cycle.pk)
    page = {"section": SECTION, "assembly": assembly, "form": form}
    return render(request, "proposals/create_cycle.html", page, status=422 if form.is_bound else 200)


@require_GET
def cycle(request: Request, cycle_id: UUID) -> HttpResponse:
    """What this budget is, where it stands, and what can be done now."""
    cycle = visible_cycle(request.user, cycle_id)
    numbers = numbers_of(cycle)
    mine = Proposal.objects.written_by(request.user).filter(heading__cycle=cycle).for_cards().order_by("-created_at")
    page = page_about(
        cycle,
        steps=steps_of(cycle, numbers),
        numbers=numbers,
        next=next_step(cycle, request.user, numbers),
        mine=mine if request.user.is_authenticated else [],
        rule_name=RULE_NAMES.get(cycle.rule, cycle.rule),
        rule_in_words=RULES_IN_WORDS.get(cycle.rule, ""),
        is_published=results_are_published(cycle),
        is_carried_out=cycle.is_imported and _is_carried_out(cycle),
        taken_back=_taken_back(cycle),
        incidents=Incident.objects.filter(project__heading__cycle=cycle).select_related("project"),
        may_run=rights.may(request.user, rights.RUN_CYCLES, cycle.assembly),
        may_review=rights.may(request.user, rights.REVIEW_PROPOSALS, cycle.assembly),
    )
    return render(request, "proposals/cycle.html", page)


@require_GET
def ballot(request: Request, cycle_id: UUID) -> HttpResponse:
    """The way to the ballot paper: straight to it, or a choice between pots; else the sentence that says when."""
    cycle = visible_cycle(request.user, cycle_id)
    polls = open_polls(cycle)
    if len(polls) == 1:
        return redirect("voting:poll", polls[0].pk)
    page = page_about(
        cycle,
        blocks=ballot_choice([heading for heading in cycle.headings.all() if heading.poll in polls], request.user),
        vote=cycle.phase_of(Phase.Kind.BALLOTING),
        is_published=results_are_published(cycle),
    )
    return render(request, "proposals/ballot.html", page)


@login_required
@require_GET
def manage(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """The desk of who runs the budget: what is ready, what is missing, and the one act that comes next."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    return render(request, "proposals/manage.html", desk_page(request, cycle))


def desk_page(
    request: SignedInRequest,
    cycle: Cycle,
    *,
    move_form: MoveEndForm | None = None,
    take_back_form: TakeBackForm | None = None,
) -> dict[str, object]:
    """What the desk shows; a form that was refused stands there as it was filled in."""
    phase = cycle.phase()
    enabled = [one for one in cycle.phases.all() if one.enabled]
    following = next((one for one in enabled if phase is None or one.position > phase.position), None)
    numbers = numbers_of(cycle)
    checks = checklist(cycle)
    ends_the_check = following is not None and following.kind not in REVIEW_PHASES and cycle.is_in(*REVIEW_PHASES)
    return page_about(
        cycle,
        phase=phase,
        following=following if phase is not None or not _is_over(cycle) else None,
        steps=steps_of(cycle, numbers),
        numbers=numbers,
        checklist=checks,
        may_publish=cycle.is_imported or all(check.is_met for check in checks if check.is_required),
        left_behind=Proposal.objects.unanswered().filter(heading__cycle=cycle).count() if ends_the_check else 0,
        has_imports=cycle.imports.exclude(done_at=None).exists(),
        may_review=rights.may(request.user, rights.REVIEW_PROPOSALS, cycle.assembly),
        vote_is_open=bool(open_polls(cycle)),
        move_form=move_form or (MoveEndForm(initial={"kind": phase.kind}) if phase and phase.ends_at else None),
        taken_back=_taken_back(cycle),
        stays_from=stays_from(cycle),
        take_back_form=take_back_form or (TakeBackForm() if timezone.now() < stays_from(cycle) else None),
        waiting=Proposal.objects.awaiting_review().filter(heading__cycle=cycle).count(),
        on_list=list(Project.objects.filter(heading__cycle=cycle, incident=None)) if cycle.is_in(*CHECKING) else [],
        can_leave=Project.objects.filter(option__poll__in=open_polls(cycle), incident=None),
        may_list=phase is not None and phase.kind in LIST_PHASES,
        may_list_later=cycle.is_ahead(*LIST_PHASES),
        to_list=Proposal.objects.feasible().filter(heading__cycle=cycle, project=None).count(),
    )


def _taken_back(cycle: Cycle) -> TakenBack | None:
    """Who hid it and why, where it is hidden now."""
    return last_taken_back(cycle) if cycle.is_imported and not cycle.is_published else None


def _is_carried_out(cycle: Cycle) -> bool:
    """Whether the town works on anything that won."""
    planned = Project.Status.PLANNED
    return Project.objects.funded().filter(heading__cycle=cycle).exclude(status=planned).exists()


def _is_over(cycle: Cycle) -> bool:
    return cycle.phase() is None and all(one.ends_at is not None for one in cycle.phases.all() if one.enabled)


@login_required
@require_POST
def copy_cycle(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """The same budget for the next year, which only those who run it see until it is published."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    try:
        made = services.copy_cycle(cycle=cycle, actor=request.user)
    except CycleRefused as refusal:
        messages.error(request, str(refusal))
        return redirect("proposals:manage", cycle.pk)
    messages.success(request, _("This is the copy. Look at its days, and publish it when it is right."))
    return redirect("proposals:manage", made.pk)


@login_required
@require_POST
def publish_cycle(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    tell(request, lambda: services.publish_cycle(cycle=cycle, actor=request.user), _("The budget is published."))
    return redirect("proposals:manage", cycle.pk)


@login_required
@require_POST
def start_phase(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    kind = request.POST.get("kind", "")
    tell(
        request,
        lambda: services.start_phase(cycle=cycle, kind=kind, actor=request.user),
        _("The next step has begun."),
    )
    return redirect("proposals:manage", cycle.pk)


@login_required
@require_POST
def move_end(request: SignedInRequest, cycle_id: UUID) -> HttpResponse:
    """The step that is on ends on another day, and the next begins the day after."""
    cycle = visible_cycle(request.user, cycle_id)
    rights.require(request.user, rights.RUN_CYCLES, cycle.assembly)
    form = MoveEndForm(request.POST)
    if form.is_valid() and tell(
        request,
        lambda: services.move_end(
            cycle=cycle, kind=form.cleaned_data["kind"], ends_at=start_of(form.day_after), actor=request.user
        ),
        _("The last day has moved."),
        form=form,
    ):
        return redirect("proposals:manage", cycle.pk)
    return render(request, "proposals/manage.html", desk_page(request, cycle, move_form=form), status=422)


@login_required
@require_POST
def put_on_ballot(request: SignedInRequest, heading_id: UUID) -> HttpResponse:
    heading = visible_heading(request.user, heading_id)
    rights.require(request.user, rights.RUN_CYCLES, heading.cycle.assembly)
    tell(
        request,
        lambda: services.put_on_ballot(heading=heading, actor=request.user),
        _("The projects are on the ballot. Their costs no longer change."),
    )
    return redirect("proposals:manage", heading.cycle_id)


@login_required
@require_POST
def open_ballot(request: SignedInRequest, heading_id: UUID) -> HttpResponse:
    heading = visible_heading(request.user, heading_id)
    rights.require(request.user, rights.RUN_CYCLES, heading.cycle.assembly)
    poll = heading.poll
    if poll is not None and poll.is_secret and poll.state in NOT_OPENED:
        return redirect("voting:open_poll", poll.pk)  # two people, and a proof of its own for each
    if poll is not None and not fresh_proof.is_there(request, request.user):
        return fresh_proof.ask(reverse("voting:open_poll", args=[poll.pk]))
    tell(request, lambda: services.open_ballot(heading=heading, actor=request.user), _("The vote is open."))
    return redirect("proposals:manage", heading.cycle_id)
