"""The door for what models say of customers: their figures, laid out as those of all other KPIs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.entities import Entities

MADE_OF = ("numerator", "denominator", "n")


@dataclass(frozen=True)
class ModelFigures:
    """What the models of a run say.

    `rows`: by KPI one row per scope, entity and period, of P and periods beside it, as `modelled`
    reads it. `why`: by model in words why it says nothing of P, where it does not.
    """

    rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    why: Mapping[str, str] = field(default_factory=dict)


def modelled(
    figures: pl.DataFrame, entities: Entities, calendar: Calendar
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return numerator, denominator and n of a model's KPI, entities x periods.

    `figures` has one row per scope, entity and period, as the KPI table names them: columns scope,
    entity, period, numerator, denominator (null where the value is the numerator alone) and n. A
    model says nothing, NaN here, of what has no row; rows of other entities or periods than the
    run's are left aside.
    """
    periods = {"period": [str(p) for p in calendar.periods]}
    slots = pl.DataFrame(periods).with_row_index("slot")
    places = entities.frame.select("index", "scope", "entity")
    rows = figures.join(places, on=["scope", "entity"]).join(slots, on="period")
    laid = np.full((len(MADE_OF), len(entities), len(calendar.periods)), np.nan)
    for array, column in zip(laid, MADE_OF, strict=True):
        cells = rows[column].cast(pl.Float64).fill_null(np.nan).to_numpy()
        array[rows["index"].to_numpy(), rows["slot"].to_numpy()] = cells
    return laid[0], laid[1], laid[2]
