"""Hold our engine against SQL by hand on DuckDB and against pandas, each in a process of its own.

    python bench/kpi.py                                 all; status 1 if one fails or figures differ
    python bench/kpi.py --peer duckdb DATA OUT.parquet  one of them, as the first form calls it

A peer writes one row per scope, entity and quarter, one column per KPI of `KPIS`, from the three
tables that they need. What is in `WHOLE_CATALOGUE` computes each KPI there is with all comparisons
in one quarter from all tables, and writes the KPI table: no peer does that, so it stands beside the
same SQL. CPU seconds and peak memory are those of the whole process, imports and reading included.
"""

from __future__ import annotations

import argparse
import importlib
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from build import Size, data_of, split_company, whole_company
from rich.console import Console
from rich.table import Table

from kpi_lib import GIVE_BACK

HERE = Path(__file__).parent
OURS, YARDSTICK = "kpi_lib", "duckdb"
ALL, MORE_PARTNERS = "kpi_all", "kpi_all_10x"
# Each is a module peer_NAME with run(data, out).
PEERS = (OURS, "kpi_checked", YARDSTICK, "pandas", ALL, MORE_PARTNERS)
WHOLE_CATALOGUE, TIMES = (ALL, MORE_PARTNERS), 10  # on all tables; with so many times the partners
MOST_MB = 2048  # of ours
MOST_CPU = {OURS: 1.3, ALL: 15}  # times the yardstick's
MOST_FOR_PARTNERS = 2  # times the CPU at ten times the partners
FEWEST_KPIS = 120  # with a value somewhere, or the company does not show what it is to show
KEYS = ("scope", "entity", "period")
KPIS = (
    *("revenue", "revenue_growth", "revenue_share", "gross_margin", "orders", "order_growth"),
    *("sales_volume", "average_order_value", "new_customers", "active_customers"),
    *("customer_retention", "revenue_retention", "gross_revenue_retention"),
    *("repeat_purchase_rate", "orders_per_month", "orders_per_project"),
    *("days_between_purchases", "digital_order_share", "partnership_years"),
    *("active_partners", "new_partners", "partner_churn_rate"),
)
OF_ROLL_UPS = KPIS[-3:]
CLOSE = 1e-9
UNIT_OF_MAXRSS = 2**20 if sys.platform == "darwin" else 2**10  # bytes there, kilobytes elsewhere


@dataclass(frozen=True)
class Cost:
    """What one peer took: seconds of processor (user and system) and of the clock, megabytes."""

    status: int
    cpu: float
    wall: float
    megabytes: float


def measure(peer: str, data: Path, out: Path) -> Cost:
    """Run one peer in a process of its own and say what it took."""
    command = [sys.executable, str(HERE / "kpi.py"), "--peer", peer, str(data), str(out)]
    start = time.perf_counter()
    # As in the command, whose first import says how freed memory goes back; here Polars is first.
    process = subprocess.Popen(command, env={**os.environ, "_RJEM_MALLOC_CONF": GIVE_BACK})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(
        process.returncode,
        usage.ru_utime + usage.ru_stime,
        time.perf_counter() - start,
        usage.ru_maxrss / UNIT_OF_MAXRSS,
    )


def differences(here: Path, there: Path) -> list[str]:
    """Return where two peers' figures differ; the second one's rows are the ones that count.

    Equal to 1e-9 of their size, 1 at least, since a growth near 0 is a difference of large numbers.
    """
    left, right = (
        pl.read_parquet(path).with_columns(pl.col(KPIS).fill_nan(None)) for path in (here, there)
    )
    missing = right.join(left, on=KEYS, how="anti").height
    found = [f"{missing} rows are missing"] if missing else []
    both = right.join(left, on=KEYS, suffix="_other", validate="1:1")
    for kpi in KPIS:
        rows = both
        if kpi in OF_ROLL_UPS:
            rows = both.filter(pl.col("scope").is_in(["partner_type", "portfolio"]))
        value, other = pl.col(kpi), pl.col(f"{kpi}_other")
        size = pl.max_horizontal(value.abs(), other.abs(), pl.lit(1.0))
        apart = (value.is_null() != other.is_null()) | ((value - other).abs() > CLOSE * size)
        worst = rows.filter(apart).head(1)
        if worst.height:
            count = rows.filter(apart).height
            found.append(f"{kpi}: {count} differ, e.g. {worst.select(*KEYS, value, other).row(0)}")
    return found


