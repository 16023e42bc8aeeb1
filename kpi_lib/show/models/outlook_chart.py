"""The chart of what is to come: what was, what is expected, and how far that may be off."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kpi_lib.show.common import theme
from kpi_lib.show.common.charts import blank, two_lines
from kpi_lib.show.common.numbers import format_short
from kpi_lib.slices.outlook_types import Expected, Sold

_SHADES = {"95": 0.14, "80": 0.26}  # the wider band is the paler one


def ahead(
    course: Sequence[Sold], steps: Sequence[Expected], names: Sequence[str], currency: str
) -> Axes:
    """Return bars of the periods that were, and a line with its bands over those to come.

    `course`: what was sold. `steps`: what is expected. `names`: of all their periods, in order.
    """
    with mpl.rc_context(theme.CHART):
        axes = blank((5.2, 2.9))
        colours = [theme.EARLIER] * (len(course) - 1) + [theme.ON_TRACK]
        axes.bar(range(len(course)), [row.value for row in course], color=colours, width=0.68)
        _draw_ahead(axes, range(len(course), len(course) + len(steps)), steps)
        axes.set_xticks(range(len(names)), [two_lines(name) for name in names], fontsize=9)
        axes.set_xlim(-0.6, len(names) - 0.4)
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
        axes.yaxis.set_major_locator(MaxNLocator(4))
        money = FuncFormatter(lambda value, _place: format_short(value, "money", currency))
        axes.yaxis.set_major_formatter(money)
    return axes


def _draw_ahead(axes: Axes, places: Sequence[int], steps: Sequence[Expected]) -> None:
    """Draw what is expected as a broken line over its two bands."""
    for band, shade in _SHADES.items():
        axes.fill_between(
            places,
            [getattr(row, f"low{band}") for row in steps],
            [getattr(row, f"high{band}") for row in steps],
            color=theme.ON_TRACK,
            alpha=shade,
            linewidth=0,
        )
    axes.plot(
        places,
        [row.value for row in steps],
        color=theme.INK,
        linestyle=(0, (4, 3)),
        marker="o",
        markersize=5,
    )
