# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing in by a typed e-mail code, on top of allauth's login stages.

Everybody takes the same steps: address, code, in. Whether an account exists is looked up only after the code
came back, so neither page, mail nor time tells whether somebody has one; without one it is made then.
"""

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.models import Login
from allauth.account.stages import LoginByCodeStage, LoginStageController
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from . import limits, services
from .models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"  # one of several, so that it has to be named


class SignIn(LoginCodeVerificationProcess):  # type: ignore[misc]
    """One person on the way in, between the address and the code; kept in the session."""

    @classmethod
    def begin(cls, request: HttpRequest, *, email: str) -> "SignIn":
        """A code is on its way to this address, whoever that is; raises limits.TooOften."""
        limits.use_up(request, limits.ASK_FOR_CODE, key=limits.mailbox_of(email))
        login = Login(user=None, email=email)
        login.state["stages"] = {"current": LoginByCodeStage.key}
        stage = LoginByCodeStage(LoginStageController(request, login), request, login)
        stage.state.update(cls.initial_state(user=None, email=email), initiated_by_user=True)
        sign_in = cls(stage=stage)
        sign_in.send()
        sign_in.persist()
        return sign_in

    @classmethod
    def under_way(cls, request: HttpRequest) -> "SignIn | None":
        """The sign-in that waits for its code, unless it waited too long."""
        stage = get_pending_stage(request)
        if not isinstance(stage, LoginByCodeStage):
            return None
        sign_in: SignIn | None = cls(stage=stage).abort_if_invalid()
        return sign_in

    @property
    def email(self) -> str:
        return str(self.state["email"])

    @property
    def tries_left(self) -> int:
        return max(0, int(app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS) - int(self.state["failed_attempts"]))

    def use_up_a_try(self) -> None:
        """Raises limits.TooOften beyond the last try, even when several arrive at the same moment."""
        limits.use_up(self.request, limits.TYPE_CODE, key=f"{self.email}/{self.state['at']}")

    def send_again(self) -> None:
        """A new code is on its way and the old one is void; raises limits.TooOften."""
        limits.use_up(self.request, limits.ASK_FOR_CODE, key=limits.mailbox_of(self.email))
        self.resend()

    def send_by_email(self, email: str, skip_enumeration_mails: bool = False) -> None:
        context: dict[str, Any] = {"code": self.generate_code(), "minutes": int(self.timeout) // 60}
        get_adapter().send_mail("account/email/login_code", email, context)

    def finish(self, redirect_url: str | None) -> HttpResponse:
        """The person is signed in, or has to show their second factor first."""
        self._user = services.join_by_email(email=self.email, language=translation.get_language() or "")
        response: HttpResponse = super().finish(redirect_url)
        return response


def sign_in_without_code(request: HttpRequest, user: User) -> None:
    """The person is signed in by another proof: the button of a demo, or the code on the terminal of a new machine."""
    login(request, user, backend=BACKEND)
