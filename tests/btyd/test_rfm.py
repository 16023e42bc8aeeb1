"""From orders to frequency, recency, T and value: what counts as a purchase."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import polars as pl
import pytest

from kpi_lib.btyd import BetaGeo, PooledByPartner, rfm_summary
from kpi_lib.btyd.lifetime_value import Horizon, discounted_purchases
from kpi_lib.errors import CallError, ContractError

CUT = "2026-03-31"


def orders_from(text: str, **columns) -> pd.DataFrame:
    """Return orders written as `customer day amount [status]`, one a comma; - is a guest."""
    rows = [line.split() for line in text.split(",")]
    frame = pd.DataFrame(
        {
            "customer_id": [None if row[0] == "-" else row[0] for row in rows],
            "ordered_on": [f"2026-{row[1]}" for row in rows],
            "amount": [float(row[2]) for row in rows],
            "status": [row[3] if len(row) > 3 else "completed" for row in rows],
        }
    )
    return frame.assign(**columns)


def known_of(text: str, **columns) -> dict:
    """Return what is known of customer a, as plain figures."""
    return rfm_summary(orders_from(text, **columns), CUT).loc["a"].to_dict()


def test_frequency_recency_and_t_are_those_of_the_literature():
    known = known_of("a 01-10 100, a 02-09 40, a 03-11 60")
    assert (known["frequency"], known["recency"], known["T"]) == (2, 60, 80)
    assert known["monetary_value"] == 50  # of the repeat purchases: the first one is not in it
    assert known["log_gaps"] == pytest.approx(2 * np.log(30))


def test_orders_of_one_day_are_one_purchase():
    known = known_of("a 01-10 100, a 02-09 40, a 02-09 5")
    assert (known["frequency"], known["monetary_value"]) == (1, 45)


def test_a_return_is_taken_off_the_purchase_before_it_and_is_none_itself():
    known = known_of("a 01-10 100, a 02-09 40, a 02-20 -15 returned")
    assert (known["frequency"], known["recency"], known["monetary_value"]) == (1, 30, 25)


def test_what_was_returned_whole_was_no_purchase():
    known = known_of("a 01-10 100, a 02-09 40, a 02-20 -40 returned")
    assert (known["frequency"], known["recency"]) == (0, 0)
    assert np.isnan(known["monetary_value"])


def test_the_residue_of_a_sum_that_is_nothing_is_no_purchase():
    known = known_of("a 01-10 100, a 02-09 0.1, a 02-09 0.2, a 02-20 -0.3 returned")
    assert known["frequency"] == 0


def test_an_order_for_nothing_is_a_purchase_all_the_same():
    assert known_of("a 01-10 0, a 02-09 40")["frequency"] == 1


def test_a_return_before_any_purchase_counts_for_nothing():
    known = known_of("a 01-02 -5 returned, a 01-10 100")
    assert (known["frequency"], known["T"]) == (0, 80)


def test_guests_cancelled_and_later_orders_are_left_out():
    frame = orders_from("a 01-10 9, - 01-11 9, b 01-12 9 cancelled, c 04-01 9, a 04-01 9")
    assert rfm_summary(frame, CUT).index.tolist() == ["a"]
    assert rfm_summary(frame, CUT)["frequency"].tolist() == [0]


def test_the_last_day_counts():
    assert known_of("a 01-10 100, a 03-31 40")["recency"] == 80


def test_the_margin_is_of_all_that_has_a_cost():
    assert known_of("a 01-10 100, a 02-09 50", cost=[60, None])["margin"] == pytest.approx(0.4)
    assert np.isnan(known_of("a 01-10 100")["margin"])


@pytest.mark.parametrize(("unit", "days"), [("week", 7), ("month", 30.4375), ("year", 365.25)])
def test_times_are_in_the_unit_that_is_named(unit, days):
    frame = orders_from("a 01-10 100, a 02-09 40, a 03-11 60")
    by_days, by_unit = rfm_summary(frame, CUT), rfm_summary(frame, CUT, unit=unit)
    assert by_unit.attrs["unit"] == unit
    np.testing.assert_allclose(by_unit[["recency", "T"]] * days, by_days[["recency", "T"]])
    assert by_unit["log_gaps"].iloc[0] == pytest.approx(2 * np.log(30 / days))


def test_polars_and_pandas_orders_give_the_same():
    frame = orders_from("a 01-10 100, b 02-09 40, a 03-11 60")
    lazy = pl.from_pandas(frame).lazy().with_columns(pl.col("ordered_on").str.to_date())
    pd.testing.assert_frame_equal(rfm_summary(frame, CUT), rfm_summary(lazy, CUT))


def test_no_orders_are_no_customers():
    assert rfm_summary(orders_from("a 04-01 9"), CUT).empty


def test_what_cannot_be_read_is_refused_in_words():
    with pytest.raises(ContractError, match="no column amount"):
        rfm_summary(orders_from("a 01-10 9").drop(columns="amount"), CUT)
    with pytest.raises(CallError, match="'fortnight'"):
        rfm_summary(orders_from("a 01-10 9"), CUT, unit="fortnight")


def test_the_cut_is_a_date_or_its_iso_text_and_never_guessed():
    frame = orders_from("a 01-10 100, a 02-09 40")
    days = {rfm_summary(frame, cut).loc["a", "T"] for cut in (CUT, date(2026, 3, 31))}
    assert days == {80} == {rfm_summary(frame, pd.Timestamp("2026-03-31 12:00")).loc["a", "T"]}
    for cut in ("31.03.2026", "03/04/2026", "", None):
        with pytest.raises(CallError, match="cutoff_date of rfm_summary"):
            rfm_summary(frame, cut)


def test_an_order_without_an_amount_is_a_purchase_and_in_no_mean_of_values():
    known = known_of("a 01-10 100, a 02-09 40, a 03-11 60", amount=[100, None, 60])
    assert (known["frequency"], known["recency"], known["monetary_value"]) == (2, 60, 60)
    assert known["mean_value"] == 80
    half = known_of("a 01-10 100, a 02-09 40, a 02-09 5", amount=[100, None, 5])
    assert half["frequency"] == 1
    assert np.isnan(half["monetary_value"]), "half a value is none"
    back = known_of("a 01-10 9, a 02-09 9, a 02-20 -15 returned", amount=[9, float("nan"), -15])
    assert back["frequency"] == 1


def test_an_order_without_a_day_is_refused_and_not_left_out():
    frame = orders_from("a 01-10 100, a 02-09 40")
    with pytest.raises(ContractError, match=r"1 have no day that can be read, .* '09\.02\.2026'"):
        rfm_summary(frame.assign(ordered_on=["2026-01-10", "09.02.2026"]), CUT)


def test_a_model_of_weeks_is_not_asked_about_days():
    frame = orders_from("a 01-01 9, a 01-29 9, b 01-02 9, b 02-20 9, c 02-01 9")
    weeks, days = rfm_summary(frame, CUT, unit="week"), rfm_summary(frame, CUT)
    model = BetaGeo().fit(weeks)
    for ask in (
        lambda: model.predict(days, 13),
        lambda: model.predict_interval(days, 13),
        lambda: model.predict_distribution(days, 13, 2),
        lambda: model.p_alive(days[days["frequency"] > 0]),
        lambda: (
            PooledByPartner(BetaGeo())
            .fit(weeks.assign(partner_id="P"))
            .predict(days.assign(partner_id="P"), 13)
        ),
        lambda: discounted_purchases(model, weeks, Horizon(13, "day", 0.1)),
    ):
        with pytest.raises(ContractError, match="rfm_summary"):
            ask()
    plain = pd.DataFrame(days.to_dict())  # whose unit nobody wrote down
    assert len(model.predict(plain, 13)) == len(model.predict(weeks, 13))
