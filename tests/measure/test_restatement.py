"""Figures beside those published before: which are others now, and that time alone changes none."""

from datetime import date

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import compute
from kpi_lib.measure.restatement import SCHEMA, WHO, figures_of, restate
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of
from tests.independent.generate import call, generate, write_folder

AT = "2026-07-02T06:00:00+00:00"


def figures(**values):
    """Rows of revenue in a quarter: a="100", no value: a=None."""
    rows = [("partner", entity, "revenue", "2026-Q2", value) for entity, value in values.items()]
    schema = {**dict.fromkeys(WHO, pl.String), "value": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def published(**values):
    return figures(**values).with_columns(published_at=pl.lit(AT))


def changes(now, before):
    return restate(now, before).select("entity", "published", "now", "difference").rows()


def test_a_figure_that_is_another_now_is_shown_with_both_and_when_it_was_published():
    restated = restate(figures(a=90.0, b=50.0), published(a=100.0, b=50.0))
    assert dict(restated.schema) == SCHEMA
    assert restated.rows() == [("partner", "a", "revenue", "2026-Q2", 100.0, 90.0, -10.0, AT)]


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        pytest.param(100.0, 100.0, False, id="the same"),
        pytest.param(100.0, 100.0 * (1 + 1e-10), False, id="within a billionth"),
        pytest.param(100.0, 100.0 * (1 + 1e-8), True, id="beyond it"),
        pytest.param(0.0, 1e-10, False, id="what is next to nothing is nothing"),
        pytest.param(0.0, 1e-3, True, id="from nothing to something"),
        pytest.param(None, None, False, id="none before and none now"),
        pytest.param(None, 5.0, True, id="a value that came"),
        pytest.param(5.0, None, True, id="a value that went"),
    ],
)
def test_what_counts_as_a_change(before, now, changed):
    assert len(restate(figures(a=now), published(a=before))) == changed


def test_a_row_that_is_gone_is_a_change_and_one_that_was_never_published_is_none():
    assert changes(figures(b=1.0), published(a=100.0)) == [("a", 100.0, None, None)]
    assert changes(figures(a=100.0, late=5.0), published(a=100.0)) == []


def test_the_largest_change_beside_its_own_size_comes_first():
    before = published(a=1000.0, b=10.0, c=7.0, d=None, e=0.0)
    moved = changes(figures(a=900.0, b=5.0, c=-7.0, d=1.0, e=3.0), before)
    assert [row[0] for row in moved] == ["c", "d", "e", "b", "a"]


ROWS = {"orders": "a c1 01-05 100 | a c1 04-05 50 | a c1 07-05 20"}


def test_a_run_tells_its_own_figures_and_those_of_the_periods_before():
    results = compute(dataset_of(**ROWS), Settings(), Period.parse("2026-Q3"))
    of_run = figures_of(results)
    revenue = of_run.filter(kpi="revenue", scope="partner")
    assert dict(revenue.select("period", "value").rows())["2026-Q2"] == 50.0
    assert of_run.select(WHO).is_duplicated().sum() == 0
    assert of_run["period"].n_unique() == 8


def test_a_run_to_date_tells_its_own_figures_only_as_it_cuts_those_before():
    results = compute(dataset_of(**ROWS), Settings(), Period.parse("2026-Q3"), date(2026, 7, 20))
    assert figures_of(results)["period"].unique().to_list() == ["2026-Q3"]


@pytest.mark.parametrize("seed", [1000, 1001, 1003])
def test_time_alone_changes_no_figure_that_was_published(seed, tmp_path):
    asked = call(seed)
    year_end = str(asked.get("year_end", "DEC"))
    write_folder(generate(seed, with_other_tables=True), tmp_path / "data", "parquet")
    settings = Settings(data=str(tmp_path / "data"), year_end=year_end)
    dataset = load_dataset(settings, workspace=tmp_path / "staged", kpis=facts_of(settings))
    period = Period.parse(str(asked["period"]), year_end)
    now = figures_of(compute(dataset, settings, period))
    for earlier in (period.previous(), period.back(4)):
        then = compute(dataset, settings, earlier).table.select(*WHO, "value")
        assert restate(now, then.with_columns(published_at=pl.lit(AT))).rows() == []
