"""What the rows of the trade have to do with each other."""

from __future__ import annotations

import polars as pl


def test_there_are_guests_direct_business_returns_and_cancelled_orders(table):
    orders = table("orders")
    shares = {
        status: rows / orders.height for status, rows in orders["status"].value_counts().rows()
    }
    assert 0.01 < shares["returned"] < 0.06
    assert 0.01 < shares["cancelled"] < 0.05
    assert 0.02 < orders["customer_id"].null_count() / orders.height < 0.1
    assert 0.25 < orders["partner_id"].null_count() / orders.height < 0.35


def test_a_customer_is_acquired_on_the_day_of_its_first_order(table):
    first = table("orders").group_by("customer_id").agg(pl.col("ordered_on").min())
    both = table("customers").join(first, on="customer_id")
    new = both.filter(pl.col("acquired_on") >= both["ordered_on"].min())
    assert new.height > 100
    assert new.filter(pl.col("acquired_on") != pl.col("ordered_on")).height == 0


def test_some_customers_buy_from_two_partners(table):
    known = table("orders").drop_nulls(["customer_id", "partner_id"])
    partners = known.group_by("customer_id").agg(pl.col("partner_id").n_unique())
    assert 0 < partners.filter(pl.col("partner_id") > 1).height < partners.height / 4


def test_what_is_ordered_and_not_cancelled_is_what_is_invoiced(table):
    orders = table("orders").filter(pl.col("status") != "cancelled")
    invoiced = table("invoices").group_by("partner_id").agg(pl.col("amount").sum())
    ordered = orders.group_by("partner_id").agg(pl.col("amount").sum())
    assert invoiced.sort("partner_id").equals(ordered.sort("partner_id"))


def test_part_payments_come_before_the_invoice_is_paid_and_stay_below_it(table):
    invoices = table("invoices").select("invoice_id", "issued_on", "paid_on", total="amount")
    both = table("payments").join(invoices, on="invoice_id")
    assert both.height == table("payments").height > 50
    assert both.filter(pl.col("received_on") <= pl.col("issued_on")).height == 0
    assert both.filter(pl.col("received_on") >= pl.col("paid_on")).height == 0
    assert both.filter(pl.col("amount") >= pl.col("total")).height == 0


def test_summer_is_the_season_of_contractors_and_christmas_that_of_retail(table):
    partners = table("partners").select("partner_id", "industry")
    month = pl.col("ordered_on").dt.month()
    orders = table("orders").join(partners, on="partner_id").with_columns(month.alias("month"))
    rows = orders.group_by("industry", "month").len().rows()
    counted = {(industry, number): orders for industry, number, orders in rows}
    assert counted["construction", 6] > 1.4 * counted["construction", 1]
    assert counted["retail", 12] > 1.2 * counted["retail", 6]


def test_many_deals_have_touches_of_several_partners_and_of_none(table):
    touches = (
        table("touchpoints")
        .group_by("deal_id")
        .agg(
            pl.col("partner_id").drop_nulls().n_unique().alias("partners"),
            pl.col("partner_id").null_count().alias("ours"),
        )
    )
    assert touches.filter(pl.col("partners") > 1).height > 500
    assert touches.filter(pl.col("ours") > 0).height > 500


def test_comments_are_in_the_language_of_the_partner_and_a_control_group_is_asked_too(table):
    surveys = table("surveys")
    assert surveys.filter(pl.col("partner_id").is_null()).height > 500
    by_topic = surveys.drop_nulls("comment")
    assert by_topic["comment"].n_unique() > 100
    greek = by_topic.filter(pl.col("partner_id") == "P0007")["comment"]
    assert greek.str.contains(r"\p{Greek}").all()
