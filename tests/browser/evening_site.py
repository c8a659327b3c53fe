"""A site with one assembly and one planned meeting: /as/NAME/ signs people in, /evening/ tells what is printed for them."""

# ruff: noqa: E402 -- models can be imported only once Django is set up

import os
from datetime import timedelta

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django

django.setup()

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import include, path
from django.utils import timezone

from assemblies.models import Membership, Role
from config.asgi import application
from config.management.commands.serve import start_hub
from config.server import Server
from jobs.worker import Worker
from live import hub
from meetings import joining, passes, services
from meetings.models import AgendaItem, ItemKind, Meeting
from tests.make import make_assembly, make_user

STAFF = {"bao": ("Bao Nguyen", Role.FACILITATOR), "dagny": ("Dagny Holm", Role.CLERK), "sena": ("Sena Mensah", Role.SECRETARY)}  # fmt: skip
RESIDENTS = {"amina": "Amina Diallo", "duc": "Duc Tran", "ewa": "Ewa Nowak", "kofi": "Kofi Owusu", "rosa": "Rosa Blum"}
REPORT, COMPOST, BENCHES, GARDEN, LANTERNS = (
    "Report of the board",
    "A second compost bin",
    "Paint for the benches",
    "The garden behind the library",
    "Where the new lanterns go first",
)
CORNERS = ("Mill Street", "The quay", "Weaver School")


def prepare() -> Meeting:
    """Riverside in the evening, an hour before its meeting: five items, two to adopt together, one with a ranked vote."""
    riverside = make_assembly("Riverside", about="What the quarter decides together.")
    for name, (shown, role) in STAFF.items():
        user = make_user(shown, email=f"{name}@example.org")
        Membership.objects.create(assembly=riverside, user=user, roles=[role], verified_at=None)
    for name, shown in RESIDENTS.items():
        user = make_user(shown, email=f"{name}@example.org")
        Membership.objects.create(assembly=riverside, user=user, verified_at=timezone.now())
    now = timezone.now()
    bao = Membership.objects.get(user__email="bao@example.org").user
    meeting = services.create_meeting(
        assembly=riverside,
        title="Autumn assembly",
        place="Old Tram Hall, Mill Street 4",
        starts_at=now + timedelta(minutes=2),
        planned_end_at=now + timedelta(minutes=92),
        quorum_needed=4,
        speaking_policies=["first_timers_first"],
        actor=bao,
    )
    for title, kind, minutes, presenter in (
        (REPORT, ItemKind.INFORMATION, 10, "Rosa Blum"),
        (COMPOST, ItemKind.DECISION, 5, ""),
        (BENCHES, ItemKind.DECISION, 5, ""),
        (GARDEN, ItemKind.DECISION, 30, "Amina Diallo"),
        (LANTERNS, ItemKind.DECISION, 20, "Kofi Owusu"),
    ):
        services.add_item(
            meeting=meeting, title=title, kind=kind, planned_minutes=minutes, presenter=presenter, actor=bao
        )
    items = {item.title: item for item in AgendaItem.objects.select_related("meeting").filter(meeting=meeting)}
    for title in (COMPOST, BENCHES):
        services.mark_for_consent(item=items[title], on=True, actor=bao)
    services.add_poll(item=items[LANTERNS], template="ranked", question=f"{LANTERNS}?", options=CORNERS, actor=bao)
    return services.schedule(meeting=Meeting.objects.get(pk=meeting.pk), actor=bao)


def sign_in(request: HttpRequest, name: str) -> HttpResponse:
    member = Membership.objects.select_related("user").get(user__email=f"{name}@example.org")
    login(request, member.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return redirect("/")


def evening(request: HttpRequest) -> JsonResponse:
    """Where the meeting is, the link of its code, and the link on each pass."""
    meeting = Meeting.objects.get()
    members = Membership.objects.select_related("user")
    return JsonResponse(
        {
            "meeting": meeting.get_absolute_url(),
            "door": joining.join_link(meeting),
            "passes": {m.user.email.partition("@")[0]: passes.pass_link(meeting, m) for m in members},
        }
    )


urlpatterns = [path("as/<str:name>/", sign_in), path("evening/", evening), path("", include("config.urls"))]


if __name__ == "__main__":
    settings.ROOT_URLCONF = __name__
    settings.REQUIRE_SECOND_FACTOR = False  # how people prove who they are is tried elsewhere
    if not Meeting.objects.exists():
        prepare()
    worker = Worker()
    worker.start()
    Server(
        application, host=settings.HOST, port=settings.PORT, before=start_hub, after=hub.stop, ready=lambda: None
    ).run()
    worker.stop()
