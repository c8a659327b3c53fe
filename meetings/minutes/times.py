# SPDX-License-Identifier: AGPL-3.0-or-later
"""Times of day as minutes write them."""

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def clock(at: datetime | None) -> str:
    """The hour and minute; empty where nothing happened."""
    return date_format(timezone.localtime(at), "H:i") if at else ""


def span(began: datetime, ended: datetime) -> str:
    """From when until when."""
    return _("%(began)s to %(ended)s") % {"began": clock(began), "ended": clock(ended)}
