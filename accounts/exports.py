# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that Folkmoot keeps about a person, collected from the apps that keep it."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator

from .models import User

Collect = Callable[[User], Any]  # answers what JSON can hold; dates and ids are written as text
_collectors: dict[str, Collect] = {}


def register(name: str, collect: Collect) -> None:
    """From now on the export has this part; a name registers once, so a reload replaces it."""
    _collectors[name] = collect


def everything_about(user: User) -> dict[str, Any]:
    return {name: collect(user) for name, collect in sorted(_collectors.items())}


def _account(user: User) -> dict[str, Any]:
    return {
        "email": user.email,
        "name": user.name,
        "language": user.language,
        "joined_at": user.joined_at,
        "last_sign_in_at": user.last_login,
        "second_factors": [
            {"type": factor.type, "added_at": factor.created_at, "last_used_at": factor.last_used_at}
            for factor in Authenticator.objects.filter(user=user)
        ],
    }


register("account", _account)
