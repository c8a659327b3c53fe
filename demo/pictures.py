# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures for the demo, drawn here: flat shapes in a few colours, so that nobody's photo is used."""

import io
from collections.abc import Callable
from functools import lru_cache

from PIL import Image, ImageDraw

from proposals.photo_files import Picture

SIZE = 960, 640
SMALL = 480, 320
SKY, NIGHT, SUN = "#cfe3ea", "#26384a", "#f6b73c"
HILL, GRASS, LEAF, WATER = "#a9c6b0", "#7fa884", "#3f7d57", "#7fb2cc"
STONE, ROAD, WALL, WOOD, INK, PAPER, RED = "#b8b4a8", "#6d7275", "#e8dcc0", "#8a5a33", "#15221c", "#fffefb", "#b5482f"
Draw = ImageDraw.ImageDraw


@lru_cache
def picture(scene: str) -> Picture:
    """The scene as a photo is kept."""
    image = Image.new("RGB", SIZE, SKY)
    SCENES[scene](ImageDraw.Draw(image))
    return Picture(_jpeg(image), _jpeg(image.resize(SMALL)), *SIZE)


def _jpeg(image: Image.Image) -> bytes:
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=80, optimize=True)
    return kept.getvalue()


def _outside(draw: Draw) -> None:
    draw.ellipse((740, 60, 840, 160), fill=SUN)
    draw.polygon([(0, 360), (260, 230), (520, 340), (760, 250), (960, 340), (960, 430), (0, 430)], fill=HILL)
    draw.rectangle((0, 410, 960, 640), fill=GRASS)


