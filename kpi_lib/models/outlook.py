"""What a run says of the periods to come: each partner's revenue, its year's target, who may fade.

It is for inside the company. Figures that are not known are None, never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.coverage import coverage_of
from kpi_lib.measure.compute import Options, compute
from kpi_lib.models.fading import Fading, fading_of
from kpi_lib.models.forecast import BANDS, STEPS, Forecasts, chance_to_reach, forecast
from kpi_lib.models.history import History
from kpi_lib.models.sales import WHOLE, Sales, last_known, sales_of
from kpi_lib.periods import CADENCES, Period
from kpi_lib.settings import Settings
from kpi_lib.slices.outlook_types import (
    Expected,
    FadingMethod,
    FadingTest,
    Outlook,
    Outlooks,
    Sold,
    YearTarget,
)
from kpi_lib.slices.outlook_types import Fading as FadingRisk

ENDS = tuple(f"{end}{band}" for band in BANDS for end in ("low", "high"))
FORECAST = {
    "partner_id": pl.String(),
    "period": pl.String(),
    "value": pl.Float64(),
    **dict.fromkeys(ENDS, pl.Float64()),
    "way": pl.String(),
    "mase": pl.Float64(),
}
COURSE = 5  # periods before the forecast that a chart shows


@dataclass(frozen=True)
class RunOutlook:
    """What a run says of the periods to come.

    `forecast`: a row for each partner (partner_id null: all of them) and period, with its bands.
    `outlooks`: the same as the pages are given it.
    """

    forecast: pl.DataFrame
    outlooks: Outlooks


def outlook_of(
    dataset: Dataset, settings: Settings, calendar: Calendar, history: History
) -> RunOutlook:
    """Return the outlook of a run; it sees no order after the last whole period before its day."""
    known = coverage_of(dataset, settings.covered_from)
    last = last_known(calendar.period, calendar.as_of, known.last_day)
    sales = sales_of(dataset.tables, last, known.first_day)
    builder = _Builder.of(
        sales,
        _targets(dataset, settings, last),
        fading_of(sales, history),
        _partners_left(dataset, last),
    )
    return RunOutlook(builder.table(), builder.outlooks())


@dataclass(frozen=True)
class _Builder:
    """Puts forecast, target and fading of each partner together."""

    sales: Sales
    targets: Mapping[str, float]
    fading: Fading
    gone: frozenset[str]
    each: Forecasts
    whole: Forecasts

    @classmethod
    def of(
        cls, sales: Sales, targets: Mapping[str, float], fading: Fading, gone: frozenset[str]
    ) -> _Builder:
        """Return the builder with all forecasts made.

        `targets`: revenue agreed for the year by partner_id, "" for all; `gone`: partner_ids of
        those that have left, of which nothing is expected.
        """
        staying = [name for name in sales.by_partner if name not in gone]
        each = forecast(sales.by_partner[staying], sales.rhythm)
        return cls(sales, targets, fading, gone, each, forecast(sales.whole, sales.rhythm))

    def _forecasts_of(self, partner_id: str) -> Forecasts:
        return self.whole if partner_id == WHOLE else self.each

    @property
    def ahead(self) -> list[Period]:
        """The periods of the forecast."""
        periods = [self.sales.last.next()]
        while len(periods) < STEPS:
            periods.append(periods[-1].next())
        return periods

    def table(self) -> pl.DataFrame:
        """Return every forecast as a row, that of all partners first."""
        names = [str(period) for period in self.ahead]
        frames = [pl.DataFrame(schema=FORECAST)]
        for level in (self.whole, self.each):
            rows = level.steps
            columns = {name: rows[name].tolist() for name in ("value", *ENDS)}
            columns["partner_id"] = [name or None for name in rows["entity"]]
            columns["period"] = [names[step - 1] for step in rows["step"]]
            method = {"way": [level.used] * len(rows), "mase": [level.mase] * len(rows)}
            frames.append(
                pl.DataFrame({**columns, **method}, schema_overrides=FORECAST).select(
                    list(FORECAST)
                )
            )
        return pl.concat(frames)

    def outlooks(self) -> Outlooks:
        """Return the outlook of each partner that sold and has not left, and of all together."""
        staying = [name for name in map(str, self.sales.by_partner) if name not in self.gone]
        tests = tuple(FadingTest(test.way, test.brier) for test in self.fading.tests)
        return Outlooks(
            partners={name: self._outlook_of(name) for name in staying},
            whole=self._outlook_of(WHOLE),
            fading=FadingMethod(self.fading.why, self.fading.used, tests),
        )

    def _outlook_of(self, partner_id: str) -> Outlook:
        """Return what is expected of one partner's sales; `why`, where nothing is."""
        level = self._forecasts_of(partner_id)
        rows = level.steps[level.steps["entity"] == partner_id]
        why = level.why or ("" if len(rows) else "sales do not reach back a year")
        return Outlook(
            why=why,
            way=level.used,
            mase=finite(level.mase),
            covered={band: finite(share) for band, share in (level.covered or {}).items()},
            tested=0 if level.errors is None else len(level.errors),
            course=self._recent_sales(partner_id),
            ahead=self._expected(rows),
            target=self._target(partner_id) if len(rows) else None,
            fading=self._fading_risk(partner_id),
        )

    def _expected(self, rows: pd.DataFrame) -> tuple[Expected, ...]:
        """Return the periods to come; `rows`: a row for each step of one forecast, from 1 on."""
        names = [str(period) for period in self.ahead]
        figures = rows[["value", *ENDS]].to_dict("records")
        return tuple(
            Expected(names[step - 1], **{str(name): float(row[name]) for name in row})
            for step, row in zip(rows["step"], figures, strict=True)
        )

    def _recent_sales(self, partner_id: str) -> tuple[Sold, ...]:
        """Return a partner's last sales, the earliest first."""
        table = self.sales.in_periods()
        own = table.sum(axis=1) if partner_id == WHOLE else table[partner_id].dropna()
        recent = own.tail(COURSE)
        periods = [self.sales.last.back(back) for back in range(len(recent) - 1, -1, -1)]
        return tuple(
            Sold(str(period), float(value)) for period, value in zip(periods, recent, strict=True)
        )

    def _target(self, partner_id: str) -> YearTarget | None:
        """Return the target of the year to come or under way, and the probability to reach it."""
        target = self.targets.get(partner_id)
        if target is None:
            return None
        year = year_of(self.sales.last)
        within = [n for n, period in enumerate(self.ahead, start=1) if period.end <= year.end]
        if not within or self.ahead[within[-1] - 1].end != year.end:
            return None  # the year ends beyond the forecast
        values = self._forecasts_of(partner_id).steps
        steps = values[(values["entity"] == partner_id) & values["step"].isin(within)]
        so_far = self.sales.since(year.start, partner_id or None)
        chance = float(chance_to_reach(target, so_far, steps))
        return YearTarget(str(year), float(target), so_far, chance)

    def _fading_risk(self, partner_id: str) -> FadingRisk | None:
        """Return the risk that a partner fades; None where it was not scored."""
        if partner_id not in self.fading.partners.index:
            return None
        row = self.fading.partners.to_dict("index")[partner_id]
        return FadingRisk(float(row["chance"]), tuple(row["reasons"]))


