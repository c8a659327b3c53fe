# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hiding what breaks the rules, with a reason, an appeal that another person decides, and a way back.

Harm has no calendar: all this is possible in every step. The public log knows which rule was broken and how many
reports there were, never words or names of the people concerned.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

import jobs
from accounts.models import User
from assemblies.models import Membership
from proposals.models import Comment, Cycle, Moderation, Proposal, Report
from proposals.moderation_mails import tell_author_of_decision
from proposals.refusals import CycleRefused

from .phases import held_proposal, hold, record, require_member

Verdict = Moderation.Verdict


@transaction.atomic
def decide_reports(
    *,
    about: Proposal | Comment,
    moderator: Membership,
    verdict: str,
    broken_rule: str = "",
    reason: str = "",
    at: datetime | None = None,
) -> Moderation:
    """It stays, or nobody but its author reads it any more; every open report about it is answered."""
    cycle, about = _held(about, moderator)
    if about.author.user_id == moderator.user_id:
        raise CycleRefused(_("You wrote this yourself. Another moderator must decide."))
    if verdict not in Verdict.values:
        raise CycleRefused(_("Say what happens to it: leave it or hide it."))
    if verdict == Verdict.HIDDEN:
        _refuse_hiding(about, broken_rule, reason)
    open_reports = Report.objects.select_for_update(no_key=True).filter(settled_by=None, **_target(about))
    decision = Moderation.objects.create(
        **_target(about),
        verdict=verdict,
        broken_rule=broken_rule if verdict == Verdict.HIDDEN else "",
        reason=reason.strip(),
        report_count=len(open_reports),
        decided_by=moderator,
        decided_at=at or timezone.now(),
    )
    Report.objects.filter(pk__in=[report.pk for report in open_reports]).update(settled_by=decision)
    if verdict == Verdict.HIDDEN:
        about.hidden_at = decision.decided_at
        about.save(update_fields=["hidden_at"])
        jobs.defer(tell_author_of_decision, str(decision.pk))
    _log(cycle, f"moderation.{verdict}", decision, moderator.user, at)
    return decision


@transaction.atomic
def appeal_moderation(*, decision: Moderation, actor: User, text: str, at: datetime | None = None) -> Moderation:
    """The author asked for another look, once; somebody else than who hid it will answer."""
    cycle, decision = _held_decision(decision)
    moment = at or timezone.now()
    if decision.author.user_id != actor.pk:
        raise CycleRefused(_("Only who wrote it can appeal."))
    if not decision.is_in_force:
        raise CycleRefused(_("Everybody can read it again. There is nothing to appeal against."))
    if decision.appealed_at is not None:
        raise CycleRefused(_("You have appealed already. An appeal is made once."))
    if moment > decision.appeal_until:
        raise CycleRefused(_("The days for an appeal are over."))
    if not text.strip():
        raise CycleRefused(_("Write why it should be shown again."))
    decision.appeal, decision.appealed_at = text.strip()[:2000], moment
    decision.save(update_fields=["appeal", "appealed_at"])
    _log(cycle, "moderation.appealed", decision, None, at)
    return decision


