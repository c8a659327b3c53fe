# SPDX-License-Identifier: AGPL-3.0-or-later
"""What stands at the officials' desk of the youth budget, and what was reported there."""

from datetime import timedelta

from assemblies.models import Membership
from proposals import services
from proposals.models import Comment, Cycle, Department, Proposal, ReplyTemplate

from .content import desk as told
from .content.figures import together
from .town import Town


def seed_desk(town: Town, cycle: Cycle) -> None:
    """Departments, words, who checks what, a note, somebody who stepped aside, and two appeals."""
    now = town.calendar.now
    for name, categories, people, checklist in told.DEPARTMENTS:
        department = Department.objects.create(
            assembly=town.assembly, name=name, categories=categories, checklist=list(checklist)
        )
        department.evaluators.set([town.member(person) for person in people])
    ReplyTemplate.objects.bulk_create(
        ReplyTemplate(assembly=town.assembly, title=title, text=together(text)) for title, text in told.REPLIES
    )
    ewa, dilnoza = town.member("ewa"), town.member("dilnoza")
    waiting = list(Proposal.objects.awaiting_review().filter(heading__cycle=cycle).select_related("heading"))
    oldest = [proposal.pk for proposal in waiting[:8]]
    services.assign_proposals(cycle=cycle, proposals=oldest, actor=ewa, at=now - timedelta(days=2))
    services.write_note(proposal=waiting[0], author=ewa, text=together(told.NOTE), at=now - timedelta(days=1))
    services.declare_conflict(
        proposal=waiting[1], evaluator=dilnoza, reason=told.CONFLICT, at=now - timedelta(hours=30)
    )
    refused = Proposal.objects.filter(heading__cycle=cycle, state=Proposal.State.UNFEASIBLE).order_by("submitted_at")
    for proposal, (text, reason) in zip(refused, told.APPEALS, strict=False):
        review = proposal.reviews.select_related("evaluator", "proposal__heading__cycle").get()
        answered_at = review.signed_at + timedelta(hours=20)
        appeal = services.appeal_review(review=review, actor=proposal.author.user, text=together(text), at=answered_at)
        if reason:
            services.decide_review_appeal(
                appeal=appeal,
                evaluator=dilnoza if review.evaluator_id == ewa.pk else ewa,
                is_granted=False,
                reason=together(reason),
                at=answered_at + timedelta(hours=6),
            )


def seed_reports(town: Town, cycle: Cycle) -> None:
    """One comment waits, one was left, one is hidden and its author has appealed, and one proposal was reported."""
    now = town.calendar.now
    mele, bao = town.member("mele"), town.assembly.member(town.facilitator)
    newest = list(Proposal.objects.awaiting_review().filter(heading__cycle=cycle).order_by("-submitted_at")[:4])
    said: list[Comment] = []
    for place, (author, text, reports) in enumerate(told.COMMENTS):
        proposal, at = newest[place % len(newest)], now - timedelta(hours=20 - 2 * place)
        comment = services.write_comment(proposal=proposal, author=town.member(author), text=together(text), at=at)
        _report(town, comment, reports, now - timedelta(hours=10 - place))
        said.append(comment)
    _report(town, newest[0], told.REPORTS_OF_A_PROPOSAL, now - timedelta(hours=3))
    services.decide_reports(about=said[1], moderator=mele, verdict="left", at=now - timedelta(hours=5))
    for comment, moderator in ((said[2], mele), (said[3], bao or mele)):
        rule, reason = told.HIDDEN
        hidden = services.decide_reports(
            about=comment, moderator=moderator, verdict="hidden", broken_rule=rule, reason=reason,
            at=now - timedelta(hours=4),
        )  # fmt: skip
    services.appeal_moderation(
        decision=hidden, actor=said[3].author.user, text=together(told.APPEAL), at=now - timedelta(hours=2)
    )


def _report(town: Town, about: Comment | Proposal, reports: tuple[tuple[str, str], ...], at: object) -> None:
    for person, reason in reports:
        reporter: Membership = town.member(person)
        services.report(about=about, reporter=reporter, reason=reason, at=at)  # type: ignore[arg-type]
