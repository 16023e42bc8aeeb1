"""What the pages of the models are given: of each its fit, its tests, and whom it concerns.

It is for inside the company: partners and customers are named in it. Figures that are not known are
None, never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from kpi_lib.models.fitted import YEAR, Fitted
from kpi_lib.models.history import DIRECT, History
from kpi_lib.models.leaving import ChurnFit
from kpi_lib.models.value import ValueFit, total_interval
from kpi_lib.settings import Settings

Told = dict[str, Any]
NAMED = 20  # customers and partners that a page lists
GROUPS = ("0", "1", "2", "3-4", "5-9", "10+")  # repeat purchases so far
EDGES = (0, 1, 2, 3, 5, 10)
STEPS = 8  # points of the course that was expected and came


def tell(fitted: Fitted, settings: Settings, names: Mapping[str, str]) -> dict[str, Told]:
    """Return what each page of the models is given, by page; `names`: the partners' names."""
    value, churn = fitted.now.value, fitted.now.churn
    common = {
        "horizon_days": settings.models.churn_horizon_days,
        "threshold": settings.models.alert_threshold,
        "horizon_months": settings.clv_horizon_months,
        "rate": settings.models.annual_discount_rate,
    }
    of_value = {"why": fitted.now.why.get("cltv", "")}
    if value is not None:
        of_value |= _of_value(value, fitted.history, settings, names)
    of_churn = {"why": fitted.now.why.get("churn", "")}
    if churn is not None:
        of_churn |= _of_churn(churn, fitted, names)
    return {
        "cltv": plain({**common, **of_value}),
        "churn": plain({**common, **of_churn}),
    }


def _of_value(
    fit: ValueFit, history: History, settings: Settings, names: Mapping[str, str]
) -> Told:
    pool, customers = fit.pooled.pool_, fit.customers
    expected = float(customers["expected_purchases"].sum())
    low, high = total_interval(expected, 2 * expected, fit.band)
    share = high / expected if expected else 1.0
    total = float(customers["lifetime_value"].sum())
    return {
        "used": fit.used,
        "model": type(pool).__name__,
        "k": getattr(pool, "k_", 1),
        "identified": pool.identified_,
        "customers": len(customers),
        "repeat_customers": int((customers["frequency"] > 0).sum()),
        "in_margin": fit.in_margin,
        "parameters": _parameters(pool.summary()),
        "spend": _parameters(fit.spend.summary()) if fit.spend else [],
        "correlation": fit.spend.diagnostics_["correlation"] if fit.spend else None,
        "tests": [asdict(test) for test in fit.tests],
        "band": fit.band,
        "total": total,
        "total_low": total * low / expected if expected else total,
        "total_high": total * share,
        "partners": _value_by_partner(fit, names),
        "groups": _groups(fit, history, settings.models.churn_horizon_days),
        "course": _course(fit, history),
    }


def _parameters(summary: pd.DataFrame) -> list[Told]:
    return [{"parameter": name, **row} for name, row in _rows(summary)]


def _rows(frame: pd.DataFrame) -> Iterator[tuple[str, Told]]:
    """Return the index and the columns of each row."""
    for name, row in frame.to_dict("index").items():
        yield str(name), {str(column): figure for column, figure in row.items()}


def _value_by_partner(fit: ValueFit, names: Mapping[str, str]) -> list[Told]:
    """Return what each partner's customers are worth, the most first; direct business last."""
    summed = fit.customers.groupby("partner_id").agg(
        customers=("lifetime_value", "size"),
        purchases=("expected_purchases", "sum"),
        value=("lifetime_value", "sum"),
    )
    summed["own_weight"] = fit.pooled.partners_["own_weight"].reindex(summed.index)
    owned = summed.drop(index=DIRECT, errors="ignore").sort_values("value", ascending=False)
    direct = summed[summed.index == DIRECT]
    told = pd.concat([owned.head(NAMED), direct])
    return [
        {"partner": names.get(name, name), "direct": name == DIRECT, **row}
        for name, row in _rows(told)
    ]


