"""Hold our BG/NBD against those of lifetimes and pymc-marketing, each in an environment of its own.

    python bench/models.py                      all, interleaved; status 1 if one fails or is beaten
    python bench/models.py --customers 20000    fewer, to try it out

The environments are made once below bench/data; pymc-marketing needs a Python 3.12 or 3.13 that is
found on the path, or named with --python. Each round runs each peer once, in a process of its own:
CPU seconds (user and system, all threads) of the fit and of a prediction, after a first fit on a
few customers that pays for imports and compilation; peak memory is the whole process's.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np
import pandas as pd
import polars as pl
from rich.console import Console
from rich.table import Table

from kpi_lib.btyd import rfm_summary

HERE = Path(__file__).parent
CDNOW = HERE.parent / "tests" / "models" / "cdnow.parquet"
OURS = "kpi_lib"
NEEDS = {  # of each peer's environment
    "lifetimes": ["lifetimes==0.11.3", "pandas<3", "pyarrow"],
    "pymc_marketing": ["pymc-marketing>=1.3", "pyarrow"],
}
PYTHONS = {"lifetimes": ("python3.11", "python3"), "pymc_marketing": ("python3.12", "python3.13")}
CUSTOMERS, SMALL_TIMES, ROUNDS = 1_000_000, 20, 3
LARGE, SMALL = "1,000,000 simulated", "CDNOW"
FEWEST_TIMES = {LARGE: 8, SMALL: 20}
MOST_MB = 512
TRUTH = (0.5, 6.0, 0.8, 2.5)


@dataclass
class Cost:
    """What a peer took, one figure a round: fit and prediction in CPU seconds; megabytes."""

    fit: list[float] = field(default_factory=list)
    predict: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)
    parameters: dict[str, float] = field(default_factory=dict)


def simulate(customers: int, seed: int = 1) -> pd.DataFrame:
    """Return customers of a BG/NBD, seen for a quarter to a year in whole days, as weeks."""
    rng = np.random.default_rng(seed)
    r, alpha, a, b = TRUTH
    age = rng.integers(91, 365, customers) / 7
    rate, leaves = rng.gamma(r, 1 / alpha, customers), rng.beta(a, b, customers)
    now, frequency, recency = (np.zeros(customers) for _ in range(3))
    here = np.ones(customers, dtype=bool)
    while here.any():
        now[here] += rng.exponential(1 / rate[here])
        here &= now <= age
        frequency[here] += 1
        recency[here] = now[here]
        here &= rng.random(customers) > leaves
    recency = np.minimum(np.ceil(recency * 7) / 7, age)
    return pd.DataFrame({"frequency": frequency, "recency": recency, "T": age})


def environment(peer: str, python: str | None) -> Path | None:
    """Return the Python of a peer's environment, making it where it is not; None where it fails."""
    if peer == OURS:
        return Path(sys.executable)
    folder = HERE / "data" / f"env-{peer}"
    made = folder / "bin" / "python"
    if (folder / "ready").exists():
        return made
    base = python or next(filter(None, map(shutil.which, PYTHONS[peer])), None)
    if base is None:
        return None
    make = [base, "-m", "venv", str(folder)]
    install = [str(made), "-m", "pip", "install", "--quiet", *NEEDS[peer]]
    if any(subprocess.run(step, check=False).returncode for step in (make, install)):
        return None
    (folder / "ready").touch()
    return made


def measure(python: Path, peer: str, data: Path, times: int) -> dict | None:
    """Run one peer on one file in a process of its own; None where it fails."""
    command = [str(python), str(HERE / f"peer_model_{peer}.py"), str(data), str(times)]
    # One thread each: the other processor is the machine's, and none is timed as two.
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    path = {"PYTHONPATH": str(HERE)}
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **threads, **path}
    )
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)  # noqa: T201, what a peer says when it fails
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def compare(customers: int, rounds: int, python: str | None, console: Console) -> int:
    """Run all peers in turns, print the table, and return the exit status."""
    pythons = {peer: environment(peer, python) for peer in (OURS, *NEEDS)}
    costs: dict[tuple[str, str], Cost] = {}
    with tempfile.TemporaryDirectory() as folder:
        sets = {LARGE: Path(folder) / "large.parquet", SMALL: Path(folder) / "cdnow.parquet"}
        simulate(customers).to_parquet(sets[LARGE])
        sample = pl.read_parquet(CDNOW).filter("in_sample")
        rfm_summary(sample, "1997-09-30", unit="week").reset_index().to_parquet(sets[SMALL])
        for _ in range(rounds):
            for name, file in sets.items():
                for peer, made in pythons.items():
                    times = SMALL_TIMES if name == SMALL else 1
                    cost_of_run = measure(made, peer, file, times) if made else None
                    if cost_of_run is not None:
                        cost = costs.setdefault((name, peer), Cost())
                        cost.fit.append(cost_of_run["fit"])
                        cost.predict.append(cost_of_run["predict"])
                        cost.megabytes.append(cost_of_run["megabytes"])
                        cost.parameters = cost_of_run["parameters"]
    console.print(table_of(costs))
    found = verdicts(costs, whole=customers >= CUSTOMERS)
    for line in found or ["All ran, and ours keeps within what it may take."]:
        console.print(line, markup=False)
    return 1 if found else 0


def verdicts(costs: dict[tuple[str, str], Cost], *, whole: bool) -> list[str]:
    """Return everything that keeps the benchmark from being met, in words."""
    found = []
    for name, fewest in FEWEST_TIMES.items():
        ours = costs.get((name, OURS))
        for peer in NEEDS:
            theirs = costs.get((name, peer))
            if ours is None or theirs is None:
                found.append(f"{peer if ours else OURS} could not run on {name}")
                continue
            times = median(theirs.fit) / median(ours.fit)
            if times < fewest and (whole or name == SMALL):
                found.append(f"{name}: the fit takes {times:.1f} times less than {peer}'s")
            if median(ours.predict) > median(theirs.predict):
                found.append(f"{name}: the prediction is slower than {peer}'s")
            apart = max(
                abs(np.log(theirs.parameters[key] / ours.parameters[key]))
                for key in ours.parameters
            )
            if apart > 0.02:
                found.append(f"{name}: parameters differ from {peer}'s by {apart:.1%}")
        if ours and max(ours.megabytes) > MOST_MB:
            found.append(f"{name}: {max(ours.megabytes):.0f} MB; {MOST_MB} are allowed")
    return found


def table_of(costs: dict[tuple[str, str], Cost]) -> Table:
    """Return the medians of the rounds, each beside its peers'."""
    table = Table(title="BG/NBD: CPU seconds, median of the rounds")
    for heading in ("data", "peer", "fit", "x ours", "predict", "peak MB"):
        table.add_column(heading, justify="left" if heading in ("data", "peer") else "right")
    for (name, peer), cost in costs.items():
        ours = costs.get((name, OURS))
        times = median(cost.fit) / median(ours.fit) if ours else float("nan")
        table.add_row(
            name,
            peer,
            f"{median(cost.fit):.4f}",
            f"{times:.1f}",
            f"{median(cost.predict):.4f}",
            f"{max(cost.megabytes):.0f}",
        )
    return table


def main() -> int:
    """Read the command line and compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--customers", type=int, default=CUSTOMERS, help="fewer, to try it out")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--python", help="the Python that pymc-marketing runs on")
    options = parser.parse_args()
    return compare(options.customers, options.rounds, options.python, Console())


if __name__ == "__main__":
    sys.exit(main())
