"""The company on disk: the same bytes at every call, nothing of the machine in it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.contract import TABLES
from kpi_lib.data.dataset import check_dataset
from kpi_lib.errors import CallError
from kpi_lib.examples.synthetic import write_company, writing
from kpi_lib.kpis.kpi_ends import facts_of
from tests.data.folders import settings_for

WRITE = (
    "import sys; from pathlib import Path\n"
    "from kpi_lib.examples.synthetic import write_company\n"
    "write_company(Path(sys.argv[1]))\n"
)


def content(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def faults(folder: Path) -> list[str]:
    settings = settings_for(folder)
    workspace = folder.parent / "workspace"
    found = check_dataset(settings, workspace=workspace, kpis=facts_of(settings))
    return [str(fault) for fault in found]


def test_it_has_every_table_of_the_contract_and_says_that_it_is_synthetic(company):
    assert set(content(company)) == {f"{name}.parquet" for name in TABLES} | {"SYNTHETIC"}
    label = (company / "SYNTHETIC").read_text(encoding="utf-8")
    assert "no partner, customer, person or figure in it is real" in label
    assert "partners 24, orders 20000, seed 20260930" in label


def test_every_column_of_the_contract_is_there(company):
    for name, table in TABLES.items():
        assert set(pl.read_parquet_schema(company / f"{name}.parquet")) == set(table.columns), name


def test_it_keeps_the_contract_without_a_fault_or_a_warning(company):
    assert faults(company) == []


def test_it_is_the_same_to_the_byte_in_a_process_with_one_thread(company, tmp_path):
    again = tmp_path / "again"
    one = dict.fromkeys(("POLARS_MAX_THREADS", "OMP_NUM_THREADS"), "1")
    subprocess.run([sys.executable, "-c", WRITE, str(again)], env=os.environ | one, check=True)
    assert content(again) == content(company)


def test_another_seed_gives_another_company_of_the_same_partners(company, tmp_path):
    other = content(write_company(tmp_path / "other", seed=7))
    same = {name for name, bytes_ in content(company).items() if other[name] == bytes_}
    assert same == {"partners.parquet"}, "the first 24 partners are cast"


def test_no_file_knows_the_machine_it_was_made_on(company):
    for name, bytes_ in content(company).items():
        assert str(company).encode() not in bytes_, name
        assert str(Path.home()).encode() not in bytes_, name


@pytest.mark.parametrize(("partners", "orders"), [(1, 1), (2, 5), (24, 1), (40, 500)])
def test_a_company_of_any_size_keeps_the_contract(tmp_path, partners, orders):
    folder = write_company(tmp_path / "tiny", partners=partners, orders=orders)
    assert faults(folder) == []
    assert pl.read_parquet(folder / "orders.parquet").height == orders
    assert pl.read_parquet(folder / "partners.parquet").height == partners


def test_a_large_table_is_a_folder_of_parts_with_the_same_rows(company, tmp_path, monkeypatch):
    monkeypatch.setattr(writing, "PART_ROWS", 6_000)
    folder = write_company(tmp_path / "parts")
    assert len(list((folder / "orders").iterdir())) > 1
    assert (folder / "leads").is_dir() and (folder / "partners.parquet").is_file()
    for name in ("orders", "leads"):
        parts = pl.read_parquet(folder / name / "*.parquet")
        assert parts.equals(pl.read_parquet(company / f"{name}.parquet"))


def test_a_company_written_before_gives_way(tmp_path):
    folder = write_company(tmp_path / "here", partners=1, orders=10)
    write_company(folder, partners=2, orders=10)
    assert pl.read_parquet(folder / "partners.parquet").height == 2
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_everything_wrong_with_a_call_is_said_at_once_and_nothing_is_written(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(CallError) as error:
        write_company(tmp_path, partners=0, orders=0, seed=-1)
    assert len(error.value.problems) == 4
    assert "notes.txt" in str(error.value)
    assert content(tmp_path) == {"notes.txt": b"mine"}


def test_tables_that_are_not_said_to_be_synthetic_are_left_alone(tmp_path):
    real = tmp_path / "partners.parquet"
    real.write_bytes(b"real")
    with pytest.raises(CallError, match="holds tables that are not said to be synthetic"):
        write_company(tmp_path)
    with pytest.raises(CallError, match="is a file"):
        write_company(real)
    assert real.read_bytes() == b"real"


@pytest.mark.slow
def test_a_company_of_100_partners_and_200_000_orders_keeps_the_contract(tmp_path):
    folder = write_company(tmp_path / "middle", partners=100, orders=200_000)
    assert faults(folder) == []
    assert pl.read_parquet(folder / "orders.parquet").height == 200_000
