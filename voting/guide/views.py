# SPDX-License-Identifier: AGPL-3.0-or-later
"""How votes are counted, for everybody: one page for each counting rule, and one that leads to them."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.requests import Request
from voting.rules_in_words import RULES_IN_WORDS, rule_name
from voting.tally import RULES

from . import drawings, stories
from .examples import EXAMPLES, same_ballots
from .pages import FAMILIES, PAGES
from .telling import Count, prices


@require_GET
def rules(request: Request) -> HttpResponse:
    """Every counting rule with its one sentence, by what it is for."""
    families = [
        (name, [_entry(rule) for rule in RULES if rule in PAGES and PAGES[rule].family == key])
        for key, name in FAMILIES.items()
    ]
    return render(request, "voting/rules.html", {"families": families})


@require_GET
def rule(request: Request, rule: str) -> HttpResponse:
    """One rule: how it counts, a small example with every figure counted by the engine, and what to watch out for."""
    if rule not in PAGES:
        raise Http404
    example = EXAMPLES[rule]
    count = Count(example)
    title = _("%(rule)s: the example as a drawing") % {"rule": rule_name(rule)}
    return render(
        request,
        "voting/rule.html",
        {
            **_entry(rule),
            "page": PAGES[rule],
            "question": example.scene.question,
            "prices": prices(count),
            "drawing": mark_safe(drawings.draw(example, title=title)),  # noqa: S308 - every text in it is escaped
            "steps": stories.steps(example),
            "reasons": stories.reasons(example),
            "others": [
                {**_entry(other.rule), "winners": Count(other).names(other.outcome.winners)}
                for other in same_ballots(rule)
            ],
            "winners": count.names(count.winners),
        },
    )


def _entry(rule: str) -> dict[str, str]:
    return {"rule": rule, "rule_name": rule_name(rule), "rule_in_words": str(RULES_IN_WORDS.get(rule, ""))}
