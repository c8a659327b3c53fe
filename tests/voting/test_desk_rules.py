"""What else a poll can be made of: a quorum, the base of a majority, several winners, rules to compare, a time to challenge."""

import json
from typing import Any

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership
from tests.make import line_of, make_member, make_open_poll, make_poll
from tests.proving import prove
from voting import explanations, services
from voting.board import verify
from voting.models import Electorate, Poll, Publication, Register, Secrecy
from voting.services import NewLine

pytestmark = pytest.mark.django_db


def browser_of(person: Membership) -> Client:
    client = Client()
    client.force_login(person.user)
    prove(client, person.user)
    return client


def filled_in(**changes: Any) -> dict[str, Any]:
    return {
        "question": "Which name for the new square?",
        "option": ["Elm Square", "Market Square", "Mill Square"],
        "secrecy": "2",
        "shown_while_open": "turnout",
        "published": "later",
        **changes,
    }


def said(response: Any) -> str:
    return str(response.content.decode()).replace("<bdi>", "").replace("</bdi>", "")


def make(client: Client, kind: str, **changes: Any) -> Any:
    return client.post(f"/a/riverside/polls/new/?kind={kind}", filled_in(**changes))


def vote(poll: Poll, member: Membership, *options: str) -> None:
    services.cast_ballot(poll=poll, line=line_of(poll, member), choice={"options": sorted(options)}, key=str(member.pk))


def counted(poll: Poll) -> explanations.ShownOutcome:
    """The poll, closed and published, in words; and its published files are those that the check finds right."""
    poll = services.publish_poll(poll=services.close_poll(poll=poll, actor=None), actor=None)
    files = verify.unpack(bytes(Publication.objects.get(poll=poll).archive))
    assert verify.check(files, root=poll.published_root)
    shown = explanations.explain(poll)
    assert shown
    return shown


@pytest.fixture
def crowd(riverside: Assembly) -> list[Membership]:
    return [make_member(riverside, f"Resident {number}") for number in range(10)]


class TestMakingIt:
    def test_dana_asks_for_a_majority_of_all_voters_with_a_quorum(self, riverside: Assembly, dana: Membership) -> None:
        client = browser_of(dana)
        answer = make(client, "yes_no", majority="2/3 >=", base="members", quorum="50", challenge_hours="24")
        poll = Poll.objects.get()
        assert answer["Location"] == f"/polls/{poll.pk}/desk/"
        assert poll.rule_parameters == {"threshold": "2/3", "operator": ">=", "base": "members", "quorum": "1/2"}
        assert poll.challenge_hours == 24
        page = said(client.get(f"/polls/{poll.pk}/desk/"))
        assert "Carried when 2/3 or more of everybody who may vote say yes." in page
        assert "It counts only when 50 of 100 voters vote, or more." in page
        assert "24 hours after the close, before the count" in page
        form = said(client.get(f"/polls/{poll.pk}/desk/change/"))
        assert 'value="members"' in form
        assert 'name="quorum" value="50"' in form
        assert 'name="challenge_hours" value="24"' in form

    def test_several_win_and_other_rules_are_compared(self, riverside: Assembly, dana: Membership) -> None:
        client = browser_of(dana)
        make(client, "ranked", rule="stv-scottish", compared_rules=["borda", "stv-scottish"], seats="2")
        poll = Poll.objects.get()
        assert (poll.rule_parameters, poll.compared_rules) == ({"seats": 2}, ["borda"])
        page = said(client.get(f"/polls/{poll.pk}/desk/"))
        assert "2 answers win." in page
        assert "Borda count" in page

    @pytest.mark.parametrize(
        ("kind", "changes", "sentence"),
        [
            ("ranked", {"rule": "irv", "seats": "2"}, "finds one winner only"),
            ("ranked", {"rule": "borda", "seats": "2", "compared_rules": ["irv"]}, "finds one winner only"),
            ("approval", {"seats": "3"}, "Everybody would win."),
            ("ranked", {"rule": "borda", "ties_allowed": "on", "compared_rules": ["irv"]}, "Untick it."),
            ("approval", {"secrecy": "1", "challenge_hours": "5"}, "Only sealed votes wait before the count."),
            ("yes_no", {"majority": "1/2 >", "base": "cast", "quorum": "101"}, "less than or equal to 100"),
            ("yes_no", {"majority": "1/2 >", "base": "nobody"}, "Select a valid choice"),
        ],
    )
    def test_what_cannot_be_counted_is_said_and_kept(
        self, riverside: Assembly, dana: Membership, kind: str, changes: dict[str, Any], sentence: str
    ) -> None:
        answer = make(browser_of(dana), kind, **changes)
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert "Which name for the new square?" in said(answer)
        assert not Poll.objects.exists()

    def test_a_service_refuses_several_winners_by_a_rule_for_one(self, riverside: Assembly) -> None:
        poll = make_poll(riverside, ballot_type="ranked", rule="irv", rule_parameters={"seats": 2})
        assert any("finds one winner" in sentence for sentence in services.blockers(poll))


