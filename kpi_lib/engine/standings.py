"""How all KPIs stand that are no goals: what the goals are counted from, after all others."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

import numpy as np
import polars as pl


@dataclass
class Standings:
    """Arrays of entities x periods, of the KPIs entered so far.

    `statuses`: by status the number of KPIs that have it. `attained`: by score and family the sum
    of the attainments (0 to 1) and their number. `values`: of the KPIs that objectives name, and
    whether higher is better. `entered`: by score and KPI the attainments in P alone, NaN where the
    KPI does not count. `weights`: by family, 1 where none is named. `objectives`: their rows, None
    where none are counted.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    objectives: pl.DataFrame | None = None
    statuses: dict[str, np.ndarray] = field(default_factory=dict)
    attained: dict[tuple[Hashable, str], tuple[np.ndarray, np.ndarray]] = field(
        default_factory=dict
    )
    values: dict[str, tuple[np.ndarray, bool]] = field(default_factory=dict)
    entered: dict[tuple[Hashable, str], np.ndarray] = field(default_factory=dict)
