"""What every peer of the model benchmark does: warm up, fit, predict, and say what it took."""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

WEEKS = 39
STATUS = Path("/proc/self/status")
UNIT_OF_MAXRSS = 2**20 if sys.platform == "darwin" else 2**10


def run(
    fit: Callable[[pd.DataFrame], Any],
    predict: Callable[[Any, pd.DataFrame], Any],
    parameters: Callable[[Any], dict[str, float]],
) -> None:
    """Print as one line of JSON the CPU seconds of fit and prediction, the least of some times."""
    frame, times = pd.read_parquet(sys.argv[1]), int(sys.argv[2])
    few = frame.head(200)
    predict(fit(few), few)
    fits, predictions = [], []
    for _ in range(times):
        start = time.process_time()
        model = fit(frame)
        fits.append(time.process_time() - start)
        start = time.process_time()
        predict(model, frame)
        predictions.append(time.process_time() - start)
    measurements = {
        "fit": min(fits),
        "predict": min(predictions),
        "megabytes": peak_megabytes(),
        "parameters": {name: float(value) for name, value in parameters(model).items()},
    }
    print(json.dumps(measurements))  # noqa: T201, this is how it answers


def peak_megabytes() -> float:
    """Return the most memory that this process held; what started it is in no figure of Linux's."""
    if STATUS.exists():
        lines = dict(line.split(":", 1) for line in STATUS.read_text().splitlines() if ":" in line)
        return float(lines["VmHWM"].split()[0]) / 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT_OF_MAXRSS
