"""A company in which every text is one that a page could break on."""

from __future__ import annotations

from pathlib import Path

from kpi_lib.examples.synthetic import write_company
from kpi_lib.settings import Settings, load_settings
from tests.hostile_texts import NOTE, TEXTS, write_hostile_texts


def hostile(folder: Path) -> Settings:
    """Lay the company down in a folder and return its settings, hostile as well."""
    data = write_company(folder / "data", partners=len(TEXTS), orders=4_000, seed=3)
    write_hostile_texts(data)
    note = folder / "params" / "notes" / "P0001"
    note.mkdir(parents=True)
    for period in ("2026-Q3", "2026-Q2"):
        (note / f"{period}.md").write_text("\n\n".join(NOTE), encoding="utf-8")
    settings = folder / "params" / "project.yml"
    settings.write_text(
        "data: ../data\ncompany:\n  name: '<script>alert(4)</script> & Co.'\n", encoding="utf-8"
    )
    return load_settings(settings)
