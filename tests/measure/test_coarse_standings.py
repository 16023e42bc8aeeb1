"""Where partners stand, as each of them may see it."""

from datetime import date

import polars as pl
import pytest

from kpi_lib.audience import AUDIENCES, INTERNAL, PARTNER
from kpi_lib.measure.audience_rows import rows_for
from kpi_lib.measure.compute import compute
from kpi_lib.measure.slices import build_slices
from kpi_lib.periods import Period
from kpi_lib.settings import Settings
from kpi_lib.slices.file import as_text
from kpi_lib.slices.page_types import Standing
from kpi_lib.testing.tables_in_text import dataset_of, results_of

# Three neighbours round each quartile of eleven, none of which is what their mean rounds to.
SPREAD = (500, 1000, 1130, 1330, 3000, 3390, 3990, 8000, 9040, 10640, 20000)
NAMES = "abcdefghijk"


def partners(kinds=("reseller",) * 11, **more):
    rows = [
        f"{n} 2020-01-01 {more.get(n, '-')} partner_type={k}"
        for n, k in zip(NAMES, kinds, strict=True)
    ]
    return " | ".join(rows)


def orders(amounts=SPREAD, month="07"):
    return " | ".join(f"{n} c{n} 2026-{month}-01 {a}" for n, a in zip(NAMES, amounts, strict=True))


def standings(**tables):
    """What resellers with these orders are shown, unless other partners are given."""
    return results_of(**{"partners": partners(), "orders": orders()} | tables).coarse_standings


def revenue(of_run):
    return {row["entity"]: row for row in of_run.frame.filter(kpi="revenue").to_dicts()}


def test_all_eleven_are_shown_the_same_three_figures_and_each_its_own_tenth():
    quartiles = revenue(standings())
    assert {(row["q1"], row["median"], row["q3"]) for row in quartiles.values()} == {
        (1200, 3500, 9200)
    }
    tenths = [round(quartiles[name]["ahead"] * 10) for name in NAMES]
    assert tenths == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9]


def test_nine_partners_are_not_compared():
    assert set(standings().groups.values()) == {"type"}
    nine = " | ".join(partners().split(" | ")[:9])
    assert standings(partners=nine, orders="a c 2026-07-01 5").groups == {}


def test_partners_of_a_small_type_are_held_against_all_and_in_shares_and_days_only():
    grown = orders([10 * amount for amount in SPREAD], month="07")
    before = " | ".join(f"{n} c{n} 2025-07-01 {10_000 - 500 * i}" for i, n in enumerate(NAMES))
    results = results_of(
        partners=partners(["reseller"] * 6 + ["supplier"] * 5), orders=f"{grown} | {before}"
    )
    assert set(results.coarse_standings.groups.values()) == {"all"}
    assert list(results.coarse_standings.frame["kpi"].unique()) == ["revenue_growth"]


def test_a_large_type_is_compared_by_itself_beside_a_small_one():
    more = " | x 2020-01-01 partner_type=supplier"
    of_run = standings(partners=partners() + more, orders=f"{orders()} | x cx 2026-07-01 999999")
    assert (of_run.groups["a"], of_run.groups["x"]) == ("type", "all")
    assert revenue(of_run)["a"]["q3"] == 9200
    assert "x" not in revenue(of_run)


def test_who_left_before_the_period_is_in_no_group_and_who_left_in_it_is():
    of_run = standings(partners=partners(a="2026-06-30"))
    assert "a" not in of_run.groups
    assert "a" in standings(partners=partners(a="2026-07-01")).groups


def test_nothing_is_shown_before_the_period_is_over():
    dataset = dataset_of(partners=partners(), orders=orders())
    of_run = compute(
        dataset, Settings(), Period.parse("2026-Q3"), date(2026, 8, 15)
    ).coarse_standings
    assert (of_run.groups, of_run.frame.height) == ({}, 0)


