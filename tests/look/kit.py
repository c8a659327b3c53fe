"""Pages that show every part of the look in every state; only tests serve them."""

import re
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import include, path
from django.utils import timezone

from config import urls as product
from config.errors import broken

TEMPLATES = Path(__file__).parent / "templates" / "kit"
SIGNS = re.findall(r'<symbol id="([^"]+)"', Path("static/icons.svg").read_text())
PAGES = sorted(file.stem for file in TEMPLATES.glob("[a-z]*.html"))
RIVERSIDE = SimpleNamespace(name="Riverside", slug="riverside", get_absolute_url=lambda: "/")

PROJECTS = [
    (
        "tree",
        "Shade trees on Mill Street",
        3_800_000,
        "Mill Street. Twelve lime trees and new soil beds",
        "chosen",
        1204,
    ),
    ("road", "Safe crossing at Weaver School", 2_250_000, "Weaver Lane. Raised crossing, better light", "chosen", 1157),
    ("bike", "Covered stand for 40 bikes", 3_200_000, "Riverside station. Roof, locks and a pump", "dear", 806),
    ("tool", "Repair café", 1_200_000, "Old Tram Hall. Tools and one year of Saturday sessions", "chosen", 640),
    ("swing", "Wheelchair swing", 1_800_000, "Weir Park. A swing that everyone can use", "", 871),
    ("water", "Two drinking fountains", 850_000, "Quay and market. Free water, also for dogs", "", 988),
]
FESTIVALS = [
    ("Lantern walk on the quay", 48),
    ("Long table on Mill Street", 41),
    ("Soup and drums on Station Hill", 22),
    ("Loom Square dances", 17),
    ("Apple day in Upper Meadows", 9),
    ("Corn Square by candlelight", 3),
]


class Example(forms.Form):
    """One field of every kind."""

    title = forms.CharField(
        label="Title", max_length=80, help_text="Say it in a few words, as you would to a neighbour."
    )
    what = forms.CharField(label="What and why", widget=forms.Textarea, help_text="What would change, and for whom?")
    cost = forms.CharField(
        label="What could it cost?",
        required=False,
        help_text="A guess is enough. For example 12 500.",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}),
    )
    area = forms.ChoiceField(label="Part of town", choices=[("", "Choose one"), ("q", "Quay"), ("m", "Mill quarter")])
    when = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label="What is it about?", widget=forms.RadioSelect, choices=[("s", "Streets"), ("p", "Parks")]
    )
    who = forms.MultipleChoiceField(
        label="Who would use it?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("c", "Children"), ("o", "Older people"), ("e", "Everyone")],
    )
    photo = forms.FileField(label="Photo", required=False, help_text="Not larger than 10 MB.")
    code = forms.CharField(
        label="Code from your mail",
        widget=forms.TextInput(attrs={"class": "code-input", "inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    agree = forms.BooleanField(label="I have read the rules", help_text="They fit on one page.")


def page(request: HttpRequest, name: str) -> HttpResponse:
    """Show one page of the kit."""
    if name not in PAGES:
        raise Http404
    if name == "forms":
        messages.success(request, "Saved.")
    context = {
        "assembly": RIVERSIDE,
        "projects": PROJECTS,
        "ribbon_blocks": [("1", 3_800_000), ("2", 2_250_000), ("3", 850_000), ("4", 1_800_000), ("6", 1_200_000)],
        "by_votes": sorted(PROJECTS, key=lambda project: -project[5]),
        "blank": Example(prefix="blank"),
        "form": Example({"title": "Shade"}) if name == "errors" else None,
        "page": Paginator(range(200), 20).page(5),
        "now": timezone.now(),
        "numbers": range(1, 7),
        "signs": SIGNS,
        "festivals": FESTIVALS,
    }
    template = engines["django"].from_string((TEMPLATES / f"{name}.html").read_text())
    return HttpResponse(template.render(context, request), status=422 if name == "errors" else 200)


def refused(request: HttpRequest) -> HttpResponse:
    """Show the page of a missing right."""
    return render(request, "403.html", {"exception": "Only Riverside's facilitators may open a poll."}, status=403)


urlpatterns = [
    path("kit/403/", refused),
    path("kit/500/", broken),
    path("kit/csrf/", lambda request: render(request, "403_csrf.html", status=403)),
    path("kit/<slug:name>/", page),
    path("", include(product)),
]
