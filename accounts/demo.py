# SPDX-License-Identifier: AGPL-3.0-or-later
"""The demo: anybody signs in as anybody, and every mail can be read. None of it exists without DEMO."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from .languages import remember_language
from .models import User
from .requests import Request
from .sign_in import sign_in_without_code

ADDRESSES = ("@riverside.demo", "@harbour.demo")
MAILS_SHOWN = 100


def demo_people() -> QuerySet[User]:
    """The invented people, whom anybody may sign in as."""
    ends = Q()
    for address in ADDRESSES:
        ends |= Q(email__endswith=address)
    return User.objects.filter(ends, is_active=True)


View = Callable[..., HttpResponse]


def in_demo(view: View) -> View:
    """This page exists in a demo only."""

    @wraps(view)
    def shown_in_demo(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.DEMO:
            raise Http404
        return view(request, *args, **kwargs)

    return shown_in_demo


@require_safe
@in_demo
def choose(request: Request) -> HttpResponse:
    """Whom to be: a frame in which the assemblies show their people."""
    return render(request, "accounts/demo.html")


@require_POST
@in_demo
def sign_in(request: Request) -> HttpResponse:
    email = request.POST.get("email", "")
    user = get_object_or_404(demo_people(), email=email)
    sign_in_without_code(request, user)
    response = redirect("/")
    remember_language(response, user.language)
    return response


@dataclass(frozen=True)
class Mail:
    """A mail that was caught instead of sent."""

    name: str
    message: EmailMessage

    @property
    def sent_at(self) -> datetime | None:
        return parsedate_to_datetime(self.message["Date"]) if self.message["Date"] else None

    @property
    def text(self) -> str:
        body = self.message.get_body(preferencelist=("plain", "html"))
        return str(body.get_content()) if body else ""


def caught_mails() -> list[Path]:
    """The files of Django's file backend, newest first; one file may hold several mails of one run."""
    folder = Path(settings.EMAIL_FILE_PATH)
    files = folder.glob("*.log") if folder.is_dir() else []
    return sorted(files, key=lambda file: file.stat().st_mtime_ns, reverse=True)


def read_mails(file: Path) -> list[Mail]:
    """The mails in one file, newest first. Django ends each with a line of 79 dashes."""
    parts = file.read_bytes().split(b"-" * 79)
    messages = [message_from_bytes(part.lstrip(), policy=policy.default) for part in parts if part.strip()]
    mails = [Mail(f"{file.stem}-{number}", message) for number, message in enumerate(messages)]
    return mails[::-1]


@require_safe
@in_demo
def mails(request: Request) -> HttpResponse:
    shown: list[Mail] = []
    for file in caught_mails():
        shown += read_mails(file)
        if len(shown) >= MAILS_SHOWN:
            break
    return render(request, "accounts/demo_mails.html", {"mails": shown[:MAILS_SHOWN]})


@require_safe
@in_demo
def mail(request: Request, name: str) -> HttpResponse:
    stem, _, _number = name.rpartition("-")
    found = [mail for file in caught_mails() if file.stem == stem for mail in read_mails(file) if mail.name == name]
    if not found:
        raise Http404
    return render(request, "accounts/demo_mail.html", {"mail": found[0]})
