# SPDX-License-Identifier: AGPL-3.0-or-later
"""The picture that stands beside a link to a funded project where people share it: what it is, and what it has."""

import io
from collections.abc import Iterator
from functools import lru_cache

from django.utils import translation
from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageFont, features

from assemblies.money import format_money
from assemblies.seats import GROUND, seats

from .models import Project

WIDTH, HEIGHT = 1200, 630  # what places that show links ask for
EDGE = 72
BAND, ON_BAND, SEAT, WARM, ON_WARM = "#0a4b39", "#fbf8ec", "#0f5a45", "#f6b73c", "#2a1c00"
LETTERS = ("DejaVuSerif-Bold.ttf", "NotoSerif-Bold.ttf", "DejaVuSans-Bold.ttf")  # of the system; else Pillow's own
UNKNOWN = "\U0010ffff"  # no letter: what a face draws for it, it draws for every letter that it lacks
RIGHT_TO_LEFT = range(0x590, 0x900)
LONGEST = 4  # lines of the title
Face = ImageFont.FreeTypeFont | ImageFont.ImageFont


def share_card(project: Project) -> bytes:
    """A PNG in the assembly's language. What the letters at hand cannot write is left out, never drawn as boxes."""
    cycle = project.heading.cycle
    image = Image.new("RGB", (WIDTH, HEIGHT), BAND)
    draw = ImageDraw.Draw(image)
    _draw_ring(draw)
    with translation.override(cycle.assembly.language):
        state = _("It is open!") if project.status == Project.Status.DONE else _("Funded by residents")
        amount = format_money(project.award.amount, cycle.currency, cycle.assembly.language)
    _draw_state(draw, state)
    top = 190
    for line in lines_of(project.title, _face(68), WIDTH - 2 * EDGE):
        draw.text((EDGE, top), line, font=_face(68), fill=ON_BAND)
        top += 84
    _write(draw, (EDGE, HEIGHT - 150), amount.replace("\N{NO-BREAK SPACE}", " "), 52)
    _write(draw, (EDGE, HEIGHT - 82), f"{cycle.title} · {cycle.assembly.name}", 30)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def lines_of(text: str, face: Face, width: int) -> list[str]:
    """The text on as many lines as there is room for; the last ends with an ellipsis where more would follow."""
    if not _can_write(text):
        return []
    lines = list(_wrapped(text, face, width))
    if len(lines) <= LONGEST:
        return lines
    last = lines[LONGEST - 1]
    while last and face.getlength(last + "…") > width:
        last = last[:-1]
    return [*lines[: LONGEST - 1], last.rstrip() + "…"]


def _wrapped(text: str, face: Face, width: int) -> Iterator[str]:
    line = ""
    for word in text.split():
        while face.getlength(word) > width:  # one endless word is cut
            fits = next(n for n in range(len(word), 0, -1) if n == 1 or face.getlength(word[:n]) <= width)
            if line:
                yield line
            line = ""
            yield word[:fits]
            word = word[fits:]
        if line and face.getlength(f"{line} {word}") > width:
            yield line
            line = word
        else:
            line = f"{line} {word}".strip()
    if line:
        yield line


def _write(draw: ImageDraw.ImageDraw, place: tuple[int, int], text: str, size: int) -> None:
    for line in lines_of(text, _face(size), WIDTH - 2 * EDGE)[:1]:
        draw.text(place, line, font=_face(size), fill=ON_BAND)


def _draw_state(draw: ImageDraw.ImageDraw, state: str) -> None:
    if not _can_write(state):
        return
    wide = int(_face(34).getlength(state))
    draw.rounded_rectangle((EDGE, 84, EDGE + wide + 48, 148), 8, fill=WARM)
    draw.text((EDGE + 24, 95), state, font=_face(34), fill=ON_WARM)


def _draw_ring(draw: ImageDraw.ImageDraw) -> None:
    """The rows of seats behind the words, as on the green band of the pages."""
    ring = seats(GROUND)
    left, top = WIDTH - ring.width * 3 // 2 + 120, HEIGHT - ring.height * 3 // 2 + 60
    for x, y in ring.places:
        at_x, at_y = left + x * 3 // 2, top + y * 3 // 2
        draw.ellipse((at_x - 11, at_y - 11, at_x + 11, at_y + 11), fill=SEAT)


def _can_write(text: str) -> bool:
    """Whether the letters at hand have every sign, and can put it in its order."""
    if any(ord(sign) in RIGHT_TO_LEFT for sign in text) and not features.check_feature("raqm"):
        return False
    return all(_has(sign) for sign in set(text) if not sign.isspace())


@lru_cache(maxsize=2048)
def _has(sign: str) -> bool:
    face = _face(20)
    return bytes(face.getmask(sign)) != bytes(face.getmask(UNKNOWN))


@lru_cache(maxsize=8)
def _face(size: int) -> Face:
    for name in LETTERS:
        try:
            return ImageFont.truetype(name, size)
        except OSError:
            continue
    return ImageFont.load_default(size)
