"""The machine as a picture: the way down the middle, what goes back on the left, what jumps on the right.

A small layered layout of our own: each state of the way is a layer; an edge to the next layer is straight,
any other runs in a lane beside the way; an ending reached from many states is reached by one common line.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

BOX_W, BOX_H, STEP = 168, 46, 96
MIDDLE, TOP = 400, 64
LANE = 44
INK, MUTED, ACCENT, LINE, SOFT = "#1f2329", "#5b6470", "#a61b1b", "#8b94a1", "#f6f7f9"
BAD, GOLD = "#b42318", "#7a5900"
FONT = "'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Source Han Sans SC',system-ui,sans-serif"


@dataclass(frozen=True)
class Move:
    source: str
    target: str
    label: str


@dataclass(frozen=True)
class Place:
    x: int
    y: int

    @property
    def left(self):
        return self.x - BOX_W // 2

    @property
    def right(self):
        return self.x + BOX_W // 2

    @property
    def bottom(self):
        return self.y + BOX_H

    @property
    def middle(self):
        return self.y + BOX_H // 2


def draw(title: str, states: dict[str, str], way: list[str], moves: Iterable[Move], note: str) -> str:
    """An SVG of the machine. `states` maps a state to its word, `way` are those down the middle, in order.

    `note` is said beneath it.
    """
    moves = sorted(moves, key=lambda each: (each.target, each.source, each.label))
    places = {state: Place(MIDDLE, TOP + STEP * row) for row, state in enumerate(way)}
    sides = [state for state in states if state not in places]
    foot = TOP + STEP * len(way)
    for state, x in zip(sides, (MIDDLE + 290, MIDDLE - 290), strict=False):
        places[state] = Place(x, foot - STEP)
    parts = [_head(title, foot)]
    for state in sides:
        parts += _common(places, state, [move for move in moves if move.target == state])
    parts += _lanes(places, way, [move for move in moves if move.target in way])
    for state, word in states.items():
        parts.append(_box(places[state], word, _tone(state, way)))
    parts.append(_words(MIDDLE, foot - STEP + BOX_H + 32, note, MUTED, "middle"))
    return "\n".join([*parts, "</svg>", ""])


def _lanes(places, way, moves):
    back = forward = 0
    for move in sorted(moves, key=lambda each: abs(way.index(each.source) - way.index(each.target))):
        span = way.index(move.target) - way.index(move.source)
        source, target = places[move.source], places[move.target]
        if span == 1:
            yield _path(f"M{source.x} {source.bottom}V{target.y - 2}", ACCENT, "accent")
            yield _words(source.x + 10, source.bottom + 29, move.label, INK)
        elif span < 0:
            back += 1
            x = source.left - LANE * back
            yield _path(_around(source.left, source.middle - 11, x, target.left - 2, target.middle + 11))
            yield _words(x + 6, (source.middle + target.middle) // 2 - 18 + 24 * back, move.label, MUTED)
        else:
            forward += 1
            x = source.right + LANE * forward
            yield _path(_around(source.right, source.middle, x, target.right + 2, target.middle - 11))
            yield _words(x + 6, (source.middle + target.middle) // 2 + 5, move.label, MUTED)


def _common(places, state, moves):
    """One line beside the way, into which every source runs, and which ends in the box."""
    end = places[state]
    on_right = end.x > MIDDLE
    for move in moves:
        source = places[move.source]
        start = source.right if on_right else source.left
        y = source.middle + (11 if on_right else 0)
        yield _path(f"M{start} {y}H{end.x}", LINE, None, dashed=True)
    highest = min(places[move.source].middle + (11 if on_right else 0) for move in moves)
    yield _path(f"M{end.x} {highest}V{end.y - 2}", LINE, "plain", dashed=True)
    label = "、".join(sorted({move.label for move in moves}))
    anchor = "start" if on_right else "end"
    yield _words(end.x + (8 if on_right else -8), end.y - 24, label, MUTED, anchor)


def _around(x1, y1, lane, x2, y2) -> str:
    """Out to the lane, along it, and back in, with round corners."""
    side, up = (1 if lane > x1 else -1), (1 if y2 > y1 else -1)
    r = 10
    return (
        f"M{x1} {y1}H{lane - side * r}Q{lane} {y1} {lane} {y1 + up * r}"
        f"V{y2 - up * r}Q{lane} {y2} {lane - side * r} {y2}H{x2}"
    )


def _tone(state, way) -> tuple[str, str, str]:
    if state not in way:
        return (BAD, "#fbeeee", BAD) if state == "rejected" else (LINE, SOFT, MUTED)
    return (GOLD, "#fdf3e1", GOLD) if state == way[-1] else (ACCENT, "#ffffff", INK)


def _box(place, word, tone) -> str:
    stroke, fill, ink = tone
    return (
        f'<rect x="{place.left}" y="{place.y}" width="{BOX_W}" height="{BOX_H}" rx="6" fill="{fill}" '
        f'stroke="{stroke}" stroke-width="1.5"/>'
        f'<text x="{place.x}" y="{place.y + 29}" text-anchor="middle" font-size="16" font-weight="600" '
        f'fill="{ink}">{escape(word)}</text>'
    )


def _path(d, colour=MUTED, arrow: str | None = "muted", *, dashed=False) -> str:
    end = f' marker-end="url(#to-{arrow})"' if arrow else ""
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="1.5"{dash}{end}/>'


def _words(x, y, text, colour, anchor="start") -> str:
    # A white rim keeps the words readable where a line passes behind them.
    return (
        f'<text x="{x}" y="{y}" font-size="13" fill="{colour}" text-anchor="{anchor}" paint-order="stroke" '
        f'stroke="#ffffff" stroke-width="5" stroke-linejoin="round">{escape(text)}</text>'
    )


def _head(title, foot) -> str:
    arrows = "".join(
        f'<marker id="to-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
        f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{colour}"/></marker>'
        for name, colour in (("accent", ACCENT), ("muted", MUTED), ("plain", LINE))
    )
    width, height = 2 * MIDDLE, foot - STEP + BOX_H + 52
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
        f'height="{height}" role="img" aria-labelledby="title" font-family="{FONT}">\n'
        f'<title id="title">{escape(title)}</title>\n<defs>{arrows}</defs>\n'
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>\n'
        f'<text x="{MIDDLE}" y="34" text-anchor="middle" font-size="18" font-weight="600" fill="{INK}">'
        f"{escape(title)}</text>"
    )
