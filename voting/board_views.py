# SPDX-License-Identifier: AGPL-3.0-or-later
"""The public board of a poll: what happened, what was published, is my ballot there, and who counted again."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

import jobs
from accounts.requests import Request, SignedInRequest

from . import results, services, voters
from .board import gathering, publication, reading
from .board.publication import Kind
from .board_forms import CodeForm, SignatureForm
from .desk_forms import MemberForm
from .jobs import mail_receipt as send_receipt
from .models import OpenBallot, Poll, Publication, Scrutineer, receipt_code
from .owners import owner_of

NAMES_ON_A_PAGE = 100


@require_GET
def board(request: Request, poll_id: UUID) -> HttpResponse:
    """Everything that anybody may check, as much as may be told now."""
    poll = _visible_poll(request, poll_id)
    page = _about(request, poll, entries=reading.entries(poll))
    if page["published"]:
        page["command"] = f"{reading.COMMAND} --root {page['published'].root_hex}"
    return render(request, "voting/board.html", page)


@require_GET
def bundle(request: Request, poll_id: UUID) -> HttpResponse:
    """The published files in one archive."""
    poll = _visible_poll(request, poll_id)
    if reading.publication_of(poll) is None:
        raise Http404
    archive = Publication.objects.values_list("archive", flat=True).get(poll=poll)
    return _file(bytes(archive), "application/zip", f"poll-{poll.pk}.zip")


@require_GET
def log(request: Request, poll_id: UUID) -> HttpResponse:
    """The log of the poll, line by line."""
    poll = _visible_poll(request, poll_id)
    return _file(reading.log(poll), "application/x-ndjson", f"log-{poll.pk}.jsonl")


@require_GET
def receipts(request: Request, poll_id: UUID) -> HttpResponse:
    """The receipt of every ballot that was in at the close, sorted."""
    poll = _visible_poll(request, poll_id)
    box = reading.receipts_of(poll)
    if box is None:
        raise Http404
    lines = "".join(f"{digest.hex()}\n" for digest in box.digests)
    return _file(lines.encode(), "text/plain; charset=utf-8", f"receipts-{poll.pk}.txt")


@require_GET
def names(request: Request, poll_id: UUID) -> HttpResponse:
    """Who chose what, in a poll that said before it opened that it would tell."""
    poll = _visible_poll(request, poll_id)
    published = reading.publication_of(poll)
    if published is None or published.kind != Kind.NAMED:
        raise Http404
    ballots = OpenBallot.objects.filter(poll=poll).exclude(line__in=poll.removals.values("line"))
    ballots = ballots.select_related("line__membership__user").order_by("line__membership__user__name", "line")
    page = Paginator(ballots, NAMES_ON_A_PAGE).get_page(request.GET.get("page"))
    rows = [(ballot.line, reading.choice_in_words(poll, ballot.choice)) for ballot in page]
    return render(request, "voting/names.html", _about(request, poll, page=page, rows=rows))


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
def check(request: Request, poll_id: UUID) -> HttpResponse:
    """Whether the ballot with this code was in, and after publication how it was counted.

    The code is posted, so that no log of addresses ties it to a person.
    """
    poll = _visible_poll(request, poll_id)
    form = CodeForm(request.POST or None)
    found, looked = None, False
    if form.is_valid():
        found, looked = reading.find(poll, form.cleaned_data["code"]), True
    page = _about(request, poll, form=form, found=found, looked=looked, own_code=_own_code(request, poll))
    if found and found.choices:
        page["lines"] = [line for choice in found.choices for line in reading.choice_in_words(poll, choice)]
    return render(request, "voting/check.html", page, status=422 if form.errors else 200)


@login_required
@require_POST
def mail_receipt(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The voter's receipt goes to their own address, without a word of what they chose."""
    poll = _visible_poll(request, poll_id)
    line = poll.register.lines.held_by(request.user).first() if poll.register else None
    if services.receipt_of(poll, line) is None:
        raise PermissionDenied(_("There is no ballot of yours in this vote."))
    jobs.defer_once(f"receipt/{poll.pk}/{request.user.pk}", send_receipt, str(poll.pk), str(request.user.pk))
    messages.success(request, _("Your receipt is on its way to %(email)s.") % {"email": request.user.email})
    return redirect("voting:receipt", poll.pk)


# Scrutineers


