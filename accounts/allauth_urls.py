# SPDX-License-Identifier: AGPL-3.0-or-later
"""The addresses that allauth looks up by name. What is not here, passwords above all, cannot be reached."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.views.decorators.http import require_http_methods, require_safe

from . import views

View = Callable[..., HttpResponseBase]


def page(address: str, view: View, name: str) -> URLPattern:
    return path(address, require_safe(view), name=name)


def form(address: str, view: View, name: str) -> URLPattern:
    """A page with a form, which answers 422 when it shows the form again."""

    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def filled_in(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        if request.method == "POST" and isinstance(response, TemplateResponse) and response.status_code == 200:
            response.status_code = 422
        return response

    return path(address, filled_in, name=name)


urlpatterns: list[Any] = [
    path("sign-in/", views.sign_in, name="account_login"),
    path("sign-in/code/", views.type_code, name="account_confirm_login_code"),
    form("sign-in/passkey/", webauthn.login_webauthn, "mfa_login_webauthn"),
    form("sign-in/second-factor/", mfa.authenticate, "mfa_authenticate"),
    path("sign-out/", views.sign_out, name="account_logout"),
    page("sign-in/closed/", account.account_inactive, "account_inactive"),
    page("me/second-factor/", mfa.index, "mfa_index"),
    form("me/second-factor/app/", totp.activate_totp, "mfa_activate_totp"),
    form("me/second-factor/app/remove/", totp.deactivate_totp, "mfa_deactivate_totp"),
    form("me/second-factor/passkey/", webauthn.add_webauthn, "mfa_add_webauthn"),
    page("me/second-factor/recovery/", recovery_codes.view_recovery_codes, "mfa_view_recovery_codes"),
    form("me/second-factor/recovery/new/", recovery_codes.generate_recovery_codes, "mfa_generate_recovery_codes"),
    form("me/prove/", mfa.reauthenticate, "mfa_reauthenticate"),
    form("me/prove/passkey/", webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
]
