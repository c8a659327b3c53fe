"""Who shares the link of a funded project shares a picture with it."""

import io

import pytest
from django.test import Client
from PIL import Image, ImageFont

from assemblies.models import Assembly, Membership
from proposals import share_card
from proposals.models import Cycle, Project
from tests.proposals.making import Kind, make_cycle, make_published, project_of


@pytest.fixture
def decided(riverside: Assembly, amina: Membership, eva: Membership) -> Cycle:
    cycle = make_cycle(riverside, Kind.BALLOTING, rule="greedy", rule_parameters={})
    make_published(cycle, amina, eva)
    return cycle


def picture_of(png: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(png))
    image.load()
    return image


def test_a_funded_project_has_a_picture_and_says_where(client: Client, decided: Cycle) -> None:
    project = project_of(decided, "Chess tables")
    answer = client.get(f"/projects/{project.pk}/card.png")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "public, max-age=3600")
    image = picture_of(answer.content)
    assert (image.format, image.size) == ("PNG", (1200, 630))
    assert image.info == {} or "exif" not in image.info
    page = client.get(f"/projects/{project.pk}/").content.decode()
    assert f'<meta property="og:image" content="http://localhost:8000/projects/{project.pk}/card.png">' in page or (
        'property="og:image" content="http' in page and f"/projects/{project.pk}/card.png" in page
    )


def test_a_project_without_money_has_none_and_strangers_find_none(
    client: Client, decided: Cycle, harbour: Assembly
) -> None:
    lost = project_of(decided, "Shade trees")
    assert client.get(f"/projects/{lost.pk}/card.png").status_code == 404
    assert "og:image" not in client.get(f"/projects/{lost.pk}/").content.decode()
    won = project_of(decided, "Chess tables")
    assert client.post(f"/projects/{won.pk}/card.png").status_code == 405
    Assembly.objects.filter(pk=decided.assembly_id).update(is_public=False)
    assert client.get(f"/projects/{won.pk}/card.png").status_code == 404


def test_the_picture_says_when_it_is_open_and_who_it_is(decided: Cycle) -> None:
    project = project_of(decided, "Chess tables")
    planned = share_card.share_card(project)
    project.status = Project.Status.DONE
    opened = share_card.share_card(project)
    project.title = "Benches"
    assert len({planned, opened, share_card.share_card(project)}) == 3


@pytest.mark.parametrize("title", ["a" * 300, "many words " * 40, "ظل", "\U0001f333", "", "\n\n"])
def test_no_title_breaks_the_picture(decided: Cycle, title: str) -> None:
    project = project_of(decided, "Chess tables")
    project.title = title
    assert picture_of(share_card.share_card(project)).size == (1200, 630)


def test_lines_fit_and_the_last_one_says_that_more_follows() -> None:
    face = ImageFont.load_default(40)
    lines = share_card.lines_of("shade trees for every street " * 20, face, 500)
    assert len(lines) == 4
    assert lines[-1].endswith("…")
    assert all(face.getlength(line) <= 500 for line in lines)
    assert share_card.lines_of("Shade trees", face, 500) == ["Shade trees"]
