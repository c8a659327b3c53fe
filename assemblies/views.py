# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of an assembly that no other app owns: its home, its members, the way in and the first run."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.languages import remember_language
from accounts.requests import Request, SignedInRequest
from accounts.second_factor import is_second_factor_missing
from accounts.sign_in import sign_in_without_code
from accounts.views import wanted_page

from . import first_run, rights, services
from .forms import AssemblyForm, InvitationForm, MemberSearch, RoleForm, SetUpForm
from .models import Assembly, Invitation, Membership, MembershipQuerySet, Role
from .refusals import AssemblyRefused
from .town_map import map_of

MEMBERS_ON_A_PAGE = 50


@require_safe
def index(request: Request) -> HttpResponse:
    """The one assembly that there is to see, or a list of them."""
    visible = Assembly.objects.visible_to(request.user)
    invitations = Invitation.objects.addressed_to(request.user).select_related("assembly")
    mine = Membership.objects.none()
    if request.user.is_authenticated:
        mine = request.user.memberships.current().select_related("assembly").order_by("assembly__name")
    found = list(visible[:2])
    if len(found) == 1 and not invitations:
        return redirect(found[0])
    if not found and not first_run.is_set_up():
        return redirect("assemblies:set_up")
    others = visible.exclude(pk__in=[membership.assembly_id for membership in mine])
    return render(request, "assemblies/index.html", {"mine": mine, "others": others, "invitations": invitations})


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def set_up(request: Request) -> HttpResponse:
    """The first page of a new installation; gone for ever once there is an assembly."""
    if first_run.is_set_up():
        raise Http404
    form = SetUpForm(request.POST if request.method == "POST" else None, initial={"language": get_language()})
    if form.is_valid():
        answers = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        try:
            membership = first_run.set_up(**answers)
        except AssemblyRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            sign_in_without_code(request, membership.user)
            response = redirect(membership.assembly)
            remember_language(response, membership.user.language)
            return response
    return render(request, "assemblies/set_up.html", {"form": form}, status=422 if form.is_bound else 200)


@require_safe
def home(request: Request, slug: str) -> HttpResponse:
    """What can be done now, as every app tells it."""
    assembly = _visible(request, slug)
    membership = rights.membership_of(request.user, assembly)
    page = {
        "assembly": assembly,
        "membership": membership,
        "may_join": membership is None and assembly.is_public,
        "may_manage": rights.may(request.user, rights.MANAGE_ASSEMBLY, assembly),
        "next_steps": _next_steps(membership),
        "lacks_second_factor": bool(membership and membership.roles) and is_second_factor_missing(request.user),
    }
    return render(request, "assemblies/home.html", page)


def _next_steps(membership: Membership | None) -> bool:
    """Whether this is an administrator who is still alone here."""
    if membership is None or not membership.has_role(Role.ADMINISTRATOR):
        return False
    return not membership.assembly.memberships.current().exclude(pk=membership.pk).exists()


@login_required
@require_POST
def join(request: SignedInRequest, slug: str) -> HttpResponse:
    """The person is a member of this public assembly, and back where they wanted to be."""
    assembly = _visible(request, slug)
    try:
        services.join_assembly(assembly=assembly, user=request.user)
    except AssemblyRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Welcome to %(assembly)s.") % {"assembly": assembly.name})
    return redirect(wanted_page(request, otherwise=assembly.get_absolute_url()))


