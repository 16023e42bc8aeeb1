"""What must hold of this project before its reports go out; add what must hold of yours.

Everything is asked of the command `kpi`, as people and make ask it.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

PROJECT = Path(__file__).parents[1]
NOTEBOOKS = sorted((PROJECT / "notebooks").glob("*.ipynb"))
FIGURES = PROJECT / "tests" / "figures.csv"


def kpi(*words: str | Path) -> str:
    """Run `kpi` in the project and return what it printed; what it says is the failure."""
    command = [str(Path(sys.executable).parent / "kpi"), *map(str, words)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"kpi {' '.join(map(str, words))}\n{done.stdout}{done.stderr}"
    return done.stdout


def table(folder: Path, period: str = "") -> pl.DataFrame:
    """Return the KPI table of a period, the last whole quarter by default."""
    file = folder / f"{period or 'last'}.parquet"
    if not file.is_file():
        kpi("compute", "--out", file, *(["--period", period] if period else []))
    return pl.read_parquet(file)


@pytest.fixture(scope="session")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lend a folder for KPI tables, which several tests look at."""
    return tmp_path_factory.mktemp("tables")


def vouched_for() -> list[dict[str, str]]:
    with FIGURES.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_settings_are_valid_and_the_data_keep_the_contract():
    kpi("check")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda file: file.name)
def test_a_notebook_has_one_cell_of_parameters_and_is_kept_without_outputs(notebook: Path):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", ())]
    assert len(tagged) == 1, "tag the cell that holds its settings, and only that one"
    outputs = [number for number, cell in enumerate(cells, 1) if cell.get("outputs")]
    assert outputs == [], "clear the outputs: figures of partners do not belong into the project"


def test_the_scorecard_of_a_partner_is_made(tables: Path):
    partners = table(tables).filter(pl.col("scope") == "partner")["entity"]
    printed = kpi("preview", partners.sort()[0], "--edition", "internal")
    made = [Path(line) for line in printed.splitlines()]
    assert [page.suffix for page in made] == [".html"]
    assert "<h1" in made[0].read_text(encoding="utf-8")


@pytest.mark.parametrize("row", vouched_for(), ids=lambda row: " ".join(list(row.values())[:4]))
def test_a_figure_that_we_vouch_for_has_not_changed(tables: Path, row: dict[str, str]):
    mine = [pl.col(name) == row[name] for name in ("scope", "entity", "kpi")]
    found = table(tables, row["period"]).filter(*mine)["value"].to_list()
    assert found == [pytest.approx(float(row["value"]))], (
        "say in tests/figures.csv what you know to be right: those that came with it are of the "
        "example"
    )
