# SPDX-License-Identifier: AGPL-3.0-or-later
"""From the list of proposals that can be built to the ballot, and from the published count to the awards.

Closing and publishing are voting's own services; the cycle hears of them as the polls' owner.
"""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from proposals.follow_mails import tell_followers
from proposals.models import AreaTurnout, Award, Cycle, Heading, Phase, Project, Proposal
from proposals.models.cycles import CHECKING
from proposals.refusals import CycleRefused
from voting import electorate, results
from voting import services as voting
from voting.models import NOT_OPENED, Option, Poll, PollState

from .groups import refuse_without_the_others, shared_register, voters_live_in
from .phases import hold, next_version, record, require_phase
from .rules import conditions_in, conditions_of, refuse_another_rule
from .supports import end_unsupported

LIST_PHASES = (*CHECKING, Phase.Kind.BALLOTING)


@transaction.atomic
def put_on_ballot(*, heading: Heading, actor: User | None, at: datetime | None = None) -> Poll:
    """Every proposal that can be built is a project with a frozen cost, and a poll in draft holds them all.

    Before the poll opens it may be done again: new projects join, and those on the list stay as they are.
    A void poll is followed by a new one.
    """
    cycle = hold(heading.cycle)
    heading = Heading.objects.select_for_update(of=("self",)).select_related("poll").get(pk=heading.pk)
    require_phase(cycle, LIST_PHASES, at=at, refusal=_("The ballot cannot be drawn up at the moment."))
    end_unsupported(cycle=cycle, at=at)
    before = heading.poll
    if before is not None and before.state not in (*NOT_OPENED, PollState.VOIDED):
        raise CycleRefused(_("The ballot was opened already, so its list of projects can no longer change."))
    _make_projects(heading)
    on_it = heading.projects.filter(incident=None)  # what left a ballot that was void later does not come back
    projects = list(on_it.select_for_update(of=("self",)).select_related("district"))
    if len(projects) < 2:
        raise CycleRefused(_("A ballot needs at least two proposals that can be built."))
    follows = before if before is not None and before.state == PollState.VOIDED else None
    if follows is None:
        _remove_poll(heading)
    else:
        heading.projects.update(option=None)
    heading.poll = _make_poll(cycle, heading, projects, follows)
    heading.save(update_fields=["poll"])
    tie_projects_to_options(heading.poll, projects)
    next_version(cycle)
    record(
        cycle,
        "ballot.drawn_up",
        actor,
        at=at,
        heading=heading.pk,
        poll=heading.poll.pk,
        projects=[{"number": project.number, "title": project.title, "cost": project.cost} for project in projects],
    )
    return heading.poll


@transaction.atomic
def take_off_list(*, project: Project, actor: User | None, at: datetime | None = None) -> None:
    """The project is a proposal again, which can be checked anew: its price was wrong, or its words. No ballot is left.

    Only while it can be checked: during the vote a project leaves by `report_incident`.
    """
    cycle = hold(project.heading.cycle)
    heading = Heading.objects.select_for_update(of=("self",)).select_related("poll").get(pk=project.heading_id)
    refusal = _("The check is over, so nothing can be taken off the list any more.")
    require_phase(cycle, CHECKING, at=at, refusal=refusal)
    if heading.poll is not None and heading.poll.state not in NOT_OPENED:
        raise CycleRefused(_("The ballot was opened already, so its list of projects can no longer change."))
    project = Project.objects.select_for_update(of=("self",)).get(pk=project.pk)
    _remove_poll(heading)
    shorter = [[number for number in numbers if number != project.number] for numbers in heading.rival_sets]
    heading.rival_sets = [numbers for numbers in shorter if len(numbers) > 1]
    heading.save(update_fields=["rival_sets"])
    next_version(cycle)
    record(
        cycle, "ballot.left_list", actor, at=at,
        heading=heading.pk, number=project.number, title=project.title, cost=project.cost,
    )  # fmt: skip
    project.delete()


def _remove_poll(heading: Heading) -> None:
    """What was drawn up and never opened is gone; its projects wait to be put on the next one."""
    before = heading.poll
    heading.projects.update(option=None)
    heading.poll = None
    heading.save(update_fields=["poll"])
    if before is not None:
        before.delete()


@transaction.atomic
def open_ballot(*, heading: Heading, actor: User | None, at: datetime | None = None, without_account: int = 0) -> Poll:
    """Every verified resident of the heading's territory can vote until the last moment of the vote phase.

    In a group of pots each of them votes in only so many; a citywide pot is for everybody besides.
    `without_account` is how many people besides are on the town's roll: they vote on paper, on a line without a name.
    """
    cycle = hold(heading.cycle)
    heading = Heading.objects.select_related("poll", "district", "group").get(pk=heading.pk)
    phase = require_phase(cycle, [Phase.Kind.BALLOTING], at=at, refusal=_("The vote cannot be opened yet."))
    if heading.poll is None:
        raise CycleRefused(_("Put the projects on the ballot first."))
    if conditions_in(heading.poll.rule_parameters) != conditions_in(cycle.rule_parameters | conditions_of(heading)):
        raise CycleRefused(_("The rule or its conditions changed since the ballot was drawn up. Draw it up anew."))
    refuse_another_rule(cycle, heading.poll.define())
    refuse_without_the_others(heading, heading.poll)
    voters = electorate.residents(cycle.assembly, voters_live_in(heading))
    try:
        poll = voting.open_poll(
            poll=heading.poll,
            lines=[*voters, *[voting.NewLine(None)] * without_account],
            actor=actor,
            closes_at=phase.ends_at,
            at=at,
        )
    except voting.PollRefused as refusal:
        raise CycleRefused(str(refusal)) from refusal
    if poll.state != PollState.OPEN:
        return poll  # a secret ballot waits for the second person
    record(cycle, "ballot.opened", actor, at=at, heading=heading.pk, poll=poll.pk)
    return poll


