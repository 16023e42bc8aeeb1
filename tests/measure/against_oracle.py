"""Our engine and the independent implementation side by side, on generated companies.

    python -m tests.measure.against_oracle --seed 5000 --companies 50 [--lacking] [--kpis roi ...]

prints the cells that differ (entity, KPI, column, ours, theirs), of each KPI and company the first
few, and how often each column of each KPI did; it ends with 1 where any does.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from kpi_lib.data.dataset import load_dataset
from kpi_lib.engine.relation import polars_engine
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import Options, compute
from kpi_lib.periods import Period
from tests.given_companies import settings_of
from tests.independent.catalogue import CATALOGUE, PACKS
from tests.independent.compare import Difference, differences
from tests.independent.generate import call, generate, write_folder
from tests.independent.generate_gaps import without_required_columns, without_rows
from tests.independent.oracle import from_model, kpi_table

# What models say the oracle does not know: tests/engine/test_model_figures.py.
COMPUTED = [kpi for kpi in (*CATALOGUE, *PACKS) if not from_model(kpi)]
SHOWN = 3  # of each KPI of a company, unless asked for more


def computed(
    folder: Path, asked: dict, engine=polars_engine, *, allow_faults: bool = False
) -> pl.DataFrame:
    """Return the KPI table of a folder of tables, as `kpi compute` makes it."""
    settings = settings_of(asked, folder)
    dataset = load_dataset(
        settings,
        workspace=folder / "staged",
        kpis=facts_of(settings),
        allow_faults=allow_faults,
    )
    period = Period.parse(str(asked["period"]), settings.year_end)
    return compute(dataset, settings, period, asked.get("as_of"), Options(engine)).table


def disagreements(
    seed: int,
    folder: Path,
    kpis: Iterable[str] = COMPUTED,
    *,
    lacking: bool = False,
    **company: object,
) -> list[Difference]:
    """Return the cells that differ on the company of a seed.

    `lacking`: some of its tables have no row, a fault that is allowed, and some lack a column that
    no row may lack. `company`: what `generate` takes, all tables by default.
    """
    tables = generate(seed, **{"with_other_tables": True, **company})
    if lacking:
        tables = without_rows(without_required_columns(tables, seed), seed)
    return held_against(tables, seed, folder, kpis, allow_faults=lacking)


def held_against(
    tables: dict, seed: int, folder: Path, kpis: Iterable[str] = COMPUTED, **allowed: bool
) -> list[Difference]:
    """Return the cells that differ on these tables, written as CSV or as Parquet, by turns."""
    asked = call(seed)
    write_folder(tables, folder, "csv" if seed % 2 else "parquet")
    ours = computed(folder, asked, **allowed)
    return differences(ours, kpi_table(tables, **asked, kpis=kpis), kpis)


def main(arguments: Sequence[str] | None = None) -> int:
    """Hold the two against each other on so many companies, and say where they differ."""
    asked = _parser().parse_args(arguments)
    often: Counter[str] = Counter()
    for seed in range(asked.seed, asked.seed + asked.companies):
        with tempfile.TemporaryDirectory() as name:
            found = disagreements(
                seed, Path(name) / "data", asked.kpis, lacking=asked.lacking, orders=asked.orders
            )
        often.update(f"{cell.kpi} {cell.column}" for cell in found)
        head = f"{seed} {_words(call(seed))}: {len(found)} differ"
        _say(head, *_first_of_each(found, asked.shown))
    _say("", *(f"{count:6} {cell}" for cell, count in often.most_common()))
    return 1 if often else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=5000)
    parser.add_argument("--companies", type=int, default=10)
    parser.add_argument("--orders", type=int, default=300)
    parser.add_argument("--lacking", action="store_true")
    parser.add_argument("--shown", type=int, default=SHOWN)
    parser.add_argument("--kpis", nargs="+", default=COMPUTED)
    return parser


def _first_of_each(found: list[Difference], shown: int) -> list[Difference]:
    """Return the first few cells of each KPI."""
    seen: Counter[str] = Counter()
    first = []
    for cell in found:
        seen[cell.kpi] += 1
        if seen[cell.kpi] <= shown:
            first.append(cell)
    return first


def _words(asked: dict[str, object]) -> str:
    return " ".join(f"{name} {said}" for name, said in asked.items() if said is not None)


def _say(*lines: object) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
