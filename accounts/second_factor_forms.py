# SPDX-License-Identifier: AGPL-3.0-or-later
"""Allauth's forms for second factors, in our words."""

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _


def code_field() -> forms.CharField:
    return forms.CharField(
        label=_("Code"),
        error_messages={"required": _("Type the code that your app shows.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code-input"}
        ),
    )


class SecondFactorForm(AuthenticateForm):  # type: ignore[misc]
    code = code_field()


class ProveAgainForm(ReauthenticateForm):  # type: ignore[misc]
    code = code_field()


class AddAppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = code_field()


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(
        label=_("A name for this passkey"), required=False, max_length=60, help_text=_("For example: my phone.")
    )
    passwordless = forms.BooleanField(
        label=_("I want to sign in with it alone, without a code from the mail"), required=False, initial=True
    )