@login_required
@require_GET
def scrutineers(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """The desk of those who count again, and of who names them."""
    poll = _visible_poll(request, poll_id)
    return _desk(request, poll)


@login_required
@require_POST
def name_scrutineer(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    poll = _visible_poll(request, poll_id)
    _require_runs(request, poll)
    form = MemberForm(request.POST, assembly=poll.assembly)
    if form.is_valid() and form.membership:
        try:
            services.name_scrutineer(poll=poll, membership=form.membership, actor=request.user)
        except services.PollRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("voting:scrutineers", poll.pk)
    return _desk(request, poll, form=form, status=422)


@login_required
@require_POST
def drop_scrutineer(request: SignedInRequest, poll_id: UUID, seat_id: UUID) -> HttpResponse:
    poll = _visible_poll(request, poll_id)
    _require_runs(request, poll)
    seat = get_object_or_404(poll.scrutineers, pk=seat_id)
    try:
        services.drop_scrutineer(seat=seat, actor=request.user)
    except services.PollRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("voting:scrutineers", poll.pk)


@login_required
@require_POST
def sign_count(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    poll = _visible_poll(request, poll_id)
    seat = _require_seat(request, poll)
    form = SignatureForm(request.POST)
    if form.is_valid():
        try:
            services.sign_count(seat=seat, **form.cleaned_data)
        except services.PollRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("You have signed. Everybody can see it on the board."))
            return redirect("voting:board", poll.pk)
    return _desk(request, poll, form=form, status=422)


@login_required
@require_GET
def full_bundle(request: SignedInRequest, poll_id: UUID) -> HttpResponse:
    """Every ballot, for the scrutineers of a poll that cannot publish them."""
    poll = _visible_poll(request, poll_id)
    _require_seat(request, poll)
    if not services.may_open_ballots(poll):
        raise PermissionDenied(
            _(
                "The ballots are handed out once the result is published, to two scrutineers or more who were named before."
            )
        )
    archive = Publication.objects.filter(poll=poll).values_list("full_archive", flat=True).first()
    if archive is None:
        raise Http404
    return _file(bytes(archive), "application/zip", f"poll-{poll.pk}-ballots.zip")


def _desk(
    request: SignedInRequest, poll: Poll, *, form: MemberForm | SignatureForm | None = None, status: int = 200
) -> HttpResponse:
    runs, seat = _runs(request, poll), _seat(request, poll)
    if not runs and seat is None:
        raise PermissionDenied(_("Only scrutineers of this vote and who runs it work here."))
    naming = form if isinstance(form, MemberForm) else MemberForm(assembly=poll.assembly)
    signing = form if isinstance(form, SignatureForm) else SignatureForm()
    page = _about(
        request,
        poll,
        form=form,
        naming=naming,
        signing=signing,
        runs=runs,
        seat=seat,
        may_open=services.may_open_ballots(poll),
        needed=services.SCRUTINEERS_NEEDED,
        command=reading.COMMAND,
    )
    return render(request, "voting/scrutineers.html", page, status=status)


def _about(request: Request, poll: Poll, **more: Any) -> dict[str, Any]:
    """What every page of the board shows."""
    return {
        "assembly": poll.assembly,
        "poll": poll,
        "published": reading.publication_of(poll),
        "box": reading.receipts_of(poll),
        "seats": poll.scrutineers.select_related("membership__user", "membership__assembly"),
        "announcement": publication.announcement(poll.definition or poll.define()),
        "is_told": results.are_visible(poll),
        "may_work": _runs(request, poll) or _seat(request, poll) is not None,
        **more,
    }


def _own_code(request: Request, poll: Poll) -> str:
    """The tracking code of the voter's own ballot where it is stored by name, once the ballots are published."""
    published = reading.publication_of(poll)
    line = voters.line_of(request, poll)
    if published is None or published.code_seed is None or line is None:
        return ""
    return receipt_code(gathering.code_of_line(bytes(published.code_seed), line.pk))


def _runs(request: Request, poll: Poll) -> bool:
    return request.user.is_authenticated and owner_of(poll).may(request.user, "publish", poll)


def _seat(request: Request, poll: Poll) -> Scrutineer | None:
    return poll.scrutineers.held_by(request.user).first()


def _require_runs(request: SignedInRequest, poll: Poll) -> None:
    if not _runs(request, poll):
        raise PermissionDenied(_("Only who runs this vote can do that."))


def _require_seat(request: SignedInRequest, poll: Poll) -> Scrutineer:
    seat = _seat(request, poll)
    if seat is None:
        raise PermissionDenied(_("Only scrutineers of this vote can do that."))
    return seat


def _visible_poll(request: Request, poll_id: UUID) -> Poll:
    visible = voters.visible_polls(request).select_related("assembly", "register").prefetch_related("options")
    return get_object_or_404(visible, pk=poll_id)


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    return HttpResponse(
        content, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
