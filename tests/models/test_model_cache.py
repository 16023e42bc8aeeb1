"""The models of a run are fitted once, and again only where data, settings or code changed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kpi_lib.batch import unchanged
from kpi_lib.batch.jobs import Job, Page, ReportResult
from kpi_lib.data.dataset import Dataset
from kpi_lib.engine.calendar import Calendar
from kpi_lib.errors import Problem
from kpi_lib.models import model_cache as models
from kpi_lib.models.model_cache import Models
from kpi_lib.periods import Period
from kpi_lib.settings import ModelSettings, Settings
from tests.models.given_orders import orders_of, random_buyers, tables_of

CALENDAR = Calendar.around(Period.parse("2025-Q4"))


def dataset(fingerprint: str = "same") -> Dataset:
    tables = tables_of(orders_of(random_buyers(60, 720)))
    return Dataset(tables, "made", False, False, {}, {}, {"orders": fingerprint})


@pytest.fixture
def kept(tmp_path) -> Models:
    fitted = Models.of(dataset(), Settings(), CALENDAR, tmp_path)
    fitted.keep(tmp_path)
    return fitted


def refuse(*_):
    raise AssertionError("fitted again")


def test_unchanged_models_are_taken_from_the_run_before(kept, tmp_path, monkeypatch):
    monkeypatch.setattr(models, "_fit_all", refuse)
    again = Models.of(dataset(), Settings(), CALENDAR, tmp_path)
    assert again.reports == kept.reports
    assert again.customers.equals(kept.customers)
    rows = kept.modelled.rows
    assert {kpi: of.equals(rows[kpi]) for kpi, of in again.modelled.rows.items()} == (
        dict.fromkeys(rows, True)
    )
    assert again.modelled.why == kept.modelled.why


@pytest.mark.parametrize(
    ("data", "settings", "calendar"),
    [
        (dataset("other"), Settings(), CALENDAR),
        (dataset(), Settings(models=ModelSettings(churn_horizon_days=60)), CALENDAR),
        (
            dataset(),
            Settings(),
            Calendar.around(CALENDAR.period, CALENDAR.as_of - timedelta(days=9)),
        ),
    ],
    ids=["data", "settings", "day"],
)
def test_changed_models_are_fitted_again(kept, tmp_path, monkeypatch, data, settings, calendar):
    monkeypatch.setattr(models, "_fit_all", refuse)
    with pytest.raises(AssertionError, match="fitted again"):
        Models.of(data, settings, calendar, tmp_path)


def test_what_is_kept_and_damaged_is_fitted_again(kept, tmp_path, monkeypatch):
    (tmp_path / models.FOLDER / models.REPORTS).write_text("{")
    monkeypatch.setattr(models, "_fit_all", refuse)
    with pytest.raises(AssertionError, match="fitted again"):
        Models.of(dataset(), Settings(), CALENDAR, tmp_path)


@pytest.fixture
def job(tmp_path) -> Job:
    (tmp_path / "slice").mkdir()
    (tmp_path / "slice" / "slice.json").write_text("{}")
    (tmp_path / "cltv.ipynb").write_text("a notebook")
    (tmp_path / "cltv.html").write_text("a page")
    return Job(Page("cltv"), tmp_path / "cltv.ipynb", {"period": "2025-Q4"}, tmp_path / "slice")


def test_a_page_is_left_as_it_is_until_its_slice_or_notebook_changes(job, tmp_path):
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == set()
    unchanged.remember([job], [ReportResult(job.page)], tmp_path)
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == {"cltv"}
    job.notebook.write_text("another notebook")
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == set()


def test_a_page_that_failed_or_is_gone_is_made_again(job, tmp_path):
    failed = ReportResult(job.page, problems=(Problem("cell", "it broke"),))
    unchanged.remember([job], [failed], tmp_path)
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == set()
    unchanged.remember([job], [ReportResult(job.page)], tmp_path)
    (tmp_path / "cltv.html").unlink()
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == set()
    (tmp_path / unchanged.RECORD).write_text("[")
    assert unchanged.unchanged_pages([job], tmp_path, tmp_path) == set()
