# SPDX-License-Identifier: AGPL-3.0-or-later
"""Minutes as files to take home: Markdown to read, and JSON by which anybody recomputes the digest."""

from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from meetings.models import Minutes

from .markdown import escape
from .record import canonical, export


def corrections_of(minutes: Minutes) -> list[str]:
    """What was decided to be different from the text, point by point."""
    return [line.strip() for line in minutes.corrections.splitlines() if line.strip()]


def as_markdown(minutes: Minutes) -> str:
    """The text with who signed and approved it below."""
    with translation.override(minutes.meeting.assembly.language), timezone.override(timezone.get_default_timezone()):
        return "\n".join([minutes.text.rstrip("\n"), "", "---", "", *_below(minutes)])


def as_json(minutes: Minutes, *, whole: bool) -> bytes:
    """The record with its digest; `whole` is for those who run and audit meetings."""
    return canonical(export(minutes, whole=whole)) + b"\n"


def _below(minutes: Minutes) -> list[str]:
    if minutes.approved_at is None:
        return [f"**{_('Draft, not approved: version %(n)d') % {'n': minutes.version}}**", ""]
    corrections = corrections_of(minutes)
    lines = [f"## {_('Corrections')}", "", *(f"- {escape(line)}" for line in corrections), ""] if corrections else []
    return [
        *lines,
        f"- **{_('Signed')}:** {escape(str(minutes.signed_by))}, {_moment(minutes.signed_at)}",
        f"- **{_('Approved')}:** {escape(str(minutes.approved_by))}, {_moment(minutes.approved_at)}",
        *([f"- {one_person()}"] if minutes.is_by_one_person else []),
        f"- **{_('Check number')}:** `{minutes.check_number}`",
        f"- **SHA-256:** `{minutes.digest_hex}`",
        "",
    ]


def one_person() -> str:
    """Said aloud wherever one account signed and approved."""
    return _("Signed and approved by one person: this assembly had nobody else who could.")


def _moment(at: object) -> str:
    return date_format(timezone.localtime(at), "DATETIME_FORMAT")  # type: ignore[arg-type]
