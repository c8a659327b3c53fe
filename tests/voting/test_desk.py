"""Administrators make, open, close, publish and void their assembly's polls."""

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import fresh_proof
from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll, make_poll
from tests.proving import prove
from voting import services
from voting.models import BallotType, OpenBallot, Poll, PollState, Secrecy, ShownWhileOpen
from voting.poll_forms import rules_for
from voting.services import NewLine

pytestmark = pytest.mark.django_db


def browser_of(person: Membership, *, proved: bool = True) -> Client:
    client = Client()
    client.force_login(person.user)
    if proved:
        prove(client, person.user)
    return client


def filled_in(**changes: Any) -> dict[str, Any]:
    return {
        "question": "Which name for the new square?",
        "text": "",
        "option": ["Elm Square", "Market Square", ""],
        "rule": "approval",
        "secrecy": "2",
        "change_allowed": "on",
        "shown_while_open": "turnout",
        "published": "later",
        "closes_at": "",
        **changes,
    }


def new_url(assembly: Assembly, kind: str = "approval") -> str:
    return f"/a/{assembly.slug}/polls/new/?kind={kind}"


def said(response: Any) -> str:
    """The page as text, without the marks that keep numbers together."""
    return str(response.content.decode()).replace("<bdi>", "").replace("</bdi>", "")


