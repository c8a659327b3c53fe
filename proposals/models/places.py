# SPDX-License-Identifier: AGPL-3.0-or-later
"""Where something is to be built: a point on earth, or none."""

from django.db.models import CheckConstraint, Q


def is_on_earth(name: str) -> CheckConstraint:
    """The constraint that a row has both coordinates, in their ranges, or neither."""
    nowhere = Q(latitude__isnull=True, longitude__isnull=True)
    somewhere = Q(
        latitude__isnull=False, longitude__isnull=False, latitude__range=(-90, 90), longitude__range=(-180, 180)
    )
    return CheckConstraint(condition=nowhere | somewhere, name=name)
