# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes about a person that carry a rule."""

from typing import Any

from django.contrib.auth import SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils import timezone

import live

from .models import User


def join_by_email(*, email: str, language: str) -> User:
    """The account of this address, made now when there is none; call it once a code proved the address."""
    address = email.strip().lower()
    unusable: dict[str, Any] = {"password": "!", "language": language}
    user, is_new = User.objects.get_or_create(email=address, defaults=unusable)
    if is_new:  # with a hash of its own for its sessions: see end_sessions
        user.set_unusable_password()
        user.save(update_fields=["password"])
    return user


def end_sessions(*, user: User, except_for: str | None = None) -> None:
    """Nobody is signed in to this account any more, on any device but the one with this session key.

    Nobody has a password, so its column only feeds the hash that every session carries: a new random value
    there makes every session of this person worthless at once. Then their rows go too, as sockets look at those.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])
    worthless = [
        session.pk
        for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator()
        if session.get_decoded().get(SESSION_KEY) == str(user.pk) and session.pk != except_for
    ]
    Session.objects.filter(pk__in=worthless).delete()
    live.rights_changed(user.pk)


def end_other_sessions(*, request: HttpRequest, user: User) -> None:
    """Only the device that asked stays signed in."""
    end_sessions(user=user, except_for=request.session.session_key)
    if request.user == user:
        update_session_auth_hash(request, user)
