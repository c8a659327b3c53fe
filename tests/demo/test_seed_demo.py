"""The seed builds a town in which things really happened: polls were opened, filled, closed and counted."""

from datetime import datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

import ledger
from accounts.models import User
from assemblies.models import Assembly, Membership, Role
from demo.content import now_ballot, now_refused
from demo.content.deliveries import DELIVERIES
from demo.content.town import DISTRICT_NAMES
from demo.cycles import NOW_BALLOTS, PAST_BALLOTS
from demo.evenings import PRESENT_TODAY
from demo.seeding import day_shown, seed
from meetings.models import Attendance, Meeting, MeetingState
from meetings.services.polls import present_now
from proposals.models import Award, Cycle, Project, Proposal
from voting.models import OpenBallot, Poll, PollState


def cycles() -> tuple[Cycle, Cycle, Cycle]:
    """Last year's, the one in the vote, and the youth budget."""
    past = Cycle.objects.order_by("year").first()
    now = Cycle.objects.exclude(pk=past.pk).get(title__startswith="Riverside")
    return past, now, Cycle.objects.get(title__startswith="Youth")


def ballot_of(cycle: Cycle) -> Poll:
    return cycle.headings.get().poll


def winners(poll: Poll, rule: str) -> list[Project]:
    projects = {project.option.key: project for project in Project.objects.filter(option__poll=poll)}
    return [projects[key] for key in poll.results.get(rule=rule).winners]


def test_last_year_forty_five_projects_got_three_thousand_ballots(town: datetime):
    past, _now, _youth = cycles()
    poll = ballot_of(past)
    assert Project.objects.filter(heading__cycle=past).count() == 45
    assert poll.turnout == PAST_BALLOTS == 3000
    assert poll.state == PollState.PUBLISHED
    assert poll.published_at < town
    assert past.is_in("implementing")


def test_greedy_gives_nearly_all_to_millside_and_equal_shares_something_to_everybody(town: datetime):
    past, _now, _youth = cycles()
    poll = ballot_of(past)
    greedy, shares = winners(poll, "greedy"), winners(poll, "equal-shares")
    in_millside = sum(project.cost for project in greedy if project.district and project.district.name == "Millside")
    assert in_millside > 0.9 * poll.budget
    assert {project.district.name for project in shares if project.district} == set(DISTRICT_NAMES)
    assert len(shares) > 3 * len(greedy)
    assert sum(project.cost for project in shares) <= poll.budget
    satisfied = {
        rule: sum(bool(chosen & set(ballot["options"])) for ballot in _choices(poll) if ballot)
        for rule, chosen in [(rule, set(poll.results.get(rule=rule).winners)) for rule in ("greedy", "equal-shares")]
    }
    assert satisfied["equal-shares"] > satisfied["greedy"] + 500


def _choices(poll: Poll) -> list[dict[str, list[str]]]:
    return list(OpenBallot.objects.filter(poll=poll).values_list("choice", flat=True))


def test_the_binding_result_is_by_equal_shares_and_its_winners_have_the_money(town: datetime):
    past, _now, _youth = cycles()
    poll = ballot_of(past)
    assert poll.results.get(is_binding=True).rule == "equal-shares"
    awarded = [award.project for award in Award.objects.filter(poll=poll).order_by("rank")]
    assert awarded == winners(poll, "equal-shares")


def test_what_authors_say_about_last_years_count_is_true(town: datetime):
    past, _now, _youth = cycles()
    votes: dict[str, int] = {}
    titles = {project.option.key: project.title for project in Project.objects.filter(heading__cycle=past)}
    for choice in _choices(ballot_of(past)):
        for key in choice.get("options", []):
            votes[titles[key]] = votes.get(titles[key], 0) + 1
    texts = {idea.title: idea.text for idea in now_ballot.IDEAS}
    assert "348 of you" in texts["The market toilet again, smaller and cheaper"]
    assert votes["A clean public toilet by the market, open late"] == 348
    assert "second in votes" in texts["Half a pitch first: drains and lights on Mill Field"]
    assert sorted(votes, key=lambda title: -votes[title])[1] == "All-weather pitch with lights on Mill Field"
    won = {award.project.title for award in Award.objects.filter(poll=ballot_of(past))}
    assert "Handrail and resting places on the Hundred Steps" in won, "an idea of this year speaks of it"
    assert "Millside pool: a new roof and warmer water" in won, "another one swims under it"


