"""The plan of a budget: edited on one page, by one person at a time, and never so that it harms who relied on it."""

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

import ledger
from assemblies.models import Assembly, District, Membership
from proposals.dates import last_day
from proposals.models import Cycle
from proposals.plans import PlannedGroup, PlannedHeading
from proposals.refusals import CycleRefused, PlanIsOld, PlanRefused
from proposals.services import (
    NewGroup,
    NewHeading,
    create_cycle,
    edit_cycle,
    editing,
    lock_rule,
    publish_cycle,
)
from tests.proposals.making import (
    Kind,
    calendar,
    make_ballot,
    make_cycle,
    make_open_ballot,
    make_proposal,
    pot_of,
)
from tests.proposals.planning import editor_data, plan_of
from tests.threads import in_threads

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def planned(riverside: Assembly) -> Cycle:
    """A budget that only those who run it see; it begins in ten days."""
    return create_cycle(
        assembly=riverside,
        title="Budget 2027",
        year=2027,
        summary="For small works.",
        headings=[NewHeading("Streets", 50_000_00), NewHeading("Parks", 30_000_00)],
        phases=calendar(now=timezone.now() + 15 * DAY),
        actor=None,
        max_choices=5,
    )


@pytest.fixture
def browser(bao: Membership) -> Client:
    client = Client()
    client.force_login(bao.user)
    return client


def address(cycle: Cycle) -> str:
    return f"/cycles/{cycle.pk}/edit/"


def save(cycle: Cycle, **changes: Any) -> Cycle:
    version = Cycle.objects.get(pk=cycle.pk).version
    return edit_cycle(cycle=cycle, plan=plan_of(cycle, **changes), expected_version=version, actor=None)


def pots(cycle: Cycle) -> list[tuple[str, int]]:
    return list(cycle.headings.values_list("title", "amount"))


