"""Damaged data and settings, whatever the command: a status and words, never a traceback.

Where a command ends with 0 in spite of it, its figures are those of the second implementation.
"""

from __future__ import annotations

import tempfile
import unicodedata
from contextlib import chdir
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpi_lib.settings import Settings, load_settings
from tests.cli.damage import SEEDS, WAYS, write_project
from tests.independent.catalogue import CATALOGUE, PACKS
from tests.independent.compare import differences
from tests.independent.oracle import from_model, kpi_table
from tests.independent.tables import read_folder

PERIOD = "2026-Q3"
COMMANDS = (
    ("check",),
    ("check", "--json"),
    ("compute", "--period", PERIOD, "--out", "kpis.parquet"),
    ("compute", "--out", "kpis.parquet"),
    ("compute", "--period", PERIOD, "--out", "kpis.parquet", "--allow-faults"),
    ("explain", "otif_rate", "--period", PERIOD),
    ("explain", "revenue", "--partner", "007", "--rows", "rows.csv"),
    ("list", "--json"),
    ("targets", "suggest", "--out", "suggested.csv"),
)
OF_PAGES = (
    ("preview", "007", "--period", PERIOD),
    (
        "run",
        "--period",
        PERIOD,
        "--partners",
        "P1",
        "--jobs",
        "1",
        "--out",
        "out",
        "--allow-faults",
    ),
)
OURS = [kpi for kpi in (*CATALOGUE, *PACKS) if not from_model(kpi)]


def never_a_traceback(kpi, seed: int, data, commands=COMMANDS) -> None:
    """Damage a company once or twice, run a command on it, and look at what it says."""
    with tempfile.TemporaryDirectory() as place, chdir(place):
        folder = Path(place)
        write_project(folder, seed, data.draw(st.sampled_from(["csv", "parquet"])))
        for _ in range(data.draw(st.integers(1, 2))):
            data.draw(st.sampled_from(WAYS))(folder, data.draw)
        command = data.draw(st.sampled_from(commands))
        said = kpi(*command)
        assert said.status in (0, 1, 2)
        assert said.out or said.err
        assert "Traceback" not in said.out + said.err
        if said.status == 0 and command[:2] == ("compute", "--period") and len(command) == 5:
            assert differing(folder) == []


def differing(folder: Path) -> list[str]:
    """Return where the table that was computed differs from what the second implementation says."""
    company = load_settings(folder / "params" / "project.yml")
    if company.mapping is not None or company.packs:
        return []  # the second implementation reads no mapping, and knows no measures of settings
    tables = {
        name: [{column: _composed(cell) for column, cell in row.items()} for row in rows]
        for name, rows in read_folder(folder / "data").items()
    }
    theirs = kpi_table(tables, PERIOD, targets=_own_targets(folder), kpis=OURS, **_asked(company))
    return differences(pl.read_parquet(folder / "kpis.parquet"), theirs, OURS)


def _composed(cell: object) -> object:
    return unicodedata.normalize("NFC", cell) if isinstance(cell, str) else cell


def _asked(company: Settings) -> dict[str, object]:
    return {
        "year_end": company.year_end,
        "reporting_currency": company.reporting_currency,
        "maturity_days": company.maturity_days,
        "half_life_days": company.half_life_days,
        "weights": dict(company.weights),
    }


def _own_targets(folder: Path) -> list[dict[str, object]]:
    frame = pl.read_csv(folder / "params" / "targets.csv", infer_schema=False)
    return frame.to_dicts()


TOLD = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    phases=[Phase.generate],  # an example says all; to shrink it would take many times as long
)


@settings(TOLD, max_examples=10)
@given(seed=st.sampled_from(SEEDS), data=st.data())
def test_no_damage_shows_a_traceback_or_a_wrong_figure(kpi, seed, data):
    never_a_traceback(kpi, seed, data)


@pytest.mark.slow
@settings(TOLD, max_examples=400)
@given(seed=st.sampled_from(SEEDS), data=st.data())
def test_no_damage_of_hundreds_shows_a_traceback_or_a_wrong_figure(kpi, seed, data):
    never_a_traceback(kpi, seed, data)


@pytest.mark.slow
@settings(TOLD, max_examples=10)
@given(seed=st.sampled_from(SEEDS), data=st.data())
def test_no_damage_shows_a_traceback_where_pages_are_made(kpi, seed, data):
    never_a_traceback(kpi, seed, data, OF_PAGES)


@pytest.mark.parametrize(("seed", "fmt"), list(zip(SEEDS, ("csv", "parquet") * 2, strict=True)))
def test_the_companies_are_sound_before_they_are_damaged(kpi, seed, fmt, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_project(tmp_path, seed, fmt)
    assert kpi("check").status == 0
