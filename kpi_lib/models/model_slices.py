"""What the pages of the models are given: of each its fit, its tests, and whom it concerns.

It is for inside the company: partners and customers are named in it. Figures that are not known are
None, never NaN.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.btyd.bg_nbd import BetaGeometricModel
from kpi_lib.models.fitted import YEAR, Fitted
from kpi_lib.models.history import DIRECT, History
from kpi_lib.models.leaving import ChurnFit
from kpi_lib.models.outlook import finite
from kpi_lib.models.value import ValueFit, total_interval
from kpi_lib.settings import Settings
from kpi_lib.slices.model_types import (
    ChurnModel,
    ChurnReport,
    ChurnSlice,
    ChurnTest,
    Coefficient,
    CoursePoint,
    CustomerAtRisk,
    ModelReports,
    Parameter,
    PartnerAtRisk,
    PartnerValue,
    PurchaseGroup,
    Tenth,
    ValueModel,
    ValueReport,
    ValueSlice,
    ValueTest,
)

NAMED = 20  # customers and partners that a page lists
GROUPS = ("0", "1", "2", "3-4", "5-9", "10+")  # repeat purchases so far
EDGES = (0, 1, 2, 3, 5, 10)
STEPS = 8  # points of the course that was expected and came


def model_reports(
    fitted: Fitted, settings: Settings, names: Mapping[str, str | None]
) -> ModelReports:
    """Return what both pages show; `names`: the partners' names by their ids."""
    value, churn, why = fitted.now.value, fitted.now.churn, fitted.now.why
    days = settings.models.churn_horizon_days
    return ModelReports(
        ValueReport(
            horizon_months=settings.clv_horizon_months,
            annual_discount_rate=settings.models.annual_discount_rate,
            why=why.get(ValueSlice.KIND, ""),
            fit=_value_model(value, fitted.history, days, names) if value else None,
        ),
        ChurnReport(
            horizon_days=days,
            why=why.get(ChurnSlice.KIND, ""),
            fit=_churn_model(churn, fitted, names) if churn else None,
        ),
    )


def _value_model(
    fit: ValueFit, history: History, days: int, names: Mapping[str, str | None]
) -> ValueModel:
    """Return what the page of lifetime value shows of one fit."""
    pool = fit.pooled.pool_
    total, low, high = _total(fit)
    return ValueModel(
        used=fit.used,
        model=type(pool).__name__,
        k=getattr(pool, "k_", 1),
        identified=bool(pool.identified_),
        customers=len(fit.customers),
        in_margin=fit.in_margin,
        parameters=_parameters(pool.summary()),
        spend=_parameters(fit.spend.summary()) if fit.spend else (),
        correlation=finite(fit.spend.diagnostics_["correlation"]) if fit.spend else None,
        tests=tuple(ValueTest(**vars(test)) for test in fit.tests),
        band=fit.band,
        total=total,
        total_low=low,
        total_high=high,
        partners=_value_by_partner(fit, names),
        groups=_groups(fit, history, days),
        course=_course(fit, history),
    )


def _total(fit: ValueFit) -> tuple[float, float, float]:
    """Return the value of all customers and the ends of its interval: that of their purchases."""
    expected = float(fit.customers["expected_purchases"].sum())
    total = float(fit.customers["lifetime_value"].sum())
    low, high = total_interval(expected, 2 * expected, fit.band)
    if not expected:
        return total, total, total
    return total, float(total * low / expected), float(total * (high / expected))


def _parameters(summary: pd.DataFrame) -> tuple[Parameter, ...]:
    columns = ["estimate", "low", "high"]
    return tuple(Parameter(name=name, **row) for name, row in _rows(summary[columns]))


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the index and the columns of each row."""
    for name, row in frame.to_dict("index").items():
        yield str(name), {str(column): figure for column, figure in row.items()}


def _value_by_partner(fit: ValueFit, names: Mapping[str, str | None]) -> tuple[PartnerValue, ...]:
    """Return what each partner's customers are worth, the most first; direct business last."""
    summed = fit.customers.groupby("partner_id").agg(
        customers=("lifetime_value", "size"),
        purchases=("expected_purchases", "sum"),
        value=("lifetime_value", "sum"),
    )
    weights = fit.pooled.partners_["own_weight"]
    return tuple(
        PartnerValue(
            partner=_name_of(partner_id, names),
            own_weight=finite(weights.get(partner_id)),
            **row,
        )
        for partner_id, row in _rows(_first(summed, "value"))
    )


