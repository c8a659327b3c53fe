"""Photos of the work: made anew, in words too, on the pages of what was decided, and taken away again."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

import ledger
from assemblies.models import Membership
from proposals.models import Project, ProjectPhoto
from proposals.photo_files import Picture
from proposals.services import MOST_PROJECT_PHOTOS, CycleRefused, add_project_photo, remove_project_photo, set_status
from tests.proposals.test_photos import with_secrets

SMALL = Picture(b"\xff\xd8\xff large", b"\xff\xd8\xff small", 4, 3)


def test_a_photo_of_the_work_is_made_anew_and_stands_on_both_pages(
    client: Client, funded: Project, bao: Membership
) -> None:
    client.force_login(bao.user)
    sent = {"key": "k1", "alt": "Two stone tables", "file": SimpleUploadedFile("tables.jpg", with_secrets())}
    answer = client.post(f"/projects/{funded.pk}/photos/", sent)
    assert answer["Location"] == f"/projects/{funded.pk}/#photos"
    client.post(f"/projects/{funded.pk}/photos/", sent | {"file": SimpleUploadedFile("tables.jpg", with_secrets())})
    photo = ProjectPhoto.objects.get()  # sent twice, there once
    set_status(project=funded, status="done", actor=bao.user)
    client.logout()
    for address in (f"/projects/{funded.pk}/", f"/a/{bao.assembly.slug}/decided/"):
        page = client.get(address).content.decode()
        assert f'<img src="{photo.small_url}" alt="Two stone tables"' in page
        assert "Take it away" not in page
    for address in (photo.small_url, photo.get_absolute_url()):
        file = client.get(address)
        assert file["Content-Type"] == "image/jpeg"
        assert file["X-Content-Type-Options"] == "nosniff"
        assert b"Amina" not in file.content
        assert not Image.open(BytesIO(file.content)).getexif()
    assert client.get(photo.small_url.replace("small", "huge")).status_code == 404


def test_a_file_that_is_no_photo_is_said_beside_the_field_and_the_words_stay(
    client: Client, funded: Project, bao: Membership
) -> None:
    client.force_login(bao.user)
    sent = {"key": "k1", "alt": "Two stone tables", "file": SimpleUploadedFile("x.jpg", b"<svg onload=alert(1)>")}
    answer = client.post(f"/projects/{funded.pk}/photos/", sent)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "This file is no photo that we can take" in page
    assert "Two stone tables" in page
    assert not ProjectPhoto.objects.exists()


def test_a_project_without_money_has_no_work_to_show(funded: Project, bao: Membership) -> None:
    unfunded = Project.objects.filter(heading=funded.heading, award=None).first()
    assert unfunded is not None
    with pytest.raises(CycleRefused, match="no money"):
        add_project_photo(project=unfunded, key="k", alt="Nothing", picture=SMALL, actor=bao.user)
    with pytest.raises(CycleRefused, match="in a few words"):
        add_project_photo(project=funded, key="k", alt="  ", picture=SMALL, actor=bao.user)


def test_there_are_not_endlessly_many(funded: Project, bao: Membership) -> None:
    for number in range(MOST_PROJECT_PHOTOS):
        add_project_photo(project=funded, key=str(number), alt="A digger", picture=SMALL, actor=bao.user)
    with pytest.raises(CycleRefused, match="at most"):
        add_project_photo(project=funded, key="more", alt="A digger", picture=SMALL, actor=bao.user)


def test_a_photo_is_taken_away_and_the_log_says_that_it_was_there(
    client: Client, funded: Project, bao: Membership
) -> None:
    photo = add_project_photo(project=funded, key="k", alt="A digger", picture=SMALL, actor=bao.user)
    client.force_login(bao.user)
    assert "Take it away" in client.get(f"/projects/{funded.pk}/").content.decode()
    assert client.post(f"/project-photos/{photo.pk}/remove/")["Location"] == f"/projects/{funded.pk}/"
    assert client.get(photo.small_url).status_code == 404
    kinds = [event.kind for event in ledger.events(funded.heading.cycle_id)]
    assert kinds[-2:] == ["project.photo_added", "project.photo_removed"]


def test_amina_neither_adds_nor_removes_and_chidi_finds_nothing_that_is_private(
    client: Client, funded: Project, amina: Membership, chidi: Membership, bao: Membership
) -> None:
    photo = add_project_photo(project=funded, key="k", alt="A digger", picture=SMALL, actor=bao.user)
    addresses = (f"/projects/{funded.pk}/photos/", f"/project-photos/{photo.pk}/remove/")
    client.force_login(amina.user)
    for address in addresses:
        assert client.post(address).status_code == 403
        assert client.get(address).status_code == 405
    riverside = bao.assembly
    riverside.is_public = False
    riverside.save(update_fields=["is_public"])
    client.force_login(chidi.user)
    assert [client.post(address).status_code for address in addresses] == [404, 404]
    assert client.get(photo.small_url).status_code == 404
    client.force_login(amina.user)
    assert client.get(photo.small_url).status_code == 200


def test_the_pages_read_no_picture_and_no_more_for_many_photos(
    client: Client, funded: Project, bao: Membership
) -> None:
    def asked(address: str) -> list[str]:
        with CaptureQueriesContext(connection) as seen:
            client.get(address)
        return [query["sql"] for query in seen.captured_queries]

    pages = (f"/projects/{funded.pk}/", f"/a/{bao.assembly.slug}/decided/")
    add_project_photo(project=funded, key="first", alt="A digger", picture=SMALL, actor=bao.user)
    once = [len(asked(page)) for page in pages]
    for number in range(5):
        add_project_photo(project=funded, key=str(number), alt="A digger", picture=SMALL, actor=bao.user)
    assert [len(asked(page)) for page in pages] == once
    assert not any('"proposals_projectphoto"."content"' in sql for page in pages for sql in asked(page))


def test_a_removed_photo_leaves_the_others(funded: Project, bao: Membership) -> None:
    first, second = (
        add_project_photo(project=funded, key=key, alt=key, picture=SMALL, actor=bao.user) for key in ("a", "b")
    )
    remove_project_photo(photo=first, actor=bao.user)
    assert list(funded.photos.all()) == [second]
