"""Small folders of tables for the tests: text as CSV, rows written out where they are used."""

from __future__ import annotations

from pathlib import Path

from kpi_lib.data.dataset import Dataset, check_dataset, load_dataset
from kpi_lib.data.faults import Fault
from kpi_lib.data.kpi_facts import KpiFacts
from kpi_lib.settings import Settings, load_settings

PARTNERS = (
    "partner_id,name,partner_type,joined_on\n"
    "P1,Alder,reseller,2020-01-01\n"
    "P2,Birch,service,2020-01-01\n"
)


def write_tables(folder: Path, **tables: str) -> Path:
    """Write each table as CSV, its fields separated by blanks: `-` is null, `~` a blank."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "partners.csv").write_text(PARTNERS, encoding="utf-8")
    for name, text in tables.items():
        lines = [line.split() for line in text.strip().splitlines()]
        rows = [",".join("" if f == "-" else f.replace("~", " ") for f in line) for line in lines]
        (folder / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


def settings_for(folder: Path, **settings: object) -> Settings:
    """Return settings in a folder of their own, so that no targets.csv of the project is read."""
    params = folder.parent / f"{folder.name}-params"
    params.mkdir(exist_ok=True)
    file = params / "project.yml"
    lines = [f"data: {folder}", *(f"{name}: {value}" for name, value in settings.items())]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return load_settings(file)


KPIS = {
    "revenue": KpiFacts("higher", adds_up=True),
    "returns": KpiFacts("lower"),
    "receivables": KpiFacts("neither"),
    "otif_rate": KpiFacts("higher", least=0, most=1, is_ratio=True),
}


def faults_in(folder: Path, **settings: object) -> list[Fault]:
    """Return what is wrong with a folder."""
    workspace = folder.parent / "workspace"
    return check_dataset(settings_for(folder, **settings), workspace=workspace, kpis=KPIS)


def said_of(folder: Path, **settings: object) -> list[str]:
    """Return what is wrong with a folder, in words."""
    return [f"{f.severity[0]} {f}" for f in faults_in(folder, **settings)]


def loaded(folder: Path, *, allow_faults: bool = False, **settings: object) -> Dataset:
    """Return a folder as a dataset."""
    return load_dataset(
        settings_for(folder, **settings),
        workspace=folder.parent / "workspace",
        allow_faults=allow_faults,
        kpis=KPIS,
    )


# --- mappings: the partners as they are, and an export.csv beside them ----------------------------

SAME_PARTNERS = """\
files: {p: {file: partners.csv}, f: {file: export.csv}}
tables:
  partners: {from: p}
"""
JOINED = """\
files:
  p: {file: partners.csv}
  f: {file: export.csv}
  h: {file: headers.csv}
tables:
  partners: {from: p}
  orders:
    from: f
    join: {header: h, on: {No: Number}}
    group_by: [No]
    columns:
      order_id: No
      partner_id: {column: h.Dealer, aggregate: first}
      ordered_on: {column: h.Day, aggregate: first}
      amount: {multiply: [Q, Price], aggregate: sum}
"""
HEADERS = "Number,Dealer,Day\n1,P1,2024-01-31\n2,,2024-02-01\n"
