"""What was measured elsewhere, as it is counted: of one measure, by entity and period."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Observations:
    """Of one measure, arrays of entities x periods.

    `rows` and their sum `plain`; of those with a denominator the number `divided`, and the sums
    `above` and `below` the line. `since`: the day each entity was first observed on, NaN where
    never.
    """

    rows: np.ndarray
    plain: np.ndarray
    divided: np.ndarray
    above: np.ndarray
    below: np.ndarray
    since: np.ndarray
