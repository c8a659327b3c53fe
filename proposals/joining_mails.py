# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails when proposals become one, or one becomes several: to those behind them, and to everybody who supports them."""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext_lazy as _

import jobs

from .author_mails import send, send_to_people_behind, site_address
from .models import Merge, Proposal, Split, Support

MERGE_NEWS = {
    "suggested": _("Somebody suggests to make one proposal of several. It happens only if every author says Yes."),
    "reworded": _("One of the authors has changed the words of the merge. Every author is asked once more."),
    "refused": _("An author said No. All proposals go on as they are."),
    "taken_back": _("The suggestion was taken back. All proposals go on as they are."),
    "done": _("All authors said Yes. The proposals are one now."),
    "undone": _("The merge was undone. Each proposal is what it was before."),
}
SPLIT_NEWS = {
    "suggested": _("An official suggests to split this proposal. It happens only if its author says Yes."),
    "refused": _("Its author said No. The proposal goes on as it is."),
    "taken_back": _("The suggestion was taken back. The proposal goes on as it is."),
    "done": _("The proposal is split. New ones go on in its place."),
}


@jobs.job(retries=5)
def tell_of_merge(merge_id: str, news: str) -> None:
    """Everybody behind one of the proposals has one mail."""
    merge = Merge.objects.select_related("target__heading__cycle__assembly").get(pk=UUID(merge_id))
    proposals = _of_merge(merge)
    page = {
        "assembly": merge.target.heading.cycle.assembly,
        "news": MERGE_NEWS[news],
        "names": [proposal.title for proposal in proposals],
        "reason": merge.reason,
        "url": site_address() + merge.get_absolute_url(),
    }
    send_to_people_behind(proposals, "joining", page)


@jobs.job(retries=5)
def tell_of_split(split_id: str, news: str) -> None:
    """Everybody behind the proposal has one mail."""
    split = Split.objects.select_related("proposal__author__user", "proposal__heading__cycle__assembly").get(
        pk=UUID(split_id)
    )
    page = {
        "assembly": split.proposal.heading.cycle.assembly,
        "news": SPLIT_NEWS[news],
        "names": [piece.title for piece in split.pieces.all()],
        "reason": split.reason,
        "url": site_address() + split.get_absolute_url(),
    }
    send_to_people_behind([split.proposal], "joining", page)


@jobs.job(retries=5)
def tell_supporters_of_merge(merge_id: str, news: str) -> None:
    """A mail for each person who supports one of those that were merged, on its way by itself."""
    merge = Merge.objects.get(pk=UUID(merge_id))
    sources = merge.parts.exclude(proposal=merge.target_id).values_list("proposal_id", flat=True)
    for support in _one_for_each_person(sources):
        jobs.defer(tell_supporter, str(support.pk), "merged" if news == "done" else "merge_undone")


@jobs.job(retries=5)
def tell_supporters_of_split(split_id: str) -> None:
    """A mail for each person who supports the proposal that was split."""
    split = Split.objects.get(pk=UUID(split_id))
    for support in _one_for_each_person([split.proposal_id]):
        jobs.defer(tell_supporter, str(support.pk), "split")


@jobs.job(retries=5)
def tell_supporter(support_id: str, news: str) -> None:
    """This person knows for what their support counts now, and how to take it back."""
    found = Support.objects.select_related(
        "person__user", "proposal__merged_into", "proposal__heading__cycle__assembly"
    )
    support = found.filter(pk=UUID(support_id), person__left_at=None).first()
    if support is None:
        return
    proposal = support.proposal
    now = [proposal]
    if news == "merged" and proposal.merged_into is not None:
        now = [proposal.merged_into]
    elif news == "split":
        now = list(proposal.split_into.order_by("pk"))
    page = {
        "proposal": proposal,
        "assembly": proposal.heading.cycle.assembly,
        "news": news,
        "now": [(one.title, f"{site_address()}{one.get_absolute_url()}#supports") for one in now],
    }
    send(support.person.user, page["assembly"], "supporter", page)  # type: ignore[arg-type]


def _of_merge(merge: Merge) -> list[Proposal]:
    found = Proposal.objects.filter(merge_parts__merge=merge).order_by("pk")
    return list(found.select_related("author__user", "heading__cycle__assembly"))


def _one_for_each_person(proposals: Iterable[UUID]) -> list[Support]:
    given = Support.objects.filter(proposal__in=proposals, person__left_at=None).order_by("-created_at", "pk")
    return list({support.person_id: support for support in given}.values())
