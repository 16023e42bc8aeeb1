"""The cells of tables whose rows are measures, periods or ages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.claims.cells import BANDS, COLUMNS, SCOPES, Read, UnclaimedError
from tests.claims.claims import is_figure, lies_apart
from tests.claims.facts import Row
from tests.claims.figures import Figure

# --- measures, with their comparisons -------------------------------------------------------------


def measure(read: Read) -> Iterator[str]:
    """A row is a measure, a column what is shown of it."""
    kpi, head = read.kpi, read.head
    if not kpi:
        raise UnclaimedError
    if head in COLUMNS:
        yield from _column(read, kpi, COLUMNS[head])
    elif head in SCOPES:
        yield from is_figure(
            read.figure(), read.row(kpi, SCOPES[head])["value"], read.unit(kpi), head
        )
    elif head == "Change":
        yield from change_in(read, kpi, _earlier(read, read.cell.heads[read.cell.column - 1]))
    elif head == "Status":
        if str(read.row(kpi)["missing"] or "") == "":
            yield "a status holds no figure"
    elif head == "Among the others":
        yield from _standing(read, kpi)
    else:
        yield from is_figure(
            read.figure(), read.row(kpi)[_earlier(read, read.cell.head)], read.unit(kpi), head
        )


def _earlier(read: Read, head: str) -> str:
    """Return the column that a head which names a period is."""
    period, shown = read.facts.period, read.period(head)
    if shown == str(period):
        return "value"
    if shown == str(period.previous()) and read.cell.heads.index(head) == 2:
        return "previous"
    if head == read.facts.words.in_language("A year ago")[0] or shown == str(period.year_ago()):
        return "year_ago"
    raise UnclaimedError


def _column(read: Read, kpi: str, column: str) -> Iterator[str]:
    is_coarse = read.whose.edition == "partner" and column.startswith("peer_")
    if column == "peer_percentile":
        yield from is_figure(read.figure(), read.row(kpi)[column], "ratio", column)
    elif is_coarse:
        expected = read.facts.standing(read.whose, kpi)[column.removeprefix("peer_")]
        yield from is_figure(read.figure(), expected, read.unit(kpi), column)
    else:
        yield from is_figure(read.figure(), read.row(kpi)[column], read.unit(kpi), column)


def change_in(read: Read, kpi: str, column: str) -> Iterator[str]:
    """Yield what is untrue of a change with its sign since an earlier value."""
    row, figure = read.row(kpi), read.figure()
    value, base = row["value"], row[column]
    if (figure.number > 0) != (value > base):
        yield f"the value is {value}, {column} {base}"
    size = Figure(abs(figure.number), figure.half, figure.unit)
    yield from lies_apart(size, value, base, read.unit(kpi), column)


def _standing(read: Read, kpi: str) -> Iterator[str]:
    row, numbers = read.row(kpi), [int(n) for n in re.findall(r"\d+", read.cell.text)]
    if read.whose.edition == "partner":
        tenths = round(10 * read.facts.standing(read.whose, kpi)["ahead"])
        if numbers[-1] != 10 or numbers[0] != min(max(tenths, 1), 9):
            yield f"it is ahead of {tenths} in 10"
    elif numbers != [round(row["peer_percentile"] * 100), row["peers"]]:
        yield f"it is ahead of {row['peer_percentile']} of {row['peers']}"


def forecast(read: Read, row: Row) -> Iterator[str]:
    """Yield what is untrue of a forecast, or of the two ends of its band."""
    texts = read.cell.text.split(" \N{EN DASH} ")
    for text, column in zip(texts, BANDS[read.head], strict=True):
        yield from is_figure(read.figure(text), row[column], "money", column)
