"""A site with one live board, on which static/live.js is tried."""

import os
from datetime import timedelta
from typing import Any
from uuid import UUID

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template import Context, RequestContext, Template
from django.urls import include, path
from django.utils import timezone

import live
from config.asgi import application
from config.server import Server

BOARD = UUID("6f3c1c2e-6a5b-4f43-9d55-0d6f5a1b0001")
TOPIC = f"board/{BOARD}"
DEADLINE = timezone.now() + timedelta(hours=1)
board = {"text": "Nothing yet", "open": True}

PAGE = """{% load static live %}<!doctype html><html lang="en"><head><title>Board</title>
<link rel="stylesheet" href="{% static 'civic.css' %}"></head><body><main>
{% live_topic topic as screen %}<div {{ screen.attributes }}>
<section id="words" data-live-panel="words">{{ screen.panels.words }}</section>
<section id="form" data-live-panel="form">{{ screen.panels.form }}</section></div>
{% include "components/_connection.html" %}<p id="seen">{{ seen }}</p></main></body></html>"""
WORDS = """{% load live %}<h1 data-live-activity>{{ text }}</h1><details id="more"><summary>More</summary>{{ text }}</details>
<button type="button" id="plain">A button</button> <time data-deadline datetime="{{ deadline.isoformat }}">60:00</time>"""
FORM = """{% load live %}<p>{{ text }}</p><form action="/board/" method="post">{% live_csrf %}
<label>Say <input id="say" name="say" value=""></label>
<label><input id="tick" type="checkbox" name="tick"> Tick</label>
<label>Pick <select id="pick" name="pick"><option>a<option>b</select></label><button>Send</button></form>"""


def render(id: UUID, audience: str, language: str) -> dict[str, str]:
    context = Context({"text": board["text"], "deadline": DEADLINE})
    return {"words": Template(WORDS).render(context), "form": Template(FORM).render(context)}


def page(request: HttpRequest) -> HttpResponse:
    context = {"topic": TOPIC, "seen": request.POST.get("say", "")}
    return HttpResponse(Template(PAGE).render(RequestContext(request, context)))


def change(request: HttpRequest) -> HttpResponse:
    """Tests change the board with it; a test site may do so by GET."""
    text = request.GET["text"] * int(request.GET.get("times", "1"))
    changed: dict[str, Any] = {"text": text, "open": "closed" not in request.GET}
    board.update(changed)
    if "quietly" not in request.GET:
        live.announce(TOPIC)
    return HttpResponse("done")


live.register(
    live.Topic(
        name="board",
        audience_of=lambda user, id: "public" if id == BOARD and board["open"] else None,
        state=lambda id: str(board["text"]),
        render=render,
    )
)
urlpatterns = [path("board/", page), path("change/", change), path("", include("live.urls"))]
settings.ROOT_URLCONF = __name__  # "__main__" is a name too


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse("There is no such page on this site.", status=404)


async def nothing() -> None:
    """What serve would start and stop besides; the hub starts with its first socket."""


if __name__ == "__main__":
    Server(application, host=settings.HOST, port=settings.PORT, before=nothing, after=nothing, ready=lambda: None).run()