def test_every_winner_of_last_year_has_its_story_and_nothing_done_lies_ahead(town: datetime):
    funded = list(Project.objects.funded())
    assert {project.title for project in funded} == {story.title for story in DELIVERIES}
    today = timezone.localdate(town)
    for project in funded:
        milestones = list(project.milestones.all())
        assert milestones
        assert all(step.done_on <= today for step in milestones if step.done_on)
        assert all(money.on <= today for money in project.spendings.all())
        contracted = sum(m.amount for m in project.spendings.filter(kind="contracted"))
        assert 0 < contracted <= project.cost
    assert {project.status for project in funded} == {"planned", "building", "done"}


def test_the_vote_is_open_for_a_week_and_amina_has_not_voted(town: datetime):
    _past, now, _youth = cycles()
    poll = ballot_of(now)
    assert poll.is_open
    assert (timezone.localdate(poll.closes_at) - timezone.localdate(town)).days == 8
    assert poll.turnout == NOW_BALLOTS == 1400
    line = poll.register.lines.get(membership__user__email="amina@riverside.demo")
    assert not OpenBallot.objects.filter(poll=poll, line=line).exists()
    assert not poll.results.exists()
    assert now.is_in("balloting")


def test_no_open_ballot_spends_more_than_there_is(town: datetime):
    _past, now, _youth = cycles()
    poll = ballot_of(now)
    costs = dict(poll.options.values_list("key", "cost"))
    assert all(sum(costs[key] for key in choice.get("options", [])) <= poll.budget for choice in _choices(poll))


def test_the_summary_says_how_many_ideas_came_in(town: datetime):
    _past, now, _youth = cycles()
    came_in = Proposal.objects.public().filter(heading__cycle=now).count()
    assert came_in == len(now_ballot.IDEAS) + len(now_refused.IDEAS) == 24
    assert now.summary.count("Twenty-four ideas came in, eighteen can be built") == 1
    assert now.amount == 200_000 * 100


def test_the_youth_budget_has_ideas_in_every_state(town: datetime):
    _past, _now, youth = cycles()
    states = list(Proposal.objects.filter(heading__cycle=youth).values_list("state", flat=True))
    assert {state: states.count(state) for state in set(states)} == {
        "draft": 1,
        "submitted": 16,
        "returned": 1,
        "feasible": 4,
        "unfeasible": 3,
        "withdrawn": 1,
    }
    assert youth.is_in("accepting")
    assert Proposal.objects.filter(heading__cycle=youth, language="es").count() >= 4


def test_nothing_was_sent_in_or_answered_after_now(town: datetime):
    assert not Proposal.objects.filter(submitted_at__gt=town).exists()
    assert not Proposal.objects.filter(decided_at__gt=town).exists()
    assert not OpenBallot.objects.filter(cast_at__gt=town).exists()
    assert not Attendance.objects.filter(began_at__gt=town).exists()


def test_every_role_has_a_person_who_can_sign_in(town: datetime):
    riverside = Assembly.objects.get(slug="riverside")
    for role in Role:
        assert Membership.objects.holding(role).filter(assembly=riverside, verified_at__isnull=False).exists(), role
    assert User.objects.filter(email__endswith="@riverside.demo").count() > 120
    assert not User.objects.exclude(email__endswith=".demo").exists()
    assert User.objects.get(email="bao@riverside.demo").memberships.get().roles == ["facilitator"]


def test_chidi_belongs_to_the_co_op_only(town: datetime):
    chidi = User.objects.get(email="chidi@harbour.demo")
    assert [membership.assembly.slug for membership in chidi.memberships.all()] == ["harbour"]
    assert not chidi.memberships.get().assembly.is_public
    harbour = chidi.memberships.get().assembly
    assert harbour.polls.filter(state=PollState.PUBLISHED).count() == 1
    assert harbour.meetings.count() == 2


def test_the_doors_of_todays_meeting_are_open_and_its_votes_wait(town: datetime):
    meeting = Meeting.objects.get(assembly__slug="riverside", state=MeetingState.DOORS_OPEN)
    assert timezone.localdate(meeting.starts_at) == timezone.localdate(town)
    assert meeting.attendances.present().count() == PRESENT_TODAY == 110
    assert len(present_now(meeting)) > meeting.quorum_needed
    polls = Poll.objects.filter(item_poll__item__meeting=meeting)
    assert [poll.ballot_type for poll in polls] == ["yes_no", "yes_no", "approval", "ranked"]
    assert {poll.state for poll in polls} == {PollState.DRAFT}
    present = {
        stay.attendee.membership.user.email for stay in meeting.attendances.select_related("attendee__membership__user")
    }
    assert {"amina@riverside.demo", "bao@riverside.demo"} <= present


