"""What is said of figures and points of a course that the data cover in part, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from kpi_lib.show.language import _
from kpi_lib.show.numbers import format_day
from kpi_lib.show.slice import is_covered


def in_part(row: Mapping[str, Any]) -> str:
    """Return from when on the data cover a figure or a point of a course; nothing of the others."""
    if is_covered(row):
        return ""
    if row["covered_from"] is None:
        return _("not covered by the data")
    return _("covered in part, from {day}", day=format_day(date.fromisoformat(row["covered_from"])))


def marked(name: str, row: Mapping[str, Any]) -> str:
    """Return what is said of a figure or a point, and in brackets how far the data cover it."""
    mark = in_part(row)
    return f"{name} ({mark})" if mark else name
