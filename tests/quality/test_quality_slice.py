"""What the page of data quality is given."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import pytest

from kpi_lib import paths
from kpi_lib.data.contract import TABLES
from kpi_lib.measure.compute import compute
from kpi_lib.periods import Period
from kpi_lib.quality.frames import measure_quality
from kpi_lib.quality.quality_slice import MONTHS, NAMED, quality_slice
from kpi_lib.settings import Settings
from kpi_lib.slices.file import as_text
from kpi_lib.slices.json_form import build
from kpi_lib.slices.quality_types import QualitySlice, SomePartners, TableMonth
from kpi_lib.testing.tables_in_text import dataset_of

TEN = " | ".join(f"p{n} 2020-01-01" for n in range(10))


def slice_of(as_of=None, absent=None, **tables: str) -> QualitySlice:
    dataset = replace(dataset_of(**tables), absent=absent or {})
    results = compute(dataset, Settings(), Period.parse("2026-Q3"), as_of)
    return quality_slice(measure_quality(results, dataset), results, dataset, Settings())


@pytest.fixture(scope="module")
def ten():
    """Ten partners, of which one has orders, one of a year ago."""
    return slice_of(partners=TEN, orders="p0 c1 07-01 10 | p1 c2 2025-07-01 5")


def test_it_can_be_written_as_it_is(ten):
    assert build(QualitySlice, json.loads(as_text(ten))["content"]) == ten


def test_it_counts_measures_and_figures(ten):
    found = ten.kpis
    assert 0 < found.for_some < found.all - found.for_nobody
    assert 0 < ten.figures.there < ten.figures.all
    assert ten.partners == 10


def test_of_many_partners_the_first_few_are_named(ten):
    (orders,) = ten.silent
    assert orders.table == "orders"
    assert orders.partners == SomePartners(8, tuple(f"p{n}" for n in range(2, 2 + NAMED)))
    assert "Average order value" in orders.kpis
    assert "Joint revenue" in orders.zeros


def test_measures_that_the_same_partners_lack_for_the_same_reason_stand_together(ten):
    found = {row.kpis: row.partners.names for row in ten.unmeasured}
    together = next(kpis for kpis in found if "Average order value" in kpis)
    assert found[together] == ("p1",)
    assert "Repeat purchase rate" in together


def test_what_costs_the_most_measures_comes_first(ten):
    costs = [len(gap.kpis) for gap in ten.absences]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 0, "what no measure needs is listed too, last"
    deals = next(gap for gap in ten.absences if gap.table == "deals")
    assert 0 < deals.alone < len(deals.kpis)


def test_the_months_of_every_table_end_with_that_of_the_figures(ten):
    for row in ten.tables:
        assert len(row.months) == MONTHS
        assert row.months[-1].month == "2026-09"
    orders = next(row for row in ten.tables if row.table == "orders")
    assert orders.months[-4:] == (
        TableMonth("2026-06", 0, "none"),
        TableMonth("2026-07", 1, "rows"),
        TableMonth("2026-08", 0, "none"),
        TableMonth("2026-09", 0, "none"),
    )
    assert orders.months[0] == TableMonth("2024-10", None, None), (
        "before the first row there is nothing"
    )


def test_to_date_the_day_is_that_of_the_figures():
    found = slice_of(as_of=date(2026, 8, 3), orders="a c1 07-01 10 | a c1 09-01 10")
    orders = next(row for row in found.tables if row.table == "orders")
    assert (found.run.to_date, orders.rows, orders.days_behind) == (True, 1, 33)
    assert orders.months[-1].month == "2026-08"


def test_columns_that_are_read_as_empty_are_listed_with_who_reads_them():
    found = slice_of(absent={"orders": frozenset({"status"})}, orders="a c1 07-01 10")
    (line,) = found.assumed
    assert (line.table, line.column) == ("orders", "status")
    assert "Joint revenue" in line.kpis


def test_no_partner_can_bear_the_name_under_which_the_runs_own_slices_lie():
    assert not re.match(TABLES["partners"].columns["partner_id"].pattern, paths.RUN_PAGES)
