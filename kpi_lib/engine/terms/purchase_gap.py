"""Days since a partner's last order day, against the gap it usually keeps between two of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from kpi_lib.engine.cell import Cell
from kpi_lib.engine.cube import Cube
from kpi_lib.engine.shares import ADDS, Counted
from kpi_lib.engine.terms.term import CountedTerm

FEWEST_GAPS = 5
USUAL = 90  # percentile: nine gaps in ten stay within the usual gap
NO_DAYS = np.array([], dtype=np.int64)
OF_OWN = f"the {USUAL}th percentile of gap_days is below the line"
OF_TYPE = f"fewer than {FEWEST_GAPS} gaps: those of all partners of its type are below the line"


@dataclass(frozen=True)
class PurchaseGap(CountedTerm):
    """A partner's days without an order: since the last order day, or as it usually is.

    Usual is what nine in ten of its gaps between order days stay within; where it has fewer than 5,
    those of all partners of its type lend theirs, if they are 5 at least. Only partners have one.
    """

    day: str
    which: Literal["since the last", "usual"]

    @property
    def needs(self) -> dict[str, frozenset[str]]:
        """The columns that it reads, by table."""
        return self.rows.needs(frozenset({"partner_id", self.day}))

    @property
    def key(self) -> tuple[str, ...]:
        """What distinguishes it from other parts."""
        return (*self.rows.key, "purchase gap", self.day, self.which)

    @property
    def adds_across(self) -> bool:
        """It does not: it is a length of time of one partner."""
        return False

    @classmethod
    def count(cls, members: Sequence[PurchaseGap], cube: Cube) -> Iterator[np.ndarray]:
        """Return days without an order, entities x periods, of the same rows in one scan."""
        together = {part.key[:-1]: part for part in members}
        found = {key: _since_and_usual(part, cube) for key, part in together.items()}
        return (found[part.key[:-1]][part.which] for part in members)

    def counted(self, cell: Cell) -> tuple[Counted, ...]:
        """Return the stretches of time: since the last order day, or its gaps, which add nothing.

        Where it has too few gaps of its own, those of the others of its type are not shown.
        """
        rows = _order_days(self, cell.cube)
        own = rows.filter((pl.col("partner_id") == cell.entity) & (pl.col(self.day) <= cell.last))
        days = own[self.day].unique().sort().to_numpy()
        if self.which == "usual":
            note = OF_OWN if len(days) > FEWEST_GAPS else OF_TYPE
            usual = _gaps_between(days).with_columns(pl.lit(None, pl.Float64).alias(ADDS))
            return (Counted("gaps", usual.with_columns(pl.lit(note).alias("note"))),)
        if not len(days):
            return ()
        since = _gaps_between(np.append(days[-1:], cell.last))
        adds = pl.col("gap_days").cast(pl.Float64).alias(ADDS)
        return (Counted("gaps", since.with_columns(adds)),)

    def in_words(self) -> str:
        """Return which days they are."""
        if self.which == "usual":
            return f"{USUAL}th percentile of the gaps between order days"
        return "days since the last order day"


def _order_days(part: PurchaseGap, cube: Cube) -> pl.DataFrame:
    return cube.scanner.distinct(part.rows, ("partner_id", part.day))


def _gaps_between(days: np.ndarray) -> pl.DataFrame:
    """Return one row per pair of successive purchases: both days, and the days between."""
    columns = {"starts_on": days[:-1], "ends_on": days[1:], "gap_days": np.diff(days)}
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.Int32))
    return frame.with_columns(pl.col("starts_on", "ends_on").cast(pl.Date))


def _since_and_usual(part: PurchaseGap, cube: Cube) -> dict[str, np.ndarray]:
    """Return days since the last order day and the usual gap, entities x periods."""
    since, usual = np.full(cube.shape, np.nan), np.full(cube.shape, np.nan)
    frame = cube.entities.frame.filter(pl.col("scope") == "partner")
    partners = frame.select("index", "entity", "partner_type")
    types = {partner: kind for _, partner, kind in partners.iter_rows()}
    own = _days_of_partners(_order_days(part, cube).filter(pl.col("partner_id").is_in(list(types))))
    gap_of_type = _gaps_of_types(own, types, cube.calendar.lasts)
    for index, partner, kind in partners.iter_rows():
        for slot, last in enumerate(cube.calendar.lasts):
            days = _known(own.get(partner, NO_DAYS), last)
            if len(days):
                gap = _usual_gap(np.diff(days))
                since[index, slot] = last - days[-1]
                usual[index, slot] = gap_of_type[kind][slot] if np.isnan(gap) else gap
    return {"since the last": since, "usual": usual}


def _days_of_partners(distinct: pl.DataFrame) -> dict[str, np.ndarray]:
    """Return the sorted distinct days of each partner."""
    day = distinct.columns[-1]
    groups = distinct.group_by("partner_id").agg(pl.col(day).unique().sort())
    return {partner: np.array(days) for partner, days in groups.iter_rows()}


def _gaps_of_types(
    own: Mapping[str, np.ndarray], types: Mapping[str, str], as_of: np.ndarray
) -> dict[str, list[float]]:
    """Return the usual gap of each type, period by period: of its partners' gaps together.

    The days of two partners have no gap between them.
    """
    members: dict[str, list[np.ndarray]] = {}
    for partner, days in own.items():
        members.setdefault(types[partner], []).append(days)
    return {
        kind: [
            _usual_gap(np.concatenate([np.diff(_known(d, last)) for d in days])) for last in as_of
        ]
        for kind, days in members.items()
    }


def _known(days: np.ndarray, last: int) -> np.ndarray:
    return days[: np.searchsorted(days, last, side="right")]


def _usual_gap(gaps: np.ndarray) -> float:
    """Return the 90th percentile of the gaps, NaN where they are too few."""
    if len(gaps) < FEWEST_GAPS:
        return float("nan")
    return float(np.percentile(gaps, USUAL))
