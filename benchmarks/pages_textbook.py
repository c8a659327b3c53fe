# SPDX-License-Identifier: AGPL-3.0-or-later
"""The same pages as a tutorial would write them: plain queries in a loop over a plain template, in the same frame.

They are what ours are compared with, in the same run and through the same middleware: `order_by("?")`, a search with
ILIKE, and for each row whatever the template asks for. They have pages of the same length as ours.
"""

from functools import cache
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as ours
from proposals.models import Cycle, Proposal, Report

FRAME = '{% extends "base.html" %}{% load budget civic %}{% block content %}'
LIST = """
<form>{{ form }}</form>
<p>{{ page.paginator.count }}</p>
<ul>{% for proposal in page %}<li>
  {% for photo in proposal.photos.all %}<img src="{{ photo.small_url }}" alt="{{ photo.alt }}">{% endfor %}
  <h2><a href="{{ proposal.get_absolute_url }}">{{ proposal.title }}</a></h2>
  <p>{{ proposal.summary }}</p>
  <p>{% standing proposal %} {{ proposal.author.user.name }}, {{ proposal.district }}, {{ proposal.category_name }},
  {% if proposal.reviews.first.cost %}{{ proposal.reviews.first.cost|money:proposal.heading.cycle.currency }},{% endif %}
  {{ proposal.supports.count }} supports</p>
</li>{% endfor %}</ul>{% include "components/_pager.html" %}{% endblock %}"""
PROPOSAL = """
<h1>{{ proposal.title }}</h1><p>{{ proposal.author.user.name }}, {{ proposal.heading.cycle }}, {{ proposal.district }}</p>
{{ proposal.text|linebreaks }}<p>{% standing proposal %} {{ proposal.supports.count }} supports</p>
{% for review in proposal.reviews.all %}<p>{{ review.evaluator.user.name }}: {{ review.public_reason }}</p>{% endfor %}
{% for comment in proposal.comments.all %}<p>{{ comment.author.user.name }}: {{ comment.text }}</p>
{% for reply in comment.replies.all %}<p>{{ reply.author.user.name }}: {{ reply.text }}</p>{% endfor %}{% endfor %}
{% endblock %}"""
DESK = """
<p>{{ page.paginator.count }}</p>
<table>{% for proposal in page %}<tr><td><a href="{{ proposal.get_absolute_url }}">{{ proposal.title }}</a></td>
<td>{% standing proposal %}</td><td>{{ proposal.reviews.first.public_reason }}</td><td>{{ proposal.heading }}</td>
<td>{% for assignment in proposal.assignments.all %}{{ assignment.evaluator.user.name }} {% endfor %}</td>
</tr>{% endfor %}</table>{% include "components/_pager.html" %}{% endblock %}"""
QUEUE = """
<p>{{ page.paginator.count }}</p>
<ul>{% for report in page %}<li><a href="{{ report.proposal.get_absolute_url }}">{{ report.proposal.title }}</a>
{{ report.proposal.author.user.name }}: {{ report.proposal.text|truncatechars:600|linebreaks }}
{{ report.get_reason_display }}, {{ report.reporter.user.name }}, {{ report.proposal.reports.count }} reports
</li>{% endfor %}</ul>{% include "components/_pager.html" %}{% endblock %}"""


@cache
def _template(body: str) -> Any:
    return engines["django"].from_string(FRAME + body)


def _answer(request: HttpRequest, body: str, **shown: Any) -> HttpResponse:
    return HttpResponse(_template(body).render(shown, request))


def _page(request: HttpRequest, found: QuerySet[Any], size: int) -> Any:
    return Paginator(found, size).get_page(request.GET.get("page"))


def proposals(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    cycle = get_object_or_404(Cycle, pk=cycle_id)
    found = Proposal.objects.filter(heading__cycle=cycle, hidden_at=None).exclude(state="draft")
    if words := request.GET.get("q"):
        found = found.filter(Q(title__icontains=words) | Q(summary__icontains=words) | Q(text__icontains=words))
    if category := request.GET.get("category"):
        found = found.filter(category=category, state=request.GET["status"], reviews__cost__lte=4_000_000).distinct()
    sort = request.GET.get("sort")
    if sort == "supported":
        found = found.annotate(number=Count("supports")).order_by("-number")
    elif sort == "newest" or category:
        found = found.order_by("-submitted_at")
    else:
        found = found.order_by("?")
    size = 25 if request.GET.get("view") == "table" else 12
    return _answer(request, LIST, page=_page(request, found, size), assembly=cycle.assembly)


def proposal(request: HttpRequest, proposal_id: UUID) -> HttpResponse:
    proposal = get_object_or_404(Proposal, pk=proposal_id)
    return _answer(request, PROPOSAL, proposal=proposal, assembly=proposal.heading.cycle.assembly)


def desk(request: HttpRequest, cycle_id: UUID) -> HttpResponse:
    cycle = get_object_or_404(Cycle, pk=cycle_id)
    found = Proposal.objects.filter(heading__cycle=cycle, state="submitted").order_by("submitted_at")
    return _answer(request, DESK, page=_page(request, found, 25), assembly=cycle.assembly)


def queue(request: HttpRequest, slug: str) -> HttpResponse:
    found = Report.objects.filter(proposal__heading__cycle__assembly__slug=slug, settled_by=None).order_by("created_at")
    return _answer(request, QUEUE, page=_page(request, found, 20))


urlpatterns = [
    *ours,
    path("textbook/cycles/<uuid:cycle_id>/proposals/", proposals),
    path("textbook/proposals/<uuid:proposal_id>/", proposal),
    path("textbook/cycles/<uuid:cycle_id>/desk/", desk),
    path("textbook/a/<slug:slug>/moderation/", queue),
]
