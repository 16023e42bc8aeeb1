"""The models of a run: fitted for all customers, at its last day and at those beside it.

What comes of it are rows for the KPIs of the models, one row for each customer, and the reports.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd
import polars as pl

from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.engine.entities import Entities, list_entities
from kpi_lib.engine.model_figures import ModelFigures
from kpi_lib.engine.relation import as_numbers
from kpi_lib.measure.compute import Options, compute
from kpi_lib.models.churn_reasons import in_words
from kpi_lib.models.history import DIRECT, History
from kpi_lib.models.leaving import ChurnFit, fit_churn
from kpi_lib.models.value import ValueFit, fit_value, why_too_thin
from kpi_lib.periods import Period
from kpi_lib.settings import Settings

YEAR = 365
UNEXPLAINED = "the model cltv says nothing of it"
CUSTOMERS = {
    "customer_id": pl.String(),
    "partner_id": pl.String(),
    "expected_purchases": pl.Float64(),
    "lifetime_value": pl.Float64(),
    "lifetime_value_low": pl.Float64(),
    "lifetime_value_high": pl.Float64(),
    "churn_probability": pl.Float64(),
    "reasons": pl.String(),
}
_ROWS = {
    "scope": pl.String(),
    "entity": pl.String(),
    "period": pl.String(),
    "numerator": pl.Float64(),
    "denominator": pl.Float64(),
    "n": pl.Float64(),
}


@dataclass(frozen=True)
class Fit:
    """Both models at one cut; `why` says in words what of them there is not."""

    cut: date
    value: ValueFit | None
    churn: ChurnFit | None
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Fitted:
    """What the models of a run say.

    `modelled`: of each KPI, for `compute`. `customers`: one row per customer, empty where nothing
    was fitted. `now`: the fit of the run's own last day. `history`:
    what they were fitted on.
    """

    modelled: ModelFigures
    customers: pl.DataFrame
    now: Fit
    history: History


def fit_models(dataset: Dataset, settings: Settings, calendar: Calendar) -> Fitted:
    """Return what the models say at the last day of a run, of its previous period and year ago.

    Each is fitted on what was known on its day; no fit sees an order after its cut.
    """
    history = History.of(dataset.tables)
    partners = as_numbers("partners", dataset.tables["partners"]).collect()
    entities = list_entities(partners, calendar)
    slots = [calendar.now, calendar.previous[calendar.now], calendar.year_ago[calendar.now]]
    fits = {
        slot: fit_at(history, calendar.last_days[slot], settings, tested=slot == calendar.now)
        for slot in map(int, slots)
        if slot >= 0
    }
    cac = _acquisition_cost(dataset, settings, calendar)
    threshold = settings.models.alert_threshold
    rows: dict[str, list[pl.DataFrame]] = {}
    for slot, fit in fits.items():
        of = _RollUp(entities, calendar.periods[slot], cac.get(str(calendar.periods[slot])))
        for kpi, frame in _figures(fit, history, threshold, of).items():
            rows.setdefault(kpi, []).append(frame)
    figures = {
        kpi: pl.concat([pl.DataFrame(schema=_ROWS), *frames]) for kpi, frames in rows.items()
    }
    now = fits[calendar.now]
    modelled = ModelFigures(figures, now.why)
    return Fitted(modelled, customers_table(now, history), now, history)


def fit_at(history: History, cut: date, settings: Settings, *, tested: bool) -> Fit:
    """Return both models at a cut, or why there is none."""
    rfm = history.rfm(cut)
    why: dict[str, str] = {}
    value = fit_value(history, cut, settings, tested=tested)
    if value is None:
        why["cltv"] = why_too_thin(rfm) or UNEXPLAINED
    churn = fit_churn(history, cut, settings.models.churn_horizon_days) if value else None
    if churn is None:
        why["churn"] = why.get("cltv") or "no earlier day has enough customers to learn from"
    return Fit(cut, value, churn, why)


def customers_table(fit: Fit, history: History) -> pl.DataFrame:
    """Return one row per customer that ordered, in the order of their ids."""
    if fit.value is None:
        return pl.DataFrame(schema=CUSTOMERS)
    customers = fit.value.customers.rename(
        columns={"low": "lifetime_value_low", "high": "lifetime_value_high"}
    )
    customers["churn_probability"] = None
    customers["reasons"] = None
    if fit.churn is not None:
        customers["churn_probability"] = fit.churn.customers["churn_probability"].reindex(
            customers.index
        )
        customers["reasons"] = fit.churn.customers["reasons"].reindex(customers.index)
    customers = customers.reset_index()
    partner = customers["partner_id"].where(customers["partner_id"] != DIRECT, None)
    columns = {name: customers[name].tolist() for name in CUSTOMERS if name != "partner_id"}
    columns["reasons"] = [in_words(r) if isinstance(r, tuple) else None for r in columns["reasons"]]
    columns["partner_id"] = partner.astype(object).where(partner.notna(), None).tolist()
    frame = pl.DataFrame(columns, schema_overrides=CUSTOMERS, strict=False)
    return frame.select(list(CUSTOMERS)).with_columns(pl.col(pl.Float64).fill_nan(None))


@dataclass(frozen=True)
class _RollUp:
    """Sums customers up to rows of a period's KPIs; `cac`: acquisition costs by entity, or None."""

    entities: Entities
    period: Period
    cac: pl.DataFrame | None

    def summed(self, customers: pd.DataFrame) -> pl.DataFrame:
        """Return the sum of `figure` and the number of customers, of each entity."""
        partner = customers["partner_id"].astype(object)
        owned = pl.DataFrame(
            {
                "partner_id": partner.where(partner.notna(), None).tolist(),
                "numerator": customers["figure"].tolist(),
            },
            schema={"partner_id": pl.String(), "numerator": pl.Float64()},
        ).with_columns(denominator=pl.lit(1.0))
        summed = owned.group_by("partner_id").agg(pl.col("numerator", "denominator").sum())
        by_entity = self.entities.roll_up(summed, by=())
        listed = self.entities.frame.select("index", "scope", "entity")
        return listed.join(by_entity, on="index", how="left").select(
            "scope",
            "entity",
            period=pl.lit(str(self.period)),
            numerator=pl.col("numerator").fill_null(0.0),
            denominator=pl.col("denominator").fill_null(0.0),
            n=pl.col("denominator").fill_null(0.0),
        )

    def against_cac(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return the mean of each entity's rows over its acquisition cost; none without either."""
        if self.cac is None:
            return pl.DataFrame(schema=_ROWS)
        some = rows.filter(pl.col("n") > 0).join(self.cac, on=["scope", "entity"])
        return some.drop_nulls("cac").select(
            "scope",
            "entity",
            "period",
            numerator=pl.col("numerator") / pl.col("denominator"),
            denominator=pl.col("cac"),
            n=pl.col("n"),
        )


def _figures(fit: Fit, history: History, threshold: float, of: _RollUp) -> dict[str, pl.DataFrame]:
    """Return the rows of every KPI of the models in one period."""
    rows: dict[str, pl.DataFrame] = {}
    if fit.value is not None:
        known = _acquired(fit, history)
        every = of.summed(known)
        rows["customer_lifetime_value"] = every
        rows["lifetime_value"] = every
        new = known[(known["acquired_on"] >= pd.Timestamp(of.period.start))]
        rows["lifetime_value_to_cac"] = of.against_cac(of.summed(new))
    if fit.churn is not None:
        scored = _scored_customers(fit, history, threshold)
        at_risk = scored.assign(figure=scored["alert"])
        rows["churn_risk"] = of.summed(at_risk)
        weighed = scored.assign(figure=scored["churn_probability"] * scored["spend"])
        rows["revenue_at_risk"] = of.summed(weighed)
    return rows


def _acquired(fit: Fit, history: History) -> pd.DataFrame:
    """Return the customers acquired by the cut: partner_id, acquired_on, and what each is worth.

    Of one that was acquired but has not ordered yet there is nothing to expect by; it adds nothing
    and is counted, as the definition has it.
    """
    assert fit.value is not None
    known = history.customers.filter(pl.col("acquired_on") <= fit.cut).to_pandas()
    worth = fit.value.customers["lifetime_value"]
    figure = known["customer_id"].map(worth).astype(float).fillna(0.0)
    return known.assign(figure=figure, acquired_on=pd.to_datetime(known["acquired_on"]))


def _scored_customers(fit: Fit, history: History, threshold: float) -> pd.DataFrame:
    """Return one row per customer: churn probability, partner, alert (0 or 1), spend of a year."""
    assert fit.churn is not None
    scored = fit.churn.customers[["churn_probability"]].copy()
    scored["partner_id"] = history.partner_of().reindex(scored.index)
    scored["partner_id"] = scored["partner_id"].where(scored["partner_id"] != DIRECT, None)
    scored["alert"] = (scored["churn_probability"] > threshold).astype(float)
    scored["spend"] = history.spend(fit.cut, YEAR).reindex(scored.index).fillna(0.0)
    return scored


def _acquisition_cost(
    dataset: Dataset, settings: Settings, calendar: Calendar
) -> dict[str, pl.DataFrame]:
    """Return cac by period (its name): scope, entity and cac; periods without one are not in it."""
    as_of = calendar.as_of if calendar.to_date else None
    table = compute(dataset, settings, calendar.period, as_of, Options(only=["cac"])).table
    slots = {
        "value": calendar.now,
        "previous": int(calendar.previous[calendar.now]),
        "year_ago": int(calendar.year_ago[calendar.now]),
    }
    return {
        str(calendar.periods[slot]): table.select("scope", "entity", cac=pl.col(column))
        for column, slot in slots.items()
        if slot >= 0
    }
