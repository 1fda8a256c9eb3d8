"""The map as a picture: boxes in two rows, arrows between them, numbers where the last event came by. No ids, so no markers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labkit.ui.map_boxes import Box
from labkit.ui.markup import escape
from labkit.ui.nodes import SYMBOLS

_WIDTH, _HEIGHT = 196, 112
_STEP = _WIDTH + 35
_TOP, _BELOW = 46, 212
_LINE_CHARACTERS = 24
_PLACES: Mapping[str, tuple[int, int]] = {
    "raw": (0, _TOP), "function": (1, _TOP), "job": (2, _TOP), "processed": (3, _TOP), "queries": (4, _TOP),
    "raw_crawler": (0, _BELOW), "lambda_role": (1, _BELOW), "glue_role": (2, _BELOW), "processed_crawler": (3, _BELOW),
    "tables": (4, _BELOW),
}  # fmt: skip


def draw_map(boxes: Mapping[str, Box], reached: Sequence[str], alt: str) -> str:
    """An SVG with `alt` as its name; `reached` are the parts that the last event came to, in order."""
    width, height = 4 * _STEP + _WIDTH + 4, _BELOW + _HEIGHT + 34
    shapes = [*_arrows(boxes, reached), *(_box(box) for part, box in boxes.items() if part in _PLACES)]
    shapes += [_badge(part, number) for number, part in enumerate(reached, 1) if part in _PLACES]
    return (
        f'<svg class="lk-map" role="img" aria-label="{escape(alt)}" viewBox="-2 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(shapes)}</svg>'
    )


def _box(box: Box) -> str:
    column, top = _PLACES[box.part]
    left = column * _STEP
    dashed = "" if box.exists else ' stroke-dasharray="6 4"'
    lines = (
        _words(left + 10, top + 24, box.kind, "lk-map-kind"),
        _words(left + 10, top + 45, box.name, "lk-map-name"),
        _words(left + 10, top + 70, f"{SYMBOLS[box.chip.tone]} {box.chip.word}", f"lk-map-stand lk-{box.chip.tone}"),
        *(
            _words(left + 10, top + 90 + 16 * place, line, "lk-map-count")
            for place, line in enumerate(_wrap(box.counts)[:2])
        ),
    )
    frame = f'<rect class="lk-map-box lk-{box.chip.tone}" x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" rx="6"{dashed}/>'
    return frame + "".join(lines)


def _words(x: int, y: int, words: str, kind: str) -> str:
    if not words:
        return ""
    cut = words if len(words) <= _LINE_CHARACTERS else f"{words[: _LINE_CHARACTERS - 1]}…"
    return f'<text class="{kind}" x="{x}" y="{y}">{escape(cut)}</text>'


def _wrap(words: str) -> list[str]:
    """Two lines at the most, broken at `·` or a space."""
    if len(words) <= _LINE_CHARACTERS:
        return [words]
    head = words[:_LINE_CHARACTERS]
    place = head.rfind("· ") + 1 or head.rfind(" ") or _LINE_CHARACTERS
    return [words[:place].rstrip(" ·"), words[place:].lstrip(" ·")]


def _arrows(boxes: Mapping[str, Box], reached: Sequence[str]) -> list[str]:
    rule = boxes["rules"]
    middle = _TOP + _HEIGHT // 2
    found = []
    for column, label in enumerate((f"{SYMBOLS[rule.chip.tone]} {rule.kind}", "StartJobRun", "Parquet", "SQL")):
        start = column * _STEP + _WIDTH
        lit = column < 3 and len(reached) > column + 1
        found.append(_arrow([(start, middle), (start + 35, middle)], lit=lit, dashed=column == 0 and not rule.exists))
        found.append(
            f'<text class="lk-map-label" text-anchor="middle" x="{start + 17}" y="{_TOP - 18}">{escape(label)}</text>'
        )
    above, below = _TOP + _HEIGHT, _BELOW
    found += [_arrow([(_centre(column), above), (_centre(column), below)]) for column in (0, 3)]
    found += [_arrow([(_centre(column), below), (_centre(column), above)], dashed=True) for column in (1, 2)]
    found.append(_arrow([(_centre(4), _BELOW), (_centre(4), _TOP + _HEIGHT)]))
    found.append(_arrow([(3 * _STEP + _WIDTH, _BELOW + _HEIGHT // 2), (4 * _STEP, _BELOW + _HEIGHT // 2)]))
    bottom = _BELOW + _HEIGHT
    corner = [(_centre(0), bottom), (_centre(0), bottom + 20), (_centre(4), bottom + 20), (_centre(4), bottom)]
    found.append(_arrow(corner))
    return found


def _centre(column: int) -> int:
    return column * _STEP + _WIDTH // 2


def _arrow(points: Sequence[tuple[int, int]], *, lit: bool = False, dashed: bool = False) -> str:
    kind = "lk-map-arrow lk-map-lit" if lit else "lk-map-arrow"
    dashes = ' stroke-dasharray="5 4"' if dashed else ""
    path = " ".join(f"{x},{y}" for x, y in points)
    return f'<polyline class="{kind}" points="{path}"{dashes}/><polygon class="lk-map-head" points="{_head(*points[-2:])}"/>'


def _head(before: tuple[int, int], end: tuple[int, int]) -> str:
    """A triangle whose tip is the end of the arrow."""
    (x0, y0), (x, y) = before, end
    dx, dy = (x > x0) - (x < x0), (y > y0) - (y < y0)
    return f"{x},{y} {x - 9 * dx + 5 * dy},{y - 9 * dy + 5 * dx} {x - 9 * dx - 5 * dy},{y - 9 * dy - 5 * dx}"


def _badge(part: str, number: int) -> str:
    column, top = _PLACES[part]
    x, y = column * _STEP + _WIDTH - 14, top
    return (
        f'<circle class="lk-map-badge" cx="{x}" cy="{y}" r="11"/>'
        f'<text class="lk-map-number" text-anchor="middle" x="{x}" y="{y + 5}">{number}</text>'
    )
