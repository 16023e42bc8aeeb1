"""What moved a figure: by hand figures, and always adding up to the change."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kpi_lib.insights.drivers import SPLITS, drivers_of
from kpi_lib.insights.splits import Product
from kpi_lib.kpis.catalogue import catalogue
from kpi_lib.measure.audience_rows import kpi_row
from kpi_lib.show.common import advice
from kpi_lib.slices.insight_types import Effect
from kpi_lib.testing.tables_in_text import results_of
from tests.insights.made import row


def rows_of(**pairs):
    """Return rows by KPI from (a year ago, now)."""
    return {kpi: row(kpi, now, year_ago=then) for kpi, (then, now) in pairs.items()}


def effects(driver):
    return {effect.part: effect.effect for effect in driver.effects}


def test_revenue_moves_by_customers_orders_a_customer_the_value_of_an_order_and_returns():
    rows = rows_of(
        revenue=(1000.0, 2190.0), orders=(10.0, 20.0), active_customers=(5.0, 10.0),
        average_order_value=(100.0, 110.0),
    )  # fmt: skip
    (driver,) = drivers_of(rows)
    assert (driver.against, driver.then, driver.now, driver.change) == (
        "year_ago", 1000.0, 2190.0, 1190.0,
    )  # fmt: skip
    mean = (2200 - 1000) / math.log(2.2)
    assert effects(driver) == {
        "customers": pytest.approx(mean * math.log(2)),
        "order_value": pytest.approx(mean * math.log(1.1)),
        "returns": pytest.approx(-10.0),
        "orders_per_customer": pytest.approx(0.0),
    }
    assert next(iter(effects(driver))) == "customers", "the largest first"
    assert replace(driver.effects[0], effect=0.0) == Effect("customers", 0.0, 5.0, 10.0)


def test_with_guests_only_revenue_moves_by_orders_and_their_value():
    rows = rows_of(
        revenue=(1000.0, 1500.0), orders=(10.0, 15.0), active_customers=(0.0, 0.0),
        average_order_value=(100.0, 100.0),
    )  # fmt: skip
    assert effects(drivers_of(rows)[0]) == {
        "orders": pytest.approx(500.0),
        "order_value": pytest.approx(0.0),
    }


def test_the_account_manager_sees_who_bought_more_and_less():
    rows = rows_of(revenue=(100.0, 130.0))
    rows["revenue_retention"] = row("revenue_retention", 0.9, numerator=81.0, denominator=90.0)
    rows["gross_revenue_retention"] = row(
        "gross_revenue_retention", 0.7, numerator=63.0, denominator=90.0
    )
    (driver,) = drivers_of(rows)
    assert driver.how == "customers"
    # 90 of last year's 100 were customers': 63 of it is left, they bought 18 more elsewhere in the
    # range, and all others went from 10 to 49.
    assert effects(driver) == pytest.approx(
        {"others": 39.0, "bought_less": -27.0, "bought_more": 18.0}
    )
    del rows["gross_revenue_retention"]
    assert drivers_of(rows) == []


def test_a_return_on_investment_moves_by_revenue_margin_and_cost():
    rows = rows_of(margin_roi=(1.0, 2.0), revenue=(400.0, 600.0), program_cost=(100.0, 80.0))
    (driver,) = [d for d in drivers_of(rows, ["margin_roi"]) if d.kpi == "margin_roi"]
    # The margin is (1 + return) x cost: 200 of 400, then 240 of 600.
    mean = (3 - 2) / math.log(1.5)
    assert effects(driver) == {
        "revenue": pytest.approx(mean * math.log(1.5)),
        "margin_on_revenue": pytest.approx(mean * math.log(0.4 / 0.5)),
        "partnership_cost": pytest.approx(-mean * math.log(0.8)),
    }


def test_a_rate_moves_by_what_is_above_and_below_the_line():
    rows = rows_of(win_rate=(0.5, 0.25), deals_won=(10.0, 10.0))
    (driver,) = drivers_of(rows)
    assert effects(driver) == {
        "deals_closed": pytest.approx(-0.25),
        "deals_won": pytest.approx(0.0),
    }
    closed = next(e for e in driver.effects if e.part == "deals_closed")
    assert (closed.then, closed.now) == (pytest.approx(20.0), pytest.approx(40.0))


def test_a_sum_moves_by_its_parts_and_what_is_left_over():
    kinds = {f"{kind}_error_rate": (0.01, 0.02) for kind in ("picking", "packing", "loading")}
    rows = rows_of(order_error_rate=(0.05, 0.09), **kinds)
    assert effects(drivers_of(rows)[0]) == pytest.approx(
        {"picking": 0.01, "packing": 0.01, "loading": 0.01, "other_errors": 0.01}
    )


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param({"orders": (8.0, 9.0)}, id="a part that is not there"),
        pytest.param({"orders": (8.0, 9.0), "active_customers": (None, 3.0)}, id="not there then"),
        pytest.param({"orders": (8.0, None), "active_customers": (2.0, 3.0)}, id="not there now"),
        pytest.param({"orders": (0.0, 9.0), "active_customers": (0.0, 3.0)}, id="nothing then"),
        pytest.param({"orders": (8.0, 0.0), "active_customers": (2.0, 0.0)}, id="nothing now"),
        pytest.param({"orders": (8.0, 8.0), "active_customers": (2.0, 3.0)}, id="nothing moved"),
        pytest.param({"sourced_revenue": (10.0, 20.0), "deals_won": (1.0, 1.0),
                      "average_deal_size": (10.0, 30.0)}, id="parts that do not fit"),
    ],
)  # fmt: skip
def test_nothing_is_said_where_it_cannot_be_known(pairs):
    assert drivers_of(rows_of(**pairs)) == []


def test_without_a_year_ago_the_period_before_is_shown():
    rows = {k: row(k, v, previous=2.0) for k, v in (("orders", 8.0), ("active_customers", 4.0))}
    assert drivers_of(rows)[0].against == "previous"


def test_revenue_leads_and_only_what_an_action_is_about_follows():
    rows = rows_of(
        revenue=(100.0, 200.0), orders=(10.0, 20.0), average_order_value=(10.0, 10.0),
        active_customers=(1.0, 4.0), overdue_rate=(0.1, 0.2), overdue_balance=(1.0, 2.0),
        receivables=(10.0, 10.0),
    )  # fmt: skip
    assert [d.kpi for d in drivers_of(rows)] == ["revenue"]
    assert [d.kpi for d in drivers_of(rows, ["overdue_rate"])] == ["revenue", "overdue_rate"]


positive = st.floats(1e-3, 1e6)


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: f"{split.kpi} by {split.how}")
@settings(max_examples=40, deadline=None)  # a busy machine is no fault
@given(data=st.data())
def test_the_effects_add_up_to_the_change(split, data):
    rows = {}
    for kpi in ("revenue_retention", "gross_revenue_retention", *split.needs):
        figures = {c: data.draw(positive) for c in ("year_ago", "numerator")}
        rows[kpi] = row(kpi, data.draw(positive), denominator=7.0, **figures)
    if isinstance(split, Product) and split.rest is None:
        _make_it_fit(split, rows)
    found = split.effects(rows, "year_ago")
    assume(found is not None)
    change = rows[split.kpi].value - rows[split.kpi].year_ago
    size = max(
        abs(rows[split.kpi].figure(c)) + abs(split_size(found)) for c in ("value", "year_ago")
    )
    assert math.fsum(e.effect for e in found) == pytest.approx(change, abs=1e-9 * size)


def split_size(found):
    return max(abs(effect.effect) for effect in found)


def _make_it_fit(split, rows):
    """Give the figure the value that its parts come to, where they are not made from it."""
    if any("itself" in (*f.times, *f.over) for f in split.factors) and split.kpi != "roi":
        return
    for column in ("value", "year_ago"):
        values = {kpi: r.figure(column) for kpi, r in rows.items()}
        made = math.prod(f.of(values) ** (-1 if f.divides else 1) for f in split.factors)
        rows[split.kpi] = replace(rows[split.kpi], **{column: made - split.less})


def test_every_split_is_of_kpis_of_the_catalogue_and_its_parts_have_words():
    for split in SPLITS:
        assert {split.kpi, *split.needs} <= set(catalogue())
        names = [f.name for f in split.factors] if isinstance(split, Product) else []
        names += [*getattr(split, "parts", ()), getattr(split, "rest", None)]
        assert {name for name in names if name} <= set(advice.PARTS)


def test_it_is_computed_of_real_rows_as_of_made_ones():
    results = results_of(
        orders="a c1 2025-07-01 100 | a c2 2025-08-01 100 | a c1 07-01 150 | a c2 07-02 150 | "
        "a c3 07-03 150 | a c3 07-09 -50 returned"
    )
    own = results.table.filter(scope="partner", entity="a").rows_by_key(
        "kpi", named=True, unique=True
    )
    (factors, customers) = drivers_of(
        {kpi: kpi_row({"kpi": kpi, **of_kpi}) for kpi, of_kpi in own.items()}
    )
    assert factors.change == pytest.approx(200.0)
    mean = 250 / math.log(450 / 200)
    assert effects(factors) == {
        "order_value": pytest.approx(mean * math.log(1.5)),
        "customers": pytest.approx(mean * math.log(1.5)),
        "orders_per_customer": pytest.approx(0.0),
        "returns": pytest.approx(-50.0),
    }
    assert effects(customers) == pytest.approx(
        {"others": 100.0, "bought_more": 100.0, "bought_less": 0.0}
    )
