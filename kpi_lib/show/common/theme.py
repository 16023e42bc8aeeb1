"""Colours, type and chart settings of every page, in one place.

The colours keep their meaning for colour-blind readers and reach a contrast of 4.5 on white and on
the wash; off track differs from at risk by shape and word.
"""

from __future__ import annotations

import importlib.resources
import re
from functools import cache
from typing import Any

INK = "#1b1f24"
MUTED = "#57606a"
LINE = "#d0d7de"
WASH = "#f6f8fa"
ON_TRACK = "#0b5cad"
AT_RISK = "#8a4600"
NO_DATA = "#57606a"
EARLIER = "#7d9fc4"  # the periods before the one the page is about
FONTS = "'Segoe UI', system-ui, -apple-system, Roboto, 'Helvetica Neue', Arial, sans-serif"

# Shapes carry the status where colour does not: on paper, and for one reader in twelve.
SHAPE = {
    "on_track": "\N{BLACK CIRCLE}",
    "at_risk": "\N{BLACK DIAMOND}",
    "off_track": "\N{BLACK SQUARE}",
    "unsure": "\N{WHITE DIAMOND}",
    "no_data": "\N{WHITE CIRCLE}",
    "in_part": "\N{CIRCLE WITH LEFT HALF BLACK}",
}
DISPUTE = "\N{NOT EQUAL TO}"  # what the partner reported is not what we count
_TEXT = "\N{VARIATION SELECTOR-15}"  # otherwise phones draw arrows as coloured pictures
ARROW = {
    "up": "\N{NORTH EAST ARROW}" + _TEXT,
    "down": "\N{SOUTH EAST ARROW}" + _TEXT,
    "flat": "\N{RIGHTWARDS ARROW}" + _TEXT,
}
MOVE = {1: "\N{BLACK UP-POINTING TRIANGLE}", -1: "\N{BLACK DOWN-POINTING TRIANGLE}", 0: "="}

CHART: dict[Any, Any] = {
    "figure.figsize": (5.2, 2.7),
    "figure.dpi": 100,
    "font.size": 10,
    "font.family": ["DejaVu Sans"],
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LINE,
    "grid.linewidth": 0.7,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "svg.fonttype": "none",  # text stays text: smaller, and set in the page's own type
    "svg.hashsalt": "partner-scorecards",  # the same chart is the same bytes
}


@cache
def page_css() -> str:
    """Return the style sheet of a page's parts."""
    return (
        importlib.resources.files("kpi_lib.show").joinpath("page.css").read_text(encoding="utf-8")
    )


@cache
def notebook_css() -> str:
    """Return the style sheet of the same parts in a notebook, so that they look as on the page.

    JupyterLab has rules of its own for lists, tables and headings of all that it shows. They are
    taken back within a part, and ours count for more than any of them.
    """
    return _TAKEN_BACK + _PART.sub(_WEIGHTY, page_css())


_PART = re.compile(r"\.scorecard(?![\w-])")
_WEIGHTY = ".scorecard" * 4  # one more class than any rule of JupyterLab names
_TAKEN_BACK = (
    f"{_WEIGHTY} * {{ all: revert; box-sizing: border-box; }}\n"
    f"{_WEIGHTY} a {{ color: {ON_TRACK}; }}\n{_WEIGHTY} img {{ max-width: 100%; }}\n"
)