def _first(summed: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return the partners with the most of a column, and direct business after them."""
    owned = summed.drop(index=DIRECT, errors="ignore").sort_values(by, ascending=False)
    return pd.concat([owned.head(NAMED), summed[summed.index == DIRECT]])


def _name_of(partner_id: str, names: Mapping[str, str | None]) -> str | None:
    """Return a partner's name, its id where it is not known; None for direct business."""
    return None if partner_id == DIRECT else names.get(partner_id) or partner_id


def _groups(fit: ValueFit, history: History, days: int) -> tuple[PurchaseGroup, ...]:
    """Return at the latest cut with a known outcome what groups of customers bought, and should."""
    if not fit.tests:
        return ()
    cut = fit.tests[0].cut
    rfm, model = _fitted_at(fit, history, cut)
    came = history.bought(cut, cut + timedelta(days=days))
    frame = pd.DataFrame(
        {
            "group": np.digitize(rfm["frequency"], EDGES) - 1,
            "expected": model.predict(rfm, days),
            "actual": came.reindex(rfm.index).fillna(0.0).to_numpy(),
        }
    )
    means = frame.groupby("group").agg(
        customers=("expected", "size"), expected=("expected", "mean"), actual=("actual", "mean")
    )
    return tuple(PurchaseGroup(group=GROUPS[int(group)], **row) for group, row in _rows(means))


def _course(fit: ValueFit, history: History) -> tuple[CoursePoint, ...]:
    """Return the purchases that came since the first tested cut, and those expected on its day."""
    if not fit.tests:
        return ()
    first = fit.tests[-1].cut
    rfm, model = _fitted_at(fit, history, first)
    points = []
    for step in range(1, STEPS + 1):
        days = round((fit.cut - first).days * step / STEPS)
        day = first + timedelta(days=days)
        came = history.bought(first, day).reindex(rfm.index)
        expected = float(model.predict(rfm, days).sum())
        points.append(CoursePoint(day, expected, float(came.sum())))
    return tuple(points)


def _fitted_at(
    fit: ValueFit, history: History, cut: date
) -> tuple[pd.DataFrame, BetaGeometricModel]:
    """Return the customers as they were at an earlier cut, and the model fitted on them."""
    from sklearn.base import clone

    rfm = history.rfm(cut)
    model: BetaGeometricModel = clone(fit.pooled.pool_).fit(rfm)
    return rfm, model


def _churn_model(fit: ChurnFit, fitted: Fitted, names: Mapping[str, str | None]) -> ChurnModel:
    """Return what the page of churn shows of one fit."""
    spend = fitted.history.spend(fit.cut, YEAR).reindex(fit.customers.index).fillna(0.0)
    customers = fit.customers.assign(
        spend=spend,
        stake=fit.customers["churn_probability"] * spend,
        partner_id=fitted.history.partner_of().reindex(fit.customers.index).fillna(DIRECT),
    )
    columns = ["customers", "expected", "left", "gone", "money"]
    return ChurnModel(
        used=fit.used,
        scored=len(customers),
        at_risk=float(customers["stake"].sum()),
        tests=_churn_tests(fit),
        coefficients=tuple(Coefficient(**row) for _, row in _rows(fit.coefficients)),
        tenths=tuple(Tenth(**row) for _, row in _rows(fit.tenths.reindex(columns=columns))),
        customers=_customers_at_risk(customers, names),
        partners=_partners_at_risk(customers, names),
    )


def _churn_tests(fit: ChurnFit) -> tuple[ChurnTest, ...]:
    """Return the tests of each way to predict, by the cut they were made at."""
    return tuple(
        ChurnTest(
            cut=cut,
            way=test.way,
            customers=test.customers,
            auc=finite(test.auc),
            brier=test.brier,
            ece=test.ece,
        )
        for cut, test in fit.tests
    )


def _customers_at_risk(
    customers: pd.DataFrame, names: Mapping[str, str | None]
) -> tuple[CustomerAtRisk, ...]:
    """Return the customers with most at stake."""
    worst = customers.sort_values("stake", ascending=False).head(NAMED)
    return tuple(
        CustomerAtRisk(
            customer_id=customer_id, partner=_name_of(row.pop("partner_id"), names), **row
        )
        for customer_id, row in _rows(worst)
    )


def _partners_at_risk(
    customers: pd.DataFrame, names: Mapping[str, str | None]
) -> tuple[PartnerAtRisk, ...]:
    """Return what each partner's customers have at stake, the most first; direct business last."""
    summed = customers.groupby("partner_id").agg(
        scored=("stake", "size"), spend=("spend", "sum"), stake=("stake", "sum")
    )
    return tuple(
        PartnerAtRisk(partner=_name_of(partner_id, names), **row)
        for partner_id, row in _rows(_first(summed, "stake"))
    )