def _groups(fit: ValueFit, history: History, days: int) -> list[Told]:
    """Return at the latest cut with a known outcome what groups of customers bought, and should."""
    if not fit.tests:
        return []
    held = _then(fit, history, fit.tests[0].cut)
    rfm, model = held
    came = history.bought(fit.tests[0].cut, fit.tests[0].cut + timedelta(days=days))
    frame = pd.DataFrame(
        {
            "group": np.digitize(rfm["frequency"], EDGES) - 1,
            "expected": model.predict(rfm, days),
            "actual": came.reindex(rfm.index).fillna(0.0).to_numpy(),
        }
    )
    told = frame.groupby("group").agg(
        customers=("expected", "size"), expected=("expected", "mean"), actual=("actual", "mean")
    )
    return [{"group": GROUPS[int(g)], **row} for g, row in _rows(told)]


def _course(fit: ValueFit, history: History) -> list[Told]:
    """Return the purchases that came since the first tested cut, and those expected on its day."""
    if not fit.tests:
        return []
    first = fit.tests[-1].cut
    rfm, model = _then(fit, history, first)
    told = []
    for step in range(1, STEPS + 1):
        days = round((fit.cut - first).days * step / STEPS)
        came = history.bought(first, first + timedelta(days=days)).reindex(rfm.index)
        told.append(
            {
                "day": str(first + timedelta(days=days)),
                "expected": float(model.predict(rfm, days).sum()),
                "actual": float(came.sum()),
            }
        )
    return told


def _then(fit: ValueFit, history: History, cut: date) -> tuple[pd.DataFrame, Any]:
    from sklearn.base import clone

    rfm = history.rfm(cut)
    model = clone(fit.pooled.pool_).fit(rfm)
    return rfm, model


def _of_churn(fit: ChurnFit, fitted: Fitted, names: Mapping[str, str]) -> Told:
    spend = fitted.history.spend(fit.cut, YEAR).reindex(fit.customers.index).fillna(0.0)
    frame = fit.customers.assign(
        spend=spend,
        stake=fit.customers["churn_probability"] * spend,
        partner_id=fitted.history.partner_of().reindex(fit.customers.index).fillna(DIRECT),
    )
    worst = frame.sort_values("stake", ascending=False).head(NAMED)
    return {
        "used": fit.used,
        "scored": len(frame),
        "at_risk": float(frame["stake"].sum()),
        "tests": [{"cut": str(day), **vars(test)} for day, test in fit.tests],
        "coefficients": fit.coefficients.to_dict("records"),
        "tenths": fit.tenths.to_dict("records"),
        "customers": [
            {
                "customer_id": name,
                "partner": names.get(row["partner_id"], row["partner_id"]),
                "chance": row["churn_probability"],
                "spend": row["spend"],
                "stake": row["stake"],
                "reasons": list(row["reasons"]),
            }
            for name, row in _rows(worst)
        ],
        "partners": _risk_by_partner(frame, names),
    }


def _risk_by_partner(frame: pd.DataFrame, names: Mapping[str, str]) -> list[Told]:
    summed = frame.groupby("partner_id").agg(
        scored=("stake", "size"), spend=("spend", "sum"), stake=("stake", "sum")
    )
    owned = summed.drop(index=DIRECT, errors="ignore").sort_values("stake", ascending=False)
    told = pd.concat([owned.head(NAMED), summed[summed.index == DIRECT]])
    return [
        {"partner": names.get(name, name), "direct": name == DIRECT, **row}
        for name, row in _rows(told)
    ]


def plain(told: Any) -> Any:
    """Return it as JSON can hold it: no numpy, no dates, None in place of what is no number."""
    if isinstance(told, Mapping):
        return {str(name): plain(what) for name, what in told.items()}
    if isinstance(told, list | tuple):
        return [plain(what) for what in told]
    if isinstance(told, np.generic):
        return plain(told.item())
    if isinstance(told, float):
        return told if math.isfinite(told) else None
    return str(told) if isinstance(told, date) else told
