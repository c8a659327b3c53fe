"""Photos of a proposal: made anew, sent once, seen by whoever may see the proposal, hidden with a reason."""

from io import BytesIO
from typing import Any, cast
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image, PngImagePlugin

import ledger
from assemblies.models import Assembly, Membership, Role
from jobs.testing import run_waiting
from proposals import services
from proposals.models import Cycle, Photo, Proposal
from proposals.photo_files import LARGEST, Picture, make_picture
from proposals.services import CycleRefused, add_photo, submit_proposal
from tests.make import make_member
from tests.proposals.making import make_draft, make_proposal

GPS = 0x8825
ORIENTATION = 0x0112
SMALL = Picture(b"\xff\xd8\xff large", b"\xff\xd8\xff small", 4, 3)


def drawn(kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """A picture whose left half is red."""
    picture = Image.new("RGB", size, "white")
    picture.paste("red", (0, 0, size[0] // 2, size[1]))
    kept = BytesIO()
    picture.save(kept, kind, **saved)
    return kept.getvalue()


def with_secrets() -> bytes:
    """As a phone takes it: lying on its side, with the place and the owner's name beside the pixels."""
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x013B] = "Amina's phone"
    exif.get_ifd(GPS).update({1: "N", 2: (51.0, 3.0, 7.0)})
    return drawn(exif=exif, icc_profile=b"secret profile", comment=b"Amina's comment")


@pytest.fixture
def draft(ideas: Cycle, amina: Membership) -> Proposal:
    return make_draft(ideas, amina)


def send(client: Client, draft: Proposal, content: bytes, name: str = "bus.jpg", **fields: str) -> tuple[int, str]:
    fields = {"key": uuid4().hex, "alt": "The bus stop"} | fields
    answer = client.post(f"/proposals/{draft.pk}/photos/", {"file": SimpleUploadedFile(name, content), **fields})
    return answer.status_code, answer.content.decode()


def test_a_photo_is_kept_upright_and_nothing_else_of_it() -> None:
    made = make_picture(with_secrets())
    assert (made.width, made.height) == (48, 64)
    for content in (made.content, made.small):
        assert b"Amina" not in content
        assert b"secret profile" not in content
        kept = Image.open(BytesIO(content))
        assert kept.format == "JPEG"
        assert not kept.getexif()
        assert not set(kept.info) & {"exif", "icc_profile", "comment", "photoshop", "xmp"}
        top, bottom = (cast(tuple[int, ...], kept.getpixel((24, y))) for y in (4, 60))
        assert top[1] < 80, "the red half, which was on the left, is on top"
        assert bottom[1] > 200


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_that_we_take_becomes_a_jpeg_of_a_useful_size(kind: str) -> None:
    made = make_picture(drawn(kind, (2000, 1000)))
    assert (made.width, made.height) == (1600, 800)
    assert Image.open(BytesIO(made.small)).size == (480, 240)


def test_what_was_see_through_is_white_and_text_in_a_png_is_gone() -> None:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Amina")
    kept = BytesIO()
    Image.new("RGBA", (40, 40), (0, 0, 0, 0)).save(kept, "PNG", pnginfo=words)
    made = make_picture(kept.getvalue())
    assert b"Amina" not in made.content
    assert Image.open(BytesIO(made.content)).getpixel((20, 20)) == (255, 255, 255)


def bomb() -> bytes:
    """A few bytes that say that they are 40 000 times 40 000 points."""
    one = drawn("PNG", (1, 1))
    header = one.index(b"IHDR")
    from zlib import crc32

    chunk = b"IHDR" + (40_000).to_bytes(4, "big") * 2 + one[header + 12 : header + 17]
    return one[:header] + chunk + crc32(chunk).to_bytes(4, "big") + one[header + 21 :]


HOSTILE = {
    "nothing": (b"", "choose", "bus.jpg"),
    "words": (b"Just words.", "no photo that we can take", "bus.jpg"),
    "a page": (b"<!doctype html><script>alert(1)</script>", "no photo that we can take", "bus.jpg"),
    "a drawing with a script": (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>',
        "no photo that we can take",
        "bus.svg",
    ),
    "a GIF that is a page": (b"GIF89a/*<script>alert(1)</script>*/", "no photo that we can take", "bus.jpg"),
    "a page that begins as a photo": (b"\xff\xd8\xff<script>alert(1)</script>", "no photo that we can take", "bus.jpg"),
    "a photo that did not come whole": (drawn("JPEG", (400, 400))[:900], "cannot be read", "bus.jpg"),
    "a bomb": (bomb(), "too large", "bus.png"),
    "too many bytes": (drawn() + b"\0" * LARGEST, "at most 12 megabytes", "bus.jpg"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_photo_is_refused_in_words_and_the_words_typed_beside_it_stay(
    client: Client, amina: Membership, draft: Proposal, what: str
) -> None:
    content, reason, name = HOSTILE[what]
    client.force_login(amina.user)
    status, page = send(client, draft, content, name, alt="The bus stop in the rain")
    assert status == 422
    assert reason.lower() in page.lower()
    assert "The bus stop in the rain" in page
    assert "<script>alert" not in page
    assert not Photo.objects.exists()


def test_what_stands_behind_a_photo_does_not_come_along() -> None:
    made = make_picture(drawn() + b"<script>alert(1)</script>")
    assert b"script" not in made.content + made.small


def test_sending_again_after_a_cut_makes_no_second_photo(client: Client, amina: Membership, draft: Proposal) -> None:
    client.force_login(amina.user)
    for _try in range(2):
        assert send(client, draft, drawn(), key="k1")[0] == 302
    assert draft.photos.count() == 1
    assert send(client, draft, drawn(), key="k2")[0] == 302
    assert draft.photos.count() == 2


def test_a_photo_needs_words_and_five_are_enough(client: Client, amina: Membership, draft: Proposal) -> None:
    client.force_login(amina.user)
    status, page = send(client, draft, drawn(), alt=" \u200b ")
    assert status == 422
    assert "what one sees on the photo" in page
    for number in range(services.MOST_PHOTOS):
        add_photo(proposal=draft, key=str(number), alt="A bench", picture=SMALL)
    status, page = send(client, draft, drawn())
    assert status == 422
    assert "at most 5 photos" in page


def test_the_first_one_is_chosen_and_one_is_taken_away(client: Client, amina: Membership, draft: Proposal) -> None:
    client.force_login(amina.user)
    one, two = (add_photo(proposal=draft, key=key, alt=key, picture=SMALL) for key in ("one", "two"))
    client.post(f"/photos/{two.pk}/first/")
    assert [photo.alt for photo in draft.photos.all()] == ["two", "one"]
    client.post(f"/photos/{one.pk}/remove/")
    assert [photo.alt for photo in draft.photos.all()] == ["two"]


def test_photos_stay_as_they_are_once_the_proposal_was_sent_in(
    client: Client, amina: Membership, draft: Proposal
) -> None:
    photo = add_photo(proposal=draft, key="k", alt="A bench", picture=SMALL)
    submit_proposal(proposal=draft)
    client.force_login(amina.user)
    assert send(client, draft, drawn())[0] == 302
    client.post(f"/photos/{photo.pk}/remove/")
    assert draft.photos.count() == 1
    with pytest.raises(CycleRefused, match="can no longer be changed"):
        add_photo(proposal=draft, key="other", alt="A bench", picture=SMALL)


def test_who_may_see_the_proposal_sees_the_photo(
    client: Client, amina: Membership, bao: Membership, chidi: Membership, draft: Proposal
) -> None:
    photo = add_photo(proposal=draft, key="k", alt="A bench in <b>shade</b>", picture=SMALL)
    for person, status in ((amina, 200), (bao, 404), (chidi, 404)):
        client.force_login(person.user)
        assert client.get(photo.small_url).status_code == status
    submit_proposal(proposal=draft)
    client.logout()
    answer = client.get(photo.get_absolute_url())
    assert answer.content == SMALL.content
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer["Cache-Control"]
    assert "private" in answer["Cache-Control"]
    page = client.get(f"/proposals/{draft.pk}/").content.decode()
    assert photo.get_absolute_url() in page
    assert "A bench in &lt;b&gt;shade&lt;/b&gt;" in page
    assert photo.small_url in client.get(f"/cycles/{draft.heading.cycle_id}/proposals/").content.decode()
    assert client.get(f"/photos/{photo.pk}/huge.jpg").status_code == 404


def test_a_moderator_hides_a_photo_with_a_reason_and_shows_it_again(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, draft: Proposal
) -> None:
    photo = add_photo(proposal=draft, key="k", alt="A neighbour's face", picture=SMALL)
    submit_proposal(proposal=draft)
    moderator = make_member(riverside, "Mo", Role.MODERATOR)
    client.force_login(amina.user)
    assert client.post(f"/photos/{photo.pk}/hide/", {"reason": "No."}).status_code == 403
    client.force_login(moderator.user)
    client.post(f"/photos/{photo.pk}/hide/", {"reason": ""})
    assert client.get(photo.small_url).status_code == 200
    client.post(f"/photos/{photo.pk}/hide/", {"reason": "It shows a person who did not agree."})
    assert "did not agree" in [*ledger.events(draft.heading.cycle_id)][-1].body
    assert client.get(photo.small_url).status_code == 200, "who hid it can look at it"
    client.logout()
    assert client.get(photo.small_url).status_code == 404
    assert photo.small_url not in client.get(f"/cycles/{draft.heading.cycle_id}/proposals/").content.decode()
    assert photo.get_absolute_url() not in client.get(f"/proposals/{draft.pk}/").content.decode()
    client.force_login(amina.user)
    assert "did not agree" in client.get(f"/proposals/{draft.pk}/").content.decode()
    client.force_login(moderator.user)
    client.post(f"/photos/{photo.pk}/show/")
    client.logout()
    assert client.get(photo.small_url).status_code == 200


def test_a_reported_photo_is_seen_in_the_queue_and_its_author_is_told_when_it_is_hidden(
    client: Client, riverside: Assembly, amina: Membership, bao: Membership, draft: Proposal, mailoutbox: list[Any]
) -> None:
    photo = add_photo(proposal=draft, key="k", alt="A neighbour's face", picture=SMALL)
    submit_proposal(proposal=draft)
    client.force_login(make_member(riverside, "Reader").user)
    address = f"/proposals/{draft.pk}/report/?photo={photo.pk}"
    assert address in client.get(f"/proposals/{draft.pk}/").content.decode()
    assert "The photo “A neighbour&#x27;s face”: " in client.get(address).content.decode()
    for nonsense in ("x", uuid4()):
        assert "The photo" not in client.get(f"/proposals/{draft.pk}/report/?photo={nonsense}").content.decode()
    client.post(address, {"reason": "privacy", "text": "The photo “A neighbour's face”: he did not agree."})
    client.force_login(make_member(riverside, "Mo", Role.MODERATOR).user)
    queue = client.get(f"/proposals/{draft.pk}/moderate/").content.decode()
    assert photo.get_absolute_url() in queue
    assert "he did not agree" in queue
    client.post(f"/photos/{photo.pk}/hide/", {"reason": "He did not agree."})
    run_waiting()
    client.post(f"/photos/{photo.pk}/show/")
    run_waiting()
    hidden, shown = (mail for mail in mailoutbox if "photo" in mail.subject)
    assert [mail.to for mail in (hidden, shown)] == [[amina.user.email]] * 2
    assert hidden.subject.startswith("Hidden by the moderators")
    assert "He did not agree." in hidden.body
    assert shown.subject.startswith("Shown again")
    assert "A neighbour's face" in shown.body


def test_the_list_asks_no_more_for_many_photos(
    client: Client, amina: Membership, ideas: Cycle, django_assert_num_queries: object
) -> None:
    def asked() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(f"/cycles/{ideas.pk}/proposals/")
        assert not any('"small"' in query["sql"] for query in queries), "no picture is read for a list"
        return len(queries)

    def illustrated(number: int) -> None:
        proposal = make_draft(ideas, amina, f"Bench {number}")
        add_photo(proposal=proposal, key="k", alt="A bench", picture=SMALL)
        submit_proposal(proposal=proposal)

    make_proposal(ideas, amina)
    illustrated(1)
    before = asked()
    for number in range(2, 6):
        illustrated(number)
    assert asked() == before


def test_who_goes_on_with_a_chosen_photo_has_it_added(client: Client, amina: Membership, draft: Proposal) -> None:
    client.force_login(amina.user)
    page = f"/proposals/{draft.pk}/photos/"
    assert send(client, draft, drawn(), alt=" ", on="1")[0] == 422
    assert not draft.photos.exists()
    assert client.post(page, {"key": "k", "alt": "", "on": "1"})["Location"] != page, "no photo is needed"
    assert client.post(page, {"key": "k", "alt": "A bench", "on": "1"}).status_code == 422, "words without a photo"
    answer = client.post(
        page, {"key": "k", "alt": "A bench", "on": "1", "changing": "1", "file": SimpleUploadedFile("a.jpg", drawn())}
    )
    assert answer["Location"] == f"/proposals/{draft.pk}/check/"
    assert draft.photos.get().alt == "A bench"
