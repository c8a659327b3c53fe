"""Things that tests need, made by plain functions with defaults."""

from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, Membership, Role

_numbers = count(1)


def make_user(name: str = "Somebody", **fields: Any) -> User:
    fields.setdefault("email", f"{name.lower().replace(' ', '.')}.{next(_numbers)}@example.org")
    return User.objects.create_user(name=name, **fields)


def make_assembly(name: str = "Riverside", **fields: Any) -> Assembly:
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Assembly.objects.create(name=name, **fields)


def make_member(
    assembly: Assembly, name: str = "Somebody", *roles: Role, verified: bool = True, **fields: Any
) -> Membership:
    """A verified resident unless said otherwise, with these roles besides."""
    return Membership.objects.create(
        assembly=assembly,
        user=fields.pop("user", None) or make_user(name),
        roles=[role.value for role in roles],
        verified_at=timezone.now() if verified else None,
        **fields,
    )
