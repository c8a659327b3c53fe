"""The pages of minutes: reading, writing beside what happened, signing, approving, and files that can be checked."""

import json
from io import StringIO
from pathlib import Path

import pgtrigger
import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings.minutes.record import broken_in, digest_of, sha256
from meetings.models import Decision, Meeting, MeetingState, Minutes
from meetings.services import minutes as writing
from tests.make import make_member
from tests.meetings.evening import fresh
from tests.meetings.whole_evening import approved, hold, secretary_of, town_after_it
from tests.once import made_once, parts_of_it
from tests.proving import prove

world = made_once(town_after_it)
riverside, amina, bao, evening = parts_of_it("riverside", "amina", "bao", "evening")


@pytest.fixture
def sena(riverside: Assembly) -> Membership:
    """Riverside's secretary."""
    return secretary_of(riverside)


@pytest.fixture
def desk(client: Client, sena: Membership) -> Client:
    """The secretary's browser."""
    client.force_login(sena.user)
    return client


def page(client: Client, meeting: Meeting, more: str = "") -> str:
    answer = client.get(f"/meetings/{meeting.pk}/minutes/{more}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_secretary_writes_saves_and_signs(desk: Client, evening: Meeting) -> None:
    at = f"/meetings/{evening.pk}/minutes"
    assert "Write the minutes" in page(desk, evening)
    begun = desk.post(f"{at}/draft/", {"version": "0"})
    assert begun.url == f"{at}/write/"  # type: ignore[attr-defined]
    editor = page(desk, evening, "write/")
    assert "# Spring assembly" in editor
    assert 'data-group="decisions"' in editor
    assert "The quorum was lost: 1 present, 2 needed." in editor
    saved = desk.post(f"{at}/write/", {"version": "1", "text": "# Spring\n\nAll was well."})
    assert saved.url == f"{at}/write/"  # type: ignore[attr-defined]
    assert "not signed yet" in page(desk, evening)
    desk.post(f"{at}/sign/", {"version": "2"})
    assert "signed by Sena, not approved yet" in page(desk, evening)
    assert evening.minutes.get(version=2).signed_at is not None


def test_a_preview_is_not_a_save(desk: Client, evening: Meeting, sena: Membership) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    typed = {"version": "1", "text": "# Mine\n\n<script>alert(1)</script>", "preview": "1"}
    answer = desk.post(f"/meetings/{evening.pk}/minutes/write/", typed)
    shown = answer.content.decode()
    assert "<h2>Mine</h2>" in shown
    assert "<script>alert" not in shown
    assert "# Mine" in shown  # still in the field
    assert evening.minutes.count() == 1


def test_who_saves_second_keeps_what_they_typed(
    desk: Client, evening: Meeting, sena: Membership, bao: Membership
) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    writing.save_minutes(meeting=evening, text="The old tram", expected_version=1, actor=bao.user)
    answer = desk.post(f"/meetings/{evening.pk}/minutes/write/", {"version": "1", "text": "The new tram"})
    shown = answer.content.decode()
    assert answer.status_code == 409
    assert "Bao saved version 2" in shown
    assert "The new tram</textarea>" in shown.replace("\n</textarea>", "</textarea>")
    assert "old</del>" in shown
    assert "new</ins>" in shown
    assert 'name="version" value="2"' in shown  # saving once more is on purpose
    assert evening.minutes.count() == 2


def test_versions_show_what_they_changed(desk: Client, evening: Meeting, sena: Membership) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    text = evening.minutes.get().text.replace("Old Tram Hall", "New Tram Hall")
    writing.save_minutes(meeting=evening, text=text, expected_version=1, actor=sena.user)
    assert "Version 2" in page(desk, evening, "versions/")
    changed = page(desk, evening, "versions/2/")
    assert "Old</del>" in changed
    assert "New</ins>" in changed
    assert desk.get(f"/meetings/{evening.pk}/minutes/versions/9/").status_code == 404


def test_bao_approves_what_the_secretary_signed(
    client: Client, evening: Meeting, sena: Membership, bao: Membership
) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    writing.sign_minutes(meeting=evening, expected_version=1, actor=sena.user)
    client.force_login(bao.user)
    assert "This cannot be undone" in page(client, evening, "approve/")
    stale = client.post(f"/meetings/{evening.pk}/minutes/approve/", {"version": "7", "corrections": "Item 1"})
    assert (stale.status_code, "Item 1" in stale.content.decode()) == (409, True)
    client.post(f"/meetings/{evening.pk}/minutes/approve/", {"version": "1", "corrections": "Item 1: noted."})
    assert fresh(evening).state == MeetingState.MINUTES_APPROVED
    shown = page(client, evening)
    assert "Item 1: noted." in shown
    assert evening.minutes.get().check_number in shown


@pytest.mark.asks_for_proof
def test_corrections_typed_before_the_proof_are_there_afterwards(
    client: Client, evening: Meeting, sena: Membership, bao: Membership
) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    writing.sign_minutes(meeting=evening, expected_version=1, actor=sena.user)
    client.force_login(bao.user)
    url = f"/meetings/{evening.pk}/minutes/approve/"
    assert client.post(url, {"version": "1", "corrections": "Item 1: noted."})["Location"].startswith("/me/prove/")
    prove(client, bao.user)
    assert "Item 1: noted." in page(client, evening, "approve/")
    client.post(url, {"version": "1", "corrections": "Item 1: noted."})
    assert Minutes.objects.get(meeting=evening).corrections == "Item 1: noted."


def test_bao_does_not_approve_what_bao_signed(
    client: Client, evening: Meeting, sena: Membership, bao: Membership
) -> None:
    writing.draft_minutes(meeting=evening, actor=bao.user)
    writing.sign_minutes(meeting=evening, expected_version=1, actor=bao.user)
    client.force_login(bao.user)
    answer = client.post(f"/meetings/{evening.pk}/minutes/approve/", {"version": "1", "corrections": "Mine"})
    assert answer.status_code == 422
    assert "Somebody else approves them" in answer.content.decode()
    assert "Mine</textarea>" in answer.content.decode().replace("\n</textarea>", "</textarea>")


def test_the_chair_of_the_evening_approves_without_any_role(
    client: Client, evening: Meeting, sena: Membership, amina: Membership
) -> None:
    Meeting.objects.filter(pk=evening.pk).update(chair=amina)
    writing.draft_minutes(meeting=evening, actor=sena.user)
    writing.sign_minutes(meeting=evening, expected_version=1, actor=sena.user)
    client.force_login(amina.user)
    assert "Approve the minutes" in page(client, evening)
    assert client.get(f"/meetings/{evening.pk}/minutes/write/").status_code == 403
    client.post(f"/meetings/{evening.pk}/minutes/approve/", {"version": "1"})
    assert fresh(evening).state == MeetingState.MINUTES_APPROVED


def test_a_draft_is_nobody_s_business(client: Client, evening: Meeting, sena: Membership, amina: Membership) -> None:
    writing.draft_minutes(meeting=evening, actor=sena.user)
    client.force_login(amina.user)
    assert "Old Tram Hall" not in page(client, evening)
    assert client.get(f"/meetings/{evening.pk}/minutes.md").status_code == 404


def test_chidi_finds_no_minutes(client: Client, chidi: Membership, harbour: Assembly, bao: Membership) -> None:
    there = hold(harbour, make_member(harbour, "Hana"), chidi)
    client.force_login(bao.user)
    for more in ("minutes/", "minutes.md", "minutes.json", "minutes/print/", "minutes/write/", "minutes/approve/"):
        assert client.get(f"/meetings/{there.pk}/{more}").status_code == 404


def test_lists_lead_to_the_minutes(client: Client, evening: Meeting, sena: Membership, bao: Membership) -> None:
    done = approved(evening, sena, bao)
    listed = client.get("/a/riverside/minutes/").content.decode()
    assert done.check_number in listed
    for where in ("/a/riverside/meetings/", f"/meetings/{evening.pk}/", "/a/riverside/minutes/"):
        assert f"/meetings/{evening.pk}/minutes/" in client.get(where).content.decode()


def test_the_list_asks_no_more_often_for_many(
    client: Client, riverside: Assembly, evening: Meeting, sena: Membership, bao: Membership, amina: Membership,
    django_assert_max_num_queries: pytest.FixtureRequest,
) -> None:  # fmt: skip
    approved(evening, sena, bao)
    with django_assert_max_num_queries(8) as few:  # type: ignore[operator]
        client.get("/a/riverside/minutes/")
    approved(hold(riverside, bao, amina), sena, bao)
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]
        client.get("/a/riverside/minutes/")


