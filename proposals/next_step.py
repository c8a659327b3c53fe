# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a person can do in a cycle now: one act that comes first, and one beside it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from assemblies.models import Viewer
from voting.models import Poll, RegisterLine
from voting.services import have_voted, used_up

from .dates import day_in_words, last_day, last_moment
from .models import Cycle, Phase
from .models.cycles import CHECKING
from .timeline import Numbers, results_are_published

Kind = Phase.Kind


@dataclass(frozen=True)
class Act:
    label: str
    url: str


@dataclass(frozen=True)
class NextStep:
    """What is on, in a sentence with its last moment, and what to do; the first act is the primary one."""

    sentence: str
    until: datetime | None = None
    first: Act | None = None
    second: Act | None = None
    poll: Poll | None = None  # open, and this person may vote in it
    today: date | None = None  # where another day is looked at

    @property
    def days_left(self) -> int | None:
        if self.until is None:
            return None
        return (last_day(self.until) - (self.today or timezone.localdate())).days


def next_step(cycle: Cycle, user: Viewer, numbers: Numbers, at: datetime | None = None) -> NextStep:
    """What comes first for this person in this cycle."""
    phase = cycle.phase(at)
    if results_are_published(cycle):
        return _read_results(cycle, phase)
    if phase is None:
        return _before_or_after(cycle, at)
    if phase.kind == Kind.ACCEPTING:
        return NextStep(
            _("Ideas are taken until %(moment)s.") % {"moment": _moment(phase.ends_at)}
            if phase.ends_at
            else _("Ideas are taken now."),
            until=phase.ends_at,
            first=Act(_("Propose an idea"), reverse("proposals:submit", args=[cycle.pk])),
            second=_list(cycle, numbers),
        )
    if phase.kind in CHECKING:
        return NextStep(_checking(phase), until=phase.ends_at, first=_list(cycle, numbers))
    if phase.kind == Kind.BALLOTING:
        return _vote(cycle, user, phase, numbers)
    if phase.kind in (Kind.DRAFTING, Kind.INFORMING):
        read = Act(_("Read about it"), cycle.get_absolute_url())
        ideas = cycle.phase_of(Kind.ACCEPTING)
        if ideas is None:
            return NextStep(_("This budget is about to begin."), first=read)
        return NextStep(_("Ideas are taken from %(day)s.") % {"day": day_in_words(ideas.starts_at)}, first=read)
    return _wait_for_results(cycle, numbers, at)


def _wait_for_results(cycle: Cycle, numbers: Numbers, at: datetime | None = None) -> NextStep:
    sentence = _("The vote is over. The result is not published yet.")
    results = cycle.phase_of(Kind.FINISHED)
    if results is not None and results.starts_at > (at or timezone.now()):
        sentence += " " + _("It is planned for %(day)s.") % {"day": day_in_words(results.starts_at)}
    return NextStep(sentence, first=_projects(cycle, numbers) or _list(cycle, numbers))


def _checking(phase: Phase) -> str:
    """What happens between the ideas and the vote, and until when."""
    if phase.ends_at is None:
        return _("The officials check what can be built, and what it costs.")
    sentences = {
        Kind.REVIEWING: _("The officials check until %(moment)s what can be built."),
        Kind.SELECTING: _("Support the ideas that should go on, until %(moment)s."),
        Kind.VALUATING: _("The officials work out until %(moment)s what can be built, and what it costs."),
        Kind.PUBLISHING_PRICES: _(
            "The prices are public. Until %(moment)s authors can appeal against a No. Then people vote."
        ),
    }
    return sentences[Kind(phase.kind)] % {"moment": _moment(phase.ends_at)}


def open_polls(cycle: Cycle) -> list[Poll]:
    return [heading.poll for heading in cycle.headings.all() if heading.poll is not None and heading.poll.is_open]