class TestCountingIt:
    def test_half_of_the_yes_and_no_votes_is_not_half_of_everybody(
        self, riverside: Assembly, crowd: list[Membership]
    ) -> None:
        verdicts = {}
        for base in ("cast", "present", "members"):
            fixed = {"threshold": "1/2", "operator": ">", "base": base}
            poll = make_open_poll(riverside, *crowd, ballot_type="yes_no", rule_parameters=fixed)
            for member, answer in zip(crowd, ["yes", "yes", "no", "abstain", "abstain"], strict=False):
                vote(poll, member, answer)
            verdicts[base] = counted(poll)
        assert {base: shown.verdict for base, shown in verdicts.items()} == {
            "cast": "carried", "present": "lost", "members": "lost",
        }  # fmt: skip
        assert verdicts["members"].sentence == "Lost: 2 yes of 10 who may vote, needed 6."

    @pytest.mark.parametrize(("came", "verdict"), [(5, "carried"), (4, "no_quorum")])
    def test_below_the_quorum_nothing_is_decided(
        self, riverside: Assembly, crowd: list[Membership], came: int, verdict: str
    ) -> None:
        fixed = {"threshold": "1/2", "operator": ">", "base": "cast", "quorum": "1/2"}
        poll = make_open_poll(riverside, *crowd, ballot_type="yes_no", rule_parameters=fixed)
        for member in crowd[:came]:
            vote(poll, member, "yes")
        shown = counted(poll)
        assert shown.verdict == verdict
        if verdict == "no_quorum":
            assert shown.sentence == "No decision: too few took part. 4 voted, and 5 must."

    def test_the_quorum_of_weighted_votes_goes_by_weights(self, riverside: Assembly, crowd: list[Membership]) -> None:
        fixed = {"threshold": "1/2", "operator": ">", "base": "cast", "quorum": "1/2"}
        poll = make_poll(riverside, ballot_type="yes_no", rule_parameters=fixed)
        lines = [NewLine(crowd[0], weight=6), *(NewLine(member) for member in crowd[1:5])]
        poll = services.open_poll(poll=poll, lines=lines, actor=None)
        vote(poll, crowd[0], "yes")
        assert counted(poll).verdict == "carried"

    def test_two_of_three_win(self, riverside: Assembly, crowd: list[Membership]) -> None:
        poll = make_open_poll(riverside, *crowd, rule_parameters={"seats": 2}, secrecy=Secrecy.CONFIDENTIAL)
        for member in crowd[:6]:
            vote(poll, member, "a", "c")
        vote(poll, crowd[6], "b")
        assert {shown.option.key for shown in counted(poll).winners} == {"a", "c"}

    @pytest.mark.parametrize("rule", ["stv-scottish", "stv-meek", "borda"])
    def test_two_are_elected_by_rankings(self, riverside: Assembly, crowd: list[Membership], rule: str) -> None:
        poll = make_open_poll(
            riverside, *crowd, ballot_type="ranked", rule=rule, rule_parameters={"seats": 2}, names_shown=True
        )
        for member in crowd[:6]:
            services.cast_ballot(
                poll=poll, line=line_of(poll, member), choice={"ranking": ["a", "b"]}, key=str(member.pk)
            )
        assert {shown.option.key for shown in counted(poll).winners} == {"a", "b"}

    @pytest.mark.parametrize("what", ["members", "quorum", "seats"])
    def test_files_that_tell_of_another_register_quorum_or_number_of_winners_are_refused(
        self, riverside: Assembly, crowd: list[Membership], what: str
    ) -> None:
        fixed: dict[str, Any] = {"threshold": "1/2", "operator": ">", "base": "members", "quorum": "1/2"}
        kind = "yes_no"
        if what == "seats":
            fixed, kind = {"seats": 2}, "approval"
        poll = make_open_poll(riverside, *crowd, ballot_type=kind, rule_parameters=fixed)
        for member in crowd[:6]:
            vote(poll, member, "yes" if kind == "yes_no" else "a")
        counted(poll)
        result = poll.results.get().outcome
        parameters = {**result["parameters"], what: {"members": 11, "quorum": "2/5", "seats": 1}[what]}
        totals = {option.key: 6 * (option.key in ("yes", "a")) for option in poll.options.all()}
        definition, sums = poll.define(), {"totals": totals, "ballots": 6, "blank": 0, "how": "", "each": None}
        verify.recount(definition, [json.loads(json.dumps(result))], sums, 10, [])
        with pytest.raises(verify.Refused):
            verify.recount(definition, [{**result, "parameters": parameters}], sums, 10, [])


