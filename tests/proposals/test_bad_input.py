"""Bad input of every kind in the pages of a submission: said in plain words, nothing lost, nothing executed."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from assemblies.models import Membership
from proposals.models import Cycle, Proposal
from proposals.models.proposals import DRAFTS_LAST
from proposals.plain_text import plain
from proposals.services import (
    CycleRefused,
    discard_draft,
    edit_draft,
    forget_old_drafts,
    start_phase,
)
from proposals.similar import similar_to
from tests.proposals.making import Kind, make_draft, make_proposal

IDEA = {"title": "A bench", "summary": "To sit down.", "text": "There is nowhere to sit.", "category": "streets"}
SCRIPT = "<script>alert(1)</script>"
OVERRIDE = chr(0x202E)
INVISIBLE = chr(0x200B) * 3

REFUSED = {
    "a title of ten thousand letters": (
        {"title": "A" * 10_000},
        "Write at most 80 letters. You have 10000.",
        "A" * 9_000,
    ),
    "a text that is too long": ({"text": "B" * 6_000}, "Write at most 5000 letters. You have 6000.", "B" * 5_500),
    "no title": ({"title": ""}, "Give your idea a name.", "There is nowhere to sit."),
    "a title of invisible letters": ({"title": INVISIBLE}, "Give your idea a name.", "There is nowhere to sit."),
    "a title that only turns the direction": ({"title": OVERRIDE}, "Give your idea a name.", "nowhere to sit"),
    "a kind of idea that there is not": ({"category": "weapons"}, "weapons", "There is nowhere to sit."),
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_said_what_is_wrong_and_what_was_typed_stays(
    client: Client, amina: Membership, ideas: Cycle, what: str
) -> None:
    typed, sentence, kept = REFUSED[what]
    client.force_login(amina.user)
    answer = client.post(f"/cycles/{ideas.pk}/propose/", IDEA | typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in page
    assert kept in page
    assert "Error:" in page
    assert not Proposal.objects.exists()


HARMLESS = {
    "a page in the title": {"title": SCRIPT},
    "a drawing in the text": {"text": '<svg onload="alert(1)"><script>alert(1)</script></svg>'},
    "Markdown with a script": {
        "text": "[press](javascript:alert(1)) ![x](x onerror=alert(1)) <b onclick=alert(1)>b</b>"
    },
    "an open tag": {"summary": '"><img src=x onerror=alert(1)>'},
    "from right to left": {"title": "مقعد عند موقف الحافلات", "summary": "לשבת ולחכות לאוטובוס"},
}


@pytest.mark.parametrize("what", HARMLESS)
def test_words_that_look_like_code_are_words(client: Client, amina: Membership, ideas: Cycle, what: str) -> None:
    client.force_login(amina.user)
    assert client.post(f"/cycles/{ideas.pk}/propose/", IDEA | HARMLESS[what]).status_code == 302
    proposal = Proposal.objects.get()
    for name, text in HARMLESS[what].items():
        assert getattr(proposal, name) == text
    seen = [client.get(f"/proposals/{proposal.pk}/{page}").content.decode() for page in ("edit/", "check/")]
    client.post(f"/proposals/{proposal.pk}/check/")
    addresses = (f"/proposals/{proposal.pk}/", f"/cycles/{ideas.pk}/proposals/", f"/proposals/{proposal.pk}/sent/")
    seen += [client.get(address).content.decode() for address in addresses]
    for page in seen:
        for code in ("<script>alert", "<svg onload", "<img src=x", "<b onclick", 'href="javascript:'):
            assert code not in page
    assert 'dir="auto"' in seen[2], "each reads in the direction of its own letters"


def test_signs_that_turn_the_direction_of_other_words_are_taken_out(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    client.post(f"/cycles/{ideas.pk}/propose/", IDEA | {"title": f"A bench{OVERRIDE} hcneb\x07", "text": "one\r\ntwo"})
    proposal = Proposal.objects.get()
    assert proposal.title == "A bench hcneb"
    assert proposal.text == "one\ntwo"
    assert plain("مقعد") == "مقعد"


def test_the_character_nul_is_taken_out_and_said_and_nothing_is_lost(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    address = f"/cycles/{ideas.pk}/propose/"
    assert client.post(address, IDEA | {"title": "A\x00bench"})["Location"].startswith("/sign-in/")
    client.force_login(amina.user)
    assert "\x00" not in client.get(address).content.decode()
    answer = client.post(address, IDEA | {"title": "A b\x00ench", "key\x00": "x"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "It is taken out: read the text again" in page
    assert 'value="A bench"' in page
    assert "There is nowhere to sit." in page
    assert not Proposal.objects.exists()
    assert client.post("/sign-in/", {"email": "\x00"}).status_code == 400, "elsewhere nobody reads it"


@pytest.mark.parametrize(
    ("step", "typed"),
    [
        ("edit", IDEA | {"text": "To\x00sit"}),
        ("where", {"where": "spot", "place": "Mill\x00Street", "pin": "1\x00,1", "move": "up\x00"}),
        ("cost", {"cost_guess": "1\x0000"}),
        ("photos", {"alt": "A\x00bench", "key": "k\x00", "file": "\x00"}),
        ("contact", {"name": "Ami\x00na"}),
    ],
)
def test_no_step_gives_the_character_nul_to_the_database(
    client: Client, amina: Membership, ideas: Cycle, step: str, typed: dict[str, str]
) -> None:
    amina.user.name = ""
    amina.user.save()
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, "A bench")
    answer = client.post(f"/proposals/{proposal.pk}/{step}/", typed)
    assert answer.status_code == 422
    assert "An invisible sign stood here" in answer.content.decode()


def test_a_draft_that_rested_long_is_read_again_before_it_is_sent(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, "A bench")
    Proposal.objects.update(draft_until=timezone.now() - timedelta(days=1))
    check = f"/proposals/{proposal.pk}/check/"
    answer = client.post(check)  # from a page that was loaded when the draft was young
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "rested for more than 30 days. Nothing is lost" in page
    assert "A bench" in page
    assert client.post(check, {"read_again": "1"}).status_code == 302
    proposal.refresh_from_db()
    assert proposal.state == Proposal.State.SUBMITTED


def test_every_answer_lets_the_draft_rest_anew_and_long_after_it_is_forgotten(amina: Membership, ideas: Cycle) -> None:
    old, young = make_draft(ideas, amina, "Old"), make_draft(ideas, amina, "Young")
    sent = make_proposal(ideas, amina, "Sent")
    Proposal.objects.exclude(pk=young.pk).update(draft_until=timezone.now() - timedelta(days=61))
    edit_draft(proposal=young, title="Younger")
    young.refresh_from_db()
    assert young.draft_until > timezone.now() + DRAFTS_LAST - timedelta(minutes=1)
    assert forget_old_drafts() == 1
    assert not Proposal.objects.filter(pk=old.pk).exists()
    assert Proposal.objects.filter(pk__in=[young.pk, sent.pk]).count() == 2
    with pytest.raises(CycleRefused, match="sent in already"):
        discard_draft(proposal=sent)


def test_the_time_ends_while_somebody_writes(client: Client, amina: Membership, bao: Membership, ideas: Cycle) -> None:
    client.force_login(amina.user)
    client.post(f"/cycles/{ideas.pk}/propose/", IDEA)
    proposal = Proposal.objects.get()
    start_phase(cycle=ideas, kind=Kind.REVIEWING, actor=bao.user)
    answer = client.post(f"/proposals/{proposal.pk}/where/", {"where": "spot", "place": "Weaver Lane"})
    assert answer.status_code == 422
    assert "The time for ideas is over." in answer.content.decode()
    assert "Weaver Lane" in answer.content.decode(), "what was typed stays on the page"
    answer = client.post(f"/proposals/{proposal.pk}/check/")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Ideas are not taken at the moment. Your draft is kept." in page
    assert "There is nowhere to sit." in page


WHERE = {
    "nothing": ({}, "Say how much of the town it is about."),
    "a spot without a place": ({"where": "spot"}, "Write the address"),
    "a place of a thousand letters": ({"where": "spot", "place": "C" * 1000}, "Write at most 120 letters."),
    "a somewhere that there is not": ({"where": "moon"}, "moon"),
}


@pytest.mark.parametrize("what", WHERE)
def test_a_place_that_cannot_be_is_refused(client: Client, amina: Membership, ideas: Cycle, what: str) -> None:
    typed, sentence = WHERE[what]
    client.force_login(amina.user)
    proposal = make_draft(ideas, amina, place="Mill Street")
    answer = client.post(f"/proposals/{proposal.pk}/where/", typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    proposal.refresh_from_db()
    assert proposal.place == "Mill Street"


def test_who_is_not_signed_in_finds_what_they_wrote_after_signing_in(
    client: Client, amina: Membership, ideas: Cycle
) -> None:
    address = f"/cycles/{ideas.pk}/propose/"
    assert "Name of your idea" in client.get(address).content.decode()
    answer = client.post(address, IDEA)
    assert answer["Location"].startswith("/sign-in/")
    client.force_login(amina.user)
    page = client.get(address).content.decode()
    assert "There is nowhere to sit." in page
    assert "There is nowhere to sit." not in client.get(address).content.decode(), "it is handed out once"


def test_a_session_that_ended_in_between_loses_nothing(client: Client, amina: Membership, ideas: Cycle) -> None:
    proposal = make_draft(ideas, amina)
    address = f"/proposals/{proposal.pk}/where/"
    assert client.post(address, {"where": "spot", "place": "Weaver Lane"})["Location"].startswith("/sign-in/")
    client.force_login(amina.user)
    assert "Weaver Lane" in client.get(address).content.decode()


def test_similar_ideas_are_shown_and_strange_ones_are_not(client: Client, amina: Membership, ideas: Cycle) -> None:
    make_proposal(ideas, amina, "Shade trees on Mill Street")
    make_proposal(ideas, amina, "Árboles en la plaza", summary="Sombra")
    make_proposal(ideas, amina, "A library on wheels", summary="Books")
    drafted = make_draft(ideas, amina, "Shade trees, my draft")
    assert [one.title for one in similar_to(ideas, "Trees that give shade")] == ["Shade trees on Mill Street"]
    assert [one.title for one in similar_to(ideas, "Árboles")] == ["Árboles en la plaza"]
    assert similar_to(ideas, "of the a") == []
    assert similar_to(ideas, "100% _ \\ ' \"; DROP") == []
    fragment = client.get(f"/cycles/{ideas.pk}/similar/", {"title": "shade trees"}).content.decode()
    assert "Shade trees on Mill Street" in fragment
    assert drafted.title not in fragment
    client.force_login(amina.user)
    answer = client.post(f"/cycles/{ideas.pk}/propose/", IDEA | {"title": "Trees that give shade"})
    assert answer["Location"].endswith("/similar/")
    assert "Shade trees on Mill Street" in client.get(answer["Location"]).content.decode()
