"""The charts of a page: each returns its axes, drawn from values that were computed elsewhere."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kpi_lib.show.common import theme, wording
from kpi_lib.show.common.language import _
from kpi_lib.show.common.numbers import format_short
from kpi_lib.show.common.pictures import image
from kpi_lib.show.common.slice import KpiSlice, Measure
from kpi_lib.show.common.units import ADDS_UP

PNG_DPI = 200  # twice what is shown: sharp on a phone


def is_bars(measure: Measure) -> bool:
    """Whether the measure is an amount or a count, which bars show; others are a line."""
    return measure.unit in ADDS_UP and measure.better != "lower"


def trend(measure: Measure, card: KpiSlice) -> Axes:
    """Return the axes of a measure's course over the periods of its history."""
    with mpl.rc_context(theme.CHART):
        axes = blank()
        values = [_or_gap(point.value) for point in measure.history]
        whole = [point.covered_from is None for point in measure.history]
        draw = _bars if is_bars(measure) else _line
        draw(axes, values, whole)
        _label_last(axes, values, measure, card)
        _add_axes_and_target(axes, measure, card)
    return axes


def blank(size: tuple[float, float] | None = None) -> Axes:
    """Return empty axes, of the theme's size where none is given (inches)."""
    figure = Figure(figsize=size, layout="tight")
    FigureCanvasSVG(figure)
    return figure.subplots()


def picture(axes: Axes, alt: str) -> Markup:
    """Return the drawn axes as an image with its alternative text."""
    buffer = io.StringIO()
    with mpl.rc_context(theme.CHART):
        # Without a date the same chart is the same bytes.
        figure = axes.get_figure(root=True)
        assert figure is not None  # trend() made it
        figure.savefig(buffer, format="svg", metadata={"Date": None}, transparent=True)
    svg = buffer.getvalue()
    return image(svg[svg.index("<svg") :].replace("'DejaVu Sans'", theme.FONTS), alt, "chart")


def png(axes: Axes) -> bytes:
    """Return the drawn axes as a PNG file, on white: for mail clients, which show no SVG."""
    buffer = io.BytesIO()
    with mpl.rc_context(theme.CHART):
        figure = axes.get_figure(root=True)
        assert figure is not None  # trend() made it
        # Without the name of what drew it, the same chart is the same bytes.
        figure.savefig(
            buffer, format="png", dpi=PNG_DPI, facecolor="white", metadata={"Software": None}
        )
    return buffer.getvalue()


def _or_gap(value: float | None) -> float:
    return float("nan") if value is None else float(value)


def _bars(axes: Axes, values: Sequence[float], whole: Sequence[bool]) -> None:
    """Draw a bar a period; hatched, where the data cover a part of it only."""
    colours = [theme.EARLIER] * (len(values) - 1) + [theme.ON_TRACK]
    bars = axes.bar(range(len(values)), values, color=colours, width=0.68)
    for bar, is_whole, colour in zip(bars, whole, colours, strict=True):
        if not is_whole:
            bar.set(facecolor="white", edgecolor=colour, hatch="///")


def _line(axes: Axes, values: Sequence[float], whole: Sequence[bool]) -> None:
    """Draw a line; a period that the data cover in part is a hollow point beside it."""
    course = [v if is_whole else float("nan") for v, is_whole in zip(values, whole, strict=True)]
    axes.plot(
        range(len(values)), course, color=theme.EARLIER, linewidth=2, marker="o", markersize=4
    )
    axes.plot(len(values) - 1, course[-1], "o", color=theme.ON_TRACK, markersize=8)
    parts = [place for place, is_whole in enumerate(whole) if not is_whole]
    hollow = axes.plot(parts, [values[place] for place in parts], "o", color=theme.EARLIER)
    hollow[0].set(markerfacecolor="white", markersize=6)


def _label_last(axes: Axes, values: Sequence[float], measure: Measure, card: KpiSlice) -> None:
    """Write the last value beside its mark, so that nobody has to read it off the axis."""
    if math.isnan(values[-1]):
        return
    falls = not is_bars(measure) and len(values) > 1 and values[-2] > values[-1]
    axes.annotate(
        wording.said(measure, values[-1], card),
        (len(values) - 1, values[-1]),
        xytext=(0, -18 if falls else 7),  # below a line that comes from above
        textcoords="offset points",
        ha="center",
        weight="bold",
        color=theme.INK,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1},  # a line may pass behind it
        zorder=5,
    )


def _add_axes_and_target(axes: Axes, measure: Measure, card: KpiSlice) -> None:
    """Add to a chart the periods below, the unit beside, and the line of the target."""
    labels = [wording.point_name(point, card, short=True) for point in measure.history]
    axes.set_xticks(range(len(labels)), [two_lines(label) for label in labels])
    axes.set_xlim(-0.6, len(labels) - 0.4)
    axes.margins(y=0.2)
    if is_bars(measure):
        axes.set_ylim(bottom=min(0, axes.get_ylim()[0]))
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=measure.unit == "number"))
    axes.yaxis.set_major_formatter(
        FuncFormatter(lambda value, _place: format_short(value, measure.unit, card.currency))
    )
    target = measure.number("target")
    if target is not None:
        axes.axhline(target, color=theme.INK, linewidth=1.2, linestyle=(0, (4, 3)))
        axes.annotate(
            _("Target"),
            (1, target),
            xycoords=axes.get_yaxis_transform(),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            size=9,
        )


def two_lines(label: str) -> str:
    """Return a period's name on two lines, the year below: so that many stand side by side."""
    return label.replace("\N{NO-BREAK SPACE}", "\n")
