"""Rows of the permission table for assemblies; the notation is explained in rows.py."""

from assemblies.models import District, Invitation
from tests.make import make_member
from tests.permissions.rows import Place, Row, TopicRow, row

ADMINISTRATORS = "403 visitor=login administrator=302"


def slug(place: Place) -> list[object]:
    return [place.assembly.slug]


def neighbour(place: Place) -> list[object]:
    return [place.assembly.slug, place.neighbour.pk]


ROWS: list[Row] = [
    # Who sees Riverside only is led there. Chidi sees his co-op besides, and the resident has an invitation waiting.
    row("assemblies:index", get="302 stranger,resident=200"),
    row("assemblies:set_up", get="404", post="404"),
    row("assemblies:help", get="200"),
    row("assemblies:home", args=slug, get="200"),
    row("assemblies:map", args=slug, get="200"),
    row("assemblies:map_file", args=slug, get="200"),
    row(
        "assemblies:edit_map",
        args=slug,
        get="403 visitor=login administrator=200",
        post="403 visitor=login administrator=422",
    ),
    row("assemblies:draw_map", args=slug, post="403 visitor=login administrator=422"),
    row("assemblies:remove_map", args=slug, post=ADMINISTRATORS),
    row("assemblies:join", args=slug, post="302 visitor=login"),
    row(
        "assemblies:settings",
        args=slug,
        get="403 visitor=login administrator=200",
        post=ADMINISTRATORS,
        data=lambda place: {"name": "Riverside", "language": "en", "is_public": "on"},
    ),
    row("assemblies:members", args=slug, get="403 visitor=login administrator=200"),
    row("assemblies:invite", args=slug, post=ADMINISTRATORS, data=lambda place: {"email": "new@example.org"}),
    row("assemblies:invite", args=slug, post="403 visitor=login administrator=422", label="without an address"),
    row("assemblies:member", args=neighbour, get="403 visitor=login administrator=200"),
    row("assemblies:verify_member", args=neighbour, post=ADMINISTRATORS),
    row("assemblies:give_role", args=neighbour, post=ADMINISTRATORS, data=lambda place: {"role": "clerk"}),
    row(
        "assemblies:give_role",
        args=neighbour,
        post="403 visitor=login administrator=422",
        data=lambda place: {"role": "mayor"},
        label="no such role",
    ),
    row("assemblies:take_role", args=neighbour, post=ADMINISTRATORS, data=lambda place: {"role": "clerk"}),
    row(
        "assemblies:take_role",
        args=lambda place: [place.assembly.slug, place.people["administrator"].pk],
        post="403 visitor=login administrator=422",
        data=lambda place: {"role": "administrator"},
        label="the last administrator",
    ),
    row(
        "assemblies:withdraw_invitation",
        args=lambda place: [place.assembly.slug, place.other_invitation.pk],
        post=ADMINISTRATORS,
    ),
    # The unverified resident is the one invited here; an invitation is nobody else's business.
    row(
        "assemblies:invitation",
        args=lambda place: [place.invitation.pk],
        get="404 visitor=login resident=200",
        post="404 visitor=login resident=302",
    ),
]
TOPICS: list[TopicRow] = []


def build(place: Place) -> None:
    """A neighbour to give roles to, and two invitations."""
    place.neighbour = make_member(place.assembly, "Neighbour", verified=False)
    District.objects.create(assembly=place.assembly, name="North", outline=[[0, 0], [1, 0], [1, 1]])
    invitations = Invitation.objects
    place.invitation = invitations.create(assembly=place.assembly, email=place.people["resident"].user.email)
    place.other_invitation = invitations.create(assembly=place.assembly, email="elsewhere@example.org")
