# SPDX-License-Identifier: AGPL-3.0-or-later
"""The photos of a draft, one request for each; and every photo as a file."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from config.characters import forms_take_nul_out
from proposals import services, unsent
from proposals.models import Cycle, Photo, Proposal
from proposals.photo_files import LARGEST, make_picture, too_large
from proposals.refusals import CycleRefused
from proposals.steps import Step, ideas_in, is_changing, step_of
from proposals.submission_forms import HidePhotoForm, PhotoForm

from .finding import own_proposal, page_about, tell, visible_cycle

A_YEAR = 365 * 24 * 3600


@forms_take_nul_out
@unsent.signed_in
@require_http_methods(["GET", "HEAD", "POST"])
def photos(request: SignedInRequest, proposal_id: UUID) -> HttpResponse:
    """The photos so far, and one more of them. The same photo sent again, as after a cut, is there once.

    Who goes on with a photo chosen but not yet added meant it to be added.
    """
    proposal = own_proposal(request.user, proposal_id)
    if not proposal.is_draft:
        return redirect(proposal)
    cycle = visible_cycle(request.user, proposal.heading.cycle_id)
    form = PhotoForm()
    if request.method == "POST":
        form = PhotoForm(request.POST, request.FILES)
        goes_on, step = "on" in request.POST, _step(request, proposal)
        if goes_on and not request.FILES and not request.POST.get("alt", "").strip():
            return redirect(step.on)
        if _is_known(proposal, form.data.get("key", "")) or (form.is_valid() and _is_added(form, proposal)):
            if not request.htmx:
                return redirect(step.on if goes_on else request.get_full_path())
            form = PhotoForm()
    page = _page(request, proposal, cycle, form)
    template = "proposals/_photos.html" if request.htmx else "proposals/photos.html"
    return render(request, template, page, status=422 if form.errors else 200)


def _step(request: SignedInRequest, proposal: Proposal) -> Step:
    return step_of("photos", proposal, request.user, changing=is_changing(request))


def _is_known(proposal: Proposal, key: str) -> bool:
    return bool(key) and proposal.photos.filter(key=key).exists()


def _is_added(form: PhotoForm, proposal: Proposal) -> bool:
    try:
        picture = make_picture(form.cleaned_data["file"].read())
        services.add_photo(
            proposal=proposal, key=form.cleaned_data["key"], alt=form.cleaned_data["alt"], picture=picture
        )
    except CycleRefused as refusal:
        form.add_error("file", str(refusal))
        return False
    return True


def _page(request: SignedInRequest, proposal: Proposal, cycle: Cycle, form: PhotoForm) -> dict[str, Any]:
    added = list(proposal.photos.all())
    return page_about(
        cycle,
        proposal=proposal,
        **ideas_in(cycle),
        form=form,
        photos=added,
        is_full=len(added) >= services.MOST_PHOTOS,
        most=services.MOST_PHOTOS,
        largest=LARGEST,
        too_large=too_large(),
        changing=is_changing(request),
        step=_step(request, proposal),
    )


@unsent.signed_in
@require_POST
def remove_photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    photo = _own_photo(request, photo_id)
    tell(request, lambda: services.remove_photo(photo=photo), _("The photo is gone."))
    return redirect("proposals:photos", photo.proposal_id)


@unsent.signed_in
@require_POST
def put_photo_first(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    photo = _own_photo(request, photo_id)
    tell(request, lambda: services.put_photo_first(photo=photo), _("This photo comes first now."))
    return redirect("proposals:photos", photo.proposal_id)


@require_GET
def photo(request: Request, photo_id: UUID, size: str) -> HttpResponse:
    """The picture, for whoever may see its proposal."""
    if size not in ("large", "small"):
        raise Http404
    found = get_object_or_404(_photos(request), pk=photo_id)
    if found.hidden_at is not None and not _sees_hidden(request, found):
        raise Http404
    content = Photo.objects.values_list("small" if size == "small" else "content", flat=True).get(pk=found.pk)
    return as_file(content)


def as_file(content: bytes | memoryview) -> HttpResponse:
    """A picture that nobody's browser takes for anything else, and that never changes."""
    response = HttpResponse(bytes(content), content_type="image/jpeg")
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = "inline"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = f"private, max-age={A_YEAR}, immutable"
    return response


@login_required
@require_POST
def hide_photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Moderators hide a photo, with the reason."""
    photo = get_object_or_404(_photos(request), pk=photo_id)
    rights.require(request.user, rights.MODERATE, photo.proposal.cycle.assembly)
    form = HidePhotoForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write the reason. The author can read why the photo is hidden."))
        return redirect(photo.proposal)
    reason = form.cleaned_data["reason"]
    tell(
        request,
        lambda: services.hide_photo(photo=photo, actor=request.user, reason=reason),
        _("The photo is hidden. You can show it again."),
    )
    return redirect(photo.proposal)


@login_required
@require_POST
def show_photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """Moderators show a hidden photo again."""
    photo = get_object_or_404(_photos(request), pk=photo_id)
    rights.require(request.user, rights.MODERATE, photo.proposal.cycle.assembly)
    tell(request, lambda: services.show_photo(photo=photo, actor=request.user), _("Everybody sees the photo again."))
    return redirect(photo.proposal)


def _photos(request: Request) -> Any:
    return Photo.objects.visible_to(request.user).select_related(
        "proposal__heading__cycle__assembly", "proposal__author"
    )


def _own_photo(request: SignedInRequest, photo_id: UUID) -> Photo:
    found: Photo = get_object_or_404(_photos(request).filter(proposal__author__user=request.user), pk=photo_id)
    return found


def _sees_hidden(request: Request, photo: Photo) -> bool:
    return photo.proposal.is_written_by(request.user) or rights.may(
        request.user, rights.MODERATE, photo.proposal.cycle.assembly
    )
