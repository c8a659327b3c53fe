# SPDX-License-Identifier: AGPL-3.0-or-later
"""Saying something to a proposal, taking it back, thanking for it, and telling the moderators."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from assemblies import rights
from assemblies.models import Viewer
from proposals import services
from proposals.models import Comment, Cycle, Proposal
from proposals.refusals import CycleRefused
from proposals.talking_forms import CommentForm, ReportForm

from .finding import member_of, page_about, tell, visible_cycle, visible_proposal
from .proposal_page import page_of


def visible_comment(user: Viewer, comment_id: UUID) -> Comment:
    found = Comment.objects.visible_to(user).select_related("author__user", "proposal__heading__cycle__assembly")
    return get_object_or_404(found, pk=comment_id)


@login_required
@require_POST
def comment(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """A comment, or a reply where the form names its comment; a refused one is kept in the form."""
    proposal = visible_proposal(request.user, proposal_id)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = CommentForm(request.POST, proposal=proposal)
    if form.is_valid():
        try:
            written = services.write_comment(
                proposal=proposal,
                author=member_of(request.user, cycle),
                language=get_language() or "en",
                **form.cleaned_data,
            )
        except CycleRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(f"{proposal.get_absolute_url()}#comment-{written.pk}")
    return render(request, "proposals/proposal.html", page_of(request, proposal, cycle, comment_form=form), status=422)


@login_required
@require_POST
def withdraw_comment(request: SignedInRequest, comment_id: UUID) -> HttpResponse:
    comment = _own(request.user, comment_id)
    tell(
        request,
        lambda: services.withdraw_comment(comment=comment, actor=request.user),
        _("You have taken your comment back."),
    )
    return redirect(f"{comment.proposal.get_absolute_url()}#comment-{comment.pk}")


@login_required
@require_POST
def restore_comment(request: SignedInRequest, comment_id: UUID) -> HttpResponse:
    comment = _own(request.user, comment_id)
    tell(
        request,
        lambda: services.restore_comment(comment=comment, actor=request.user),
        _("Everybody can read your comment again."),
    )
    return redirect(f"{comment.proposal.get_absolute_url()}#comment-{comment.pk}")


def _own(user: Viewer, comment_id: UUID) -> Comment:
    """Another's comment is not theirs to change: for them there is no such address."""
    found = (
        Comment.objects.visible_to(user).filter(author__user__pk=user.pk)
        if user.is_authenticated
        else Comment.objects.none()
    )
    return get_object_or_404(found.select_related("proposal__heading__cycle"), pk=comment_id)


@login_required
@require_POST
def helpful(request: SignedInRequest, comment_id: UUID) -> HttpResponse:
    """Marked as helpful, or, with `not` in the form, no longer."""
    comment = visible_comment(request.user, comment_id)
    cycle = comment.proposal.heading.cycle
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    is_helpful = "not" not in request.POST
    tell(
        request,
        lambda: services.mark_helpful(comment=comment, person=member_of(request.user, cycle), is_helpful=is_helpful),
        _("You find this comment helpful.") if is_helpful else _("Your mark is gone."),
    )
    return redirect(f"{comment.proposal.get_absolute_url()}#comment-{comment.pk}")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_comment(request: SignedInRequest, comment_id: UUID) -> HttpResponse:
    comment = visible_comment(request.user, comment_id)
    return _report(request, comment, comment.proposal, comment.proposal.heading.cycle)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_proposal(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    proposal = visible_proposal(request.user, proposal_id)
    if proposal.is_draft:
        return redirect("proposals:check", proposal.pk)
    return _report(request, proposal, proposal, proposal.heading.cycle)


def _about_a_photo(request: SignedInRequest, about: Proposal | Comment) -> str:
    """The words in which a report names the photo beside which its link stands."""
    try:
        photo_id = UUID(request.GET.get("photo", ""))
    except ValueError:
        return ""
    photo = (
        next((one for one in about.shown_photos if one.pk == photo_id), None) if isinstance(about, Proposal) else None
    )
    return _("The photo “%(photo)s”: ") % {"photo": photo.alt} if photo else ""


def _report(request: SignedInRequest, about: Proposal | Comment, proposal: Proposal, cycle: Cycle) -> HttpResponse:
    """The form that tells the moderators what is wrong."""
    rights.require(request.user, rights.PROPOSE, cycle.assembly)
    form = ReportForm(request.POST or None, initial={"text": _about_a_photo(request, about)})
    if form.is_valid() and tell(
        request,
        lambda: services.report(about=about, reporter=member_of(request.user, cycle), **form.cleaned_data),
        _("Thank you. The moderators look at it."),
        form=form,
    ):
        return redirect(proposal)
    page = page_about(cycle, proposal=proposal, about=about, form=form)
    return render(request, "proposals/report.html", page, status=422 if form.is_bound else 200)