class TestSharingVoters:
    def test_dana_lets_people_vote_in_one_of_two_votes(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        north, south = (make_poll(riverside, question=name) for name in ("North?", "South?"))
        services.prepare_register(poll=north, electorate=Electorate.MEMBERS)
        client = browser_of(dana)
        assert "Let voters vote in only some of several votes" in said(client.get(f"/polls/{north.pk}/register/"))
        answer = client.post(f"/polls/{north.pk}/register/share/", {"other": south.pk, "max_polls": "1"})
        assert answer["Location"] == f"/polls/{north.pk}/register/"
        north.refresh_from_db()
        south.refresh_from_db()
        assert north.register == south.register
        assert north.register
        assert (north.register.max_polls, north.register.electorate) == (1, "members")
        assert "Each voter votes in at most 1 of these votes." in said(client.get(f"/polls/{south.pk}/register/"))
        for poll in (north, south):
            client.post(f"/polls/{poll.pk}/open/")
        north, south = Poll.objects.get(pk=north.pk), Poll.objects.get(pk=south.pk)
        vote(north, amina, "a")
        with pytest.raises(services.BallotRefused, match="only 1 of these votes"):
            vote(south, amina, "a")

    def test_a_third_vote_joins_and_one_leaves(self, riverside: Assembly, dana: Membership) -> None:
        polls = [make_poll(riverside, question=name) for name in ("North?", "South?", "West?")]
        client = browser_of(dana)
        client.post(f"/polls/{polls[0].pk}/register/share/", {"other": polls[1].pk, "max_polls": "1"})
        client.post(f"/polls/{polls[2].pk}/register/share/", {"other": polls[0].pk, "max_polls": "2"})
        assert set(Poll.objects.values_list("register__max_polls", flat=True)) == {2}
        assert Poll.objects.values("register").distinct().count() == 1
        client.post(f"/polls/{polls[2].pk}/register/alone/")
        assert Poll.objects.get(pk=polls[2].pk).register_id != Poll.objects.get(pk=polls[0].pk).register_id
        client.post(f"/polls/{polls[1].pk}/register/alone/")  # and nobody is left to share with
        assert set(Poll.objects.values_list("register__max_polls", flat=True)) == {None}

    @pytest.mark.parametrize(
        ("max_polls", "sentence"),
        [("", "Write in how many"), ("3", "between 1 and the number of votes"), ("0", "greater than or equal to 1")],
    )
    def test_a_number_that_makes_no_sense_is_refused(
        self, riverside: Assembly, dana: Membership, max_polls: str, sentence: str
    ) -> None:
        north, south = (make_poll(riverside, question=name) for name in ("North?", "South?"))
        answer = browser_of(dana).post(
            f"/polls/{north.pk}/register/share/", {"other": south.pk, "max_polls": max_polls}
        )
        assert answer.status_code == 422
        assert sentence in said(answer)
        assert not Register.objects.exists()

    def test_an_open_vote_and_one_of_another_assembly_share_nothing(
        self, riverside: Assembly, harbour: Assembly, dana: Membership, amina: Membership
    ) -> None:
        client, north = browser_of(dana), make_poll(riverside, question="North?")
        for other in (make_open_poll(riverside, amina), make_poll(harbour)):
            answer = client.post(f"/polls/{north.pk}/register/share/", {"other": other.pk, "max_polls": "1"})
            assert answer.status_code == 422
            assert "Choose a vote that is not open yet." in said(answer)

    def test_only_who_runs_the_vote_shares_its_voters(
        self, riverside: Assembly, amina: Membership, chidi: Membership, dana: Membership
    ) -> None:
        poll = make_poll(riverside)
        for person in (amina, chidi):
            for act in ("share", "alone"):
                assert browser_of(person).post(f"/polls/{poll.pk}/register/{act}/").status_code == 404
        assert browser_of(dana).get(f"/polls/{poll.pk}/register/share/").status_code == 405
        assert browser_of(dana).get(f"/polls/{poll.pk}/register/alone/").status_code == 405

    def test_codes_of_every_vote_that_shares_are_in_the_register(
        self, riverside: Assembly, dana: Membership, amina: Membership
    ) -> None:
        north, south = (make_poll(riverside, question=name) for name in ("North?", "South?"))
        client = browser_of(dana)
        client.post(f"/polls/{north.pk}/register/share/", {"other": south.pk, "max_polls": "1"})
        made = {"batch": "9b2c7c2e-6f5f-4c43-9a29-0d6f5a1b0001", "label": "Guests", "size": "3"}
        client.post(f"/polls/{south.pk}/register/codes/", made)
        client.post(f"/polls/{north.pk}/open/")
        opened = Poll.objects.get(pk=north.pk)
        assert opened.register
        assert opened.register.lines.exclude(credential=None).count() == 3
