# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails to those who follow a proposal. Each names what happened and has the link that ends these mails."""

from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

import jobs
from accounts.mails import send, site_address

from .models import Follow, Review

# What followers hear of, by its name in the log of the budget or the status of the project.
NEWS = {
    "proposal.reviewed": _("The officials have answered."),
    "proposal.withdrawn": _("Its author has taken it back."),
    "proposal.lapsed": _("It ended before the vote."),
    "funded": _("It is funded: it has won in the vote."),
    "not_funded": _("It did not win in the vote."),
    "building": _("It is being built."),
    "done": _("It is ready. Come and look."),
    "stopped": _("The work is stopped."),
}


def tell_followers(proposal_id: UUID | None, news: str) -> None:
    """Everybody who follows the proposal has a mail of their own on the way, once the transaction commits."""
    if news in NEWS and proposal_id is not None:
        for follow_id in Follow.objects.filter(proposal=proposal_id).values_list("pk", flat=True):
            jobs.defer(tell_follower, str(follow_id), news)


@jobs.job(retries=5)
def tell_follower(follow_id: str, news: str) -> None:
    """This person has a mail that says what happened, unless she no longer follows the proposal."""
    follow = (
        Follow.objects.filter(pk=follow_id, person__left_at=None, proposal__hidden_at=None)
        .select_related("person__user", "proposal__heading__cycle__assembly")
        .first()
    )
    if follow is None:
        return
    assembly = follow.proposal.heading.cycle.assembly
    stop = site_address() + reverse("proposals:stop_following", args=[follow.token])
    answer = Review.objects.filter(proposal=follow.proposal).first() if news == "proposal.reviewed" else None
    page = {
        "proposal": follow.proposal,
        "assembly": assembly,
        "news": NEWS[news],
        "reason": answer.public_reason if answer else "",
        "url": site_address() + follow.proposal.get_absolute_url(),
        "stop": stop,
    }
    headers = {
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",  # the button of the mail program: RFC 8058
    }
    send(follow.person.user, "proposals/mail/followed", page, language=assembly.language, headers=headers)