@transaction.atomic
def decide_moderation_appeal(
    *, decision: Moderation, moderator: Membership, is_shown: bool, reason: str, at: datetime | None = None
) -> Moderation:
    """The author has an answer by another person than the one who hid it: it is shown again, or stays hidden."""
    cycle, decision = _held_decision(decision, moderator)
    if not decision.is_appeal_open:
        raise CycleRefused(_("Nobody waits for an answer here."))
    if moderator.user_id == decision.decided_by.user_id:
        raise CycleRefused(_("You hid it yourself. Another moderator decides about the appeal."))
    if moderator.user_id == decision.author.user_id:
        raise CycleRefused(_("You wrote this yourself. Another moderator must decide."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. The author reads it."))
    decision.appeal_reason, decision.appeal_decided_by = reason.strip(), moderator
    decision.appeal_decided_at = at or timezone.now()
    decision.save(update_fields=["appeal_reason", "appeal_decided_by", "appeal_decided_at"])
    if is_shown:
        _show(decision, moderator, at)
    _log(cycle, "moderation.appeal_granted" if is_shown else "moderation.appeal_refused", decision, moderator.user, at)
    jobs.defer(tell_author_of_decision, str(decision.pk))
    return decision


@transaction.atomic
def bring_back(*, decision: Moderation, moderator: Membership, at: datetime | None = None) -> Moderation:
    """Everybody reads it again, and the log says that it was hidden for a while."""
    cycle, decision = _held_decision(decision, moderator)
    if not decision.is_in_force:
        raise CycleRefused(_("Everybody can read it already."))
    if decision.is_appeal_open:
        raise CycleRefused(_("Its author has appealed. Answer the appeal, so that the author reads why."))
    if moderator.user_id == decision.author.user_id:
        raise CycleRefused(_("You wrote this yourself. Another moderator must decide."))
    _show(decision, moderator, at)
    _log(cycle, "moderation.brought_back", decision, moderator.user, at)
    jobs.defer(tell_author_of_decision, str(decision.pk))
    return decision


def _held(about: Proposal | Comment, moderator: Membership) -> tuple[Cycle, Proposal | Comment]:
    """The cycle and what it is about, both held: nothing comes on the ballot while it is hidden."""
    proposal = about.proposal if isinstance(about, Comment) else about
    cycle = hold(proposal.heading.cycle)
    require_member(cycle, moderator)
    if isinstance(about, Comment):
        locked = Comment.objects.select_for_update(of=("self",), no_key=True)
        return cycle, locked.select_related("author", "proposal").get(pk=about.pk)
    return cycle, held_proposal(about)


def _held_decision(decision: Moderation, moderator: Membership | None = None) -> tuple[Cycle, Moderation]:
    decision = Moderation.objects.with_words().get(pk=decision.pk)
    cycle = hold(decision.topic.heading.cycle)
    if moderator is not None:
        require_member(cycle, moderator)
    Moderation.objects.select_for_update(no_key=True).get(pk=decision.pk)
    return cycle, Moderation.objects.with_words().get(pk=decision.pk)


def _refuse_hiding(about: Proposal | Comment, broken_rule: str, reason: str) -> None:
    if isinstance(about, Proposal) and about.is_draft:
        raise CycleRefused(_("This proposal was not sent in yet."))
    if isinstance(about, Proposal) and about.is_selected:
        raise CycleRefused(
            _(
                "This proposal is on the ballot, and ballots may name it. It cannot be hidden: report an incident on the"
                " page where the budget is run, so that all voters are told alike."
            )
        )
    if about.hidden_at is not None:
        raise CycleRefused(_("It is hidden already."))
    if broken_rule not in Report.Reason.values:
        raise CycleRefused(_("Say which rule it breaks."))
    if not reason.strip():
        raise CycleRefused(_("Write the reason. The author reads it, and can appeal."))


def _show(decision: Moderation, moderator: Membership, at: datetime | None) -> None:
    about = decision.about
    type(about)._base_manager.filter(pk=about.pk).update(hidden_at=None)
    decision.lifted_at, decision.lifted_by = at or timezone.now(), moderator
    decision.save(update_fields=["lifted_at", "lifted_by"])


def _target(about: Proposal | Comment) -> dict[str, Proposal | Comment]:
    return {"comment": about} if isinstance(about, Comment) else {"proposal": about}


def _log(cycle: Cycle, kind: str, decision: Moderation, actor: User | None, at: datetime | None) -> None:
    record(
        cycle,
        kind,
        actor,
        at=at,
        about="comment" if decision.comment_id else "proposal",
        id=decision.comment_id or decision.proposal_id,
        decision=decision.pk,
        broken_rule=decision.broken_rule,
        reports=decision.report_count,
    )