def draw_up_awards(poll: Poll) -> list[Award]:
    """Every winner of the published result has its award, in the order in which it won. Voting calls it as it publishes."""
    result = results.binding_result(poll)
    if result is None:
        raise CycleRefused(_("There is no published result."))
    heading = Heading.objects.select_related("cycle").get(poll=poll)
    refuse_another_rule(heading.cycle, poll.definition or poll.define())
    projects = {project.option.key: project for project in heading.projects.select_related("option") if project.option}
    awards = Award.objects.bulk_create(
        Award(project=projects[key], poll=poll, amount=projects[key].cost, rank=rank)
        for rank, key in enumerate(result.winners, start=1)
    )
    AreaTurnout.objects.bulk_create(
        AreaTurnout(
            poll=poll,
            district_id=district,
            entitled=count.entitled if count else None,
            voted=count.voted if count else None,
        )
        for district, count in results.turnout_by_district(poll).items()
    )
    record(
        heading.cycle,
        "result.published",
        None,
        at=poll.published_at,
        heading=heading.pk,
        poll=poll.pk,
        awards=[{"project": award.project_id, "amount": award.amount} for award in awards],
    )
    funded = {award.project_id for award in awards}
    for project in projects.values():
        tell_followers(project.proposal_id, "funded" if project.pk in funded else "not_funded")
    return awards


def revoke_awards(poll: Poll) -> None:
    """A void poll gives no money; the log of the cycle says that it did, and that it no longer does."""
    heading = Heading.objects.select_related("cycle").get(poll=poll)
    if Award.objects.filter(poll=poll).exclude(paid_by_savings=None).exists():
        raise voting.PollRefused(
            _("Savings of this pot were given to another project. The ballot can no longer be void.")
        )
    revoked, _by_model = Award.objects.filter(poll=poll).delete()
    record(heading.cycle, "ballot.voided", None, heading=heading.pk, poll=poll.pk, awards_revoked=revoked)


def tie_projects_to_options(poll: Poll, projects: list[Project]) -> None:
    """Each project knows its line on the ballot: the option in the same place."""
    options = list(Option.objects.filter(poll=poll).order_by("position"))
    for project, option in zip(projects, options, strict=True):
        project.option = option
    Project.objects.bulk_update(projects, ["option"], batch_size=1000)


def _make_projects(heading: Heading) -> None:
    """Each proposal that can be built and is not on the list becomes a project; the number goes by who came first."""
    last = heading.projects.order_by("number").last()
    number = last.number if last else 0
    waiting = Proposal.objects.feasible().filter(heading=heading, project=None).order_by("submitted_at", "pk")
    new = []
    for proposal in waiting.prefetch_related("reviews"):
        number += 1
        review = proposal.reviews.all()[0]  # the newest: the state follows it
        if review.cost is None:
            raise AssertionError("a constraint gives each feasible review a cost")
        new.append(
            Project(
                heading=heading,
                proposal=proposal,
                number=number,
                title=proposal.title,
                summary=proposal.summary,
                cost=review.cost,
                category=proposal.category,
                district=proposal.district,
                place=proposal.place,
                latitude=proposal.latitude,
                longitude=proposal.longitude,
                language=proposal.language,
            )
        )
    Project.objects.bulk_create(new)


def _districts(heading: Heading, projects: list[Project]) -> dict[str, dict[str, str]]:
    """Which district each line of the ballot is for, where money is set aside for districts."""
    if not heading.district_floors:
        return {}
    return {"districts": {f"p{project.number}": project.district.name for project in projects if project.district}}


def _make_poll(cycle: Cycle, heading: Heading, projects: list[Project], follows: Poll | None) -> Poll:
    pots = cycle.headings.count()
    return voting.create_poll(
        assembly=cycle.assembly,
        owner_kind="cycle",
        options=[
            voting.NewOption(key=f"p{project.number}", title=project.title, cost=project.cost) for project in projects
        ],
        question=cycle.title if pots == 1 else f"{cycle.title}: {heading.title}"[:200],
        ballot_type=cycle.ballot_type,
        rule=cycle.rule,
        rule_parameters=cycle.rule_parameters | conditions_of(heading),
        compared_rules=cycle.compared_rules,
        min_choices=cycle.min_choices,
        max_choices=cycle.max_choices,
        ballot_parameters=cycle.ballot_parameters | _districts(heading, projects),
        change_allowed=cycle.change_allowed,
        secrecy=cycle.secrecy,
        budget=heading.amount,
        currency=cycle.currency,
        register=shared_register(heading.group) if heading.group else None,
        follows=follows,
    )
