# SPDX-License-Identifier: AGPL-3.0-or-later
"""The map of a town as its administrators enter it: from a file, looked at before it is kept, replaced or removed."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.requests import Request, SignedInRequest

from . import rights, services
from .forms import MapFileForm
from .map_files import DrawnMap, as_geojson, read_map
from .models import Assembly
from .refusals import AssemblyRefused
from .town_map import has_map, map_of


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_map(request: SignedInRequest, slug: str) -> HttpResponse:
    """The map as it is, and a file with a better one; the file is shown as a map before anything changes."""
    assembly = _managed(request, slug)
    form = MapFileForm()
    if request.method == "POST":
        form = MapFileForm(request.POST, request.FILES)
        if form.is_valid():
            try:
                drawn = read_map(form.cleaned_data["file"].read())
            except AssemblyRefused as refusal:
                form.add_error("file", str(refusal))
            else:
                return render(request, "assemblies/map_preview.html", _preview(assembly, drawn))
    return _page(request, assembly, form)


@login_required
@require_POST
def draw_map(request: SignedInRequest, slug: str) -> HttpResponse:
    """The map that was looked at is the assembly's."""
    assembly = _managed(request, slug)
    form = MapFileForm()
    try:
        drawn = read_map(request.POST.get("map", "").encode())
    except AssemblyRefused as refusal:
        form = MapFileForm(request.POST, request.FILES)
        form.full_clean()
        form.errors.clear()
        form.add_error("file", str(refusal))
        return _page(request, assembly, form)
    services.draw_map(assembly=assembly, drawn=drawn, actor=request.user)
    messages.success(request, _("This is the map now."))
    return redirect("assemblies:edit_map", assembly.slug)


@login_required
@require_POST
def remove_map(request: SignedInRequest, slug: str) -> HttpResponse:
    """There is no map; the districts and the places of ideas stay as they are."""
    assembly = _managed(request, slug)
    services.remove_map(assembly=assembly, actor=request.user)
    messages.success(request, _("The map is removed. The districts are still there."))
    return redirect("assemblies:edit_map", assembly.slug)


@require_safe
def map_file(request: Request, slug: str) -> HttpResponse:
    """The map as a GeoJSON file, for whoever may see the assembly."""
    assembly = get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
    districts = [one for one in assembly.districts.all() if len(one.outline) > 2]
    if not districts:
        raise Http404
    read = as_geojson(((one.name, one.population, one.outline) for one in districts), assembly.landmarks)
    response = JsonResponse(read, content_type="application/geo+json", json_dumps_params={"ensure_ascii": False})
    response["Content-Disposition"] = f'attachment; filename="{assembly.slug}.geojson"'
    return response


def _page(request: SignedInRequest, assembly: Assembly, form: MapFileForm) -> HttpResponse:
    page = {"assembly": assembly, "form": form, "town": map_of(assembly), "districts": assembly.districts.all()}
    return render(request, "assemblies/edit_map.html", page, status=422 if form.errors else 200)


def _preview(assembly: Assembly, drawn: DrawnMap) -> dict[str, Any]:
    known = {one.name: one for one in assembly.districts.all()}
    drawn_names = {one.name for one in drawn.districts}
    return {
        "assembly": assembly,
        "drawn": drawn,
        "town": drawn.on_paper(assembly),
        "text": drawn.as_geojson(),
        "new": [one.name for one in drawn.districts if one.name not in known],
        "without": sorted(known.keys() - drawn_names),
        "replaces": has_map(assembly),
    }


def _managed(request: SignedInRequest, slug: str) -> Assembly:
    assembly = get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)
    rights.require(request.user, rights.MANAGE_ASSEMBLY, assembly)
    return assembly
