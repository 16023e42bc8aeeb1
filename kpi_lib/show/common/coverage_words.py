"""What is said of figures and points of a course that the data cover in part, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from kpi_lib.show.common.language import _, listed, several
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.period_words import period_name, period_of
from kpi_lib.show.common.slice import KpiSlice, Measure, PageSlice
from kpi_lib.slices.page_types import KpiRow, Point

SLACK = 6  # days without a row at a period's end that say nothing: weekends and holidays
MOST_NAMED = 3  # measures, of those that the data cover in part


def reaches_its_end(card: PageSlice) -> bool:
    """Say whether the data reach the last days of the page's period."""
    last = card.data.last_day
    return last is None or (card.as_of - last).days <= SLACK


def ends_early(card: PageSlice) -> str:
    """Return that the data end before the period does, so that its figures are of a part of it."""
    last = card.data.last_day
    assert last is not None
    return _(
        "The data end on {day}, before {period} does: what came later is in no figure, and targets "
        "are those of the whole period.",
        day=format_day(last),
        period=period_name(card.period),
    )


def in_part(row: KpiRow | Point) -> str:
    """Return from when on the data cover a part that is known; nothing of what is whole."""
    if row.covered_from is None:
        return ""
    return _("covered in part, from {day}", day=format_day(row.covered_from))


def marked(name: str, row: KpiRow | Point) -> str:
    """Return what is said of a figure or a point, and in brackets how far the data cover it.

    The day in the brackets may break, so that a row's heading fits a phone.
    """
    mark = in_part(row).replace("\N{NO-BREAK SPACE}", " ")
    return f"{name} ({mark})" if mark else name


def first_periods(measures: Sequence[Measure], card: KpiSlice) -> list[str]:
    """Say which periods of the page the data cover only in part, and of which of the measures."""
    in_part: dict[tuple[str, date], list[str]] = {}
    for measure in measures:
        now = replace(measure.row, period=str(card.period))
        points: list[Point | KpiRow] = [*measure.history[:-1], now]
        for point in points:
            if point.covered_from is not None and point.value is not None:
                place = (point.period, point.covered_from)
                in_part.setdefault(place, []).append(measure.name)
    return [_coverage_sentence(*place, names, card) for place, names in in_part.items()]


def _coverage_sentence(period: str, day: date, names: Sequence[str], card: KpiSlice) -> str:
    """Return the sentence that a period is covered in part: from which day, of what."""
    words = {"period": period_of(period, card), "day": format_day(day)}
    if day == card.data.first_day:
        return _("{period} is covered in part only: the data begin on {day}.", **words)
    further = len(names) - MOST_NAMED
    measures = listed(names[:MOST_NAMED])
    if further > 0:
        measures = several(
            "{measures} and {count} further measure",
            "{measures} and {count} further measures",
            further,
            measures=", ".join(names[:MOST_NAMED]),
            count=format_count(further),
        )
    return _(
        "{period} is covered in part only of {measures}: their data begin on {day}.",
        measures=measures,
        **words,
    )
