"""The 6 to 8 tiles that a reader sees first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from kpi_lib.show.common import theme, wording
from kpi_lib.show.common.coverage_words import in_part
from kpi_lib.show.common.language import _
from kpi_lib.show.common.numbers import Change
from kpi_lib.show.common.pictures import bullet, sparkline
from kpi_lib.show.common.slice import HELD, KpiSlice, Measure
from kpi_lib.show.common.templating import render

MOST, FEWEST = 8, 6
# What may be open still after a partnership has ended.
OPEN = ("receivables", "overdue_balance", "pipeline_value", "open_incidents")


@dataclass(frozen=True)
class Tile:
    """What one tile says, ready to be read."""

    name: str
    value: str
    is_missing: bool
    reason: str
    status: str
    target: str | None
    change: Change | None
    year_ago: str | None
    note: str | None
    trend: str | None
    cases: str | None
    is_disputed: bool
    bullet: Markup | None
    sparkline: Markup | None

    @property
    def has_light(self) -> bool:
        """Whether there is a status to show; where no target is agreed there is none to miss."""
        return self.status in HELD

    @property
    def move(self) -> str:
        """The shape of the change."""
        return theme.MOVE[self.change.direction] if self.change else ""


def tile(measure: Measure, card: KpiSlice) -> Tile:
    """Return the tile of one measure."""
    base = measure.number("year_ago")
    return Tile(
        name=measure.name,
        value=wording.value_of(measure, card),
        is_missing=measure.value is None,
        reason=wording.reason(measure),
        status=measure.status,
        target=wording.target_line(measure, card),
        change=wording.change_of(measure, "year_ago", card),
        year_ago=None if base is None else wording.said(measure, base, card),
        note=_note(measure),
        trend=measure.row.trend,
        cases=wording.cases(measure) if measure.is_small else None,
        is_disputed=measure.dispute is not None,
        bullet=_bullet(measure, card),
        sparkline=_sparkline(measure, card),
    )


def leading_measures(card: KpiSlice) -> list[Measure]:
    """Return the measures that lead the page: the profile's, those with a value before the others.

    Where the profile has too few with a value, further measures that have one fill the row; only
    then do missing ones of the profile, which say why. Of a partner that had left before the period
    began: what was still open.
    """
    if card.stay.is_over:
        return _still_open(card)
    lead = [m for m in card.profile if m.value is not None][:MOST]
    more = [m for m in card.known if m not in lead]
    lead += more[: max(FEWEST - len(lead), 0)]
    absent = [m for m in card.profile or card.measures.values() if m.value is None]
    return lead + absent[: max(FEWEST - len(lead), 0)]


def _still_open(card: KpiSlice) -> list[Measure]:
    measures = [card.business, *(card.measures.get(kpi) for kpi in OPEN)]
    return [measure for measure in measures if measure is not None and measure.value is not None]


def tiles(card: KpiSlice) -> Markup:
    """Return the tiles of a page; why others have none is said below the table."""
    lead = leading_measures(card)
    if not lead:
        return render("empty.html", text=_(wording.NO_KPIS))
    return render(
        "tiles.html",
        tiles=[tile(measure, card) for measure in lead],
        columns=_columns(len(lead)),
        no_targets=lacks_targets(lead, card),
    )


def lacks_targets(lead: Sequence[Measure], card: KpiSlice) -> bool:
    """Say whether none of the measures has a target, where there could be one."""
    return not card.stay.until and all(measure.number("target") is None for measure in lead)


def _columns(count: int) -> int:
    """Four in a row, or three where that leaves no gap."""
    return 3 if count in (3, 5, 6) else 4


def _note(measure: Measure) -> str | None:
    """Return what is to be known of a figure; None where there is nothing."""
    marks = [_(wording.LOWER_IS_BETTER)] if measure.better == "lower" else []
    marks += [in_part(measure.row)]
    return ", ".join(text for text in marks if text) or None


def _bullet(measure: Measure, card: KpiSlice) -> Markup | None:
    """Return the value drawn beside its target, where both can be lengths and are of one time."""
    value, target = measure.value, measure.number("target")
    if value is None or target is None or min(value, target) < 0 or not measure.is_covered:
        return None
    words = {"actual": wording.said(measure, value, card)}
    words |= {"target": wording.said(measure, target, card)}
    return bullet(value, target, _("{actual} beside the target of {target}", **words))


def _sparkline(measure: Measure, card: KpiSlice) -> Markup | None:
    """Return a measure's course as a small line; None where too few whole periods are known."""
    # A bar can say of itself that it is of a part of its period; a point of a line cannot.
    whole = measure.compared
    values: Sequence[float | None] = [p.value if p in whole else None for p in measure.history]
    if not measure.has_course or len(whole) < 2:
        return None
    return sparkline(values, wording.sparkline_alt(measure, card))
