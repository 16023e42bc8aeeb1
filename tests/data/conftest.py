from __future__ import annotations

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.settings import load_settings
from tests.data.folders import PARTNERS


@pytest.fixture
def project(tmp_path):
    """Return a function that loads an export through a mapping."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "partners.csv").write_text(PARTNERS)
    (tmp_path / "params" / "mappings").mkdir(parents=True)

    def settings(mapping: str):
        (tmp_path / "params" / "mappings" / "shop.yml").write_text(mapping, encoding="utf-8")
        (tmp_path / "params" / "project.yml").write_text("data: ../data\nmapping: shop\n")
        return load_settings(tmp_path / "params" / "project.yml")

    def load(mapping: str, export: str | pl.DataFrame | None = None, **options):
        if isinstance(export, str):
            (folder / "export.csv").write_text(export, encoding="utf-8")
        elif export is not None:
            export.write_parquet(folder / "export.parquet")
        return load_dataset(settings(mapping), workspace=tmp_path / "w", **options)

    load.folder, load.settings, load.workspace = folder, settings, tmp_path / "w"
    return load
