"""Where revenue is going: a smoothed level and the own season, held against the season alone.

The model is the mean of two forecasts: simple exponential smoothing (statsmodels) and the same time
of the year before. At earlier cuts it is held against that season alone, which is the rule of
thumb: the sum of its absolute errors over that of the rule, a mean absolute scaled error whose
scale is the rule's (Hyndman and Koehler 2006, International Journal of Forecasting 22, 679-688).
Bands are quantiles of the errors made at those cuts, each in proportion to its own series (split
conformal prediction; Vovk, Gammerman and Shafer 2005, chapter 4).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

STEPS = 4  # periods ahead
CUTS = 4  # earlier cuts that it is tested at, a period apart
BANDS = {"80": 0.80, "95": 0.95}
WIDER = 1.959964 / 1.281552  # a normal law's 95 % band beside its 80 % band
OWN_WEIGHT = 4  # errors of its own that count as much as those of all series
FEWEST = 4  # errors from which a band is estimated
COLUMNS = ("entity", "step", "value", *(f"{end}{b}" for b in BANDS for end in ("low", "high")))


@dataclass(frozen=True)
class Rhythm:
    """How sales are counted: `parts` of them are a period, `year` of them a year."""

    parts: int
    year: int


@dataclass(frozen=True)
class Forecasts:
    """What came of forecasting: a row for each series and step, and how it did at earlier cuts.

    `steps`: the columns `COLUMNS`. `used`: model or rule. `mase`: the model's error over the
    rule's. `covered`: the share of what came within each band that other periods gave.
    `errors`: entity, cut, step, actual, model and rule, one row for each forecast that was held
    against what came. `why`: why there is none.
    """

    steps: pd.DataFrame
    used: str = "rule"
    mase: float | None = None
    covered: Mapping[str, float | None] | None = None
    errors: pd.DataFrame | None = None
    why: str = ""


def season(sales: np.ndarray, steps: int, year: int) -> np.ndarray:
    """Return the same time of the year before, over again after a year: the rule of thumb."""
    return np.resize(sales[-year:], steps)


def level_and_season(sales: np.ndarray, steps: int, year: int) -> np.ndarray:
    """Return the mean of the smoothed level and the season."""
    mean: np.ndarray = (np.full(steps, _level(sales)) + season(sales, steps, year)) / 2
    return mean


WAYS: dict[str, Callable[[np.ndarray, int, int], np.ndarray]] = {
    "model": level_and_season,
    "rule": season,
}


def forecast(sales: pd.DataFrame, rhythm: Rhythm) -> Forecasts:
    """Return the next periods of each series, by the way with less error at earlier cuts.

    `sales`: a column for each series, a row for each part of a period, the last one ending a
    period; NaN before a series begins. Only series that reach back a year are forecast; without one
    that could be tested at an earlier cut there is nothing, and why.
    """
    series = {str(name): _begun(sales[name].to_numpy(dtype=float)) for name in sales}
    long = {name: each for name, each in series.items() if len(each) >= rhythm.year}
    nothing = pd.DataFrame(columns=list(COLUMNS))
    if not long:
        return Forecasts(nothing, why="sales do not reach back a year")
    errors = backtest(long, rhythm)
    if len(errors) < FEWEST:
        return Forecasts(nothing, why="no earlier day has a year of sales before it to test on")
    mase = _over(errors["model"], errors["rule"], errors["actual"])
    used = "model" if mase is not None and mase < 1 else "rule"
    steps = pd.DataFrame(_steps(long, rhythm, used, errors), columns=list(COLUMNS))
    return Forecasts(steps, used, mase, coverage(errors, used), errors)


def backtest(series: Mapping[str, np.ndarray], rhythm: Rhythm) -> pd.DataFrame:
    """Return both ways' forecasts of earlier cuts beside what came, as far as it is known."""
    rows = []
    for name, sales in series.items():
        for cut in range(1, CUTS + 1):
            known, later = sales[: -cut * rhythm.parts], sales[-cut * rhythm.parts :]
            if len(known) < rhythm.year:
                break
            came = _periods(later, rhythm)
            ahead = {way: _ahead(known, rhythm, way) for way in WAYS}
            size = _size(known, rhythm)
            for step in range(len(came)):
                ways = {way: ahead[way][step] for way in WAYS}
                rows.append(
                    {"entity": name, "cut": cut, "step": step + 1, "size": size}
                    | {"actual": came[step]}
                    | ways
                )
    columns = ["entity", "cut", "step", "size", "actual", *WAYS]
    return pd.DataFrame(rows, columns=columns)


def coverage(errors: pd.DataFrame, used: str) -> dict[str, float | None]:
    """Return by band what share of what came lay within it, with bands from the other periods."""
    within: dict[str, list[bool]] = {band: [] for band in BANDS}
    back = errors["cut"] - errors["step"]
    for period in back.unique():
        held, others = errors[back == period], errors[back != period]
        if len(others) < FEWEST:
            continue
        spread, widths = _spreads(others, used), _widths(others, used)
        missed = (held["actual"] - held[used]).abs()
        scale = held["size"] * held["entity"].map(spread).fillna(spread.median())
        for band, width in widths.items():
            within[band] += (missed <= width * scale).tolist()
    return {band: float(np.mean(held)) if held else None for band, held in within.items()}