class TestThePage:
    def test_bao_changes_everything_on_one_page(self, planned: Cycle, browser: Client, riverside: Assembly) -> None:
        mill = District.objects.create(assembly=riverside, name="Mill", population=900)
        data = editor_data(planned, title="Budget for all", contact="Bao, room 4")
        streets, parks = data["pot"]
        data["pot"] = [parks, streets, "pot-new-abc123"]
        data["group"] = ["group-new-xyz789"]
        data |= {
            "group-new-xyz789-title": "Topics", "group-new-xyz789-max_headings": "1",
            f"{streets}-voters": "group-new-xyz789", f"{parks}-voters": "group-new-xyz789",
            f"{parks}-amount": "35 000", f"{parks}-population": "900", f"{parks}-district": str(mill.pk),
            "pot-new-abc123-title": "For all", "pot-new-abc123-amount": "9 000", "pot-new-abc123-voters": "citywide",
            "ballot-kind": "points", "ballot-max_points": "10", "ballot-max_per_option": "4",
        }  # fmt: skip
        assert browser.post(address(planned), data)["Location"] == address(planned)
        planned.refresh_from_db()
        assert (planned.title, planned.contact, planned.version) == ("Budget for all", "Bao, room 4", 2)
        assert pots(planned) == [("Parks", 35_000_00), ("Streets", 50_000_00), ("For all", 9_000_00)]
        park, street, for_all = planned.headings.select_related("group", "district")
        assert (park.group, street.group, for_all.group) == (planned.groups.get(), planned.groups.get(), None)
        assert (park.district, park.population, for_all.is_citywide) == (mill, 900, True)
        assert planned.ballot_type == "points"
        assert planned.ballot_parameters == {"max_points": 10, "max_per_option": 4}
        assert '"cycle.edited"' in ledger.events(planned.pk).order_by("-seq")[0].body

    def test_a_page_sent_as_it_was_changes_nothing(self, planned: Cycle, browser: Client) -> None:
        before = plan_of(planned)
        assert browser.post(address(planned), editor_data(planned)).status_code == 302
        assert plan_of(planned) == before
        assert Cycle.objects.get(pk=planned.pk).version == 1

    def test_amina_may_not_chidi_finds_nothing_and_no_other_method_works(
        self, planned: Cycle, browser: Client, amina: Membership, chidi: Membership, riverside: Assembly
    ) -> None:
        cycle = make_cycle(riverside)
        client = Client()
        client.force_login(amina.user)
        assert client.get(address(cycle)).status_code == 403
        assert client.get(address(planned)).status_code == 404
        assert browser.put(address(planned)).status_code == 405
        riverside.is_public = False
        riverside.save()
        client.force_login(chidi.user)
        assert client.get(address(cycle)).status_code == 404

    def test_each_problem_stands_at_its_line_and_nothing_typed_is_lost(self, planned: Cycle, browser: Client) -> None:
        data = editor_data(planned, title="A name that was typed")
        streets = data["pot"][0]
        data |= {
            f"step-{Kind.BALLOTING}-starts_at": "2020-01-01T08:00",
            f"{streets}-amount": "0",
            f"step-{Kind.SELECTING}-enabled": "on",
        }
        answer = browser.post(address(planned), data)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="A name that was typed"' in page
        assert "Choose a day, or switch this step off." in page
        data |= {f"step-{Kind.SELECTING}-enabled": ""}
        page = browser.post(address(planned), data).content.decode()
        assert "“Vote” must begin later than “Check”. Change one of the days." in page
        assert f'href="#id_step-{Kind.BALLOTING}-starts_at"' in page
        assert "The amount must be more than zero." in page
        assert Cycle.objects.get(pk=planned.pk).title == "Budget 2027"

    def test_lines_are_added_moved_and_taken_out_without_scripts(self, planned: Cycle, browser: Client) -> None:
        data = editor_data(planned, "add-pot", title="Typed and not saved")
        streets, parks = data["pot"]
        page = browser.post(address(planned), data).content.decode()
        assert page.count('name="pot" value="') == 3
        assert 'value="Typed and not saved"' in page
        page = browser.post(address(planned), data | {"act": f"up-{parks}"}).content.decode()
        assert page.index(f'value="{parks}"') < page.index(f'value="{streets}"')
        page = browser.post(address(planned), data | {"act": f"remove-{parks}"}).content.decode()
        assert f'name="pot" value="{parks}"' not in page
        page = browser.post(address(planned), data | {"act": "add-group"}).content.decode()
        assert "Everybody chooses: “a group without a name”" in page
        assert pots(planned) == [("Streets", 50_000_00), ("Parks", 30_000_00)]
        assert Cycle.objects.get(pk=planned.pk).version == 1

    def test_the_preview_shows_a_residents_page_on_a_chosen_day(self, planned: Cycle, browser: Client) -> None:
        vote = planned.phases.get(kind=Kind.BALLOTING)
        data = editor_data(planned, "preview", title="Seen before it is stored")
        day = timezone.localdate(vote.starts_at + 2 * DAY)
        data["day"] = day.isoformat()
        page = browser.post(address(planned), data).content.decode()
        assert "Voting is open until" in page
        assert vote.ends_at is not None
        lead = re.sub(r"<[^>]*>", "", page.rpartition('class="lead">')[2].partition("</p>")[0])
        assert f"That is {(last_day(vote.ends_at) - day).days} days from now." in lead
        assert page.count("Seen before it is stored") >= 2
        fragment = browser.post(address(planned), data, headers={"HX-Request": "true"}).content.decode()
        assert fragment.lstrip().startswith('<div id="preview"')
        assert "Voting is open until" in fragment
        data["day"] = timezone.localdate(planned.phases.get(kind=Kind.ACCEPTING).starts_at + DAY).isoformat()
        assert "Ideas are taken until" in browser.post(address(planned), data).content.decode()
        assert Cycle.objects.get(pk=planned.pk).title == "Budget 2027"

    def test_the_preview_says_what_does_not_fit(self, planned: Cycle, browser: Client) -> None:
        data = editor_data(planned, "preview") | {f"step-{Kind.BALLOTING}-starts_at": "2020-01-01 08:00"}
        fragment = browser.post(address(planned), data, headers={"HX-Request": "true"}).content.decode()
        assert "“Vote” must begin later than “Check”" in fragment

    def test_a_stranger_line_or_a_broken_number_is_no_accident(self, planned: Cycle, browser: Client) -> None:
        data = editor_data(planned) | {"pot": ["pot-<script>", "evil"], "version": "x" * 40, "act": "up-nothing"}
        assert browser.post(address(planned), data).status_code == 200
        assert browser.post(address(planned), data | {"act": "save"}).status_code == 422
        assert browser.post(address(planned), data | {"act": "preview", "day": "never"}).status_code == 422


