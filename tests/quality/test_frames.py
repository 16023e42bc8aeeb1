"""What is not there and what it costs, by whom it can be mended, on rows written out."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import polars as pl
import pytest

from kpi_lib.data.dataset import load_dataset
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.measure.compute import compute, compute_asked
from kpi_lib.periods import Period
from kpi_lib.quality.frames import Quality, measure_quality, write_quality
from kpi_lib.settings import Settings
from kpi_lib.testing.tables_in_text import dataset_of
from tests.data.broken import write_good
from tests.independent.generate import call, generate, write_folder

TWO = "a 2020-01-01 | b 2020-01-01"
THREE = "a 2020-01-01 | b 2020-01-01 | c 2020-01-01"
ORDERS = "a c1 07-01 10 | a c1 08-01 20 | b c2 2025-07-01 5"


def quality_of(absent=None, period="2026-Q3", **tables: str) -> Quality:
    written = {"partners": TWO, **tables}
    dataset = replace(dataset_of(**written), absent=absent or {})
    return measure_quality(compute(dataset, Settings(), Period.parse(period)), dataset)


def losses(quality: Quality, **wanted) -> dict[str, str]:
    """The KPIs that a gap tells on, each with what becomes of it."""
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in wanted.items()]
    lost = quality.losses.filter(*same)
    return dict(lost.select("kpi", "effect").rows())


def gap(quality: Quality, **wanted) -> dict:
    same = [pl.col(name).eq_missing(pl.lit(value)) for name, value in wanted.items()]
    (row,) = quality.gaps.filter(*same).rows(named=True)
    return row


# --- what is not there ----------------------------------------------------------------------------


def test_a_table_that_is_not_there_takes_its_kpis_from_everybody():
    quality = quality_of(orders=ORDERS)
    lost = losses(quality, kind="table", table="leads")
    assert set(lost.values()) == {"missing"}
    assert {"leads", "qualified_leads", "lead_conversion_rate"} <= lost.keys()
    row = gap(quality, kind="table", table="leads")
    assert (row["kpis"], row["partner_id"], row["owner_is"]) == (len(lost), None, "data")


def test_a_column_that_is_not_there_takes_only_the_kpis_that_need_it():
    quality = quality_of(orders=ORDERS)
    assert losses(quality, kind="column", column="channel") == {"digital_order_share": "missing"}
    with_it = quality_of(orders="a c1 07-01 10 channel=app")
    assert losses(with_it, kind="column", column="channel") == {}


def test_of_two_things_that_a_kpi_needs_neither_takes_it_away_alone():
    quality = quality_of(orders=ORDERS)
    both = quality.losses.filter(pl.col("kpi") == "margin_roi")
    assert sorted(both.select("kind", "table", "alone").rows()) == [
        ("column", "orders", False),
        ("table", "costs", False),
    ]
    alone = quality.losses.filter(pl.col("kpi") == "gross_margin")
    assert alone.select("column", "alone").rows() == [("cost", True)]


def test_without_targets_the_kpis_that_rest_on_them_are_lost():
    lost = losses(quality_of(orders=ORDERS), kind="table", table="targets")
    assert set(lost) == {"quota_attainment", "targets_met", "health_score", "our_service_score"}
    given = quality_of(orders=ORDERS, targets="partner a revenue * 50")
    assert losses(given, table="targets") == {}


def test_rows_that_name_no_partner_are_a_gap_of_that_column():
    dataset = dataset_of(orders=ORDERS)
    dataset = replace(
        dataset, tables={**dataset.tables, "orders": dataset.tables["orders"].drop("partner_id")}
    )
    quality = measure_quality(compute(dataset, Settings(), Period.parse("2026-Q3")), dataset)
    assert losses(quality, kind="column", column="partner_id")["revenue"] == "missing"


def test_what_no_kpi_needs_is_a_gap_that_costs_nothing():
    quality = quality_of(orders=ORDERS)
    for place in ({"table": "fx_rates"}, {"table": "partners", "column": "tier"}):
        assert gap(quality, **place)["kpis"] == 0


def test_a_column_that_reads_as_empty_where_it_is_absent_is_shown():
    quality = quality_of({"orders": frozenset({"status", "cost"})}, orders=ORDERS)
    assumed = losses(quality, kind="assumed", column="status")
    assert assumed["revenue"] == "assumed"
    assert gap(quality, kind="assumed", column="status")["kpis"] == 0, "nothing is lost by it"
    assert gap(quality, table="orders", column="cost")["kind"] == "column"


def test_a_kpi_whose_cadence_is_longer_than_the_period_is_not_lost():
    quality = quality_of(period="2026-09", orders=ORDERS)
    assert "customer_retention" not in quality.losses["kpi"].to_list()


# --- no rows of a partner -------------------------------------------------------------------------


def test_a_partner_without_a_row_is_not_taken_for_one_with_nothing_in_the_period():
    quality = quality_of(partners=THREE, orders=ORDERS)
    silent = quality.gaps.filter(pl.col("kind") == "rows").select("table", "partner_id").rows()
    assert silent == [("orders", "c")]
    lost = losses(quality, kind="rows", partner_id="c")
    assert (lost["average_order_value"], lost["revenue"]) == ("missing", "zero")
    idle = quality.unmeasured.filter(pl.col("kpi") == "average_order_value")
    assert idle["partner_id"].to_list() == ["b"], "b had orders a year ago"
    assert idle["why"].to_list() == ["nothing to measure it by in this period"]


def test_a_row_after_the_day_of_the_figures_is_none_yet():
    quality = quality_of(partners=THREE, orders=f"{ORDERS} | c c3 10-01 9")
    assert gap(quality, kind="rows")["partner_id"] == "c"


def test_a_zero_of_a_partner_with_rows_is_no_loss():
    quality = quality_of(partners=THREE, orders=ORDERS)
    assert losses(quality, partner_id="b") == {}


# --- who answers ----------------------------------------------------------------------------------

OWNED = "a 2020-01-01 manager=Ann branch=North | b 2020-01-01 manager=- branch=South | c 2020-01-01"


def test_a_partners_gap_is_its_managers_then_its_branchs_then_the_owners_of_the_data():
    quality = quality_of(partners=OWNED, orders="- c1 07-01 10")
    gaps = quality.gaps.filter(pl.col("kind") == "rows").select("partner_id", "owner_is", "owner")
    assert gaps.rows() == [
        ("a", "manager", "Ann"),
        ("b", "branch", "South"),
        ("c", "data", None),
    ]


def test_owners_are_shown_by_what_waits_for_them():
    quality = quality_of(partners=OWNED, orders="c c1 07-01 10")
    owners = {row["owner"]: row for row in quality.owners.rows(named=True)}
    assert list(owners) == [None, "South", "Ann"], "who costs the most measures comes first"
    assert owners[None]["partners"] == 3, "a table that is not there concerns every partner"
    assert (owners["Ann"]["gaps"], owners["Ann"]["partners"]) == (1, 1)
    lost = quality.losses.filter(pl.col("effect") == "missing")
    for_all = lost.filter(pl.col("partner_id").is_null())["kpi"].n_unique()
    assert (owners[None]["kpis"], owners["Ann"]["kpis"]) == (for_all, 0)
    assert owners["Ann"]["of_some"] == len(lost.filter(pl.col("partner_id") == "a"))


def reported(*rows: tuple) -> pl.LazyFrame:
    names = ("partner_id", "kpi", "period", "value", "owner")
    frame = pl.LazyFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")
    return frame.with_columns(reported_on=pl.lit(date(2026, 10, 2)))


def test_a_reported_figure_that_has_not_come_is_its_owners_or_the_partners():
    dataset = dataset_of(partners=OWNED, orders=ORDERS)
    rows = reported(
        ("a", "revenue", "2026-Q2", "9", "Bo"),
        ("a", "orders", "2026-Q2", "9", None),
        ("b", "revenue", "2026-Q2", "9", None),
        ("b", "revenue", "2026-Q3", "9", None),
        ("b", "orders", "2026-Q1", "9", None),
    )
    dataset = replace(dataset, tables={**dataset.tables, "partner_reported": rows})
    quality = measure_quality(compute(dataset, Settings(), Period.parse("2026-Q3")), dataset)
    assert quality.unreported.rows() == [
        ("a", "orders", "2026-Q2", "manager", "Ann"),
        ("a", "revenue", "2026-Q2", "report", "Bo"),
    ]
    reports = {row["owner"]: row["reports"] for row in quality.owners.rows(named=True)}
    assert (reports["Ann"], reports["Bo"]) == (1, 1)


# --- the whole ------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 9))
def test_every_figure_without_a_value_is_explained_exactly_once(seed, tmp_path):
    raw = generate(seed, partners=6, orders=120, with_other_tables=True)
    write_folder(raw, tmp_path / "data")
    asked = call(seed)
    settings = Settings(data=str(tmp_path / "data"), year_end=asked["year_end"])
    dataset = load_dataset(settings, workspace=tmp_path / "w", kpis=facts_of(settings))
    results = compute_asked(settings, dataset, asked["period"], asked["as_of"])
    quality = measure_quality(results, dataset)
    own = results.table.filter(pl.col("scope") == "partner", pl.col("value").is_null())
    blank = set(own.select("kpi", "entity").rows())
    missing = quality.losses.filter(pl.col("effect") == "missing").select("kpi", "partner_id")
    for_all = set(missing.filter(pl.col("partner_id").is_null())["kpi"])
    lost = {cell for cell in blank if cell[0] in for_all}
    silent = set(missing.filter(pl.col("partner_id").is_not_null()).rows())
    unmeasured = set(quality.unmeasured.select("kpi", "partner_id").rows())
    assert lost | silent | unmeasured == blank
    assert not lost & silent
    assert not (lost | silent) & unmeasured
    valued = results.table.filter(pl.col("scope") == "partner", pl.col("value").is_not_null())
    assert not for_all & set(valued["kpi"]), "what is lost for everybody has no value for anybody"


def test_what_the_check_found_is_there_with_examples_and_what_was_left_out(tmp_path):
    write_good(tmp_path)
    orders = tmp_path / "data" / "orders.csv"
    text = orders.read_text()
    orders.write_text(f"{text}4,,P1,soon,1\n5,,P1,2024-05-09,x\n6,,P9,2024-05-09,1\n")
    settings = Settings(data=str(tmp_path / "data"))
    dataset = load_dataset(settings, workspace=tmp_path / "w", allow_faults=True)
    results = compute_asked(settings, dataset, "2024-Q2")
    faults = measure_quality(results, dataset).faults
    assert faults.select("column", "kind", "severity", "rows").rows() == [
        ("amount", "not a number", "fault", 1),
        ("ordered_on", "not a date", "fault", 1),
        ("partner_id", "no such partner", "fault", 1),
    ]
    assert faults["examples"].to_list() == [["row 5: x"], ["row 4: soon"], ["row 6: P9"]]
    assert dataset.left_out == {"orders": 3}


def test_the_frames_are_written_as_they_are(tmp_path):
    quality = quality_of(partners=THREE, orders=ORDERS)
    write_quality(quality, tmp_path / "quality")
    for frame in fields(quality):
        read = pl.read_parquet(tmp_path / "quality" / f"{frame.name}.parquet")
        assert read.equals(getattr(quality, frame.name))


def test_without_partners_the_frames_are_empty_and_keep_their_columns():
    quality = quality_of(partners="a 2027-01-01 | b 2027-01-01", orders=ORDERS)
    assert quality.unmeasured.is_empty()
    assert quality.gaps.filter(pl.col("kind") == "rows").is_empty()
    assert quality.owners["partners"].to_list() == [0]