def verdicts(costs: dict[str, Cost], outs: dict[str, Path]) -> list[str]:
    """Return everything that keeps the benchmark from being met, in words."""
    failed = [name for name, cost in costs.items() if cost.status != 0]
    found = [f"{name} could not run (status {costs[name].status})" for name in failed]
    ran = [name for name in costs if name not in failed]
    found += [
        line for name in ran if name in WHOLE_CATALOGUE for line in _too_few(name, outs[name])
    ]
    if YARDSTICK not in ran:
        return found
    for name in [name for name in ran if name not in (YARDSTICK, *WHOLE_CATALOGUE)]:
        apart = differences(outs[name], outs[YARDSTICK])
        found += [f"{name} against {YARDSTICK}: {line}" for line in apart]
    return found


def _too_few(name: str, out: Path) -> list[str]:
    valued = pl.scan_parquet(out).filter(pl.col("value").is_not_null())
    kpis = valued.select(pl.col("kpi").n_unique()).collect().item()
    return [] if kpis >= FEWEST_KPIS else [f"{name}: only {kpis} KPIs have a value somewhere"]


def excess(costs: dict[str, Cost]) -> list[str]:
    """Return where ours takes more than it may, in words."""
    ran = {name: cost for name, cost in costs.items() if cost.status == 0}
    found = []
    for name, most in MOST_CPU.items():
        if name in ran and YARDSTICK in ran and ran[name].cpu > most * ran[YARDSTICK].cpu:
            times = ran[name].cpu / ran[YARDSTICK].cpu
            found.append(f"{name} takes {times:.2f} times {YARDSTICK}'s CPU; {most} is allowed")
    if ALL in ran and MORE_PARTNERS in ran:
        times = ran[MORE_PARTNERS].cpu / ran[ALL].cpu
        if times > MOST_FOR_PARTNERS:
            found.append(f"ten times the partners take {times:.2f} times the CPU")
    for name in sorted(ran.keys() & {OURS, *WHOLE_CATALOGUE}):
        if ran[name].megabytes > MOST_MB:
            found.append(f"{name} takes {ran[name].megabytes:.0f} MB; {MOST_MB} are allowed")
    return found


def table_of(costs: dict[str, Cost]) -> Table:
    """Return the figures, each beside its peers'."""
    title = (
        f"{len(KPIS)} KPIs, 8 quarters, 5 scopes; "
        f"{' and '.join(WHOLE_CATALOGUE)}: all KPIs, one quarter with its comparisons, 10 scopes"
    )
    table = Table(title=title)
    for heading in ("peer", "CPU s", "x SQL", "clock s", "peak MB", ""):
        table.add_column(heading, justify="left" if heading in ("peer", "") else "right")
    for name, cost in costs.items():
        times = cost.cpu / costs[YARDSTICK].cpu if YARDSTICK in costs else float("nan")
        said = "done" if cost.status == 0 else f"failed, status {cost.status}"
        figures = (f"{cost.cpu:.1f}", f"{times:.2f}", f"{cost.wall:.1f}", f"{cost.megabytes:.0f}")
        table.add_row(name, *figures, said)
    return table


def compare(size: Size, peers: list[str], console: Console) -> int:
    """Run the peers one after the other, print the table, and return the exit status."""
    console.print(f"Data: {size.orders:,} orders of {size.partners:,} partners (built once) ...")
    costs, outs = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for name in peers:
            data = _company(name, size)
            console.print(f"Running {name} ...")
            outs[name] = Path(folder) / f"{name}.parquet"
            costs[name] = measure(name, data, outs[name])
        found = verdicts(costs, outs)
    if size.orders >= Size.orders:  # a small company is all imports, and says nothing of the engine
        found += excess(costs)
    console.print(table_of(costs))
    for line in found or ["All ran, and their figures agree to 1e-9."]:
        console.print(line, markup=False)
    return 1 if found else 0


def _company(peer: str, size: Size) -> Path:
    """Return the folder with the tables that a peer reads, building them where they are not."""
    if peer == MORE_PARTNERS:
        return split_company(size, TIMES, HERE / "data")
    if peer == ALL:
        return whole_company(size, HERE / "data")
    return data_of(size, HERE / "data")


def main() -> int:
    """Read the command line and do one or the other."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--peer", choices=PEERS, help="run this one, in this process")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--orders", type=int, default=Size.orders, help="fewer, to try it out")
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("out", type=Path, nargs="?")
    options = parser.parse_args()
    if options.peer:
        importlib.import_module(f"peer_{options.peer}").run(options.data, options.out)
        return 0
    return compare(Size(orders=options.orders), options.peers, Console())


if __name__ == "__main__":
    sys.exit(main())