# Files and the command


def test_everybody_can_compute_the_digest_from_the_file(
    client: Client, evening: Meeting, sena: Membership, bao: Membership
) -> None:
    done = approved(evening, sena, bao)
    public = json.loads(client.get(f"/meetings/{evening.pk}/minutes.json").content)
    assert sha256(public["record"]) == public["digest"] == done.digest_hex
    assert "parts" not in public
    client.force_login(sena.user)
    whole = json.loads(client.get(f"/meetings/{evening.pk}/minutes.json").content)
    assert broken_in(whole) == []
    whole["parts"]["attendance"][0]["began_at"] = "2026-03-10T17:00:00+00:00"
    assert broken_in(whole) == ["attendance"]
    text = client.get(f"/meetings/{evening.pk}/minutes.md").content.decode()
    assert done.text.strip() in text
    assert done.digest_hex in text


def test_the_command_says_that_minutes_hold_and_finds_what_was_altered(
    client: Client, evening: Meeting, sena: Membership, bao: Membership, tmp_path: Path
) -> None:
    done = approved(evening, sena, bao)
    client.force_login(sena.user)
    file = tmp_path / "record.json"
    file.write_bytes(client.get(f"/meetings/{evening.pk}/minutes.json").content)
    said = StringIO()
    call_command("verify_minutes", str(evening.pk), digest=done.check_number, file=file, stdout=said)
    assert f"The minutes hold: {done.digest_hex}" in said.getvalue()
    with pytest.raises(CommandError, match="another one than yours"):
        call_command("verify_minutes", str(evening.pk), digest="0" * 16)
    with pgtrigger.ignore():
        Decision.objects.filter(meeting=evening, number=3).update(sentence="Lost.")
    with pytest.raises(CommandError, match="Something was changed after the approval"):
        call_command("verify_minutes", str(evening.pk))
    with pytest.raises(CommandError, match="differs from the file: decisions"):
        call_command("verify_minutes", str(evening.pk), file=file)
    with pgtrigger.ignore():  # whoever also stores a new digest is found out by the one in the mails
        from_now_on = Minutes.objects.get(pk=done.pk)
        Minutes.objects.filter(pk=done.pk).update(digest=digest_of(from_now_on))
    call_command("verify_minutes", str(evening.pk), stdout=StringIO())
    with pytest.raises(CommandError, match="another one than yours"):
        call_command("verify_minutes", str(evening.pk), digest=done.check_number)


def test_the_command_knows_no_minutes_that_were_not_approved(evening: Meeting) -> None:
    for typed in (str(evening.pk), "nonsense"):
        with pytest.raises(CommandError, match="no approved minutes"):
            call_command("verify_minutes", typed)
