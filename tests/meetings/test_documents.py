"""What there is to read for an item: taken by what it is and not by its name, and handed out as a file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assemblies.models import Assembly, Membership
from meetings import documents, services
from meetings.documents import PDF, File
from meetings.models import ItemDocument, Meeting
from meetings.services import MeetingRefused
from tests.meetings.evening import announced, item, make_meeting

PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(40)


def upload(desk: Client, meeting: Meeting, name: str, content: bytes, **data: object) -> tuple[int, str]:
    url = f"/meetings/{meeting.pk}/agenda/{item(meeting, 1).pk}/documents/"
    answer = desk.post(url, {"title": "Plan", "file": SimpleUploadedFile(name, content), **data})
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"%PDF-1.7 ...........", "application/pdf"),
        (PICTURE, "image/png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"GIF89a..........", "image/gif"),
        (b"<html><script>", ""),
        (b"<svg xmlns=", ""),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"PK\x03\x04", ""),
        (b"", ""),
    ],
)
def test_a_file_is_what_its_first_bytes_say(start: bytes, kind: str) -> None:
    assert documents.kind_of(start) == kind


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "a-Set-Cookie-x.pdf"),
        ('"; rm -rf.html', "rm--rf.pdf"),
        ("….pdf", "document.pdf"),
        ("x" * 300 + ".pdf", "x" * 116 + ".pdf"),
    ],
)
def test_a_name_is_harmless(typed: str, kept: str) -> None:
    assert documents.plain_name(typed, PDF) == kept


def test_a_picture_with_any_name_is_kept_and_handed_out_as_a_file(desk: Client, riverside: Assembly) -> None:
    meeting = announced(riverside)
    assert upload(desk, meeting, "page.html", PICTURE)[0] == 302
    document = ItemDocument.objects.get()
    desk.logout()
    answer = desk.get(f"/meetings/{meeting.pk}/documents/{document.pk}/")
    assert answer.content == PICTURE
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="page.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert f"/documents/{document.pk}/" in desk.get(f"/meetings/{meeting.pk}/").content.decode()
    assert f"/documents/{document.pk}/" in desk.get(f"/meetings/{meeting.pk}/live/").content.decode()


def test_other_files_are_refused_in_plain_words(desk: Client, riverside: Assembly) -> None:
    status, page = upload(desk, announced(riverside), "plan.pdf", b"<html><script>alert(1)</script>")
    assert status == 422
    assert "PDF files and pictures" in page
    assert 'value="Plan"' in page
    assert not ItemDocument.objects.exists()


def test_a_file_above_ten_megabytes_is_refused(
    desk: Client, riverside: Assembly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(documents, "LARGEST", 30)
    status, page = upload(desk, announced(riverside), "plan.png", PICTURE)
    assert (status, "larger than" in page) == (422, True)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "ftp://example.org/plan", "not an address"])
def test_only_addresses_of_pages_are_taken(desk: Client, riverside: Assembly, link: str) -> None:
    meeting = announced(riverside)
    url = f"/meetings/{meeting.pk}/agenda/{item(meeting, 1).pk}/documents/"
    assert desk.post(url, {"title": "Plan", "link": link}).status_code == 422
    assert desk.post(url, {"title": "Plan", "link": "https://example.org/plan"}).status_code == 302
    assert ItemDocument.objects.get().link == "https://example.org/plan"


def test_it_is_a_file_or_a_page_and_not_both(desk: Client, riverside: Assembly) -> None:
    meeting = announced(riverside)
    assert upload(desk, meeting, "plan.png", PICTURE, link="https://example.org/")[0] == 422
    with pytest.raises(MeetingRefused, match="one of the two"):
        services.add_document(item=item(meeting, 1), title="Plan", actor=None)


def test_an_item_has_ten_documents_at_most_and_the_log_keeps_their_titles(riverside: Assembly) -> None:
    meeting = announced(riverside)
    for number in range(10):
        services.add_document(item=item(meeting, 1), title=f"Plan {number}", link="https://example.org/", actor=None)
    with pytest.raises(MeetingRefused, match="at most 10"):
        services.add_document(item=item(meeting, 1), title="Plan 10", link="https://example.org/", actor=None)
    services.remove_document(document=ItemDocument.objects.select_related("item__meeting")[0], actor=None)
    assert meeting.events.filter(kind="document_removed", data__title="Plan 0").exists()


def test_documents_of_a_draft_and_of_a_private_meeting_are_not_found(
    client: Client, riverside: Assembly, harbour: Assembly, amina: Membership, chidi: Membership
) -> None:
    for meeting in (make_meeting(riverside), announced(harbour)):
        file = File("p.pdf", PDF, b"%PDF-1")
        document = services.add_document(item=item(meeting, 1), title="Plan", file=file, actor=None)
        client.force_login(amina.user)
        assert client.get(f"/meetings/{meeting.pk}/documents/{document.pk}/").status_code == 404
    client.force_login(chidi.user)
    assert client.get(f"/meetings/{meeting.pk}/documents/{document.pk}/").status_code == 200


def test_a_document_of_another_meeting_is_not_found(client: Client, riverside: Assembly) -> None:
    meeting, other = announced(riverside), announced(riverside)
    file = File("p.pdf", PDF, b"%PDF-1")
    document = services.add_document(item=item(meeting, 1), title="Plan", file=file, actor=None)
    assert client.get(f"/meetings/{other.pk}/documents/{document.pk}/").status_code == 404
