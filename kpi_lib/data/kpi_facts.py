"""What the check of targets and objectives has to know of a KPI; the catalogue fills it in."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kpi_lib.settings import Better


@dataclass(frozen=True)
class KpiFacts:
    """Which way a KPI is better, what its value can be, and where it has a row.

    `least` and `most`: it can never be beyond; `usual_least` and `usual_most`: it hardly ever is.
    `adds_up`: it grows with the length of the period. `cadence`: the shortest period that has it.
    """

    better: Better
    least: float = -math.inf
    most: float = math.inf
    usual_least: float = -math.inf
    usual_most: float = math.inf
    adds_up: bool = False
    cadence: str = "week"
    scopes: tuple[str, ...] = ("partner", "portfolio")
    is_ratio: bool = False
