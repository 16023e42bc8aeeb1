"""The charts of the models' pages, drawn by seaborn from tidy frames in the theme of all charts."""

from __future__ import annotations

import matplotlib as mpl
import matplotlib.dates as mdates
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from kpi_lib.show.common import theme
from kpi_lib.show.common.charts import blank
from kpi_lib.show.common.numbers import format_count, format_day, format_short

COLOURS = (theme.ON_TRACK, theme.AT_RISK)
_DASHES = ("", (4, 3))


def course(frame: pd.DataFrame, names: tuple[str, str]) -> Axes:
    """Return what came, in a full line, and what was expected, in a broken one, day by day.

    `frame`: day (2011-08-01), actual, expected, both summed up since the first day.
    """
    days = pd.to_datetime(frame["day"])
    tidy = _tidy(frame.assign(day=days), "day", ("actual", "expected"), names)
    with mpl.rc_context(theme.CHART):
        axes = _line_chart(tidy, "day", marker="o")
        ends = (days.iloc[0], days.iloc[-1])
        axes.set_xticks(mdates.date2num(ends), [format_day(end.date()) for end in ends])
        for text, side in zip(axes.get_xticklabels(), ("left", "right"), strict=True):
            text.set(horizontalalignment=side)
        axes.yaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_count(value)))
        axes.set_ylim(bottom=0)
    return axes


def calibration(frame: pd.DataFrame, labels: tuple[str, str]) -> Axes:
    """Return a point a tenth: the probability that was predicted, and the share that left.

    `frame`: expected, left. On the dotted line a prediction came true.
    """
    with mpl.rc_context(theme.CHART):
        axes = blank()
        _even(axes)
        sns.scatterplot(
            frame, x="expected", y="left", ax=axes, color=theme.ON_TRACK, s=48, edgecolor="none"
        )
        _scale_in_percent(axes, *labels)
    return axes


def lift(frame: pd.DataFrame, names: tuple[str, str], label: str) -> Axes:
    """Return how much of the leavers and of their money the likeliest to leave hold.

    `frame`: share (of all customers, so far), share_gone, share_money. On the dotted line a
    choice by lot would be.
    """
    nothing = pd.DataFrame({"share": [0.0], "share_gone": [0.0], "share_money": [0.0]})
    whole = pd.concat([nothing, frame[nothing.columns]])
    tidy = _tidy(whole, "share", ("share_gone", "share_money"), names)
    with mpl.rc_context(theme.CHART):
        axes = _line_chart(tidy, "share")
        _even(axes)
        _scale_in_percent(axes, label, "")
    return axes


def _tidy(
    frame: pd.DataFrame, at: str, columns: tuple[str, str], names: tuple[str, str]
) -> pd.DataFrame:
    named = frame[[at, *columns]].rename(columns=dict(zip(columns, names, strict=True)))
    return named.melt(at, var_name="line", value_name="value")


def _line_chart(tidy: pd.DataFrame, at: str, marker: str | None = None) -> Axes:
    """Return a chart with a line for each value of `line`; `tidy` has one row per point."""
    axes = blank()
    sns.lineplot(
        tidy,
        x=at,
        y="value",
        hue="line",
        style="line",
        palette=list(COLOURS),
        dashes=list(_DASHES),
        marker=marker,
        markeredgecolor="none",
        linewidth=2,
        errorbar=None,
        ax=axes,
    )
    axes.set(xlabel="", ylabel="")
    axes.legend(frameon=False, title=None)
    return axes


def _even(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], color=theme.MUTED, linewidth=1, linestyle=(0, (2, 3)), zorder=1)


def _scale_in_percent(axes: Axes, across: str, upwards: str) -> None:
    """Give both axes a scale from 0 to 100 %, and their names."""
    percent = FuncFormatter(lambda value, _: format_short(value, "ratio", ""))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(percent)
        axis.set_major_locator(MaxNLocator(5))
    axes.set(xlim=(0, 1), ylim=(0, 1.04), xlabel=across, ylabel=upwards)
