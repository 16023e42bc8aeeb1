"""Where a partner stands among the other partners of its type; never naming one.

Exact, and so for the company itself: of a few others a quartile is one's own figure. What a partner
may be shown is in `coarse_standings`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kpi_lib.engine.cube import Cube
from kpi_lib.engine.equality import EQUAL, whole

FEWEST_PEERS = 5
COLUMNS = ("peer_percentile", "peers", "peer_q1", "peer_median", "peer_q3")  # of the KPI table


@dataclass(frozen=True)
class Standing:
    """One figure for each entity, NaN where there is none."""

    percentile: np.ndarray
    peers: np.ndarray
    q1: np.ndarray
    median: np.ndarray
    q3: np.ndarray


def no_standing(size: int) -> Standing:
    """Return a standing without figures."""
    return Standing(*(np.full(size, np.nan) for _ in range(5)))


def standings(values: np.ndarray, better: str, cube: Cube) -> Standing:
    """Return each partner's standing by its value in P among the active partners of its type."""
    standing = no_standing(len(cube.entities))
    if better == "neither":
        return standing
    active, kinds = _is_active(cube), _partner_types(cube)
    for kind in set(kinds) - {None}:
        members = np.flatnonzero((kinds == kind) & ~np.isnan(values))
        if len(members):
            _fill(standing, members, whole(values[members]), active[members], better)
    return standing


def _is_active(cube: Cube) -> np.ndarray:
    """Return per entity whether it joined by the last day that counts, and was there in P."""
    frame = cube.entities.frame
    start = cube.calendar.starts[cube.calendar.now]
    last = cube.calendar.lasts[cube.calendar.now]
    left = frame["left_on"].to_numpy() if "left_on" in frame.columns else np.nan
    left = np.where(np.asarray(left, dtype=float) > last, np.nan, left)
    joined = (frame["scope"].to_numpy() == "partner") & frame["has_row"].to_numpy()
    in_period: np.ndarray = joined & ~(left < start)
    return in_period


def _partner_types(cube: Cube) -> np.ndarray:
    """Return the partner type of each entity; None for any that is no single partner."""
    frame = cube.entities.frame
    kinds = frame["partner_type"].to_numpy().copy()
    kinds[frame["scope"].to_numpy() != "partner"] = None
    return kinds


def _fill(
    standing: Standing, members: np.ndarray, values: np.ndarray, active: np.ndarray, better: str
) -> None:
    """Fill in the standing of the members of one type."""
    field = np.sort(values[active])
    others = len(field) - active
    standing.peers[members] = others
    enough = others >= FEWEST_PEERS
    margin = EQUAL * np.abs(values)
    below = np.searchsorted(field, values - margin, side="left")
    up_to = np.searchsorted(field, values + margin, side="right")
    equal = up_to - below - active
    beaten = below if better == "higher" else len(field) - up_to
    share = (beaten + equal / 2) / np.maximum(others, 1)
    standing.percentile[members] = np.where(enough, share, np.nan)
    own_place = np.where(active, np.searchsorted(field, values, side="left"), len(field))
    for quantile, figures in ((0.25, standing.q1), (0.5, standing.median), (0.75, standing.q3)):
        value_of_others = _quantile_of_others(field, own_place, others, quantile)
        figures[members] = np.where(enough, value_of_others, np.nan)


def _quantile_of_others(
    field: np.ndarray, own_place: np.ndarray, others: np.ndarray, quantile: float
) -> np.ndarray:
    """Return the quantile of the field without one's own value, linear between the nearest."""
    if len(field) == 0:
        return np.full(len(own_place), np.nan)
    position = np.maximum(others - 1, 0) * quantile
    lower = np.floor(position).astype(int)
    upper = np.minimum(lower + 1, np.maximum(others - 1, 0))

    def other(place: np.ndarray) -> np.ndarray:
        values: np.ndarray = field[np.minimum(place + (place >= own_place), len(field) - 1)]
        return values

    share = position - lower
    between: np.ndarray = other(lower) * (1 - share) + other(upper) * share
    return between
