# SPDX-License-Identifier: AGPL-3.0-or-later
"""What things cost here, for people who are asked to guess."""

from .models import Cycle, Project

SHOWN = 4


def cost_examples(cycle: Cycle, category: str) -> list[Project]:
    """Projects of this assembly's budgets in the same money, the cheapest first: of the same kind, else of any."""
    known = Project.objects.filter(
        heading__cycle__assembly=cycle.assembly_id,
        heading__cycle__currency=cycle.currency,
        heading__cycle__published_at__isnull=False,
        proposal__isnull=False,
    ).order_by("cost", "title")
    alike = list(known.filter(category=category)) or list(known)
    if len(alike) <= SHOWN:
        return alike
    return [alike[place * (len(alike) - 1) // (SHOWN - 1)] for place in range(SHOWN)]
