"""A zero too many: a price that looks mistyped is asked about once, and the second person reads why."""

import pytest
from django.test import Client

from assemblies.models import Assembly, Membership, Role
from proposals.models import Cycle, Estimate, Incident, Proposal, Review, ReviewRule
from proposals.price_doubts import doubts_about, is_a_zero_apart
from tests.make import make_member
from tests.proposals.making import Kind, make_cycle, make_open_ballot, make_proposal, project_of
from tests.proving import prove

GUESS = 7_500_00
SAID = "Is there a zero too many?"


@pytest.fixture
def trees(amina: Membership, ideas: Cycle) -> Proposal:
    """The author guessed 7 500 euro; in the pot there are 100 000."""
    return make_proposal(ideas, amina, cost_guess=GUESS)


@pytest.fixture
def desk(eva: Membership) -> Client:
    client = Client()
    client.force_login(eva.user)
    return client


def address(proposal: Proposal) -> str:
    return f"/proposals/{proposal.pk}/review/"


@pytest.mark.parametrize(
    ("cost", "expected", "asked"),
    [
        (74_999_99, GUESS, False),
        (75_000_00, GUESS, True),
        (750_01, GUESS, False),
        (750_00, GUESS, True),
        (GUESS, GUESS, False),
        (1, 9, False),
        (1, 10, True),
        (10**15, None, False),
        (10**15, 0, False),
        (0, GUESS, False),  # refused elsewhere where a price is needed
    ],
)
def test_ten_times_and_a_tenth_are_asked_about(cost: int, expected: int | None, asked: bool) -> None:
    assert is_a_zero_apart(cost, expected) is asked


@pytest.mark.parametrize("guess", [None, 0])
def test_without_a_guess_only_the_pot_says_something(guess: int | None) -> None:
    assert doubts_about(100, guess=guess, pot=100, currency="EUR") == []
    assert len(doubts_about(101, guess=guess, pot=100, currency="EUR")) == 1
    assert doubts_about(None, guess=guess, pot=100, currency="EUR") == []


