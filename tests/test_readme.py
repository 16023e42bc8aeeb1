"""What the README shows works as it stands there."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kpi_lib.data.dataset import Dataset, load_dataset
from kpi_lib.settings import load_settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Lay the README's files out as it says, and read them."""
    files = re.findall(r"```(?:csv|yaml) (\S+)\n(.*?)```", README, re.DOTALL)
    for name, content in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, encoding="utf-8")
    settings = load_settings(tmp_path / "params" / "project.yml")
    return load_dataset(settings, workspace=tmp_path / "workspace")


def test_the_export_of_the_readme_becomes_orders_of_the_contract(dataset: Dataset):
    columns = ["order_id", "partner_id", "ordered_on", "amount", "status"]
    orders = dataset.tables["orders"].select(columns).sort("order_id").collect()
    assert orders.rows() == [
        ("7001", "0815", date(2026, 8, 3), Decimal("2141.5"), "completed"),
        ("7002", None, date(2026, 9, 21), Decimal("89.9"), "completed"),
        ("7003", "0815", date(2026, 9, 22), Decimal("-1049.5"), "returned"),
    ]


def test_the_dealers_of_the_readme_become_partners_and_keep_their_leading_zeros(dataset: Dataset):
    partners = dataset.tables["partners"].select(pl.col("partner_id", "name")).collect()
    assert partners.rows() == [("0815", "Bauer & Söhne")]