def _vote(cycle: Cycle, user: Viewer, phase: Phase, numbers: Numbers) -> NextStep:
    polls = open_polls(cycle)
    if not polls and any(heading.poll and heading.poll.closed_at for heading in cycle.headings.all()):
        return _wait_for_results(cycle, numbers)
    if not polls:
        return NextStep(_("The vote opens soon."), first=_projects(cycle, numbers) or _list(cycle, numbers))
    until = polls[0].closes_at or phase.ends_at
    is_open = _("Voting is open until %(moment)s.") % {"moment": _moment(until)} if until else _("Voting is open.")
    second = _projects(cycle, numbers)
    ballot_url = reverse("proposals:ballot", args=[cycle.pk])
    if not user.is_authenticated:
        return NextStep(is_open, until=until, first=Act(pgettext("act", "Vote"), ballot_url), second=second)
    registers = [poll.register_id for poll in polls]
    lines = RegisterLine.objects.held_by(user).filter(register__in=registers)
    mine = {line.register_id: line for line in lines}
    if not mine:
        return NextStep(is_open + " " + _("You are not in the register of voters."), until=until, first=second)
    entitled = [(poll, mine[poll.register_id]) for poll in polls if poll.register_id in mine]
    voted_in = {poll_id for poll_id, _line in have_voted(entitled)}
    not_in = [(poll, line) for poll, line in entitled if poll.pk not in voted_in]
    no_more = used_up(not_in) if voted_in else set()
    waiting = [poll for poll, line in not_in if line.pk not in no_more]
    if waiting:
        choose = Act(_("Choose projects"), ballot_url)
        sentence = is_open + " " + _("Your ballot is counted. There is another one for you.") if voted_in else is_open
        return NextStep(sentence, until=until, first=choose, second=second, poll=waiting[0])
    voted = next(poll for poll, _line in entitled if poll.pk in voted_in)
    receipt = Act(_("Show my receipt"), reverse("voting:receipt", args=[voted.pk]))
    if not voted.change_allowed:
        return NextStep(_("Your ballot is counted."), first=receipt, second=second)
    changeable = (
        _("Your ballot is counted. You can change it until %(moment)s.") % {"moment": _moment(until)}
        if until
        else _("Your ballot is counted. You can still change it.")
    )
    return NextStep(changeable, first=receipt, second=Act(_("Change my ballot"), ballot_url))


def _read_results(cycle: Cycle, phase: Phase | None) -> NextStep:
    results = Act(_("See the results"), reverse("proposals:results", args=[cycle.pk]))
    work = Act(_("Follow the work"), reverse("proposals:delivery", args=[cycle.pk]))
    if phase is not None and phase.kind == Kind.IMPLEMENTING:
        return NextStep(
            _("The result is published, and what won is being built."),
            first=work,
            second=results,
        )
    return NextStep(
        _("The ballots are counted and the result is published."),
        first=results,
        second=None if cycle.is_imported else work,
    )


def _before_or_after(cycle: Cycle, at: datetime | None) -> NextStep:
    moment = at or timezone.now()
    ahead = next((phase for phase in cycle.phases.all() if phase.enabled and moment < phase.starts_at), None)
    read = Act(_("Read about it"), cycle.get_absolute_url())
    if ahead is None:
        return NextStep(_("This budget is over."), first=read)
    return NextStep(_("It begins on %(day)s.") % {"day": day_in_words(ahead.starts_at)}, first=read)


def _moment(until: datetime) -> str:
    """A weekday, a day and a time that stays in one piece."""
    local = timezone.localtime(last_moment(until))
    return f"{date_format(local, 'l')} {day_in_words(local)}, {date_format(local, 'TIME_FORMAT')}"


def _projects(cycle: Cycle, numbers: Numbers) -> Act | None:
    """The list of what is on the ballot."""
    if not numbers.on_ballot:
        return None
    label = ngettext("Read the %(n)s project", "Read the %(n)s projects", numbers.on_ballot) % {"n": numbers.on_ballot}
    return Act(label, reverse("proposals:proposals", args=[cycle.pk]) + "?status=selected")


def _list(cycle: Cycle, numbers: Numbers) -> Act | None:
    """The list of proposals, when there is anything in it."""
    if not numbers.sent_in:
        return None
    label = ngettext("Read the %(n)s idea", "Read the %(n)s ideas", numbers.sent_in) % {"n": numbers.sent_in}
    return Act(label, reverse("proposals:proposals", args=[cycle.pk]))