def test_the_form_comes_back_once_with_everything_that_was_typed(trees: Proposal, desk: Client) -> None:
    typed = {"feasibility": "feasible", "cost": "75000", "public_reason": "Good ground.", "note_internal": "For us"}
    answer = desk.post(address(trees), typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f"The author guessed 7\u00a0500\u00a0€, and the price here is 75\u00a0000\u00a0€. {SAID}" in page
    assert '<a href="#id_price_is_right">This price is right</a>' in page
    assert page.index('name="cost"') < page.index('name="price_is_right"') < page.index('name="public_reason"')
    assert 'value="75000"' in page
    assert "Good ground." in page
    assert "For us" in page
    assert not Review.objects.exists()
    assert desk.post(address(trees), typed | {"price_is_right": "7500000"}).status_code == 302
    assert Review.objects.get().cost == 75_000_00


def test_a_zero_that_is_missing_is_asked_about_too(trees: Proposal, desk: Client) -> None:
    page = desk.post(address(trees), {"feasibility": "feasible", "cost": "750"})
    assert "Is a zero missing?" in page.content.decode()
    assert not Review.objects.exists()


def test_a_tick_for_one_price_says_nothing_about_the_next(trees: Proposal, desk: Client) -> None:
    answer = desk.post(address(trees), {"feasibility": "feasible", "cost": "90000", "price_is_right": "7500000"})
    assert answer.status_code == 422
    assert 'value="9000000" aria' in answer.content.decode()  # and it is not ticked
    assert not Review.objects.exists()


def test_a_tick_is_kept_while_something_else_is_wrong(trees: Proposal, desk: Client) -> None:
    typed = {"cost": "75000", "price_is_right": "7500000"}
    for rest in ({"feasibility": ""}, {"feasibility": "feasible", "insert": "1"}):
        page = desk.post(address(trees), typed | rest).content.decode()
        box = page[page.index('name="price_is_right"') :].split(">")[0]
        assert "checked" in box
        assert SAID not in page


@pytest.mark.parametrize("cost", ["75000", "750000"])
def test_words_put_into_the_reason_bring_no_box_without_its_question(trees: Proposal, desk: Client, cost: str) -> None:
    typed = {"feasibility": "feasible", "cost": cost, "insert": "1"}
    page = desk.post(address(trees), typed).content.decode()
    assert f'value="{cost}"' in page
    assert not box_in(page)
    assert "checked" in box_in(desk.post(address(trees), typed | {"price_is_right": f"{cost}00"}).content.decode())
    del typed["insert"]
    assert SAID in desk.post(address(trees), typed).content.decode()  # the question comes with the real send


def test_a_usual_price_and_no_guess_are_not_asked_about(
    trees: Proposal, desk: Client, ideas: Cycle, bao: Membership
) -> None:
    assert "price_is_right" not in desk.get(address(trees)).content.decode()
    assert desk.post(address(trees), {"feasibility": "feasible", "cost": "9000"}).status_code == 302
    other = make_proposal(ideas, bao, "A bench")
    assert desk.post(address(other), {"feasibility": "feasible", "cost": "75000"}).status_code == 302


def test_what_costs_more_than_the_pot_cannot_be_built_ticked_or_not(trees: Proposal, desk: Client) -> None:
    typed = {"feasibility": "feasible", "cost": "750000", "public_reason": "Too dear."}
    answer = desk.post(address(trees), typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "The price here is 750\u00a0000\u00a0€, and the whole pot is 100\u00a0000\u00a0€" in page
    assert SAID in page
    assert "If it is right, tick that, and choose “Cannot be built”, with this reason." in page
    assert "checked" not in box_in(page)
    page = desk.post(address(trees), typed | {"price_is_right": "75000000"}).content.decode()
    assert SAID not in page
    assert "If it is right, it cannot be built: choose that, with this reason." in page
    assert "checked" in box_in(page)
    assert not Review.objects.exists()


def test_a_no_because_of_a_price_above_the_pot_is_not_asked_about(
    desk: Client, ideas: Cycle, amina: Membership
) -> None:
    proposal = make_proposal(ideas, amina)
    typed = {"feasibility": "unfeasible", "cost": "100000,01", "public_reason": "Too dear."}
    assert desk.post(address(proposal), typed).status_code == 302
    assert Review.objects.get().cost == 100_000_01


@pytest.mark.parametrize("reason", ["", "Too dear."])
@pytest.mark.parametrize("first", ["", "feasible", "unfeasible"])
@pytest.mark.parametrize("guess", [None, GUESS])
def test_who_does_what_is_said_sends_a_no_at_most_twice(
    desk: Client, ideas: Cycle, amina: Membership, guess: int | None, first: str, reason: str
) -> None:
    """A price that is right, above the pot and, with the guess, a zero apart: whatever was chosen and written first."""
    proposal = make_proposal(ideas, amina, cost_guess=guess)
    typed = {"feasibility": first, "cost": "750000", "public_reason": reason}
    answer = desk.post(address(proposal), typed)
    if answer.status_code != 302:
        ticks = {"price_is_right": "75000000"} if box_in(answer.content.decode()) else {}
        answer = desk.post(
            address(proposal), typed | ticks | {"feasibility": "unfeasible", "public_reason": "Too dear."}
        )
    assert answer.status_code == 302
    assert Review.objects.get().cost == 750_000_00


def test_the_second_person_reads_the_guess_and_the_doubt_beside_the_price(
    trees: Proposal, desk: Client, eva: Membership, riverside: Assembly, ideas: Cycle
) -> None:
    ReviewRule.objects.create(cycle=ideas, needs_signature=True)
    desk.post(address(trees), {"feasibility": "feasible", "cost": "75000", "price_is_right": "7500000"})
    signer = Client()
    signer.force_login(make_member(riverside, "Ewa", Role.EVALUATOR).user)
    page = signer.get(address(trees)).content.decode()
    estimates = page[page.index("<h3>Estimates") :]
    assert f"The author guessed 7\u00a0500\u00a0€, and the price here is 75\u00a0000\u00a0€. {SAID}" in estimates
    Estimate.objects.update(cost=8_000_00)
    page = signer.get(address(trees)).content.decode()
    estimates = page[page.index("<h3>Estimates") :]
    assert SAID not in estimates
    assert "The author guessed <bdi>7\u00a0500\u00a0€</bdi>." in estimates


def test_a_new_price_during_the_vote_is_asked_about_before_every_voter_reads_it(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    make_open_ballot(cycle, amina, eva)
    client = Client()
    client.force_login(bao.user)
    prove(client, bao.user)
    url = f"/projects/{project_of(cycle, 'Shade trees').pk}/incident/"
    typed = {"kind": "price", "new_cost": "600000", "reason": "Steel is dear."}
    page = client.post(url, typed).content.decode()
    assert "On the ballot it costs 60\u00a0000\u00a0€, and the new price here is 600\u00a0000\u00a0€. " + SAID in page
    assert "Steel is dear." in page
    assert not Incident.objects.exists()
    assert client.post(url, typed | {"price_is_right": "60000000"}).status_code == 302
    assert Incident.objects.get().new_cost == 600_000_00


@pytest.mark.parametrize(
    ("new_cost", "ticked", "shown"),
    [
        ("600000", "60000000", True),
        ("65000", "60000000", False),  # it was ticked for another price
        ("600000", "", False),
        ("600000", "²" * 5000, False),
        ("much", "60000000", False),
    ],
)
def test_a_tick_before_the_proof_is_there_after_it(
    riverside: Assembly, amina: Membership, bao: Membership, eva: Membership, new_cost: str, ticked: str, shown: bool
) -> None:
    cycle = make_cycle(riverside, Kind.BALLOTING)
    make_open_ballot(cycle, amina, eva)
    client = Client()
    client.force_login(bao.user)
    url = f"/projects/{project_of(cycle, 'Shade trees').pk}/incident/"
    typed = {"kind": "price", "new_cost": new_cost, "reason": "Steel is dear.", "price_is_right": ticked}
    client.post(url, typed)
    prove(client, bao.user)
    for _time in range(2):  # the page may be loaded again
        page = client.get(url).content.decode()
        assert "Steel is dear." in page
        assert ("checked" in box_in(page)) is shown
    assert ('value="60000000"' in box_in(page)) is shown
    if shown:
        assert client.post(url, typed).status_code == 302
        assert Incident.objects.get().new_cost == 600_000_00


def box_in(page: str) -> str:
    """The box that says that the price is right; nothing where nobody is asked."""
    _before, _name, after = page.partition('name="price_is_right"')
    return after.split(">")[0]
