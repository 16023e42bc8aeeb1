"""The charts of a portfolio page: each draws a tidy frame, and returns its axes.

Nothing is computed here; what a chart says in words is its title, above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import matplotlib as mpl
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import Bbox

from kpi_lib.show.common import theme
from kpi_lib.show.common.charts import two_lines
from kpi_lib.show.common.numbers import format_short

COLOURS = {"talk": theme.AT_RISK, "invest": theme.ON_TRACK, "keep": theme.EARLIER}
MARKERS = {"talk": "s", "invest": "o", "keep": "o"}
DOTS = ("o", "s", "D", "^", "v")  # a model each
_LEADER = {"arrowstyle": "-", "color": theme.MUTED, "linewidth": 0.6, "shrinkA": 0, "shrinkB": 4}
_MOST_LABELS = 12
_LONGEST_LABEL = 18  # among the points
# Where a label may stand beside its point, in points: right, left, above, below, and between;
# and farther away, at the end of a line.
_NEAR = ((7, 0), (-7, 0), (0, 9), (0, -9), (6, 8), (-6, 8), (6, -8), (-6, -8))
_FAR = ((16, 18), (-16, 18), (16, -18), (-16, -18), (26, 32), (-26, 32), (26, -32), (-26, -32))


def revenue_of(frame: pd.DataFrame, names: tuple[str, str], currency: str) -> Axes:
    """Return stacked bars, one a period: partners below, direct business above.

    `frame`: period, partners, direct, is_whole; hatched where the data cover a part of a period.
    """
    with mpl.rc_context(theme.CHART):
        axes = _new_axes(5.2, 2.9)
        places = range(len(frame))
        parts = frame[["partners", "direct"]].fillna(0.0)
        axes.bar(places, parts["partners"], color=theme.ON_TRACK, width=0.68, label=names[0])
        axes.bar(
            places,
            parts["direct"],
            bottom=parts["partners"],
            color=theme.LINE,
            width=0.68,
            label=names[1],
        )
        for bars in axes.containers:
            for bar, is_whole in zip(bars, frame["is_whole"], strict=True):
                if not is_whole:
                    bar.set(hatch="///", edgecolor="white")
        axes.set_xticks(list(places), [two_lines(name) for name in frame["period"]])
        _scale_in_money(axes, "y", currency)
        _add_legend(axes, 2)
    return axes


def moves(frame: pd.DataFrame, currency: str) -> Axes:
    """Return bars from a middle line: gains to the right, losses to the left, the first on top.

    `frame`: name, moved, said.
    """
    with mpl.rc_context(theme.CHART):
        axes = _new_axes(5.8, 0.7 + 0.34 * len(frame))
        places = range(len(frame))
        colours = [theme.ON_TRACK if moved > 0 else theme.AT_RISK for moved in frame["moved"]]
        axes.barh(places, frame["moved"], color=colours, height=0.62)
        axes.axvline(0, color=theme.INK, linewidth=1)
        axes.set_yticks(list(places), [_short(name) for name in frame["name"]], color=theme.INK)
        axes.invert_yaxis()
        axes.grid(visible=False)
        axes.margins(x=0.22)
        for place, moved, said in zip(places, frame["moved"], frame["said"], strict=True):
            axes.annotate(
                said,
                (moved, place),
                xytext=(4 if moved > 0 else -4, 0),
                textcoords="offset points",
                va="center",
                ha="left" if moved > 0 else "right",
                size=9,
            )
        axes.set_xticks([])
    return axes


def cumulated(frame: pd.DataFrame, marks: Sequence[tuple[int, str]], label: str) -> Axes:
    """Return how the shares of the largest partners add up to the whole; `marks`: place and text.

    `frame`: partners (their number, the largest first), share.
    """
    with mpl.rc_context(theme.CHART):
        axes = _new_axes(5.2, 2.9)
        number, share = [0, *frame["partners"]], [0.0, *frame["share"]]
        axes.plot(number, share, color=theme.ON_TRACK, linewidth=2)
        axes.plot([0, number[-1]], [0, share[-1]], color=theme.EARLIER, linestyle=(0, (4, 3)))
        for place, text in marks:
            axes.plot(place, share[place], "o", color=theme.ON_TRACK, markersize=7)
            axes.annotate(
                text,
                (place, share[place]),
                xytext=(9, -4),
                textcoords="offset points",
                va="top",
                size=9,
                bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.5},
            )
        axes.set_ylim(0, 1.05)
        axes.set_xlim(left=0)
        axes.set_xlabel(label)
        axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda v, _: format_short(v, "ratio", "")))
    return axes


def credits_of(frame: pd.DataFrame, models: Sequence[tuple[str, str]], currency: str) -> Axes:
    """Return a line a row from the least to the most credit, with a mark for each model.

    `frame`: name, and a column for each model; `models`: column and name.
    """
    with mpl.rc_context(theme.CHART):
        axes = _new_axes(5.8, 1.25 + 0.36 * len(frame))
        places = range(len(frame))
        columns = [model for model, _ in models]
        axes.hlines(
            places,
            frame[columns].min(axis=1),
            frame[columns].max(axis=1),
            color=theme.LINE,
            linewidth=6,
        )
        colours = (theme.ON_TRACK, theme.AT_RISK, theme.INK, theme.EARLIER, theme.MUTED)
        for (model, name), shape, colour in zip(models, DOTS, colours, strict=False):
            axes.plot(frame[model], places, shape, color=colour, markersize=6, label=name)
        axes.set_yticks(list(places), [_short(name) for name in frame["name"]], color=theme.INK)
        axes.invert_yaxis()
        axes.margins(y=0.08)
        axes.grid(visible=True, axis="x")
        axes.grid(visible=False, axis="y")
        _scale_in_money(axes, "x", currency)
        _add_legend(axes, 3)
    return axes


def health_and_revenue(
    frame: pd.DataFrame, bounds: Sequence[float], labels: tuple[str, str], currency: str
) -> Axes:
    """Return a point a partner, revenue to the right, health upwards; the urgent ones are named.

    `frame`: name, revenue, health, stance; `bounds`: the health scores below which a
    partner needs a talk and from which it earns more investment.
    """
    with mpl.rc_context(theme.CHART):
        axes = _new_axes(6.4, 4.2)
        for stance in ("keep", "invest", "talk"):
            own = frame[frame["stance"] == stance]
            axes.plot(
                own["revenue"],
                own["health"],
                MARKERS[stance],
                color=COLOURS[stance],
                markersize=7,
                alpha=0.85,
            )
        for bound in bounds:
            axes.axhline(bound, color=theme.MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        axes.margins(x=0.16, y=0.12)
        axes.set_xlim(left=min(0.0, axes.get_xlim()[0]))
        _scale_in_money(axes, "x", currency)
        _name(axes, frame)
    return axes


def _name(axes: Axes, frame: pd.DataFrame) -> None:
    """Name the points, those that need a talk first, each where its label covers nothing else."""
    order = {"talk": 0, "invest": 1, "keep": 2}
    ranked = frame.assign(rank=frame["stance"].map(order)).sort_values(
        ["rank", "revenue"], ascending=[True, False], kind="stable"
    )
    figure = axes.get_figure(root=True)
    assert figure is not None  # _new_axes() made it
    figure.draw_without_rendering()
    dots = axes.transData.transform(frame[["revenue", "health"]].to_numpy(dtype=float))
    taken = [Bbox.from_bounds(x - 5, y - 5, 10, 10) for x, y in dots]
    named = ranked.head(_MOST_LABELS)
    places = named[["revenue", "health"]].to_numpy(dtype=float)
    for name, (revenue, health) in zip(named["name"], places, strict=True):
        _label(axes, _short(str(name), _LONGEST_LABEL), (revenue, health), taken)


def _label(axes: Axes, text: str, place: tuple[float, float], taken: list[Bbox]) -> None:
    """Write a label beside its point where there is room; nothing where there is none."""
    figure = axes.get_figure(root=True)
    assert figure is not None  # _new_axes() made it
    within = axes.get_window_extent()
    for offset, align, valign in _label_places():
        label = axes.annotate(
            text,
            place,
            xytext=offset,
            textcoords="offset points",
            ha=align,
            va=valign,
            size=9,
        )
        box = label.get_window_extent().padded(1.5)
        inside = within.x0 <= box.x0 and box.x1 <= within.x1 and within.y0 <= box.y0
        if inside and box.y1 <= within.y1 and not any(box.overlaps(other) for other in taken):
            taken.append(box)
            if offset in _FAR:
                axes.annotate(
                    "", place, offset, textcoords="offset points", arrowprops=dict(_LEADER)
                )
            return
        label.remove()


def _label_places() -> Iterator[tuple[tuple[float, float], str, str]]:
    """Yield where a label may stand beside its point: offset, and alignment across and upwards."""
    for right, up in (*_NEAR, *_FAR):
        align = "left" if right > 0 else "right" if right < 0 else "center"
        yield (right, up), align, "bottom" if up > 0 else "top" if up < 0 else "center"


def _new_axes(width: float, height: float) -> Axes:
    """Return empty axes of a figure of so many inches."""
    figure = Figure(figsize=(width, height), layout="tight")
    FigureCanvasAgg(figure)  # it measures texts; the page gets a drawing
    return figure.subplots()


def _scale_in_money(axes: Axes, which: str, currency: str) -> None:
    """Give the axis `x` or `y` a scale in money."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: format_short(value, "money", currency)))


def _add_legend(axes: Axes, columns: int) -> None:
    """Add the legend above a chart."""
    axes.legend(
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=columns,
        frameon=False,
        fontsize=9,
        borderpad=0,
        handlelength=1,
        columnspacing=1.4,
    )


def _short(name: str, longest: int = 28) -> str:
    short = name if len(name) <= longest else name[: longest - 1].rstrip() + "…"
    return short.replace("$", r"\$")  # two of them would be read as a formula