class TestMaking:
    def test_dana_makes_a_draft_that_nobody_else_sees(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        client = browser_of(dana)
        assert "What does a voter do?" in said(client.get(f"/a/{riverside.slug}/polls/new/"))
        moment = timezone.now() + timedelta(days=3)
        answer = client.post(new_url(riverside), filled_in(closes_at=f"{moment:%Y-%m-%dT%H:%M}", max_choices="2"))
        poll = Poll.objects.get()
        assert answer.status_code == 302
        assert answer["Location"] == f"/polls/{poll.pk}/desk/"
        assert [option.title for option in poll.options.all()] == ["Elm Square", "Market Square"]
        assert (poll.state, poll.secrecy, poll.rule, poll.max_choices) == ("draft", 2, "approval", 2)
        assert poll.closes_at
        page = said(client.get(f"/polls/{poll.pk}/desk/"))
        assert "Sealed: hidden from people, trusting this server." in page
        assert "Nobody could vote" not in page
        for person in (amina,):
            other = browser_of(person)
            assert other.get(f"/polls/{poll.pk}/desk/").status_code == 404
            assert "Which name for the new square?" not in said(other.get(f"/a/{riverside.slug}/polls/"))

    def test_rows_come_and_go_without_scripts_and_nothing_typed_is_lost(
        self, riverside: Assembly, dana: Membership
    ) -> None:
        client = browser_of(dana)
        longer = client.post(new_url(riverside), filled_in(add="1", question="", max_choices="2"))
        assert longer.status_code == 200
        assert said(longer).count('name="option"') == 4
        assert "Elm Square" in said(longer)
        assert "Write the question" not in said(longer)
        shorter = client.post(new_url(riverside), filled_in(take="0"))
        assert "Elm Square" not in said(shorter)
        assert "Market Square" in said(shorter)
        assert "Which name for the new square?" in said(shorter)
        assert not Poll.objects.exists()

    @pytest.mark.parametrize(
        ("changes", "sentence"),
        [
            ({"question": ""}, "Write the question."),
            ({"option": ["Only one"]}, "Write between 2 and 60 different answers"),
            ({"option": ["Same", "Same", "Other"]}, "Two answers are the same."),
            ({"secrecy": "2", "shown_while_open": "tally"}, "Sealed ballots cannot be counted while people vote."),
            ({"secrecy": "2", "names_shown": "on"}, "Only a named vote can tell who chose what."),
            ({"closes_at": "2020-01-01T10:00"}, "This time has passed already."),
            ({"min_choices": "3", "max_choices": "2"}, "must not be less than"),
            ({"secrecy": "3"}, "Select a valid choice"),  # Dana is the only administrator
        ],
    )
    def test_what_cannot_be_is_said_and_everything_typed_is_kept(
        self, riverside: Assembly, dana: Membership, changes: dict[str, Any], sentence: str
    ) -> None:
        answer = browser_of(dana).post(new_url(riverside), filled_in(**changes))
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert changes.get("option", ["Elm Square"])[0] in said(answer)
        assert not Poll.objects.exists()

    @pytest.mark.parametrize(
        ("kind", "more"),
        [
            ("yes_no", {"majority": "2/3 >=", "base": "cast", "with_abstain": "on"}),
            ("choose_one", {"needs_half": "on"}),
            ("approval", {}),
            ("ranked", {"rule": "schulze", "ties_allowed": "on"}),
            ("points", {"max_points": "10", "max_per_option": "5"}),
            ("score", {"min_score": "0", "max_score": "4"}),
            ("consensus", {"objections": "1"}),
        ],
    )
    def test_every_kind_can_be_made_opened_and_counted(
        self, riverside: Assembly, dana: Membership, crowd: list[Membership], kind: str, more: dict[str, Any]
    ) -> None:
        client = browser_of(dana)
        answer = client.post(new_url(riverside, kind), filled_in(**more))
        assert answer.status_code == 302, said(answer)
        poll = Poll.objects.get()
        assert services.blockers(poll) == []
        assert client.get(f"/polls/{poll.pk}/desk/preview/").status_code == 200
        assert "Elm Square" in said(client.get(f"/polls/{poll.pk}/desk/change/")) or kind in ("yes_no", "consensus")
        poll = services.open_poll(poll=poll, lines=[NewLine(person) for person in crowd], actor=dana.user)
        poll = services.close_poll(poll=poll, actor=dana.user)
        assert poll.state == PollState.WITHHELD
        assert poll.results.count() == 1

    def test_only_rules_that_can_count_a_kind_are_offered(self) -> None:
        assert rules_for(BallotType.YES_NO) == ["majority"]
        assert rules_for(BallotType.CONSENSUS) == ["consensus"]
        assert rules_for(BallotType.CHOOSE_ONE) == ["plurality"]
        assert set(rules_for(BallotType.RANKED)) == {
            "irv", "borda", "schulze", "condorcet", "stv-scottish", "stv-meek",
        }  # fmt: skip
        assert all(rules_for(kind) for kind in BallotType)

    def test_a_draft_is_changed_called_ready_taken_back_and_thrown_away(
        self, riverside: Assembly, dana: Membership
    ) -> None:
        client = browser_of(dana)
        poll = make_poll(riverside)
        client.post(f"/polls/{poll.pk}/desk/change/", filled_in(question="Another question?"))
        poll.refresh_from_db()
        assert poll.question == "Another question?"
        assert poll.options.count() == 2
        client.post(f"/polls/{poll.pk}/desk/ready/")
        assert Poll.objects.get().state == PollState.READY
        client.post(f"/polls/{poll.pk}/desk/change/", filled_in(question="Too late?"))
        assert Poll.objects.get().question == "Another question?"
        client.post(f"/polls/{poll.pk}/desk/draft/")
        assert Poll.objects.get().state == PollState.DRAFT
        client.post(f"/polls/{poll.pk}/desk/discard/")
        assert not Poll.objects.exists()

    def test_what_stands_in_the_way_is_a_list(self, riverside: Assembly, dana: Membership) -> None:
        poll = make_poll(riverside, "Only one", secrecy=Secrecy.SECRET)
        client = browser_of(dana)
        page = said(client.get(f"/polls/{poll.pk}/desk/"))
        assert "Add at least two options." in page
        assert "A secret vote needs two administrators." in page
        assert "With fewer than 5 voters" in page
        client.post(f"/polls/{poll.pk}/desk/ready/")
        assert Poll.objects.get().state == PollState.DRAFT

    def test_a_corrected_vote_follows_the_void_one(self, riverside: Assembly, dana: Membership) -> None:
        void = make_open_poll(riverside, dana)
        services.void_poll(poll=void, actor=dana.user, reason="A typing mistake.")
        client = browser_of(dana)
        url = f"/a/{riverside.slug}/polls/new/?follows={void.pk}"
        assert "Shade trees" in said(client.get(url))
        client.post(url, filled_in())
        assert Poll.objects.get(follows=void).state == PollState.DRAFT


class TestActs:
    def test_a_poll_is_opened_closed_and_published_by_hand(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        client = browser_of(dana)
        poll = make_poll(riverside, closes_at=timezone.now() + timedelta(hours=5))
        page = said(client.get(f"/polls/{poll.pk}/open/"))
        assert "2 people can vote from now on." in page
        client.post(f"/polls/{poll.pk}/open/")
        poll.refresh_from_db()
        assert poll.is_open
        assert poll.closes_at
        assert "4 hours, 59" in said(client.get(f"/polls/{poll.pk}/desk/")).replace("\xa0", " ")
        choice = {"options": ["a"]}
        services.cast_ballot(poll=poll, line=line_of(poll, amina), choice=choice, key="a key for this")
        assert "1 of 2 voters has voted." in said(client.get(f"/polls/{poll.pk}/close/"))
        client.post(f"/polls/{poll.pk}/close/")
        poll.refresh_from_db()
        assert poll.state == PollState.WITHHELD
        assert "Nobody has seen the result yet" in said(client.get(f"/polls/{poll.pk}/desk/"))
        client.post(f"/polls/{poll.pk}/publish/")
        poll.refresh_from_db()
        assert poll.state == PollState.PUBLISHED
        assert "See the result" in said(client.get(f"/polls/{poll.pk}/desk/"))

    @pytest.mark.parametrize("verb", ["open", "close", "publish", "void"])
    def test_nothing_is_done_by_who_has_not_just_proved_who_they_are(
        self, riverside: Assembly, dana: Membership, verb: str
    ) -> None:
        poll = make_poll(riverside) if verb == "open" else make_open_poll(riverside, dana)
        if verb == "publish":
            poll = services.close_poll(poll=poll, actor=None)
        client = browser_of(dana, proved=False)
        before = poll.state
        for answer in (
            client.get(f"/polls/{poll.pk}/{verb}/"),
            client.post(f"/polls/{poll.pk}/{verb}/", {"reason": "Wrong question."}),
        ):
            assert answer.status_code == 302
            assert answer["Location"].startswith("/me/prove/?next=")
        prove(client, dana.user, seconds_ago=31 * 60)
        assert client.post(f"/polls/{poll.pk}/{verb}/", {"reason": "Wrong."})["Location"].startswith("/me/prove/")
        poll.refresh_from_db()
        assert poll.state == before
        prove(client, dana.user, seconds_ago=29 * 60)
        client.post(f"/polls/{poll.pk}/{verb}/", {"reason": "Wrong."})
        poll.refresh_from_db()
        assert poll.state != before

    def test_a_reason_typed_before_the_proof_is_not_lost(self, riverside: Assembly, dana: Membership) -> None:
        poll = make_open_poll(riverside, dana)
        client = browser_of(dana, proved=False)
        client.post(f"/polls/{poll.pk}/void/", {"reason": "The map was wrong."})
        prove(client, dana.user)
        assert "The map was wrong." in said(client.get(f"/polls/{poll.pk}/void/"))

    def test_why_a_ballot_is_taken_out_is_there_after_the_proof_and_the_voter_is_chosen_anew(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        poll = make_open_poll(riverside, amina)
        line = line_of(poll, amina)
        client = browser_of(dana, proved=False)
        typed = {"name": amina.user.name, "line": str(line.pk), "reason": "Moved away."}
        asked = client.post(f"/polls/{poll.pk}/remove/", typed)
        page = parse_qs(urlsplit(asked["Location"]).query)["next"][0]
        assert page == f"/polls/{poll.pk}/remove/"
        assert client.get(page, {"name": amina.user.name})["Location"] == asked["Location"]
        assert amina.user.name not in str(client.session[fresh_proof.TYPED])
        assert str(line.pk) not in str(dict(client.session))
        prove(client, dana.user)
        assert "Nothing has happened yet. Find the voter again" in said(client.get(page))
        for name in ("dana", amina.user.name):  # somebody else was found first
            text = said(client.get(page, {"name": name}))
        assert "Moved away." in text
        assert "Nothing has happened yet" in text
        assert "checked" not in text[text.index(f'value="{line.pk}"') :].split(">")[0]
        client.post(page, typed)
        assert poll.removals.count() == 1
        assert fresh_proof.TYPED not in client.session

    def test_a_void_poll_says_why(self, riverside: Assembly, dana: Membership) -> None:
        poll = make_open_poll(riverside, dana)
        client = browser_of(dana)
        assert client.post(f"/polls/{poll.pk}/void/", {"reason": " "}).status_code == 422
        client.post(f"/polls/{poll.pk}/void/", {"reason": "The map was wrong."})
        assert "The map was wrong." in said(client.get(f"/polls/{poll.pk}/desk/"))
        assert "Make a corrected vote" in said(client.get(f"/polls/{poll.pk}/desk/"))

    def test_what_does_not_fit_the_state_is_refused_in_a_sentence(self, riverside: Assembly, dana: Membership) -> None:
        poll = make_open_poll(riverside, dana)
        answer = browser_of(dana).post(f"/polls/{poll.pk}/publish/", follow=True)
        assert "That cannot be done with this vote now." in said(answer)

    def test_bao_and_amina_are_refused_and_chidi_finds_nothing(
        self, riverside: Assembly, dana: Membership, bao: Membership, amina: Membership, harbour: Assembly
    ) -> None:
        secret = make_open_poll(harbour, make_member(harbour, "Hana"))
        poll = make_open_poll(riverside, dana)
        for verb in ("close", "void", "remove"):
            assert browser_of(bao).get(f"/polls/{poll.pk}/{verb}/").status_code == 403
            assert browser_of(amina).post(f"/polls/{poll.pk}/{verb}/").status_code == 403
            assert browser_of(dana).get(f"/polls/{secret.pk}/{verb}/").status_code == 404
        assert browser_of(dana).put(f"/polls/{poll.pk}/close/").status_code == 405


class TestPages:
    def test_the_list_asks_the_database_no_more_for_more_polls(self, riverside: Assembly, dana: Membership) -> None:
        def fill() -> None:
            make_poll(riverside)
            make_open_poll(riverside, dana)
            services.close_poll(poll=make_open_poll(riverside, dana, published_at_close=True), actor=None)

        client = browser_of(dana)
        fill()
        client.get(f"/a/{riverside.slug}/polls/")  # whatever is read once is read
        counts = []
        for _round in range(2):
            with CaptureQueriesContext(connection) as found:
                page = said(client.get(f"/a/{riverside.slug}/polls/"))
            counts.append(len(found.captured_queries))
            fill()
            fill()
        assert counts[0] == counts[1] <= 11
        assert page.count("What shall we do first?") > 6

    def test_everybody_reads_the_list_and_drafts_are_for_administrators(
        self, riverside: Assembly, dana: Membership, chidi: Membership, harbour: Assembly
    ) -> None:
        make_poll(riverside, question="Still a draft?")
        make_open_poll(riverside, dana, question="Open to all?")
        page = said(Client().get(f"/a/{riverside.slug}/polls/"))
        assert "Open to all?" in page
        assert "Still a draft?" not in page
        assert "Still a draft?" in said(browser_of(dana).get(f"/a/{riverside.slug}/polls/"))
        assert Client().get(f"/a/{harbour.slug}/polls/").status_code == 404

    def test_the_home_page_of_the_assembly_leads_to_its_votes(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        assert "/polls/" not in said(browser_of(amina).get(f"/a/{riverside.slug}/"))
        assert f"/a/{riverside.slug}/polls/new/" in said(browser_of(dana).get(f"/a/{riverside.slug}/"))
        make_open_poll(riverside, dana, question="Open to all?")
        assert "Open to all?" in said(browser_of(amina).get(f"/a/{riverside.slug}/"))

    def test_the_running_tally_of_a_named_poll_is_on_the_desk_and_no_other_total_is(
        self, riverside: Assembly, dana: Membership, amina: Membership, bao: Membership
    ) -> None:
        hidden = make_open_poll(riverside, dana, amina, bao)
        for number, voter in enumerate((dana, amina, bao)):
            line = line_of(hidden, voter)
            services.cast_ballot(poll=hidden, line=line, choice={"options": ["b"]}, key=f"a key of voter {number}")
        assert OpenBallot.objects.count() == 3
        page = said(browser_of(dana).get(f"/polls/{hidden.pk}/desk/"))
        assert "of 3 voters have voted" in page
        assert 'class="tally' not in page
        assert hidden.shown_while_open == ShownWhileOpen.TURNOUT