def chance_to_reach(target: float, so_far: float, steps: pd.DataFrame) -> float:
    """Return the probability that what came so far and these steps together reach a target.

    The errors of the steps are taken to go together, which makes the band of their sum the sum of
    their bands: cautious on both sides.
    """
    spread = float((steps["high80"] - steps["low80"]).sum()) / 2 / 1.281552
    gap = so_far + float(steps["value"].sum()) - target
    if spread <= 0:
        return float(gap >= 0)
    return 0.5 * (1.0 + math.erf(gap / spread / math.sqrt(2.0)))


def _steps(
    series: Mapping[str, np.ndarray], rhythm: Rhythm, used: str, errors: pd.DataFrame
) -> Iterator[tuple[object, ...]]:
    """Yield a row of `COLUMNS` for each series and period to come."""
    spread, widths = _spreads(errors, used), _widths(errors, used)
    for name, sales in series.items():
        size = _size(sales, rhythm)
        if size == 0.0:  # nothing was sold for a year
            continue
        scale = size * float(spread.get(name, spread.median()))
        for step, value in enumerate(_ahead(sales, rhythm, used), start=1):
            ends: list[float] = []
            for width in widths.values():
                # Sales fall below nothing only where returns already did.
                ends += [max(value - width * scale, min(0.0, value)), value + width * scale]
            yield (name, step, value, *ends)


def _ahead(sales: np.ndarray, rhythm: Rhythm, way: str) -> np.ndarray:
    steps = WAYS[way](sales, STEPS * rhythm.parts, rhythm.year)
    return _periods(steps, rhythm)


def _periods(sales: np.ndarray, rhythm: Rhythm) -> np.ndarray:
    """Return sums of whole periods."""
    sums: np.ndarray = sales[: STEPS * rhythm.parts].reshape(-1, rhythm.parts).sum(axis=1)
    return sums


def _size(sales: np.ndarray, rhythm: Rhythm) -> float:
    """Return what a period of the last year came to, in size."""
    return float(np.abs(sales[-rhythm.year :]).mean() * rhythm.parts)


def _spreads(errors: pd.DataFrame, used: str) -> pd.Series:
    """Return each series' usual error in proportion to its size, drawn towards that of all."""
    some = errors[errors["size"] > 0]
    relative = (some["actual"] - some[used]).abs() / some["size"]
    if relative.empty:
        return pd.Series(dtype=float)
    own = relative.groupby(some["entity"]).agg(["sum", "count"])
    usual = float(relative.mean())
    return (own["sum"] + OWN_WEIGHT * usual) / (own["count"] + OWN_WEIGHT)


def _widths(errors: pd.DataFrame, used: str) -> dict[str, float]:
    """Return by band how many usual errors it reaches to either side.

    What is usual is taken for each error from those of other periods, as it is for periods to come.
    """
    ratios = np.sort(np.concatenate([np.empty(0), *_ratios(errors[errors["size"] > 0], used)]))
    narrow = _quantile(ratios, BANDS["80"])
    first = narrow if narrow is not None else (float(ratios[-1]) * WIDER if len(ratios) else 0.0)
    wide = _quantile(ratios, BANDS["95"])
    return {"80": first, "95": max(wide if wide is not None else 0.0, first * WIDER)}


def _ratios(errors: pd.DataFrame, used: str) -> Iterator[np.ndarray]:
    """Yield by period each error over what was usual for its series in other periods."""
    back = errors["cut"] - errors["step"]  # forecasts of several cuts may be of one period
    for period in back.unique():
        held, others = errors[back == period], errors[back != period]
        spread = _spreads(others if len(others) else errors, used)
        scale = held["size"] * held["entity"].map(spread).fillna(spread.median())
        missed = (held["actual"] - held[used]).abs() / scale.where(scale > 0)
        yield missed.dropna().to_numpy()


def _quantile(ordered: np.ndarray, share: float) -> float | None:
    """Return the error that a new one stays within with this probability; None with too few."""
    rank = math.ceil((len(ordered) + 1) * share)
    return float(ordered[rank - 1]) if 0 < rank <= len(ordered) else None


def _over(model: pd.Series, rule: pd.Series, actual: pd.Series) -> float | None:
    base = float((rule - actual).abs().sum())
    return float((model - actual).abs().sum()) / base if base > 0 else None


def _begun(sales: np.ndarray) -> np.ndarray:
    """Return a series from its first sale on, with nothing in place of what is missing."""
    sold = np.flatnonzero(np.isfinite(sales) & (sales != 0))
    return np.nan_to_num(sales[sold[0] :]) if len(sold) else sales[:0]


def _level(sales: np.ndarray) -> float:
    """Return the level at the end, by simple exponential smoothing."""
    if np.ptp(sales) == 0:
        return float(sales[-1])
    from statsmodels.tsa.holtwinters import SimpleExpSmoothing

    size = float(np.abs(sales).mean())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of how it converged: the backtest judges it
        fitted = SimpleExpSmoothing(sales / size, initialization_method="estimated").fit()
    level = float(fitted.forecast(1)[0]) * size
    return level if math.isfinite(level) else float(sales[-12:].mean())
