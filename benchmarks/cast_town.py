# SPDX-License-Identifier: AGPL-3.0-or-later
# ruff: noqa: E402 -- Django must be set up before our models are imported
"""The town of benchmarks/cast.py: its voters, signed in, and three open polls. Prints what the voters need as JSON."""

import json
import os
import secrets
from importlib import import_module

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.utils import timezone

from accounts.models import User
from assemblies.models import Assembly, Membership
from voting.models import BallotType, Secrecy
from voting.services import NewLine, NewOption, create_poll, open_poll

OPTIONS = 12


def main(voters: int) -> None:
    town = Assembly.objects.create(name="Benchmark", slug="benchmark")
    people = User.objects.bulk_create(
        User(email=f"voter.{number}@example.org", name=f"Voter {number}") for number in range(voters)
    )
    now = timezone.now()
    members = Membership.objects.bulk_create(Membership(assembly=town, user=user, verified_at=now) for user in people)
    sessions = import_module(settings.SESSION_ENGINE).SessionStore
    cookies = []
    for user in people:
        session = sessions()
        session[SESSION_KEY], session[BACKEND_SESSION_KEY] = str(user.pk), settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookies.append(session.session_key)
    polls = {}
    for name, secrecy in (("named", Secrecy.NAMED), ("sealed", Secrecy.CONFIDENTIAL), ("hall", Secrecy.CONFIDENTIAL)):
        poll = create_poll(
            assembly=town,
            owner_kind="assembly",
            question=f"Which of these, {name}?",
            ballot_type=BallotType.APPROVAL,
            rule="approval",
            secrecy=secrecy,
            options=[NewOption(f"o{number}", f"Option {number}") for number in range(OPTIONS)],
        )
        open_poll(poll=poll, lines=[NewLine(member) for member in members], actor=None)
        polls[name] = str(poll.pk)
    print(json.dumps({"cookies": cookies, "csrf": secrets.token_hex(16), "polls": polls}))


if __name__ == "__main__":
    main(int(os.environ["VOTERS"]))