def test_a_measure_is_left_out_where_a_figure_would_be_one_partners():
    amounts = list(SPREAD)
    amounts[2] = 1200  # (1000 + 1200 + 1330) / 3 is shown as 1200
    assert not revenue(standings(orders=orders(amounts)))


BEFORE = (500, 1100, 1130, 1519, *SPREAD[4:])


def test_so_it_is_where_two_quarters_together_leave_a_figure_that_did_not_move_too_little_room():
    """Q3 says of c at least 3450 - 1000 - 1330 = 1120, Q2 at most 3750 - 1100 - 1519 = 1131."""
    now, before = orders(), orders(BEFORE, month="04")
    assert revenue(standings(orders=before, period="2026-Q2"))["c"]["q1"] == 1200
    assert revenue(standings(orders=now))
    assert not revenue(standings(orders=f"{now} | {before}"))
    moved = orders((500, 1100, 1140, 1509, *SPREAD[4:]), month="04")
    assert revenue(standings(orders=f"{now} | {moved}")), "of a figure that moved they say nothing"


def compared(results):
    return set(results.coarse_standings.frame["kpi"])


def with_leading(*kpis, **tables):
    dataset = dataset_of(**{"partners": partners(), "orders": orders()} | tables)
    settings = Settings(profiles={"reseller": kpis}) if kpis else Settings()
    return compute(dataset, settings, Period.parse("2026-Q3"))


def test_what_leads_the_pages_of_a_type_is_compared_before_the_rest():
    # With an order each, its value is the revenue: one of the two says what the other is.
    ours = compared(with_leading())
    assert "revenue" in ours and "average_order_value" not in ours
    theirs = compared(with_leading("average_order_value", "revenue"))
    assert "average_order_value" in theirs and "revenue" not in theirs


def test_a_measure_made_of_what_others_are_made_of_is_not_compared_beside_them():
    before = " | ".join(f"{n} c{n} 2025-07-01 {10_000 - 500 * i}" for i, n in enumerate(NAMES))
    grown = {"orders": f"{orders([10 * amount for amount in SPREAD])} | {before}"}
    assert "revenue_growth" in compared(with_leading("revenue_growth", **grown))
    ours = compared(with_leading(**grown))
    assert "revenue" in ours and "revenue_growth" not in ours


def test_internal_measures_and_years_are_never_compared():
    kpis = results_of(partners=partners(), orders=orders()).coarse_standings.frame["kpi"]
    assert not {"gross_margin", "revenue_share", "partnership_years"} & set(kpis)


def test_the_internal_edition_keeps_the_exact_figures_and_the_partners_has_none_of_them():
    results = results_of(partners=partners(), orders=orders())
    exact, coarse = (
        {row.kpi: row.standing for row in rows_for(audience, results)["f"]}
        for audience in (INTERNAL, PARTNER)
    )
    assert exact["revenue"] == Standing(0.5, q1=1180, median=3495, q3=8780, others=10)
    assert coarse["revenue"] == Standing(0.5, q1=1200, median=3500, q3=9200)
    assert exact["orders"] and coarse["orders"] is None


def test_a_partners_slice_holds_no_figure_and_no_number_of_the_others():
    rows = {"partners": partners(), "orders": orders()}
    given = next(build_slices(results_of(**rows), dataset_of(**rows), Settings(), ["f"]))
    text = as_text(given)
    assert given.audience == PARTNER and given.peer_group == "type"
    assert "peer_" not in text.replace("peer_group", "") and "others" not in text
    figures = pl.Series([float(v) for v in SPREAD if v != 3390])
    shown = [value for row in given.kpis if row.standing for value in vars(row.standing).values()]
    assert not figures.is_in(shown).any()


@pytest.mark.parametrize("audience", AUDIENCES.values(), ids=str)
def test_a_partner_of_whom_nothing_is_known_has_no_standing(audience):
    results = results_of(partners="a 2020-01-01", orders="a c 2026-07-01 5")
    assert {row.standing for row in rows_for(audience, results)["a"]} == {None}
