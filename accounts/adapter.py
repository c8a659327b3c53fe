# SPDX-License-Identifier: AGPL-3.0-or-later
"""What allauth does our way: plain mails, no passwords, the person's own language after sign-in."""

from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from .languages import remember_language
from .models import User

WRONG_CODE = _("This code is not right. Type the six digits that you see now.")
TOO_MANY_CODES = _("Too many wrong codes. Wait five minutes, then try again.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
        "too_many_login_attempts": TOO_MANY_CODES,
        "rate_limited": TOO_MANY_CODES,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by a form of allauth's: accounts are made when the first code comes back."""
        return False

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **kwargs: Any) -> HttpResponse:
        """On to where the person wanted to go, in their language; a new person tells their name on the way."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        person = cast(User, user)
        if not person.name:
            wanted = urlencode({"next": response.headers.get("Location", "/")})
            response = HttpResponseRedirect(f"{reverse('accounts:welcome')}?{wanted}")
        remember_language(response, person.language)
        return response


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": WRONG_CODE,
    }

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """What a passkey is called until its owner calls it something better."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)s") % {"number": number}

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows beside the code."""
        return f"Folkmoot {super().get_totp_issuer()}"
