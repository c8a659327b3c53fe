# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people say to a proposal: comments with one level of replies, marks of thanks, and reports."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from assemblies.models import Membership
from proposals.models import Comment, Cycle, HelpfulMark, Proposal, Report
from proposals.models.comments import LONGEST_COMMENT
from proposals.refusals import CycleRefused

from .phases import TALKING_PHASES, require_member, require_phase, share
from .throttles import require_calm_commenting


@transaction.atomic
def write_comment(
    *,
    proposal: Proposal,
    author: Membership,
    text: str,
    parent: Comment | None = None,
    language: str = "en",
    at: datetime | None = None,
) -> Comment:
    """Everybody can read it. A reply to a reply stands below the comment that began; the same words twice are one."""
    cycle = _talking(proposal, author, at)
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise CycleRefused(_("Write something first."))
    if len(text) > LONGEST_COMMENT:
        raise CycleRefused(_("A comment has at most %(count)s letters. Make it shorter.") % {"count": LONGEST_COMMENT})
    about = Proposal.objects.get(pk=proposal.pk)
    if about.is_draft or proposal.heading.cycle_id != cycle.pk:
        raise CycleRefused(_("This proposal was not sent in yet."))
    if about.hidden_at is not None:
        raise CycleRefused(_("The moderators have hidden this proposal."))
    if parent is not None:
        parent = Comment.objects.select_for_update(no_key=True).get(pk=parent.parent_id or parent.pk)
        if parent.proposal_id != proposal.pk or parent.is_withdrawn or parent.hidden_at is not None:
            raise CycleRefused(_("The comment that you reply to is no longer there."))
    # Two taps on one button are one comment: whoever writes here waits for themselves.
    Membership.objects.select_for_update(no_key=True).get(pk=author.pk)
    same = Comment.objects.filter(
        proposal=proposal, author=author, parent=parent, text=text, withdrawn_at=None, hidden_at=None
    )
    if already := same.first():
        return already
    require_calm_commenting(author=author, proposal=proposal, text=text, at=at)
    return Comment.objects.create(
        proposal=proposal, author=author, parent=parent, text=text, language=language, created_at=at or timezone.now()
    )


@transaction.atomic
def withdraw_comment(*, comment: Comment, actor: User, at: datetime | None = None) -> Comment:
    """Nobody reads its words any more; replies stay, and its author may bring it back."""
    comment = _own_comment(comment, actor, at)
    comment.withdrawn_at = comment.withdrawn_at or at or timezone.now()
    comment.save(update_fields=["withdrawn_at"])
    return comment


@transaction.atomic
def restore_comment(*, comment: Comment, actor: User, at: datetime | None = None) -> Comment:
    """It reads as before its author took it back."""
    comment = _own_comment(comment, actor, at)
    comment.withdrawn_at = None
    comment.save(update_fields=["withdrawn_at"])
    return comment


@transaction.atomic
def mark_helpful(*, comment: Comment, person: Membership, is_helpful: bool, at: datetime | None = None) -> Comment:
    """This person finds the comment helpful, or no longer does; asked again, nothing changes."""
    _talking(comment.proposal, person, at)
    comment = Comment.objects.select_for_update(of=("self",), no_key=True).select_related("author").get(pk=comment.pk)
    if comment.author.user_id == person.user_id:
        raise CycleRefused(_("You wrote this comment. Others say whether it helps."))
    if comment.is_withdrawn or comment.hidden_at is not None:
        raise CycleRefused(_("This comment is no longer there."))
    if is_helpful:
        HelpfulMark.objects.get_or_create(comment=comment, person=person)
    else:
        HelpfulMark.objects.filter(comment=comment, person=person).delete()
    comment.helpful_count = comment.marks.count()
    comment.save(update_fields=["helpful_count"])
    return comment


@transaction.atomic
def report(
    *,
    about: Proposal | Comment,
    reporter: Membership,
    reason: str,
    text: str = "",
    at: datetime | None = None,
) -> Report:
    """The moderators can read it; a second report by the same person is the first. In every step: harm has no calendar."""
    proposal = about.proposal if isinstance(about, Comment) else about
    require_member(proposal.heading.cycle, reporter)
    if reason not in Report.Reason.values:
        raise CycleRefused(_("Say what is wrong with it."))
    if reason == Report.Reason.OTHER and not text.strip():
        raise CycleRefused(_("Say in your words what is wrong with it."))
    target: dict[str, Proposal | Comment] = {"comment": about} if isinstance(about, Comment) else {"proposal": about}
    found, _is_new = Report.objects.get_or_create(
        reporter=reporter,
        **target,
        defaults={"reason": reason, "text": text.strip()[:500], "created_at": at or timezone.now()},
    )
    return found


def _talking(proposal: Proposal, person: Membership, at: datetime | None) -> Cycle:
    """The shared cycle, in which people may talk now, and this person among them."""
    cycle = share(proposal.heading.cycle)
    require_phase(cycle, TALKING_PHASES, at=at, refusal=_("Comments are closed at the moment."))
    require_member(cycle, person)
    return cycle


def _own_comment(comment: Comment, actor: User, at: datetime | None) -> Comment:
    cycle = share(comment.proposal.heading.cycle)
    require_phase(cycle, TALKING_PHASES, at=at, refusal=_("Comments are closed at the moment."))
    comment = Comment.objects.select_for_update(of=("self",), no_key=True).select_related("author").get(pk=comment.pk)
    if comment.author.user_id != actor.pk:
        raise CycleRefused(_("Only who wrote a comment can take it back."))
    return comment
