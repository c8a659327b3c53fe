"""Tests in which somebody does what cannot be undone: they have just shown their second factor."""

import time

from django.test import Client

from accounts.models import User


def prove(client: Client, user: User, *, seconds_ago: float = 0) -> None:
    """This person has shown their second factor on this device."""
    session = client.session
    session["account_authentication_methods_user"] = str(user.pk)
    session["account_authentication_methods"] = [
        {"method": "mfa", "type": "totp", "reauthenticated": True, "at": time.time() - seconds_ago}
    ]
    session.save()
