# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who stands behind the ideas of the youth budget, one that was given back, and two that could be one."""

from datetime import timedelta

from proposals import services
from proposals.models import Cycle, Proposal

from .content import behind as told
from .content.figures import together
from .town import Town


def seed_behind(town: Town, cycle: Cycle) -> None:
    """One idea has a co-sponsor and asks another, one is to be corrected, and two authors are asked about a merge."""
    now, ewa = town.calendar.now, town.member("ewa")
    waiting = list(
        Proposal.objects.awaiting_review()
        .filter(heading__cycle=cycle, assignments=None, conflicts=None)
        .exclude(author=ewa)
        .select_related("heading__cycle", "author__user")
    )
    shared, returned, *rest = waiting
    for place, name in enumerate(told.CO_SPONSORS):
        person = town.member(name)
        asked = services.invite_co_sponsor(
            proposal=shared, author=shared.author, email=person.user.email, at=now - timedelta(days=3)
        )
        if place == 0:
            services.accept_co_sponsorship(co_sponsor=asked, person=person, at=now - timedelta(days=2))
    services.return_proposal(
        proposal=returned,
        official=ewa,
        reason=together(told.GIVEN_BACK),
        until=now + timedelta(days=9),
        at=now - timedelta(hours=26),
    )
    pairs = (
        (one, other)
        for one in rest
        for other in rest
        if one.category == other.category and one.author_id != other.author_id and one.language == other.language
    )
    first, second = next(pairs, (None, None))
    if first is not None and second is not None:
        services.suggest_merge(
            target=first,
            others=[second],
            suggester=ewa,
            title=first.title,
            summary=first.summary,
            text=f"{first.text}\n\n{second.text}"[:5000],
            at=now - timedelta(hours=8),
        )
