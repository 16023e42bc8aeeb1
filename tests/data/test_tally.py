"""What the check found, counted: the same as counting its list, without holding it."""

from __future__ import annotations

from collections import Counter

import pytest

from kpi_lib.data.checks import check_tables
from kpi_lib.data.dataset import read_source
from kpi_lib.data.tally import EXAMPLES, tally
from kpi_lib.kpis.kpi_ends import facts_of
from kpi_lib.settings import Settings
from tests.data.broken import write_good
from tests.independent.generate import generate, write_folder


def checked_of(folder, workspace):
    settings = Settings(data=str(folder))
    read = read_source(settings, workspace)
    return check_tables(read.tables, settings, facts_of(settings), read.unread)


@pytest.mark.parametrize("seed", [2, 3, 7])
def test_the_counts_are_those_of_the_whole_list(seed, tmp_path):
    raw = generate(seed, with_other_tables=True)
    raw["orders"][3]["status"] = "lost"
    raw["orders"][4]["order_id"] = raw["orders"][5]["order_id"]
    raw["orders"][6]["partner_id"] = "nobody"
    write_folder(raw, tmp_path / "data", "csv")
    checked = checked_of(tmp_path / "data", tmp_path / "w")
    tallies = tally(checked)
    listed = checked.faults()
    counts = Counter((f.table, f.column, f.kind, f.severity) for f in listed)
    assert {(t.table, t.column, t.kind, t.severity): t.rows for t in tallies} == counts
    assert len(counts) > 5
    places = [(f.table, f.column, f.kind, f.severity) for f in listed]
    order = list(dict.fromkeys(places))
    assert [(t.table, t.column, t.kind, t.severity) for t in tallies] == order, "worst first"


def test_the_examples_are_the_first_rows_of_their_kind(tmp_path):
    write_good(tmp_path)
    orders = tmp_path / "data" / "orders.csv"
    more = "".join(f"{n},,P1,day {n},1\n" for n in range(4, 104))
    orders.write_text(orders.read_text() + more)
    (line,) = tally(checked_of(tmp_path / "data", tmp_path / "w"))
    assert (line.rows, len(line.examples)) == (100, EXAMPLES)
    assert [(f.row, f.value) for f in line.examples] == [(4, "day 4"), (5, "day 5"), (6, "day 6")]


def test_values_of_a_column_may_be_unreadable_in_several_ways(tmp_path):
    write_good(tmp_path)
    orders = tmp_path / "data" / "orders.csv"
    orders.write_text(f"{orders.read_text()}4,,P1,soon,1\n5,,P1,2024-05-09T10:00,1\n")
    (line,) = tally(checked_of(tmp_path / "data", tmp_path / "w"))
    assert (line.kind, line.rows) == ("not a date or time of day", 2)


def test_a_column_that_is_missing_is_one_finding(tmp_path):
    write_good(tmp_path)
    orders = tmp_path / "data" / "orders.csv"
    orders.write_text(orders.read_text().replace("amount", "total"))
    (line,) = tally(checked_of(tmp_path / "data", tmp_path / "w"))
    assert (line.column, line.kind, line.rows) == ("amount", "missing column", 1)
    assert line.examples[0].row is None


def test_good_data_have_nothing_to_tally(tmp_path):
    write_good(tmp_path)
    assert tally(checked_of(tmp_path / "data", tmp_path / "w")) == []