class TestTwoEditors:
    def test_the_second_keeps_what_they_typed_and_sees_what_the_first_saved(
        self, planned: Cycle, browser: Client
    ) -> None:
        mine = editor_data(planned, title="My name for it")
        save(planned, title="Their name for it", contact="Dana, room 9")
        answer = browser.post(address(planned), mine)
        page = answer.content.decode()
        assert answer.status_code == 409
        assert "Somebody else changed this budget while you were writing." in page
        assert 'value="My name for it"' in page
        assert "Name: it says “Their name for it” now." in page
        assert Cycle.objects.get(pk=planned.pk).title == "Their name for it"
        assert browser.post(address(planned), mine | {"version": "2"}).status_code == 302
        assert Cycle.objects.get(pk=planned.pk).title == "My name for it"

    def test_moving_the_calendar_elsewhere_counts_as_well(self, planned: Cycle) -> None:
        publish_cycle(cycle=planned, actor=None)
        with pytest.raises(PlanIsOld):
            edit_cycle(cycle=planned, plan=plan_of(planned, title="Old"), expected_version=1, actor=None)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("protected", [True, False], ids=["with the lock", "without it"])
    def test_two_savings_at_once_are_one(
        self, planned: Cycle, monkeypatch: pytest.MonkeyPatch, protected: bool
    ) -> None:
        """The switch reads the budget without holding it; then both believe that theirs was the version."""
        both = threading.Barrier(2)

        def read_only(cycle: Cycle) -> Cycle:
            found = Cycle.objects.get(pk=cycle.pk)
            both.wait(5)
            return found

        if not protected:
            monkeypatch.setattr(editing, "hold", read_only)
        plans = [plan_of(planned, title=title) for title in ("One", "Other")]
        answers = in_threads(
            *[lambda plan=plan: edit_cycle(cycle=planned, plan=plan, expected_version=1, actor=None) for plan in plans]
        )
        assert sum(isinstance(answer, Cycle) for answer in answers) == (1 if protected else 2), answers
        if protected:
            assert any(isinstance(answer, PlanIsOld) for answer in answers)


def other_amount(cycle: Cycle) -> dict[str, Any]:
    return {"headings": [replace(pot, amount=1_00) for pot in plan_of(cycle).headings]}


def no_pots_but_a_new_one(cycle: Cycle) -> dict[str, Any]:
    return {"headings": [PlannedHeading("", "New", 5_00)]}


def one_more_pot(cycle: Cycle) -> dict[str, Any]:
    return {"headings": [*plan_of(cycle).headings, PlannedHeading("", "New", 5_00)]}


def another_group(cycle: Cycle) -> dict[str, Any]:
    headings = [replace(pot, group="new-a") for pot in plan_of(cycle).headings]
    return {"groups": [PlannedGroup("new-a", "Topics", 1)], "headings": headings}


def other_limit(cycle: Cycle) -> dict[str, Any]:
    return {"ballot": replace(plan_of(cycle).ballot, max_choices=3)}


def other_rule(cycle: Cycle) -> dict[str, Any]:
    return {"ballot": replace(plan_of(cycle).ballot, rule="greedy")}


def other_savings(cycle: Cycle) -> dict[str, Any]:
    return {"ballot": replace(plan_of(cycle).ballot, savings_rule="next_project")}


def moved(kind: str, by: timedelta) -> Callable[[Cycle], dict[str, Any]]:
    """The step begins at another time, and the one before ends then."""

    def change(cycle: Cycle) -> dict[str, Any]:
        phases = list(plan_of(cycle).phases)
        place = next(place for place, phase in enumerate(phases) if phase.kind == kind)
        phases[place] = replace(phases[place], starts_at=phases[place].starts_at + by)
        if place:
            phases[place - 1] = replace(phases[place - 1], ends_at=phases[place].starts_at)
        return {"phases": phases}

    return change


