# SPDX-License-Identifier: AGPL-3.0-or-later
"""Mails when proposals become one, or one becomes several: to those behind them, and to everybody who supports them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

import jobs
from accounts.mails import send, site_address
from accounts.models import User

from .author_mails import people_behind, send_to_people_behind
from .models import Merge, Proposal, Split, Support

MERGE_NEWS = {
    "suggested": _("Somebody suggests to make one proposal of several. It happens only if every author says Yes."),
    "reworded": _("One of the authors has changed the words of the merge. Every author is asked once more."),
    "refused": _("An author said No. All proposals go on as they are."),
    "taken_back": _("The suggestion was taken back. All proposals go on as they are."),
    "reminder": _("You are asked to make one proposal of several, and you have not answered yet."),
    "lapsed": _("Not every author answered in time. All proposals go on as they are. It can be suggested anew."),
    "done": _("All authors said Yes. The proposals are one now."),
    "undone": _("The merge was undone. Each proposal is what it was before."),
}
SPLIT_NEWS = {
    "suggested": _("An official suggests to split this proposal. It happens only if its author says Yes."),
    "refused": _("Its author said No. The proposal goes on as it is."),
    "taken_back": _("The suggestion was taken back. The proposal goes on as it is."),
    "reminder": _("You are asked to split this proposal, and you have not answered yet."),
    "lapsed": _("Its author did not answer in time. The proposal goes on as it is. It can be suggested anew."),
    "done": _("The proposal is split. New ones go on in its place."),
    "undone": _("The split was undone. The proposal is what it was before, and the new ones are taken back."),
}


@jobs.job(retries=5)
def tell_of_merge(merge_id: str, news: str) -> None:
    """Everybody behind one of the proposals has one mail; that nobody answered is told to who suggested it, too."""
    merge = _merge(merge_id)
    proposals = _of_merge(merge)
    page = _page(merge, merge.target, MERGE_NEWS[news], [proposal.title for proposal in proposals])
    send_to_people_behind(proposals, "joining", page)
    if news == "lapsed":
        _tell_who_suggested_it(merge, proposals, page)


@jobs.job(retries=5)
def tell_of_split(split_id: str, news: str) -> None:
    """Everybody behind the proposal has one mail; that nobody answered is told to who suggested it, too."""
    split = _split(split_id)
    page = _page(split, split.proposal, SPLIT_NEWS[news], [piece.title for piece in split.pieces.all()])
    send_to_people_behind([split.proposal], "joining", page)
    if news == "lapsed":
        _tell_who_suggested_it(split, [split.proposal], page)


@jobs.job(retries=5)
def remind_of_merge(merge_id: str) -> None:
    """Each author who has not answered has one mail; none, when it has ended meanwhile."""
    merge = _merge(merge_id)
    if merge.is_open and Merge.objects.possible().filter(pk=merge.pk).exists():
        names = [proposal.title for proposal in _of_merge(merge)]
        page = _page(merge, merge.target, MERGE_NEWS["reminder"], names)
        waiting = merge.parts.filter(agreed_at=None, proposal__author__left_at=None)
        for author in User.objects.filter(memberships__proposals__merge_parts__in=waiting).distinct():
            send(author, "proposals/mail/joining", page, language=page["assembly"].language)


@jobs.job(retries=5)
def remind_of_split(split_id: str) -> None:
    """Its author has one mail; none, when it has ended meanwhile."""
    split = _split(split_id)
    author = split.proposal.author
    if split.is_open and author.left_at is None:
        names = [piece.title for piece in split.pieces.all()]
        page = _page(split, split.proposal, SPLIT_NEWS["reminder"], names)
        send(author.user, "proposals/mail/joining", page, language=page["assembly"].language)


@jobs.job(retries=5)
def tell_supporters_of_merge(merge_id: str, news: str) -> None:
    """A mail for each person who supports one of those that were merged, on its way by itself."""
    merge = Merge.objects.get(pk=UUID(merge_id))
    sources = merge.parts.exclude(proposal=merge.target_id).values_list("proposal_id", flat=True)
    for support in _one_for_each_person(sources):
        jobs.defer(tell_supporter, str(support.pk), "merged" if news == "done" else "merge_undone")


@jobs.job(retries=5)
def tell_supporters_of_split(split_id: str, news: str) -> None:
    """A mail for each person who supports the proposal that was split, or put together again."""
    split = Split.objects.get(pk=UUID(split_id))
    for support in _one_for_each_person([split.proposal_id]):
        jobs.defer(tell_supporter, str(support.pk), news)


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
    if news == "merged":
        now = [proposal.merged_into] if proposal.merged_into is not None else []
    else:
        now = list(Proposal.objects.public().that_go_on_for(proposal)) if news == "split" else [proposal]
    if not now:
        return  # it was undone in the meantime
    assembly = proposal.heading.cycle.assembly
    page = {
        "proposal": proposal,
        "assembly": assembly,
        "news": news,
        "now": [(one.title, f"{site_address()}{one.get_absolute_url()}#supports") for one in now],
    }
    send(support.person.user, "proposals/mail/supporter", page, language=assembly.language)


def _merge(merge_id: str) -> Merge:
    return Merge.objects.select_related("suggested_by__user", "target__heading__cycle__assembly").get(pk=UUID(merge_id))


def _split(split_id: str) -> Split:
    found = Split.objects.select_related(
        "suggested_by__user", "proposal__author__user", "proposal__heading__cycle__assembly"
    )
    return found.get(pk=UUID(split_id))


def _page(suggestion: Merge | Split, proposal: Proposal, news: Promise, names: list[str]) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "assembly": proposal.heading.cycle.assembly,
        "news": news,
        "names": names,
        "reason": suggestion.why,
        "until": suggestion.answer_until if suggestion.is_open else None,
        "url": site_address() + suggestion.get_absolute_url(),
    }


def _tell_who_suggested_it(suggestion: Merge | Split, proposals: list[Proposal], page: dict[str, Any]) -> None:
    """One mail for each person: who stands behind one of the proposals has theirs already."""
    who = suggestion.suggested_by
    told = {person.user_id for proposal in proposals for person in people_behind(proposal)}
    if who.left_at is None and who.user_id not in told:
        send(who.user, "proposals/mail/joining", page | {"suggested_it": True}, language=page["assembly"].language)


def _of_merge(merge: Merge) -> list[Proposal]:
    found = Proposal.objects.filter(merge_parts__merge=merge).order_by("pk")
    return list(found.select_related("author__user", "heading__cycle__assembly"))


def _one_for_each_person(proposals: Iterable[UUID]) -> list[Support]:
    given = Support.objects.filter(proposal__in=proposals, person__left_at=None).order_by("-created_at", "pk")
    return list({support.person_id: support for support in given}.values())
