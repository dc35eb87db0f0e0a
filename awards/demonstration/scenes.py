"""Pictures for the exhibition of the demonstration: drawn flat, plainly not photographs of anything."""

import io
from itertools import pairwise
from math import cos, pi, sin
from random import Random

from django.core.files.base import ContentFile
from PIL import Image, ImageDraw, ImageFont

#: Drawn at twice the size and made smaller, so that edges are smooth.
WIDE, HIGH = 2880, 1920
PALETTES = (
    ((231, 226, 214), (196, 178, 148), (122, 58, 44), (54, 62, 74)),
    ((217, 228, 234), (150, 178, 190), (166, 27, 27), (42, 58, 72)),
    ((226, 232, 220), (164, 182, 152), (176, 112, 32), (48, 60, 52)),
)
#: What each shows, in the order of SCENES: the title of the document, its caption, what to say of it.
SHOWN = (
    ("车间（演示）", "装配车间（演示）", "示意图：一排机床和一台橙色机械臂，上方是高窗。"),
    ("创新看板（演示）", "班组创新看板（演示）", "示意图：墙上的看板贴着便签和柱形图，前面站着三个人。"),
    ("工作室（演示）", "创新工作室（演示）", "示意图：几个人围着一张长桌，桌上有零件和图纸。"),
)


def scene(number: int, random: Random) -> ContentFile:
    image = Image.new("RGB", (WIDE, HIGH), PALETTES[number % 3][0])
    pen = ImageDraw.Draw(image)
    SCENES[number % 3](pen, PALETTES[number % 3], random)
    pen.text(
        (WIDE - 60, HIGH - 50), "DEMO", fill=(255, 255, 255), font=ImageFont.load_default(72), anchor="rs"
    )
    out = io.BytesIO()
    image.resize((WIDE // 2, HIGH // 2), Image.Resampling.LANCZOS).save(out, "JPEG", quality=86)
    return ContentFile(out.getvalue(), name="演示图片.jpg")


def _workshop(pen, palette, random):
    _light, middle, strong, dark = palette
    for left in range(120, WIDE, 460):
        pen.rectangle((left, 160, left + 340, 620), fill=(244, 246, 244))
        pen.line((left + 170, 160, left + 170, 620), fill=middle, width=10)
        pen.line((left, 390, left + 340, 390), fill=middle, width=10)
    pen.polygon(((0, 1250), (WIDE, 1120), (WIDE, HIGH), (0, HIGH)), fill=middle)
    pen.polygon(((0, 1600), (WIDE, 1420), (WIDE, 1470), (0, 1670)), fill=(238, 206, 110))
    for number, left in enumerate(range(140, 1900, 560)):
        top = 900 - random.randint(0, 120)
        pen.rounded_rectangle((left, top, left + 420, 1380 - 30 * number), 36, fill=dark)
        pen.rounded_rectangle((left + 40, top + 50, left + 380, top + 230), 20, fill=(206, 220, 226))
        pen.ellipse((left + 60, top + 290, left + 130, top + 360), fill=strong)
        pen.ellipse((left + 170, top + 290, left + 240, top + 360), fill=(238, 206, 110))
    joints = [(2420, 1460), (2420, 1080), (2140, 860), (2000, 1040)]
    pen.rounded_rectangle((2270, 1400, 2570, 1560), 30, fill=dark)
    for one, other in pairwise(joints):
        pen.line((*one, *other), fill=(214, 120, 40), width=110)
    for x, y in joints:
        pen.ellipse((x - 80, y - 80, x + 80, y + 80), fill=strong)


def _board(pen, palette, random):
    _light, middle, strong, dark = palette
    pen.rectangle((0, 1500, WIDE, HIGH), fill=middle)
    pen.rounded_rectangle((360, 180, 2520, 1180), 30, fill=(252, 252, 250), outline=dark, width=24)
    for column in range(5):
        for row in range(3):
            left, top = 480 + column * 210, 320 + row * 260
            shade = random.choice(((250, 222, 120), (244, 190, 170), (190, 220, 206)))
            pen.rounded_rectangle((left, top, left + 160, top + 180), 12, fill=shade)
    for number in range(5):
        height, left = 160 + 110 * number + random.randint(-40, 40), 1660 + 150 * number
        pen.rectangle((left, 1060 - height, left + 96, 1060), fill=strong if number == 4 else dark)
    for number, left in enumerate((560, 1180, 2260)):
        _person(pen, left, 1040 + 30 * number, (dark, strong, (70, 96, 120))[number])


def _studio(pen, palette, random):
    _light, middle, strong, dark = palette
    pen.rectangle((0, 0, WIDE, 760), fill=(240, 242, 236))
    for left in range(240, WIDE - 300, 620):
        pen.rectangle((left, 170, left + 420, 560), fill=middle)
        pen.ellipse((left + 150, 270, left + 290, 410), outline=(250, 250, 248), width=22)
    for left, colour in ((420, dark), (980, strong), (1560, (70, 96, 120)), (2140, dark)):
        _person(pen, left, 720, colour)
    pen.polygon(((200, 1240), (2680, 1240), (2880, 1600), (0, 1600)), fill=(202, 170, 124))
    pen.rectangle((0, 1600, WIDE, HIGH), fill=dark)
    for left in range(420, 2500, 520):
        pen.polygon(
            ((left, 1330), (left + 300, 1330), (left + 340, 1480), (left - 20, 1480)), fill=(250, 250, 246)
        )
        _gear(pen, left + 400, 1400, 90 + random.randint(-14, 14), (120, 128, 134))


def _person(pen, left, top, colour):
    pen.ellipse((left + 60, top - 220, left + 260, top - 20), fill=(226, 190, 160))
    pen.pieslice((left + 40, top - 260, left + 280, top + 10), 180, 360, fill=(238, 196, 60))
    pen.rounded_rectangle((left, top, left + 320, top + 620), 120, fill=colour)


def _gear(pen, x, y, size, colour):
    for tooth in range(10):
        angle = 2 * pi * tooth / 10
        cx, cy = x + cos(angle) * size, y + sin(angle) * size * 0.6
        pen.ellipse((cx - 26, cy - 20, cx + 26, cy + 20), fill=colour)
    pen.ellipse((x - size, y - size * 0.6, x + size, y + size * 0.6), fill=colour)
    pen.ellipse((x - size / 3, y - size / 5, x + size / 3, y + size / 5), fill=(202, 170, 124))


SCENES = (_workshop, _board, _studio)
