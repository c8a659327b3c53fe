# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page on which a budget is edited: what is stored or was typed, line by line, and the plan that it makes.

Each line has a name that stays its own while lines are added, moved and taken out, so what was typed goes along.
"""

import re
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from voting.models import NOT_OPENED, BallotType, PollState

from .editor_rows import (
    CITYWIDE,
    BallotPart,
    EndRow,
    GroupRow,
    PotRow,
    StepRow,
    TextPart,
)
from .forms import two_can_run
from .models import Cycle, Phase, Proposal
from .plans import (
    CyclePlan,
    NewPhase,
    PlannedBallot,
    PlannedGroup,
    PlannedHeading,
    Problems,
    ballot_problems,
    calendar_problems,
    pot_problems,
)
from .refusals import CycleRefused, PlanRefused

NAME = re.compile(r"(?:pot|group)-(?:new-[a-z0-9]{6}|[0-9a-f-]{36})")
MOST_LINES = 60


class Editor:
    """All lines of the page. `data` is what was sent; without it, what is stored."""

    def __init__(self, cycle: Cycle, data: QueryDict | None = None, *, checked: bool = True) -> None:
        self.cycle, self.data = cycle, data
        self.checked = checked and data is not None  # otherwise what was typed is shown, and nothing is wrong yet
        self.general: list[str] = []
        self.differences: list[str] = []
        headings = {f"pot-{heading.pk}": heading for heading in cycle.headings.all()}
        groups = {f"group-{group.pk}": group for group in cycle.groups.all()}
        self.version = self._number("version", cycle.version)
        self.text = self._line(TextPart, "text", TextPart.stored(cycle))
        self.groups = [
            self._line(GroupRow, name, GroupRow.stored(groups[name]) if name in groups else {})
            for name in self._names("group", groups)
        ]
        among = [(str(row.prefix), self._title(row)) for row in self.groups]
        self.pots = [
            self._line(
                PotRow,
                name,
                PotRow.stored(headings[name], cycle) if name in headings else {},
                cycle=cycle,
                groups=[(key, _("Everybody chooses: “%(group)s”") % {"group": title}) for key, title in among],
            )
            for name in self._names("pot", headings)
        ]
        stored = {phase.kind: phase for phase in cycle.phases.all()}
        self.steps = [self._step(kind, stored.get(kind)) for kind in Phase.Kind]
        enabled = [phase for phase in stored.values() if phase.enabled]
        last = max(enabled, key=lambda phase: phase.position, default=None)
        self.end = self._line(EndRow, "end", {"ends_at": last.ends_at if last else None})
        self.ballot = self._line(
            BallotPart, "ballot", BallotPart.stored(cycle), cycle=cycle, two_can_run=two_can_run(cycle.assembly)
        )
        self._keep_what_people_rely_on()

    def _number(self, name: str, otherwise: int) -> int:
        typed = self.data.get(name, "") if self.data is not None else ""
        return int(typed) if typed.isdecimal() and len(typed) < 10 else otherwise

    def _names(self, kind: str, stored: dict[str, Any]) -> list[str]:
        if self.data is None:
            return list(stored)
        sent = [name for name in self.data.getlist(kind) if NAME.fullmatch(name) and name.startswith(kind)]
        return list(dict.fromkeys(sent))[:MOST_LINES]

    def _line(self, form: Callable[..., Any], prefix: str, stored: dict[str, Any], **more: Any) -> Any:
        """The line as it was typed, or as it is stored."""
        typed: dict[str, Any] = {}
        if self.data is not None and not self.checked:
            typed = {field: False for field in ("enabled", "change_allowed") if field in stored}
            typed |= {
                key.removeprefix(f"{prefix}-"): self.data[key] for key in self.data if key.startswith(f"{prefix}-")
            }
        line = form(self.data if self.checked else None, prefix=prefix, initial={**stored, **typed}, **more)
        line.stored_answers = stored
        return line

    def _step(self, kind: str, phase: Phase | None) -> StepRow:
        stored = {
            "enabled": phase is not None and phase.enabled,
            "starts_at": phase.starts_at if phase is not None else None,
        }
        row: StepRow = self._line(StepRow, f"step-{kind}", stored, kind=kind, name=str(Phase.Kind(kind).label))
        return row

    @staticmethod
    def _title(row: Any) -> str:
        return str(row["title"].value() or "") or _("a group without a name")

    def _keep_what_people_rely_on(self) -> None:
        """Lines that the service would refuse to change cannot be changed on the page either."""
        relied_on = Proposal.objects.exclude(state=Proposal.State.DRAFT).filter(heading__cycle=self.cycle)
        in_use = {f"pot-{pk}" for pk in relied_on.values_list("heading", flat=True).distinct()}
        polls = [h.poll for h in self.cycle.headings.all() if h.poll and h.poll.state != PollState.VOIDED]
        self.is_drawn_up = bool(polls)
        self.was_opened = any(poll.state not in NOT_OPENED for poll in polls)
        for row in self.pots:
            row.is_kept = row.prefix in in_use or self.was_opened
            if row.is_kept:
                _keep(row, "title", "amount", "district", "voters", *(["population"] if self.was_opened else []))
        for row in self.groups:
            if self.was_opened:
                _keep(row, *row.fields)
        if self.is_drawn_up:
            _keep(self.ballot, *(name for name in self.ballot.fields if name != "savings_rule" or self.was_opened))
        elif self.cycle.rule_locked_at is not None:
            _keep(self.ballot, "rule")
        if self.cycle.is_published:
            begun = {
                phase.kind for phase in self._stored_phases() if phase.enabled and phase.starts_at <= timezone.now()
            }
            for row in self.steps:
                row.is_kept = row.kind in begun
                if row.is_kept:
                    _keep(row, *row.fields)

    def _stored_phases(self) -> list[Phase]:
        return list(self.cycle.phases.all())

    @property
    def lines(self) -> list[Any]:
        return [self.text, *self.groups, *self.pots, *self.steps, self.end, self.ballot]

    @property
    def mistakes(self) -> list[tuple[str, str, str]]:
        """Each sentence about something wrong, with the control that it is about and its label."""
        found = [("", "", sentence) for sentence in self.general]
        if not self.checked:
            return found
        for line in self.lines:
            first = next(iter(line.visible_fields()))
            found += [(str(first.auto_id), _name_of(line), str(error)) for error in line.non_field_errors()]
            for field in line.visible_fields():
                label = f"{_name_of(line)}: {field.label}" if _name_of(line) else str(field.label)
                where = f"{field.auto_id}_0" if field.use_fieldset else str(field.auto_id)
                found += [(where, label, str(error)) for error in field.errors]
        return found

    @cached_property
    def is_valid(self) -> bool:
        """Whether every line can be read, and the calendar, the pots and the ballot fit together."""
        problems = []  # all of them, before the first is written at its line and its answer is gone
        readable = [line.is_valid() for line in self.lines]  # each is asked, so that each says what is wrong
        if all(readable):
            problems += [pot_problems(self.plan), ballot_problems(self.plan.ballot)]
        if all(line.is_valid() for line in [*self.steps, self.end]):
            problems.append(self._step_problems())
        for found in problems:
            self._place(found)
        return not self.general and not any(line.errors for line in self.lines)

    def _step_problems(self) -> Problems:
        """A step that begins too early is wrong at its own line, not at the one before."""
        problems = Problems()
        on = [row for row in self.steps if row.cleaned_data.get("enabled")]
        for before, after in pairwise(on):
            if self._start_of(after) <= self._start_of(before):
                problems.add(
                    f"phase-{after.kind}",
                    _("“%(after)s” must begin later than “%(before)s”. Change one of the days.")
                    % {"after": after.name, "before": before.name},
                )
        return problems if problems.found else calendar_problems(self.phases)

    def _place(self, problems: Problems) -> None:
        for line, sentence in problems.found:
            self._say_at(line, sentence)

    def _say_at(self, line: str, sentence: str) -> None:
        """The sentence stands at its line; where there is no such line, on top of the page."""
        kind, _dash, which = line.partition("-")
        rows = {"heading": self.pots, "group": self.groups}
        if kind == "phase":
            next(row for row in self.steps if row.kind == which).add_error("starts_at", sentence)
        elif kind in rows and which.isdecimal() and int(which) < len(rows[kind]):
            rows[kind][int(which)].add_error(None, sentence)
        elif line in ("text", "ballot"):
            {"text": self.text, "ballot": self.ballot}[line].add_error(None, sentence)
        else:
            self.general.append(sentence)

    def refuse(self, refusal: CycleRefused) -> None:
        """What the service refused stands where it belongs, and everything that was typed stays."""
        self._say_at(refusal.line if isinstance(refusal, PlanRefused) else "", str(refusal))
        self.is_valid = False

    @property
    def phases(self) -> list[NewPhase]:
        """The calendar as it stands on the page: each step ends when the next that is on begins."""
        on = [row for row in self.steps if row.cleaned_data.get("enabled")]
        starts = [self._start_of(row) for row in on]
        last = max((p for p in self._stored_phases() if p.enabled), key=lambda p: p.position, default=None)
        ends = [*starts[1:], _as_stored(self.end.cleaned_data["ends_at"], last.ends_at if last else None)]
        return [
            NewPhase(row.kind, start, end) for row, start, end in zip(on, starts, ends if starts else [], strict=True)
        ]

    def _start_of(self, row: StepRow) -> datetime:
        stored = {phase.kind: phase.starts_at for phase in self._stored_phases()}
        moment = _as_stored(row.cleaned_data["starts_at"], stored.get(row.kind))
        if moment is None:
            raise AssertionError("a step that is on has a day: its line was asked before")
        return moment

    @property
    def plan(self) -> CyclePlan:
        text, ballot = self.text.cleaned_data, self.ballot.cleaned_data
        return CyclePlan(
            title=text["title"],
            year=text["year"],
            summary=text["summary"],
            contact=text["contact"],
            groups=[
                PlannedGroup(_key(row.prefix), row.cleaned_data["title"], row.cleaned_data["max_headings"])
                for row in self.groups
            ],
            headings=[self._planned(row) for row in self.pots],
            phases=self.phases,
            ballot=self._planned_ballot(ballot),
        )

    @staticmethod
    def _planned(row: PotRow) -> PlannedHeading:
        answers, voters = row.cleaned_data, row.cleaned_data["voters"]
        key = _key(str(row.prefix))
        amount = answers["amount"]
        return PlannedHeading(
            key="" if key.startswith("new-") else key,
            title=answers["title"],
            amount=amount,
            population=answers["population"],
            district=answers.get("district"),
            group=_key(voters) if voters.startswith("group-") else "",
            is_citywide=voters == CITYWIDE,
        )

    def _planned_ballot(self, answers: dict[str, Any]) -> PlannedBallot:
        kind = answers["kind"]
        ours = ("within_budget", "max_points", "max_per_option")
        parameters = {name: value for name, value in self.cycle.ballot_parameters.items() if name not in ours}
        if kind == "money":
            parameters["within_budget"] = True
        if kind == "points":
            parameters |= {name: answers[name] for name in ("max_points", "max_per_option") if answers[name]}
        return PlannedBallot(
            ballot_type=str(BallotType.APPROVAL) if kind == "money" else kind,
            min_choices=answers["min_choices"] or 0,
            max_choices=None if kind == "money" else answers["max_choices"],
            ballot_parameters=parameters,
            rule=answers["rule"],
            secrecy=answers["secrecy"],
            change_allowed=answers["change_allowed"],
            savings_rule=answers["savings_rule"],
        )


def _name_of(line: Any) -> str:
    """What a line of several alike is called."""
    if isinstance(line, StepRow):
        return line.name
    return str(line["title"].value() or "") if isinstance(line, (PotRow, GroupRow)) else ""


def _keep(row: Any, *names: str) -> None:
    """What people rely on is shown as it is stored, and cannot be changed."""
    for name in names:
        if name in row.fields:
            row.fields[name].disabled = True
            row.initial[name] = row.stored_answers.get(name)


def rearranged(data: QueryDict, act: str) -> QueryDict:
    """What was sent with a line more, a line less, or a line in another place; anything else as it was.

    `add-pot`, `add-group`, and `remove`, `up` or `down` with the name of a line: `up-pot-…`.
    """
    verb, _dash, which = act.partition("-")
    changed = data.copy()
    if verb == "add" and which in ("pot", "group"):
        names = data.getlist(which)
        if len(names) < MOST_LINES:
            changed.setlist(which, [*names, f"{which}-new-{secrets.token_hex(3)}"])
        return changed
    kind = which.partition("-")[0]
    names = data.getlist(kind)
    if which not in names:
        return changed
    place = names.index(which)
    if verb == "remove":
        names.pop(place)
    elif verb in ("up", "down"):
        other = place + (1 if verb == "down" else -1)
        if 0 <= other < len(names):
            names[place], names[other] = names[other], names[place]
    changed.setlist(kind, names)
    return changed


def _key(name: str) -> str:
    return name.partition("-")[2]


def _as_stored(typed: datetime | None, stored: datetime | None) -> datetime | None:
    """The page shows whole minutes: a moment that was not touched stays to the second."""
    if typed is not None and stored is not None and abs(typed - stored) < timedelta(minutes=1):
        return stored
    return typed
