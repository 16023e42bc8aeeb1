"""Net promoters, and how many customers and how much of their revenue stay."""

import pytest

from kpi_lib.testing.tables_in_text import row_of, value_of


def test_the_margin_of_error_of_a_net_promoter_score():
    """Half promoters, a third passive, a sixth detractors, of 324: 33 % with an error of 4.1 %.

    Cross Validated, question 18603, "How can I calculate margin of error in a NPS (Net Promoter
    Score) result?", the answer that draws tickets from a hat. An interval is 1.96 errors each way;
    of so many answers the three that are added (Rocks 2016) hardly move it.
    """
    answers = ["9"] * 162 + ["7"] * 108 + ["6"] * 54
    surveys = " | ".join(f"a end_customer nps {score} 07-01" for score in answers)
    row = row_of("customer_nps", surveys=surveys)
    assert row["value"] == pytest.approx(100 / 3)
    assert (row["high"] - row["low"]) / 2 / 1.96 == pytest.approx(4.1, abs=0.05)
    assert (row["high"] + row["low"]) / 2 == pytest.approx(100 * (162 - 54) / 327)


@pytest.mark.parametrize(
    ("scores", "low", "high"),
    [
        # a = 0.75 / 7, d = 4.75 / 7: 100 x (a - d) -+ 196 x sqrt((a + d - (a - d)^2) / 7).
        pytest.param("3 4 5 3", -100, -6.943, id="four detractors are not certain"),
        pytest.param("9 10 9 10", 6.943, 100, id="nor are four promoters"),
        pytest.param("7 8", -48.01, 48.01, id="two who are neither"),
        pytest.param("10", -48.5, 98.5, id="one answer says next to nothing"),
    ],
)
def test_a_few_answers_are_never_certain_of_a_net_promoter_score(scores, low, high):
    """Rocks, B. (2016), Interval estimation for the net promoter score: adjusted Wald.

    The American Statistician 70, 365-372. Three answers are added, a quarter of them promoters and
    a quarter detractors; the figures are worked by hand.
    """
    surveys = " | ".join(f"a end_customer nps {score} 07-01" for score in scores.split())
    row = row_of("customer_nps", surveys=surveys)
    assert (row["low"], row["high"]) == pytest.approx((low, high), abs=0.005)


def test_of_five_customers_of_a_year_ago_three_are_still_there():
    """Customers at the end less those who are new, over those at the start: (7 - 4) / 5.

    The formula is that of the Piwik PRO glossary, "Customer retention rate", which gives no
    figures; these are worked by hand.
    """
    start = [f"a c{n} 2025-07-01 10" for n in range(1, 6)]
    end = [f"a c{n} 08-01 10" for n in (1, 2, 3, 6, 7, 8, 9)]
    row = row_of("customer_retention", orders=" | ".join(start + end))
    assert row["value"] == (7 - 4) / 5
    assert (row["numerator"], row["n"]) == (3, 5)


@pytest.mark.parametrize(
    ("base", "cancelled", "downgraded", "upgraded", "gross", "net"),
    [
        # bigdelta.com, library of metrics, "NRR vs GRR".
        pytest.param(20_000, 1_200, 800, 3_000, 0.90, 1.05, id="bigdelta"),
        # metrickittools.com, "NRR vs GRR Calculator": net 99 % is printed, gross is its formula's.
        pytest.param(100_000, 8_000, 5_000, 12_000, 0.87, 0.99, id="metrickittools"),
    ],
)
def test_gross_and_net_retention_of_revenue(base, cancelled, downgraded, upgraded, gross, net):
    before = {"left": cancelled, "less": base / 4, "more": base / 4}
    before["same"] = base - sum(before.values())
    now = {"less": base / 4 - downgraded, "more": base / 4 + upgraded, "same": before["same"]}
    now["new"] = base  # a new customer counts in neither
    orders = [f"a {who} 2025-07-01 {amount}" for who, amount in before.items()]
    orders += [f"a {who} 07-15 {amount}" for who, amount in now.items()]
    written = " | ".join(orders)
    assert value_of("gross_revenue_retention", orders=written) == pytest.approx(gross)
    assert value_of("revenue_retention", orders=written) == pytest.approx(net)
