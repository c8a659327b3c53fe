# SPDX-License-Identifier: AGPL-3.0-or-later
"""How much one account may write, so that nobody drowns the others. Refused words are kept in the form.

What is counted stands in the tables, also what was taken back. Callers hold a row that the author's other
requests wait for, so that two at once do not both pass.
"""

import re
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assemblies.models import Membership
from proposals.models import Comment, ImportedProposal, Proposal
from proposals.refusals import CycleRefused

NEW = timedelta(days=1)  # so long an account is new here
SHORT, LONG = timedelta(minutes=10), timedelta(days=1)
COMMENTS_IN_SHORT, COMMENTS_IN_LONG = 12, 100
NEW_COMMENTS_IN_SHORT, NEW_COMMENTS_IN_LONG = 6, 20
PROPOSALS_IN_LONG, NEW_PROPOSALS_IN_LONG = 20, 5
LINKS_IN_COMMENT, LINKS_IN_PROPOSAL, LINKS_WHEN_NEW = 3, 5, 1
SAME_WORDS = 2  # so often the same comment may stand below other proposals on one day
LINK = re.compile(r"https?://|\bwww\.", re.IGNORECASE)


def require_calm_commenting(*, author: Membership, proposal: Proposal, text: str, at: datetime | None = None) -> None:
    """Refuse a comment of somebody who writes too fast, the same everywhere, or mostly links."""
    moment = at or timezone.now()
    is_new = is_new_here(author, moment)
    _refuse_links(text, LINKS_WHEN_NEW if is_new else LINKS_IN_COMMENT)
    mine = Comment.objects.filter(author=author)
    _refuse_haste(mine, moment, SHORT, NEW_COMMENTS_IN_SHORT if is_new else COMMENTS_IN_SHORT)
    _refuse_haste(mine, moment, LONG, NEW_COMMENTS_IN_LONG if is_new else COMMENTS_IN_LONG)
    elsewhere = mine.filter(text=text, created_at__gt=moment - LONG, created_at__lte=moment).exclude(proposal=proposal)
    if elsewhere.count() >= SAME_WORDS:
        raise CycleRefused(
            _("You wrote the same below other proposals today. Say here what you think of this proposal.")
        )


def require_calm_proposing(*, proposal: Proposal, at: datetime | None = None) -> None:
    """Refuse a proposal of somebody who sends in too many, the same again, or mostly links; the draft stays."""
    if ImportedProposal.objects.filter(proposal=proposal).exists():
        return  # it came in a table that an official looked through
    moment = at or timezone.now()
    is_new = is_new_here(proposal.author, moment)
    _refuse_links(
        f"{proposal.title} {proposal.summary} {proposal.text}", LINKS_WHEN_NEW if is_new else LINKS_IN_PROPOSAL
    )
    sent = Proposal.objects.filter(author=proposal.author, submitted_at__isnull=False, imported=None)
    lately = sent.filter(submitted_at__gt=moment - LONG, submitted_at__lte=moment)
    if lately.count() >= (NEW_PROPOSALS_IN_LONG if is_new else PROPOSALS_IN_LONG):
        raise CycleRefused(_("You sent in many ideas today. Your draft is kept: send it in tomorrow."))
    same = sent.filter(heading=proposal.heading, title=proposal.title, text=proposal.text, place=proposal.place)
    if same.exclude(state=Proposal.State.WITHDRAWN).exclude(pk=proposal.pk).exists():
        raise CycleRefused(_("You sent in the same idea already. Your draft is kept: say what is different here."))


def is_new_here(author: Membership, at: datetime) -> bool:
    """Whether this person joined less than a day ago."""
    return timedelta(0) <= at - author.joined_at < NEW


def _refuse_links(text: str, allowed: int) -> None:
    if len(LINK.findall(text)) > allowed:
        raise CycleRefused(
            ngettext(
                "That looks like advertising: it has more than %(count)s link. Take some out.",
                "That looks like advertising: it has more than %(count)s links. Take some out.",
                allowed,
            )
            % {"count": allowed}
        )


def _refuse_haste(written: "QuerySet[Comment]", moment: datetime, span: timedelta, allowed: int) -> None:
    lately = written.filter(created_at__gt=moment - span, created_at__lte=moment).order_by("-created_at")
    times = list(lately.values_list("created_at", flat=True)[:allowed])
    if len(times) == allowed:
        minutes = -(-int((times[-1] + span - moment).total_seconds()) // 60) or 1
        raise CycleRefused(
            ngettext(
                "You wrote a lot in a short time. Your words are kept here: wait %(count)s minute, then send them again.",
                "You wrote a lot in a short time. Your words are kept here: wait %(count)s minutes, then send them again.",
                minutes,
            )
            % {"count": minutes}
        )