class TestHarm:
    @pytest.mark.parametrize(
        ("change", "line", "words"),
        [
            (other_amount, "heading-0", "Its name, its money and who votes in it stay"),
            (another_group, "heading-0", "Its name, its money and who votes in it stay"),
            (no_pots_but_a_new_one, "headings", "cannot be taken out"),
            (moved(Kind.ACCEPTING, DAY), "phase-accepting", "has begun already"),
            (moved(Kind.REVIEWING, -8 * DAY), "phase-accepting", "would be over already"),
        ],
    )
    def test_after_somebody_sent_something_in(
        self, riverside: Assembly, amina: Membership, change: Any, line: str, words: str
    ) -> None:
        cycle = make_cycle(riverside)
        make_proposal(cycle, amina)
        before = plan_of(cycle)
        with pytest.raises(PlanRefused, match=words) as refusal:
            save(cycle, **change(cycle))
        assert refusal.value.line == line
        assert plan_of(cycle) == before

    def test_what_harms_nobody_is_still_possible(self, riverside: Assembly, amina: Membership) -> None:
        cycle = make_cycle(riverside)
        make_proposal(cycle, amina)
        save(cycle, title="Clearer name", **one_more_pot(cycle) | moved(Kind.BALLOTING, DAY)(cycle))
        assert [title for title, _amount in pots(cycle)] == ["The whole town", "New"]
        assert Cycle.objects.get(pk=cycle.pk).title == "Clearer name"

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            (other_amount, "Its pots and its groups stay"),
            (one_more_pot, "Its pots and its groups stay"),
            (another_group, "Its pots and its groups stay"),
            (other_limit, "What voters do and how it is counted stays"),
            (other_rule, "What voters do and how it is counted stays"),
            (other_savings, "rely on the rule for savings"),
            (moved(Kind.FINISHED, DAY), "opened with its closing time"),
        ],
    )
    def test_after_the_vote_was_opened(
        self, riverside: Assembly, amina: Membership, eva: Membership, change: Any, words: str
    ) -> None:
        cycle = make_cycle(riverside, Kind.BALLOTING)
        make_open_ballot(cycle, amina, eva)
        with pytest.raises(PlanRefused, match=words):
            save(cycle, **change(cycle))

    def test_after_the_list_was_drawn_up_and_after_the_rule_was_locked(
        self, riverside: Assembly, amina: Membership, eva: Membership
    ) -> None:
        cycle = make_cycle(riverside, Kind.BALLOTING)
        lock_rule(cycle=cycle, rule="equal-shares", reason="It is fair.", actor=None)
        with pytest.raises(PlanRefused, match="The rule is locked"):
            save(cycle, **other_rule(cycle))
        save(cycle, **other_limit(cycle))
        make_ballot(cycle, amina, eva)
        with pytest.raises(PlanRefused, match="drawn up already"):
            save(cycle, ballot=replace(plan_of(cycle).ballot, max_choices=2))
        assert pot_of(cycle).poll is not None

    def test_a_published_budget_stays_fit_to_be_published(self, riverside: Assembly) -> None:
        with pytest.raises(PlanRefused, match="Write what the money is for") as refusal:
            save(make_cycle(riverside), summary="")
        assert refusal.value.line == "text"

    def test_pots_and_groups_that_make_no_sense(self, planned: Cycle) -> None:
        streets, parks = plan_of(planned).headings
        for headings, words in (
            ([], "how much money"),
            ([replace(streets, amount=0), parks], "more than zero"),
            ([streets, replace(parks, title="STREETS")], "this name already"),
            ([replace(streets, is_citywide=True), replace(parks, is_citywide=True)], "Only one pot"),
            ([replace(streets, group="nobody")], "group of this budget"),
            ([replace(streets, key="6c0e6b0e-0000-4000-8000-000000000000")], "no longer part"),
        ):
            with pytest.raises(PlanRefused, match=words):
                save(planned, headings=headings)
        save(planned, headings=[replace(streets, title="Parks"), replace(parks, title="Streets")])
        assert pots(planned) == [("Parks", 50_000_00), ("Streets", 30_000_00)]


class TestPublishing:
    def test_a_budget_without_what_it_needs_is_not_published_and_says_what_to_do(
        self, planned: Cycle, browser: Client, riverside: Assembly
    ) -> None:
        hill = District.objects.create(assembly=riverside, name="Hill")
        District.objects.create(assembly=riverside, name="Mill")
        planned.groups.create(title="Topics", max_headings=3)
        planned.headings.update(district=hill)
        Cycle.objects.filter(pk=planned.pk).update(summary="")
        with pytest.raises(CycleRefused) as refusal:
            publish_cycle(cycle=planned, actor=None)
        for words in ("Write what the money is for.", "Nobody in Mill could vote.", "“Topics” needs at least two pots"):
            assert words in str(refusal.value)
        page = browser.get(f"/cycles/{planned.pk}/manage/").content.decode()
        assert f'href="{address(planned)}#pots"' in page
        assert "You can publish without it." in page  # nobody is named whom people can ask
        answer = browser.post(f"/cycles/{planned.pk}/publish/", follow=True).content.decode()
        assert "This is still missing:" in answer
        assert not Cycle.objects.get(pk=planned.pk).is_published

    def test_with_all_that_is_needed_it_is(self, planned: Cycle) -> None:
        publish_cycle(cycle=planned, actor=None)
        assert Cycle.objects.get(pk=planned.pk).is_published

    def test_an_unreadable_text_is_named_but_holds_nothing_back(self, planned: Cycle, browser: Client) -> None:
        save(planned, summary="THIS IS IMPORTANT FOR ALL.")
        page = browser.get(f"/cycles/{planned.pk}/manage/").content.decode()
        assert "no words in capital letters only" in page
        publish_cycle(cycle=planned, actor=None)

    def test_a_group_that_lets_people_vote_in_more_pots_than_there_are_holds_it_back(self, riverside: Assembly) -> None:
        cycle = create_cycle(
            assembly=riverside,
            title="B",
            year=2027,
            summary="For all.",
            groups=[NewGroup("Topics", 3)],
            headings=[NewHeading("A", 100, group="Topics"), NewHeading("B", 100, group="Topics")],
            phases=calendar(),
            actor=None,
        )
        with pytest.raises(CycleRefused, match="no more votes than pots"):
            publish_cycle(cycle=cycle, actor=None)
