"""The world of phases_table.py: what its writes are about, beside what the permission rows need."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from proposals import services
from proposals.models import Cycle, Follow, Phase
from proposals.photo_files import Picture
from proposals.spreadsheets import Row
from tests.permissions import proposals as permissions
from tests.permissions.rows import Place
from tests.proposals.making import (
    make_cycle,
    make_draft,
    make_feasible,
    make_proposal,
    make_published,
    moment_in,
    pot_of,
    project_of,
)

Kind = Phase.Kind
PICTURE = Picture(b"large", b"small", 4, 3)


def a_table_of_ideas() -> Any:
    """An upload with one idea."""
    return SimpleUploadedFile("ideas.csv", b"title,summary,text,category\nA bench,To sit.,There is none.,streets\n")


def a_photo() -> Any:
    """An upload with a picture of a few dots."""
    file = BytesIO()
    Image.new("RGB", (8, 6), "green").save(file, "JPEG")
    return SimpleUploadedFile("bench.jpg", file.getvalue(), "image/jpeg")


def build(place: Place) -> None:
    """What the permission rows need, and what only a write needs; every budget has a calendar with all steps."""
    permissions.build(place)
    author, evaluator = place.people["resident"], place.people["evaluator"]
    place.saving = make_cycle(place.assembly, Kind.BALLOTING, savings_rule="next_cycle")
    make_published(place.saving, author, evaluator, {"Shade trees": 10, "Chess tables": 20})
    place.follow = Follow.objects.create(proposal=place.sent, person=place.people["verified"])
    place.sparing = _with_money_for_the_next_project(place)
    importer = place.people["facilitator"]
    place.taken_in = services.look_at_file(
        cycle=place.ideas, importer=importer, name="more.csv", file_hash="2" * 64, rows=[Row(2, {})]
    )
    row = services.NewProposal(2, pot_of(place.ideas), {"title": "A swing", "summary": "-", "text": "-"})
    services.take_in(batch=place.taken_in, importer=importer, rows=[row])
    _desk(place)
    author.user.name = ""  # so that the author is asked for it
    author.user.save(update_fields=["name"])
    listed = make_cycle(place.assembly, Kind.BALLOTING)
    make_feasible(listed, author, evaluator, {"Shade trees": 10, "Chess tables": 20})
    place.drawn_up = pot_of(listed)
    services.put_on_ballot(heading=place.drawn_up, actor=None, at=moment_in(listed, Kind.REVIEWING))
    place.drawn_up.refresh_from_db()


def _desk(place: Place) -> None:
    """What waits at the evaluator's desk: to be taken away, to be estimated first, to be appealed and decided."""
    author, colleague = place.people["resident"], place.estimate.evaluator
    place.assigned = place.desk_act.begun.get().proposal
    place.not_estimated = make_proposal(place.estimated.heading.cycle, author, "A ferry")
    place.not_appealed, said_no = (
        services.review_proposal(
            proposal=make_proposal(place.ideas, author, title),
            evaluator=colleague,
            feasibility="unfeasible",
            public_reason="The ground is not ours.",
        )
        for title in ("A maze", "A kiosk")
    )
    place.not_decided = services.appeal_review(review=said_no, actor=author.user, text="It is ours.")
    shown = make_draft(place.ideas, author, "A bench with a face on it")
    place.hidden_photo = services.add_photo(proposal=shown, key="k", alt="A face", picture=PICTURE)
    services.submit_proposal(proposal=shown)
    services.hide_photo(photo=place.hidden_photo, actor=place.people["moderator"].user, reason="A face.")
    place.hidden_photo.refresh_from_db()


def _with_money_for_the_next_project(place: Place) -> Cycle:
    """Two projects cost next to nothing in the end, and the one that had no money can be paid."""
    cycle = make_cycle(place.assembly, Kind.BALLOTING, rule="greedy", rule_parameters={}, savings_rule="next_project")
    make_published(cycle, place.people["resident"], place.people["evaluator"])
    for title in ("Safe crossing", "Repair café"):
        project, day = project_of(cycle, title), timezone.localdate()
        services.record_spending(
            project=project, kind="final", amount=1, on=day, actor=place.people["facilitator"].user
        )
    return cycle
