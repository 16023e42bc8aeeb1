"""Drawings as images that carry their own data: sparkline, peer band, months, a chart's place.

They are images and not inline SVG: nothing in an image can run, and its alternative text is read.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from markupsafe import Markup

from kpi_lib.show.common.templating import render
from kpi_lib.show.common.theme import AT_RISK, EARLIER, INK, LINE, MUTED, ON_TRACK, WASH

_WIDTH, _HEIGHT, _MARGIN = 160, 36, 4
_NOTHING = Markup()


def image(svg: str, alt: str, css_class: str) -> Markup:
    """Return an `img` element that holds the drawing."""
    data = base64.b64encode(svg.encode()).decode()
    return Markup('<img class="{}" alt="{}" src="data:image/svg+xml;base64,{}">').format(
        css_class, alt, data
    )


def sparkline(values: Sequence[float | None], alt: str) -> Markup:
    """Return the course of the values, oldest first; a period without one leaves a gap."""
    low, high = (pick(v for v in values if v is not None) for pick in (min, max))
    step = (_WIDTH - 2 * _MARGIN) / max(len(values) - 1, 1)
    room = _HEIGHT - 2 * _MARGIN

    def place(index: int, value: float) -> tuple[float, float]:
        share = (value - low) / (high - low) if high > low else 0.5
        return round(_MARGIN + index * step, 1), round(_HEIGHT - _MARGIN - share * room, 1)

    places = [None if v is None else place(i, v) for i, v in enumerate(values)]
    return image(_svg(_WIDTH, _HEIGHT, _course(places)), alt, "sparkline")


def peer_band(q1: float, median: float, q3: float, value: float, alt: str) -> Markup:
    """Return the band of the middle half of the peers, their median, and the partner's place."""
    width, middle, margin = 220, 14, 9
    low, high = min(q1, value), max(q3, value)
    room = (high - low) or 1.0

    def x(at: float) -> float:
        return round(margin + (at - low) / room * (width - 2 * margin), 1)

    shapes = (
        f'<path d="M{margin} {middle}H{width - margin}" stroke="{LINE}" stroke-width="2"/>'
        f'<rect x="{x(q1)}" y="{middle - 6}" width="{max(x(q3) - x(q1), 1):.1f}" height="12" '
        f'fill="{LINE}"/>'
        f'<path d="M{x(median)} {middle - 8}v16" stroke="{MUTED}" stroke-width="2"/>'
        f'<circle cx="{x(value)}" cy="{middle}" r="6" fill="{ON_TRACK}" stroke="#fff" '
        f'stroke-width="2"/>'
    )
    return image(_svg(width, 2 * middle, shapes), alt, "band")


def share_bar(share: float, alt: str) -> Markup:
    """Return a share of 0 to 1 as a bar in its frame."""
    width, height = 160, 14
    filled = round(min(max(share, 0.0), 1.0) * width, 1)
    shapes = (
        f'<rect width="{width}" height="{height}" fill="{LINE}"/>'
        f'<rect width="{filled}" height="{height}" fill="{EARLIER}"/>'
    )
    return image(_svg(width, height, shapes), alt, "share-bar")


def bullet(value: float, target: float, alt: str) -> Markup:
    """Return a value as a bar beside its target, a line across it; both at least 0."""
    width, height = 160, 14
    most = 1.15 * max(value, target) or 1.0
    long, at = round(value / most * width, 1), round(target / most * width, 1)
    shapes = (
        f'<rect y="1" width="{width}" height="12" fill="{WASH}"/>'
        f'<rect y="4" width="{long}" height="6" fill="{EARLIER}"/>'
        f'<path d="M{at} 0v14" stroke="{INK}" stroke-width="2"/>'
    )
    return image(_svg(width, height, shapes), alt, "bullet")


def month_bars(months: Sequence[tuple[str, int | None, str | None]], alt: str) -> Markup:
    """Return a bar for each month, name, rows and state; months before the first row are blank."""
    step, height, base = 7, 28, 26
    most = max((rows for _, rows, _ in months if rows), default=1)
    parts = []
    for number, (_, rows, state) in enumerate(months):
        left = number * step + 1
        if state == "missing":
            parts.append(_bar(left, 4, base, f'fill="#fff" stroke="{AT_RISK}" stroke-width="1.2"'))
        elif rows:
            top = base - max(round(rows / most * (base - 3), 1), 1.5)
            parts.append(_bar(left, top, base, f'fill="{AT_RISK if state == "thin" else EARLIER}"'))
        elif rows is not None:
            parts.append(_bar(left, base - 0.5, base, f'fill="{LINE}"'))
    return image(_svg(step * len(months), height, "".join(parts)), alt, "months")


def _bar(left: float, top: float, base: float, paint: str) -> str:
    return f'<rect x="{left}" y="{top}" width="5" height="{round(base - top, 1)}" {paint}/>'


def _course(places: Sequence[tuple[float, float] | None]) -> str:
    """Return the lines between neighbours, a point for each value without one, and the last."""
    parts, run = [], list[tuple[float, float]]()
    for place in (*places, None):
        if place is not None:
            run.append(place)
        elif run:
            parts.append(_svg_line(run))
            run = []
    last = places[-1]
    if last is not None:
        parts.append(f'<circle cx="{last[0]}" cy="{last[1]}" r="3.5" fill="{INK}"/>')
    return "".join(parts)


def _svg_line(run: Sequence[tuple[float, float]]) -> str:
    """Return points as a line in SVG, a single one as a dot."""
    if len(run) == 1:
        return f'<circle cx="{run[0][0]}" cy="{run[0][1]}" r="1.5" fill="{EARLIER}"/>'
    points = " ".join(f"{x},{y}" for x, y in run)
    return (
        f'<polyline points="{points}" fill="none" stroke="{EARLIER}" stroke-width="2" '
        'stroke-linejoin="round" stroke-linecap="round"/>'
    )


def _svg(width: int, height: int, shapes: str) -> str:
    """Return shapes as an SVG image of so many pixels."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{shapes}</svg>'
    )


def pictured(
    title: str, picture: Markup, table: Markup = _NOTHING, *, is_narrow: bool = False
) -> Markup:
    """Return a chart under its message; its table beside it where it is narrow, else below."""
    beside, below = (table, _NOTHING) if is_narrow else (_NOTHING, table)
    return render("pictured.html", title=title, picture=picture, beside=beside, below=below)
