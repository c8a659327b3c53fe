# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writes about a person that carry a rule."""

from typing import Any

from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest

from .models import User


def join_by_email(*, email: str, language: str) -> User:
    """The account of this address, made now when there is none; call it once a code proved the address."""
    address = email.strip().lower()
    unusable: dict[str, Any] = {"password": "!", "language": language}
    user, is_new = User.objects.get_or_create(email=address, defaults=unusable)
    if is_new:
        end_sessions(user=user)  # gives the account its own session key
    return user


def end_sessions(*, user: User) -> None:
    """Nobody is signed in to this account any more, on any device.

    Nobody has a password, so its column only feeds the hash that every session carries: a new random value
    there makes every session of this person worthless.
    """
    user.set_unusable_password()
    user.save(update_fields=["password"])


def end_other_sessions(*, request: HttpRequest, user: User) -> None:
    """Only the device that asked stays signed in."""
    end_sessions(user=user)
    if request.user == user:
        update_session_auth_hash(request, user)
