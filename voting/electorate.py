# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who would be in the register if it were fixed now. Owners of polls hand these lines to `open_poll`."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from assemblies.models import Assembly, District, Membership

from .models import CodeBatch, Credential, Poll, Presence, RegisterLine
from .sealing import canonical


@dataclass(frozen=True)
class NewLine:
    """A voter to enter in the register: a member, a voter code, or neither, who votes on paper."""

    membership: Membership | None
    weight: int = 1
    credential: Credential | None = None
    proxy: Membership | None = None  # who votes in the place of the member
    presence: Presence = Presence.UNKNOWN
    paper_issued: bool = False
    label: str = ""


def members(assembly: Assembly) -> list[NewLine]:
    """Every member of the assembly."""
    current = Membership.objects.current().filter(assembly=assembly)
    return [NewLine(member) for member in current.select_related("user", "district").order_by("pk")]


def residents(assembly: Assembly, district: District | None = None) -> list[NewLine]:
    """Every verified resident, of this territory where one is given."""
    verified = Membership.objects.verified().filter(assembly=assembly)
    if district is not None:
        verified = verified.filter(district=district)
    return [NewLine(member) for member in verified.select_related("user", "district").order_by("pk")]


def present(stays: Iterable[tuple[Membership, str]]) -> list[NewLine]:
    """People who are at a meeting, each with where they take part from; only verified residents vote."""
    return [NewLine(member, presence=Presence(mode)) for member, mode in stays if member.verified_at is not None]


def fingerprint(poll: Poll, lines: Iterable[NewLine | RegisterLine]) -> dict[str, Any]:
    """How many voters there are, and a hash that is another one when anybody comes, goes or gets another weight."""
    known = sorted(
        [str(one and one.pk) for one in (line.membership, line.credential, line.proxy)] + [str(line.weight), line.label]
        for line in lines
    )
    return {"count": len(known), "hash": hashlib.sha256(canonical([str(poll.pk), known])).hexdigest()}


def with_codes(scopes: Sequence[str]) -> list[NewLine]:
    """Every code that makes a voter in these polls."""
    return [NewLine(None, credential=credential) for credential in codes_that_count(scopes).order_by("pk")]


def codes_that_count(scopes: Sequence[str]) -> QuerySet[Credential]:
    """Valid codes for these polls; of codes given out in a hall only those that somebody has entered."""
    found = Credential.objects.filter(revoked_at=None, batch__in=CodeBatch.objects.valid().filter(scope__in=scopes))
    return found.exclude(batch__counts_once_entered=True, entry=None)
