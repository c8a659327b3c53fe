# SPDX-License-Identifier: AGPL-3.0-or-later
"""What pages of a budget draw: the sign of a topic, days, and where a proposal stands."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from assemblies.templatetags.civic import icon
from assemblies.town_map import TownMap
from proposals import dates
from proposals import results_map as maps
from proposals.models import Estimate, Proposal
from proposals.outcomes import PotResult
from proposals.price_doubts import doubts_about
from proposals.signs import sign_of
from proposals.standing import standing_of

register = template.Library()


@register.simple_tag
def topic_icon(category: str) -> SafeString:
    """The sign beside what a project is about."""
    return icon(sign_of(category))


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as people say it; the year stands only where it is another one."""
    return "" if value is None else dates.day_in_words(value)


@register.filter
def last_day(value: datetime | None) -> str:
    """The last day that belongs to what ends then: at midnight it is the day before."""
    return "" if value is None else dates.day_in_words(dates.last_day(value))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A day with its weekday and the time, whose figures stay together."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    return format_html("{} {}, <bdi>{}</bdi>", date_format(local, "l"), day(value), date_format(local, "TIME_FORMAT"))


@register.filter
def until(value: datetime | None) -> SafeString | str:
    """The last moment in which it can be done: 23:59 of the day before where it ends at midnight."""
    return "" if value is None else moment(dates.last_moment(value))


@register.filter
def until_text(value: datetime | None) -> str:
    """Write the last moment in which it can be done without markup, for mails."""
    if value is None:
        return ""
    local = timezone.localtime(dates.last_moment(value))
    return f"{date_format(local, 'l')} {day(local)}, {date_format(local, 'TIME_FORMAT')}"


@register.inclusion_tag("proposals/_results_map.html")
def results_map(pot: PotResult, town: TownMap) -> dict[str, object]:
    """The projects of a pot on the map of the town."""
    return {"town": town, "map": maps.results_map(pot, town)}


@register.simple_tag
def standing(proposal: Proposal, box: bool = False) -> SafeString:
    """The tag that says where the proposal stands."""
    found = standing_of(proposal)
    kind = f"{found.tone} box" if box else found.tone
    return format_html('<span class="tag {}">{} {}</span>', kind, icon(found.sign), found.word)


@register.filter
def doubts(estimate: Estimate, currency: str) -> list[str]:
    """Why its price may be mistyped, for the second person who is about to sign it."""
    proposal = estimate.proposal
    return doubts_about(estimate.cost, guess=proposal.cost_guess, pot=proposal.heading.amount, currency=currency)
