"""A plain table with remarks below it, and a status in words and shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_lib.show.common import theme
from kpi_lib.show.common.templating import render

FIGURE, LONG = "figure", "long"


@dataclass(frozen=True)
class Column:
    """A column: its label, and how it is set: as a figure, as a long text, or as it comes."""

    label: str
    kind: str = ""


def listing(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    empty: str = "",
    notes: Sequence[str] = (),
    *,
    is_compact: bool = False,
) -> Markup:
    """Return the table, or words where it would be empty; the first column names the row.

    A column without a text in any row is left out. `is_compact`: few columns, of short texts, that
    a narrow screen has room for side by side.
    """
    kept = [n for n in range(len(columns)) if n == 0 or any(row[n] for row in rows)]
    with_text = [[row[n] for n in kept] for row in rows]
    return whole_listing([columns[n] for n in kept], with_text, empty, notes, is_compact=is_compact)


def whole_listing(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    empty: str = "",
    notes: Sequence[str] = (),
    *,
    is_compact: bool = False,
) -> Markup:
    """Return the same with every column, those without a text too: that they have none is said."""
    return render(
        "listing.html",
        labels=[column.label for column in columns],
        kinds=[column.kind for column in columns],
        rows=rows,
        empty=empty,
        notes=notes,
        is_compact=is_compact,
    )


def mark(status: str, text: str) -> Markup:
    """Return a status by shape, colour and word."""
    return Markup(
        '<span class="status status-{}"><span aria-hidden="true">{}</span> {}</span>'
    ).format(status, theme.SHAPE[status], text)