def finite(figure: float | None) -> float | None:
    """Return a figure as a plain number, None in place of what is none."""
    return None if figure is None or not math.isfinite(figure) else float(figure)


def year_of(last: Period) -> Period:
    """Return the year in which the first period to come begins."""
    return Period.containing(last.next().start, "year", last.year_end)


def _targets(dataset: Dataset, settings: Settings, last: Period) -> dict[str, float]:
    """Return the revenue agreed for the year by partner_id, "" for all, as the KPI table has it."""
    if "targets" not in dataset.tables or CADENCES.index(last.cadence) > CADENCES.index("half"):
        return {}
    table = compute(dataset, settings, year_of(last), options=Options(only=["revenue"])).table
    agreed = table.filter(
        (pl.col("kpi") == "revenue")
        & pl.col("scope").is_in(["partner", "portfolio"])
        & pl.col("target").is_not_null()
    )
    rows = agreed.select("scope", "entity", "target").iter_rows()
    return {WHOLE if scope == "portfolio" else entity: target for scope, entity, target in rows}


def _partners_left(dataset: Dataset, last: Period) -> frozenset[str]:
    """Return the partner_ids of those that have left: nothing is expected of them."""
    partners = dataset.tables["partners"]
    if "left_on" not in partners.collect_schema().names():
        return frozenset()
    left = partners.filter(pl.col("left_on") <= last.end).select("partner_id").collect()
    return frozenset(left["partner_id"])
