"""What is said of figures and points of a course that the data cover in part, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kpi_lib.show.common.language import _, listed, several
from kpi_lib.show.common.numbers import format_count, format_day
from kpi_lib.show.common.period_words import period_name, period_of
from kpi_lib.show.common.slice import Measure, PageSlice, Slice, is_covered

SLACK = 6  # days without a row at a period's end that say nothing: weekends and holidays
MOST_NAMED = 3  # measures, of those that the data cover in part


def reaches_its_end(card: PageSlice) -> bool:
    """Say whether the data reach the last days of the page's period."""
    last = card.day("last_day")
    return last is None or (card.as_of - last).days <= SLACK


def ends_early(card: PageSlice) -> str:
    """Return that the data end before the period does, so that its figures are of a part of it."""
    last = card.day("last_day")
    assert last is not None
    return _(
        "The data end on {day}, before {period} does: what came later is in no figure, and targets "
        "are those of the whole period.",
        day=format_day(last),
        period=period_name(card.period),
    )


def in_part(row: Mapping[str, Any]) -> str:
    """Return from when on the data cover a part that is known; nothing of what is whole."""
    if is_covered(row):
        return ""
    return _("covered in part, from {day}", day=format_day(date.fromisoformat(row["covered_from"])))


def marked(name: str, row: Mapping[str, Any]) -> str:
    """Return what is said of a figure or a point, and in brackets how far the data cover it.

    The day in the brackets may break, so that a row's heading fits a phone.
    """
    mark = in_part(row).replace("\N{NO-BREAK SPACE}", " ")
    return f"{name} ({mark})" if mark else name


def first_periods(measures: Sequence[Measure], card: Slice) -> list[str]:
    """Say which periods of the page the data cover only in part, and of which of the measures."""
    in_part: dict[tuple[str, str], list[str]] = {}
    for measure in measures:
        now = {"period": str(card.period), **measure.row}
        for point in (*measure.history[:-1], now):
            if not is_covered(point) and point["covered_from"] and point["value"] is not None:
                place = (point["period"], point["covered_from"])
                in_part.setdefault(place, []).append(measure.name)
    return [_covered_in_part(*place, names, card) for place, names in in_part.items()]


def _covered_in_part(period: str, day: str, names: Sequence[str], card: Slice) -> str:
    told = {"period": period_of(period, card), "day": format_day(date.fromisoformat(day))}
    if day == str(card.day("first_day")):
        return _("{period} is covered in part only: the data begin on {day}.", **told)
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
        **told,
    )
