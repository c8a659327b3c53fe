# SPDX-License-Identifier: AGPL-3.0-or-later
"""The first page of a new installation: it makes the first assembly and its administrator.

Whoever installs sees a code on the terminal; only with it can the page be used, so that no stranger who finds
a fresh installation becomes its administrator.
"""

import hmac
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import ledger
from accounts.models import User
from config.secret import read_or_make_secret

from .codes import meant_by, new_code
from .models import Assembly, Membership, Role
from .refusals import AssemblyRefused

LOCK = 0x666F6C6B  # the one advisory lock of setting up


def is_set_up() -> bool:
    return Assembly.objects.exists()


def setup_code() -> str | None:
    """The code that `manage.py serve` prints and the page asks for; None once there is an assembly."""
    if is_set_up():
        _code_file().unlink(missing_ok=True)
        return None
    return read_or_make_secret(_code_file(), make=_new_code)


def is_setup_code(typed: str) -> bool:
    """Whether this is the code on the terminal; capitals, dashes and letters that look like digits do not matter."""
    code = setup_code()
    return code is not None and hmac.compare_digest(meant_by(typed).encode(), meant_by(code).encode())


@transaction.atomic
def set_up(
    *, name: str, slug: str, currency: str, language: str, person: str, email: str, at: datetime | None = None
) -> Membership:
    """The installation has its first assembly, with this person as its administrator; only ever once."""
    _wait_for_turn()
    if is_set_up():
        raise AssemblyRefused(_("This installation is already set up. Sign in instead."))
    at = at or timezone.now()
    user = User.objects.filter(email=email.strip().lower()).first() or User.objects.create_user(email=email)
    user.name, user.language = person, language
    user.save(update_fields=["name", "language"])
    assembly = Assembly.objects.create(name=name, slug=slug, currency=currency, language=language)
    membership = Membership.objects.create(
        assembly=assembly, user=user, roles=[Role.ADMINISTRATOR], verified_at=at, joined_at=at
    )
    ledger.append(stream=assembly.pk, kind="assembly_founded", data={"administrator": membership.pk}, at=at)
    transaction.on_commit(setup_code, robust=True)  # takes the file away
    return membership


def _wait_for_turn() -> None:
    """Of two people at once, the second waits until the first has committed, and then sees the assembly."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _code_file() -> Path:
    return Path(settings.VAR_DIR) / "setup_code"


def _new_code() -> str:
    letters = new_code(10)
    return f"{letters[:5]}-{letters[5:]}"
