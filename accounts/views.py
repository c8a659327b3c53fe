# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing in and my page."""

from allauth.account.internal import flows
from allauth.account.internal.stagekit import LOGIN_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.flows import remove_authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from . import exports, services
from .forms import AddressForm, CodeForm, ProfileForm
from .languages import is_offered, remember_language
from .limits import TooOften
from .requests import Request, SignedInRequest
from .second_factor import has_second_factor
from .sign_in import SignIn

WANTED_PAGE = "page_after_sign_in"


def wanted_page(request: Request, otherwise: str = "/") -> str:
    """Where the person was going; never another site."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return page if own else otherwise


def passkeys_work(request: Request) -> bool:
    """Browsers offer passkeys over https and on this very machine only."""
    return request.is_secure() or request.get_host().partition(":")[0] == "localhost"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: Request) -> HttpResponse:
    """Type the address, get a code; who is new takes the same steps."""
    if request.user.is_authenticated:
        return redirect(wanted_page(request))
    form = AddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            SignIn.begin(request, email=form.cleaned_data["email"])
        except TooOften as refusal:
            form.add_error(None, str(refusal))
        else:
            request.session[WANTED_PAGE] = wanted_page(request)
            return redirect("account_confirm_login_code")
    page = {"form": form, "next": wanted_page(request), "passkeys_work": passkeys_work(request)}
    return render(request, "account/sign_in.html", page, status=422 if form.is_bound else 200)


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def type_code(request: Request) -> HttpResponse:
    """Type the code from the mail."""
    if request.user.is_authenticated:
        return redirect(wanted_page(request))
    began = LOGIN_SESSION_KEY in request.session
    under_way = SignIn.under_way(request)
    if under_way is None:
        if began:
            messages.error(request, _("Your code is too old. Ask for a new one."))
        return redirect("account_login")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            under_way.use_up_a_try()
        except TooOften:
            under_way.abort()
        else:
            if form.is_right(under_way.code):
                return under_way.finish(request.session.pop(WANTED_PAGE, None))
            under_way.record_invalid_attempt()
        if SignIn.under_way(request) is None:
            messages.error(request, _("That was not the code, and there are no tries left. Ask for a new code."))
            return redirect("account_login")
        form.add_error("code", _wrong_code_text(under_way.tries_left))
    page = {"form": form, "sign_in": under_way}
    return render(request, "account/type_code.html", page, status=422 if form.is_bound else 200)


def _wrong_code_text(tries_left: int) -> str:
    text = ngettext(
        "This is not the code. You have %(count)s try left. Use the newest mail, or ask for a new code below.",
        "This is not the code. You have %(count)s tries left. Use the newest mail, or ask for a new code below.",
        tries_left,
    )
    return text % {"count": tries_left}


@never_cache
@require_POST
def send_code_again(request: Request) -> HttpResponse:
    """A new code for the same address; the old one is void."""
    under_way = SignIn.under_way(request)
    if under_way is None:
        return redirect("account_login")
    try:
        under_way.send_again()
    except TooOften as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("A new code is on its way. Only the newest one works."))
    return redirect("account_confirm_login_code")


@require_POST
def forget_sign_in(request: Request) -> HttpResponse:
    """Back to typing the address, for example after a slip in it."""
    under_way = SignIn.under_way(request)
    if under_way is not None:
        under_way.abort()
    return redirect("account_login")


@require_POST
def sign_out(request: Request) -> HttpResponse:
    flows.logout.logout(request, show_message=False)
    messages.success(request, _("You are signed out."))
    return redirect("/")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def welcome(request: SignedInRequest) -> HttpResponse:
    """A new person says what others should call them."""
    form = ProfileForm(request.POST if request.method == "POST" else None, instance=request.user)
    if form.is_valid():
        user = form.save()
        response = HttpResponseRedirect(wanted_page(request))
        remember_language(response, user.language)
        return response
    page = {"form": form, "next": wanted_page(request)}
    return render(request, "accounts/welcome.html", page, status=422 if form.is_bound else 200)


@login_required
@require_safe
def me(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(instance=request.user)
    return render(request, "accounts/me.html", {"form": form, "has_second_factor": has_second_factor(request.user)})


@login_required
@require_POST
def save_profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST, instance=request.user)
    if not form.is_valid():
        request.user.refresh_from_db()  # the form wrote what was typed on the person whose name the page shows
        page = {"form": form, "has_second_factor": has_second_factor(request.user)}
        return render(request, "accounts/me.html", page, status=422)
    user = form.save()
    messages.success(request, _("Saved."))
    response = redirect("accounts:me")
    remember_language(response, user.language)
    return response


@login_required
@require_safe
def export_my_data(request: SignedInRequest) -> HttpResponse:
    """One file with all that this installation keeps about the person."""
    response = JsonResponse(
        exports.everything_about(request.user), json_dumps_params={"indent": 2, "ensure_ascii": False}
    )
    response["Content-Disposition"] = 'attachment; filename="folkmoot-my-data.json"'
    return response


@login_required
@require_POST
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    services.end_other_sessions(request=request, user=request.user)
    messages.success(request, _("All your other devices are signed out."))
    return redirect("accounts:me")


@login_required
@require_POST
def remove_passkey(request: SignedInRequest) -> HttpResponse:
    """Take away one of my passkeys; allauth asks for a second factor again when the last proof is old."""
    mine = Authenticator.objects.filter(user=request.user, type=Authenticator.Type.WEBAUTHN)
    number = request.POST.get("passkey", "")
    passkey = get_object_or_404(mine, pk=int(number) if number.isdecimal() else 0)
    remove_authenticator(request, passkey)
    return redirect("mfa_index")


@require_POST
def set_language(request: Request) -> HttpResponse:
    """Speak this language from now on, on this device and wherever the person signs in."""
    language = request.POST.get("language", "")
    response = HttpResponseRedirect(wanted_page(request))
    if is_offered(language):
        if request.user.is_authenticated:
            request.user.language = language
            request.user.save(update_fields=["language"])
        remember_language(response, language)
    return response


@require_safe
def privacy(request: Request) -> HttpResponse:
    """How this installation keeps what people entrust to it."""
    page = {"session_hours": settings.SESSION_COOKIE_AGE // 3600}
    return render(request, "accounts/privacy.html", page)
