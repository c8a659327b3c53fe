# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pictures of a project's work: one more, one fewer, and each as a file."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import Request, SignedInRequest
from assemblies import rights
from proposals import services
from proposals.models import ProjectPhoto
from proposals.photo_files import make_picture
from proposals.refusals import CycleRefused
from proposals.submission_forms import PhotoForm

from .delivery import project_page
from .finding import tell, visible_project
from .photos import as_file


@login_required
@require_POST
def add_project_photo(request: SignedInRequest, project_id: UUID) -> HttpResponse:
    """One more picture of the work; the same one sent again is there once."""
    project = visible_project(request.user, project_id)
    rights.require(request.user, rights.RUN_CYCLES, project.heading.cycle.assembly)
    form = PhotoForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            services.add_project_photo(
                project=project,
                key=form.cleaned_data["key"],
                alt=form.cleaned_data["alt"],
                picture=make_picture(form.cleaned_data["file"].read()),
                actor=request.user,
            )
        except CycleRefused as refusal:
            form.add_error("file", str(refusal))
        else:
            return redirect(f"{project.get_absolute_url()}#photos")
    page = project_page(project, request.user, photo_form=form)
    return render(request, "proposals/project.html", page, status=422)


@login_required
@require_POST
def remove_project_photo(request: SignedInRequest, photo_id: UUID) -> HttpResponse:
    """The picture is gone from the project's page."""
    photo = get_object_or_404(_photos(request), pk=photo_id)
    rights.require(request.user, rights.RUN_CYCLES, photo.project.heading.cycle.assembly)
    tell(
        request,
        lambda: services.remove_project_photo(photo=photo, actor=request.user),
        _("The photo is gone."),
    )
    return redirect(photo.project)


@require_GET
def project_photo(request: Request, photo_id: UUID, size: str) -> HttpResponse:
    """The picture, for whoever may see its project."""
    if size not in ("large", "small"):
        raise Http404
    photo = get_object_or_404(_photos(request), pk=photo_id)
    return as_file(photo.small if size == "small" else photo.content)


def _photos(request: Request) -> QuerySet[ProjectPhoto]:
    return ProjectPhoto.objects.visible_to(request.user).select_related("project__heading__cycle__assembly")