def test_the_meeting_before_is_over_with_decisions_that_were_counted(town: datetime):
    meeting = Meeting.objects.get(assembly__slug="riverside", state=MeetingState.MINUTES_DRAFT)
    assert meeting.adjourned_at < town
    assert not meeting.items.exclude(state="concluded").exists()
    assert [draft.signed_at is not None for draft in meeting.minutes.order_by("version")] == [False, True]
    assert meeting.items.get(motions__state="carried").title == "Slow streets around the schools"
    assert not meeting.attendances.present().exists()
    polls = Poll.objects.filter(item_poll__item__meeting=meeting)
    assert {poll.state for poll in polls} == {PollState.PUBLISHED}
    assert all(poll.closed_at < meeting.adjourned_at for poll in polls)
    assert [poll.results.get().winners for poll in polls if poll.ballot_type == "yes_no"] == [["yes"], ["yes"]]
    assert meeting.items.filter(outcome="", kind="discussion").count() == 0
    moments = [event.at for event in meeting.events.order_by("seq")]
    assert moments == sorted(moments)


def test_the_ranked_vote_of_last_time_needed_a_runoff(town: datetime):
    poll = Poll.objects.get(ballot_type="ranked", state=PollState.PUBLISHED)
    outcome = poll.results.get().outcome
    assert len(outcome["rounds"]) > 1
    assert [poll.options.get(key=key).title for key in outcome["winners"]] == ["Café run by the youth house"]


def test_one_meeting_is_planned_for_next_month(town: datetime):
    meeting = Meeting.objects.get(assembly__slug="riverside", state=MeetingState.SCHEDULED)
    assert 20 < (meeting.starts_at - town).days < 35


def test_the_logs_hold(town: datetime):
    for cycle in cycles():
        ledger.verify(cycle.pk)
    for poll in Poll.objects.exclude(opened_at=None):
        ledger.verify(poll.pk)


def test_seeding_again_on_the_same_day_changes_nothing(town: datetime, settings):
    settings.DEMO = True
    before = _everything()
    assert seed(now=town) is False
    assert _everything() == before


def _everything() -> list[object]:
    meetings = Meeting.objects.order_by("pk").values_list("pk", "version", "event_seq", "starts_at", "state")
    polls = Poll.objects.order_by("pk").values_list("pk", "state", "closes_at")
    counts = [model.objects.count() for model in (User, Cycle, Proposal, OpenBallot, Attendance)]
    return [*counts, list(meetings), list(polls), ledger.events(Assembly.objects.get(slug="riverside").pk).count()]


def test_the_command_says_nothing_when_there_is_nothing_to_do(town: datetime, settings):
    settings.DEMO = True
    out = StringIO()
    call_command("seed_demo", stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("email", [None, "amina@riverside.demo", "bao@riverside.demo"])
def test_the_pages_of_the_town_open(town: datetime, settings, client: Client, email: str | None):
    settings.DEMO = True
    if email:
        client.force_login(User.objects.get(email=email))
    past, now, youth = cycles()
    meetings = Meeting.objects.filter(assembly__slug="riverside")
    late = Project.objects.exclude(status_reason="")[0]
    pages = [
        "/a/riverside/",
        *(
            reverse(f"{app}:{name}", args=["riverside"])
            for app, name in [("proposals", "cycles"), ("meetings", "meetings")]
        ),
        *(
            reverse(f"proposals:{name}", args=[cycle.pk])
            for cycle in (past, now, youth)
            for name in ("cycle", "proposals")
        ),
        *(reverse(f"proposals:{name}", args=[past.pk]) for name in ("results", "delivery")),
        late.get_absolute_url(),
        late.proposal.get_absolute_url(),
        *(meeting.get_absolute_url() for meeting in meetings),
        *(poll.get_absolute_url() for poll in Poll.objects.filter(assembly__slug="riverside").exclude(opened_at=None)),
    ]
    assert {page: client.get(page, follow=True).status_code for page in pages} == dict.fromkeys(pages, 200)


def test_the_town_remembers_which_day_it_shows(town: datetime):
    assert day_shown(Assembly.objects.get(slug="riverside")) == timezone.localdate(town)