def _tree(draw: Draw, x: int, foot: int, height: int) -> None:
    draw.rectangle((x - 10, foot - height // 2, x + 10, foot), fill=WOOD)
    draw.ellipse((x - height // 3, foot - height, x + height // 3, foot - height // 3), fill=LEAF)


def _bench_at(draw: Draw, x: int, y: int) -> None:
    for board in (0, 34, 78):
        draw.rectangle((x, y + board, x + 320, y + board + 22), fill=WOOD)
    for leg in (30, 270):
        draw.rectangle((x + leg, y, x + leg + 18, y + 170), fill=INK)


def _bench(draw: Draw) -> None:
    _outside(draw)
    _tree(draw, 180, 470, 320)
    _bench_at(draw, 330, 360)
    draw.polygon([(0, 600), (960, 550), (960, 640), (0, 640)], fill=STONE)


def _trees(draw: Draw) -> None:
    _outside(draw)
    for x, foot, height in ((120, 470, 220), (330, 500, 260), (560, 530, 300), (820, 570, 360)):
        _tree(draw, x, foot, height)
        draw.rectangle((x + 22, foot - 110, x + 30, foot), fill=WALL)  # the stake that holds it


def _quay(draw: Draw) -> None:
    _outside(draw)
    draw.rectangle((0, 400, 960, 640), fill=WATER)
    for y, x in ((450, 90), (500, 520), (560, 260), (600, 700)):
        draw.line([(x, y), (x + 130, y)], fill=PAPER, width=5)
    draw.rectangle((0, 360, 600, 460), fill=STONE)
    for x in (420, 480):
        draw.line([(x, 330), (x, 560)], fill=INK, width=10)
    for y in range(350, 560, 40):
        draw.line([(420, y), (480, y)], fill=INK, width=8)
    draw.polygon([(600, 380), (900, 520), (900, 545), (600, 420)], fill=WOOD)


def _cinema(draw: Draw) -> None:
    draw.rectangle((0, 0, 960, 640), fill=NIGHT)
    draw.rectangle((0, 450, 960, 640), fill="#1b2a25")
    draw.rectangle((190, 80, 770, 400), fill=PAPER, outline=INK, width=14)
    draw.polygon([(190, 390), (360, 240), (480, 330), (610, 200), (770, 390)], fill=WATER)
    for row, y in enumerate((470, 520, 580)):
        for x in range(40 + 25 * (row % 2), 960, 74):
            draw.ellipse((x, y, x + 34, y + 34), fill=(WALL, WOOD, LEAF)[(x // 74 + row) % 3])


def _bus(draw: Draw) -> None:
    _outside(draw)
    draw.rectangle((0, 480, 960, 640), fill=ROAD)
    draw.rounded_rectangle((130, 230, 820, 500), 30, fill=SUN)
    for x in range(170, 760, 120):
        draw.rectangle((x, 270, x + 90, 360), fill=SKY)
    draw.rectangle((130, 410, 820, 430), fill=PAPER)
    for x in (250, 640):
        draw.ellipse((x, 450, x + 100, 550), fill=INK)
        draw.ellipse((x + 30, 480, x + 70, 520), fill=STONE)


def _books(draw: Draw) -> None:
    draw.rectangle((0, 0, 960, 640), fill=WALL)
    colours = (RED, LEAF, SUN, WATER, INK, PAPER, WOOD)
    for shelf, foot in enumerate((200, 400, 600)):
        draw.rectangle((60, foot, 900, foot + 20), fill=WOOD)
        x, number = 80, shelf
        while x < 850:
            wide, high = 26 + 9 * (number * 7 % 4), 110 + 14 * (number * 5 % 5)
            draw.rectangle((x, foot - high, x + wide, foot), fill=colours[number % 7])
            x, number = x + wide + 5, number + 1


def _crossing(draw: Draw) -> None:
    _outside(draw)
    draw.rectangle((90, 200, 430, 430), fill=WALL)
    draw.polygon([(60, 210), (260, 100), (460, 210)], fill=RED)
    for x in (130, 240, 350):
        draw.rectangle((x, 260, x + 50, 330), fill=WATER)
    draw.polygon([(0, 460), (960, 430), (960, 640), (0, 640)], fill=ROAD)
    for x in range(360, 760, 80):
        draw.polygon([(x, 450), (x + 44, 448), (x + 20, 640), (x - 40, 640)], fill=PAPER)
    draw.rectangle((800, 230, 812, 460), fill=INK)
    draw.ellipse((770, 170, 842, 242), fill=SUN, outline=INK, width=6)


def _tools(draw: Draw) -> None:
    draw.rectangle((0, 0, 960, 640), fill=WALL)
    draw.rectangle((0, 520, 960, 640), fill=WOOD)
    for x in (120, 330, 540, 750):
        draw.rectangle((x, 180, x + 26, 460), fill=WOOD, outline=INK, width=4)
    draw.rectangle((80, 130, 190, 190), fill=INK)
    draw.polygon([(300, 120), (380, 120), (356, 200), (330, 200)], fill=ROAD)
    draw.polygon([(500, 90), (600, 90), (566, 260), (540, 260)], fill=STONE)
    draw.rectangle((700, 100, 826, 180), fill=RED)
    draw.rectangle((0, 60, 960, 74), fill=INK)


def _roof(draw: Draw) -> None:
    _outside(draw)
    draw.rectangle((140, 330, 820, 540), fill=WALL)
    draw.polygon([(90, 340), (480, 130), (870, 340)], outline=WOOD, width=18)
    for x in range(200, 800, 80):
        top = 340 - round((x - 90) * 0.54) if x < 480 else 340 - round((870 - x) * 0.54)
        draw.line([(x, 340), (x, top)], fill=WOOD, width=10)
    for x in (200, 400, 600):
        draw.rectangle((x, 390, x + 120, 500), fill=WATER)
    for y in range(120, 560, 60):
        draw.line([(860, y), (940, y)], fill=INK, width=6)
    draw.line([(870, 100), (870, 560)], fill=INK, width=8)


def _steps(draw: Draw) -> None:
    _outside(draw)
    for step in range(9):
        x, y = 120 + step * 80, 560 - step * 44
        draw.rectangle((x, y, 960, y + 44), fill=STONE if step % 2 else "#a7a396")
    draw.line([(130, 450), (850, 54)], fill=INK, width=14)
    for step in range(0, 9, 2):
        x, y = 150 + step * 80, 560 - step * 44
        draw.line([(x, y), (x, y - 110)], fill=INK, width=9)


def _nest(draw: Draw) -> None:
    _outside(draw)
    draw.rectangle((0, 120, 480, 640), fill=WALL)
    for x, y in ((90, 190), (290, 190), (90, 400), (290, 400)):
        draw.rectangle((x, y, x + 130, y + 120), fill=WOOD, outline=INK, width=5)
        draw.ellipse((x + 42, y + 40, x + 88, y + 78), fill=INK)
    for x, y in ((620, 180), (740, 250), (830, 140)):
        draw.line([(x - 50, y - 24), (x, y), (x + 50, y - 24)], fill=INK, width=9)


def _table(draw: Draw) -> None:
    _outside(draw)
    draw.polygon([(200, 330), (760, 330), (860, 430), (100, 430)], fill=LEAF, outline=PAPER, width=8)
    draw.line([(480, 300), (480, 440)], fill=PAPER, width=10)
    for x in (170, 770):
        draw.rectangle((x, 430, x + 24, 580), fill=ROAD)
    draw.ellipse((600, 240, 628, 268), fill=PAPER)


SCENES: dict[str, Callable[[Draw], None]] = {
    "bench": _bench,
    "books": _books,
    "bus": _bus,
    "cinema": _cinema,
    "crossing": _crossing,
    "nest": _nest,
    "quay": _quay,
    "roof": _roof,
    "steps": _steps,
    "table": _table,
    "tools": _tools,
    "trees": _trees,
}