@require_safe
def town_map(request: Request, slug: str) -> HttpResponse:
    """The map of the town, drawn from the outlines of its districts."""
    town = map_of(_visible(request, slug))
    if town is None:
        raise Http404
    response = render(request, "assemblies/map.svg", {"town": town}, content_type="image/svg+xml")
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, max-age=600"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: SignedInRequest, invitation_id: UUID) -> HttpResponse:
    """The way in for who was invited; nobody else can tell that there is one."""
    mine = Invitation.objects.addressed_to(request.user).select_related("assembly")
    invitation = get_object_or_404(mine, pk=invitation_id)
    if request.method != "POST":
        return render(request, "assemblies/invitation.html", {"invitation": invitation})
    try:
        services.join_assembly(assembly=invitation.assembly, user=request.user)
    except AssemblyRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(invitation.assembly)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest, slug: str) -> HttpResponse:
    """What the assembly is called, says about itself and shows to strangers."""
    assembly = _managed(request, slug)
    # The form gets an assembly of its own: what was typed must not show in the header of the page.
    form = AssemblyForm(request.POST if request.method == "POST" else None, instance=_managed(request, slug))
    if form.is_valid():
        services.change_assembly(assembly=assembly, actor=request.user, changes=form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("assemblies:settings", assembly.slug)
    page = {"assembly": assembly, "form": form}
    return render(request, "assemblies/settings.html", page, status=422 if form.is_bound else 200)


@login_required
@require_safe
def members(request: SignedInRequest, slug: str) -> HttpResponse:
    return _members_page(request, _managed(request, slug), InvitationForm())


def _members_page(
    request: SignedInRequest, assembly: Assembly, form: InvitationForm, status: int = 200
) -> HttpResponse:
    search = MemberSearch(request.GET)
    search.is_valid()  # what cannot be read is left out
    found = _found(assembly, search).select_related("user", "district").order_by("user__name", "pk")
    page = {
        "assembly": assembly,
        "page": Paginator(found, MEMBERS_ON_A_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "form": form,
        "roles": Role,
        "invitations": assembly.invitations.all(),
    }
    return render(request, "assemblies/members.html", page, status=status)


def _found(assembly: Assembly, search: MemberSearch) -> MembershipQuerySet:
    found = assembly.memberships.current()
    words, role = search.cleaned_data.get("search", ""), search.cleaned_data.get("role", "")
    if words:
        found = found.filter(Q(user__name__icontains=words) | Q(user__email__icontains=words))
    if role == "unverified":
        found = found.filter(verified_at=None)
    elif role:
        found = found.filter(roles__contains=[role])
    return found


@login_required
@require_POST
def invite(request: SignedInRequest, slug: str) -> HttpResponse:
    assembly = _managed(request, slug)
    form = InvitationForm(request.POST)
    if form.is_valid():
        try:
            services.invite(assembly=assembly, actor=request.user, **form.cleaned_data)
        except AssemblyRefused as refusal:
            form.add_error("email", str(refusal))
        else:
            messages.success(request, _("The invitation is on its way."))
            return redirect("assemblies:members", assembly.slug)
    return _members_page(request, assembly, form, status=422)


@login_required
@require_POST
def withdraw_invitation(request: SignedInRequest, slug: str, invitation_id: UUID) -> HttpResponse:
    assembly = _managed(request, slug)
    invitation = get_object_or_404(assembly.invitations, pk=invitation_id)
    services.withdraw_invitation(invitation=invitation, actor=request.user)
    messages.success(request, _("The invitation no longer counts."))
    return redirect("assemblies:members", assembly.slug)


@login_required
@require_safe
def member(request: SignedInRequest, slug: str, membership_id: UUID) -> HttpResponse:
    """One member, with what an administrator may change."""
    assembly = _managed(request, slug)
    shown = assembly.memberships.current().select_related("user", "district")
    page = {"assembly": assembly, "membership": get_object_or_404(shown, pk=membership_id), "roles": Role}
    return render(request, "assemblies/member.html", page)


@login_required
@require_POST
def give_role(request: SignedInRequest, slug: str, membership_id: UUID) -> HttpResponse:
    membership, form = _member_and_role(request, slug, membership_id)
    if not form.is_valid():
        return _refused(request, membership, _("Choose one of the roles."))
    services.give_role(membership=membership, role=form.chosen(), actor=request.user)
    return redirect("assemblies:member", slug, membership_id)


@login_required
@require_POST
def take_role(request: SignedInRequest, slug: str, membership_id: UUID) -> HttpResponse:
    membership, form = _member_and_role(request, slug, membership_id)
    if not form.is_valid():
        return _refused(request, membership, _("Choose one of the roles."))
    try:
        services.take_role(membership=membership, role=form.chosen(), actor=request.user)
    except AssemblyRefused as refusal:
        return _refused(request, membership, str(refusal))
    return redirect("assemblies:member", slug, membership_id)


@login_required
@require_POST
def verify_member(request: SignedInRequest, slug: str, membership_id: UUID) -> HttpResponse:
    assembly = _managed(request, slug)
    membership = get_object_or_404(assembly.memberships.current(), pk=membership_id)
    services.verify_member(membership=membership, actor=request.user)
    messages.success(request, _("%(name)s may vote now.") % {"name": membership.user.shown_name})
    return redirect("assemblies:member", slug, membership_id)


@require_safe
def help_page(request: Request) -> HttpResponse:
    """How things work here, in plain words."""
    return render(request, "assemblies/help.html")


def _visible(request: Request, slug: str) -> Assembly:
    return get_object_or_404(Assembly.objects.visible_to(request.user), slug=slug)


def _managed(request: Request, slug: str) -> Assembly:
    """The assembly, for who administers it."""
    assembly = _visible(request, slug)
    rights.require(request.user, rights.MANAGE_ASSEMBLY, assembly)
    return assembly


def _member_and_role(request: SignedInRequest, slug: str, membership_id: UUID) -> tuple[Membership, RoleForm]:
    assembly = _managed(request, slug)
    members = assembly.memberships.current().select_related("user", "assembly")
    return get_object_or_404(members, pk=membership_id), RoleForm(request.POST)


def _refused(request: SignedInRequest, membership: Membership, sentence: str) -> HttpResponse:
    page = {"assembly": membership.assembly, "membership": membership, "roles": Role, "refusal": sentence}
    return render(request, "assemblies/member.html", page, status=422)
